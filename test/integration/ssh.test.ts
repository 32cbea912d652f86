// Our SSH access against simulated nodes that fail in the ways nodes fail.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectNodes, nodeTargets } from '../../src/collect/nodes.ts'
import type { NodeEvidence } from '../../src/model/node-evidence.ts'
import type { NodeObject } from '../../src/model/objects.ts'
import {
  createOutputCache,
  generateSshKey,
  type SshNode,
  type SshNodeOptions,
  startSshNode,
} from '../../src/simulator/ssh-server.ts'
import type { NodeTarget, ProbeLimits } from '../../src/transport/contracts.ts'
import { openSshAccess, type SshOptions } from '../../src/transport/ssh.ts'

const base = mkdtempSync(join(tmpdir(), 'ssh-test-'))
const root = join(base, 'host')
const key = generateSshKey()
const identity = join(base, 'id')
const nodes: SshNode[] = []
const limits: ProbeLimits = { timeoutMs: 15_000, connectTimeoutMs: 3_000, maxBytes: 4 * 1024 * 1024 }
const fingerprintPattern = 'SHA256:[A-Za-z0-9+/]{43}'

beforeAll(() => {
  // Nodes without sudo read as nobody.
  chmodSync(base, 0o755)
  writeFileSync(identity, key.private, { mode: 0o600 })
  for (const [path, content] of [
    ['/proc/sys/vm/panic_on_oom', '0\n'],
    ['/etc/os-release', 'ID=debian\n'],
    ['/proc/1/comm', 'systemd\n'],
  ] as const) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), content)
  }
})
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()))
  rmSync(base, { recursive: true, force: true })
})

async function start(options: Partial<SshNodeOptions> = {}): Promise<SshNode> {
  const node = await startSshNode({ hostTreeRoot: root, authorizedKeys: [key.public], ...options })
  nodes.push(node)
  return node
}
let files = 0
function file(content: string, mode = 0o600): string {
  files += 1
  const path = join(base, `file-${files}`)
  writeFileSync(path, content, { mode })
  return path
}

interface Asked {
  readonly host: NodeEvidence['host']
  readonly notes: readonly string[]
}
async function ask(
  options: Partial<SshOptions>,
  target: Partial<NodeTarget>,
  given: { limits?: Partial<ProbeLimits>; signal?: AbortSignal } = {},
): Promise<Asked> {
  const notes: string[] = []
  const access = await openSshAccess({
    environment: {},
    home: join(base, 'home'),
    userName: 'me',
    identityFiles: [identity],
    onNote: (note) => notes.push(note),
    ...options,
  })
  const hosts: NodeEvidence['host'][] = []
  try {
    await collectNodes({
      ways: [access],
      targets: [{ node: 'n1', addresses: ['127.0.0.1'], ...target }],
      concurrency: 1,
      limits: { ...limits, ...given.limits },
      signal: given.signal ?? new AbortController().signal,
      emit: ({ evidence }) => {
        hosts.push(evidence.host)
      },
    })
  } finally {
    await access.close()
  }
  const [host] = hosts
  if (!host || hosts.length > 1) throw new Error('one record per node')
  return { host, notes }
}
/** Access that knows the node, with nothing else special. */
function askNode(
  node: SshNode,
  options: Partial<SshOptions> = {},
  given: Parameters<typeof ask>[2] = {},
): Promise<Asked> {
  return ask({ knownHosts: [file(node.knownHosts)], ...options }, { port: node.port }, given)
}
function unavailable(reason: string, detail: RegExp): unknown {
  return { unavailable: { reason, detail: expect.stringMatching(detail) } }
}

describe('logins', () => {
  test.each([
    ['root', 'root'],
    ['sudo', 'sudo'],
    ['sudo-denied', 'user'],
  ] as const)('%s reads with the privilege of %s', async (login, privilege) => {
    const { host } = await askNode(await start({ login }))
    expect(host).toMatchObject({ run: { privilege, transport: 'ssh', user: 'me' } })
  })

  test('without sudo the run is degraded, and files that need root say that sudo was denied', async () => {
    const node = await start({ login: 'sudo-denied', hostTreeRoot: root })
    const { host } = await askNode(node)
    expect(host).toMatchObject({ files: { '/proc/sys/vm/panic_on_oom': expect.anything() } })
    const { host: never } = await askNode(await start({ login: 'sudo' }), { sudo: 'never' })
    expect(never).toMatchObject({ run: { privilege: 'user' } })
  })
})

describe('host keys', () => {
  test('unknown: refused, with the fingerprint and how to check it; nothing is written', async () => {
    const node = await start()
    const known = file('')
    const { host } = await ask({ knownHosts: [known] }, { port: node.port })
    expect(host).toEqual(
      unavailable(
        'host-key-unknown',
        new RegExp(
          `^\\[127\\.0\\.0\\.1\\]:${node.port} is not in known_hosts\\. It shows ssh-ed25519 ${fingerprintPattern}\\. Compare: ssh-keyscan -p ${node.port} 127\\.0\\.0\\.1 \\| ssh-keygen -lf -; then log in once: ssh -p ${node.port} 127\\.0\\.0\\.1$`.replaceAll(
            '+/',
            '+\\/',
          ),
        ),
      ),
    )
    expect(readFileSync(known, 'utf8')).toBe('')
    expect(node.counts.logins).toBe(0)
  })

  test('accepted when new, written once, then known', async () => {
    const node = await start()
    const known = file('')
    const { host, notes } = await ask({ knownHosts: [known], acceptNew: true }, { port: node.port })
    expect(host).toHaveProperty('run')
    expect(readFileSync(known, 'utf8')).toBe(node.knownHosts)
    expect(notes).toEqual([expect.stringMatching(/was new and is now in known_hosts: ssh-ed25519 SHA256:/)])
    expect((await ask({ knownHosts: [known] }, { port: node.port })).host).toHaveProperty('run')
    expect(readFileSync(known, 'utf8')).toBe(node.knownHosts)
  })

  test.each([false, true])('changed: refused and no other address tried, accept new %s', async (acceptNew) => {
    const node = await start()
    const other = await start()
    const known = file(other.knownHosts.replace(String(other.port), String(node.port)))
    const before = readFileSync(known, 'utf8')
    const { host } = await ask(
      { knownHosts: [known], acceptNew },
      { port: node.port, addresses: ['127.0.0.1', 'localhost'] },
    )
    expect(host).toEqual(
      unavailable(
        'host-key-mismatch',
        /shows another key than the known one: ssh-ed25519 SHA256:.+, expected SHA256:.+ \(.+:1\)\.$/,
      ),
    )
    expect(readFileSync(known, 'utf8')).toBe(before)
    expect(node.counts).toMatchObject({ connections: 1, logins: 0 })
  })

  test('revoked: refused', async () => {
    const node = await start()
    const { host } = await askNode(node, { knownHosts: [file(`${node.knownHosts}@revoked * ${node.hostKeys[0]}\n`)] })
    expect(host).toEqual(unavailable('host-key-mismatch', /shows a key that is revoked/))
  })

  test('only an authority is known: says that certificates cannot be checked', async () => {
    const node = await start()
    const known = file(`@cert-authority * ${node.hostKeys[0]}\n`)
    const { host } = await ask({ knownHosts: [known] }, { port: node.port })
    expect(host).toEqual(
      unavailable('host-key-unknown', /certificate authority only, and host certificates cannot be checked/),
    )
  })

  test('of several host keys the known kind is asked for', async () => {
    const node = await start({
      hostKeys: [generateSshKey('ed25519').private, generateSshKey('ecdsa').private, generateSshKey('rsa').private],
    })
    for (const line of node.knownHosts.trim().split('\n')) {
      expect((await ask({ knownHosts: [file(`${line}\n`)] }, { port: node.port })).host).toHaveProperty('run')
    }
  })

  test('another kind than the known one is no new host, even with accept new', async () => {
    const node = await start()
    const rsa = await start({ hostKeys: [generateSshKey('rsa').private] })
    const known = file(rsa.knownHosts.replace(String(rsa.port), String(node.port)))
    const { host } = await ask({ knownHosts: [known], acceptNew: true }, { port: node.port })
    expect(host).toEqual(unavailable('host-key-unknown', /only its ssh-rsa key is known/))
  })
})

describe('faults', () => {
  test.each<[string, SshNodeOptions['behaviour'], Partial<ProbeLimits>, string, RegExp]>([
    [
      'refuses every key',
      { refuseAuth: true },
      {},
      'auth-failed',
      /accepted none of the credentials of user me \(key .+id\)\.$/,
    ],
    [
      'says nothing before authentication',
      { hang: 'before-auth' },
      { connectTimeoutMs: 400 },
      'timeout',
      /No answer from .+ within 0\.4 s \(during authentication\)\.$/,
    ],
    [
      'never answers the command',
      { hang: 'after-exec' },
      { timeoutMs: 600 },
      'timeout',
      /within 0\.6 s \(while the probe ran\)\.$/,
    ],
    [
      'hangs up at once',
      { closeAtOnce: true },
      {},
      'connection-lost',
      /closed the connection \(during the SSH handshake\)\.$/,
    ],
    ['floods', { flood: true }, { maxBytes: 100_000 }, 'too-large', /sent more than 100000 bytes/],
  ])('a node that %s', async (_name, behaviour, given, reason, detail) => {
    const node = await start({ behaviour: behaviour ?? {} })
    const { host } = await askNode(node, {}, { limits: given })
    expect(host).toEqual(unavailable(reason, detail))
    const expected = behaviour?.closeAtOnce ? 2 : 1
    expect(node.counts.connections).toBe(expected)
  })

  test('a node that is cut off mid-output keeps what came', async () => {
    const { host } = await askNode(await start({ behaviour: { cutAfterBytes: 900 } }))
    expect(host).toMatchObject({
      files: { '/etc/os-release': { content: 'ID=debian\n' } },
      incomplete: {
        reason: 'connection-lost',
        detail: expect.stringMatching(/closed the connection \(while the probe ran\)\. \d+ records arrived whole\.$/),
      },
    })
  })

  test('a node that answers slowly, and one that resets the first connection, are read', async () => {
    expect((await askNode(await start({ behaviour: { delayMs: 300 } }))).host).toHaveProperty('run')
    const node = await start({ behaviour: { closeFirst: 1 } })
    expect((await askNode(node)).host).toHaveProperty('run')
    expect(node.counts.connections).toBe(2)
  })

  test('a port where nothing listens, a name that does not resolve, what is no name', async () => {
    const node = await start()
    await node.close()
    nodes.splice(nodes.indexOf(node), 1)
    expect((await askNode(node)).host).toEqual(unavailable('unreachable', /refused the connection\.$/))
    const gone = await ask({}, { addresses: ['no-such-host.invalid'] })
    expect(gone.host).toEqual(unavailable('unreachable', /does not resolve/))
    const odd = await ask({}, { addresses: ['-oProxyCommand=x', 'a;b', ''] })
    expect(odd.host).toEqual(
      unavailable(
        'unreachable',
        /"-oProxyCommand=x" is not a host name or an address\. 2 other address\(es\) failed too\.$/,
      ),
    )
  })

  test('addresses are tried in order until one answers', async () => {
    const node = await start()
    const { host } = await ask(
      { knownHosts: [file(node.knownHosts)] },
      { port: node.port, addresses: ['no-such-host.invalid', '127.0.0.1'] },
    )
    expect(host).toMatchObject({ run: { address: `127.0.0.1:${node.port}` } })
  })

  test('something that is not SSH', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.resume()
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const { host } = await ask({}, { port })
    expect(host).toHaveProperty('unavailable.reason', expect.stringMatching(/^(malformed|connection-lost)$/))
    await new Promise((resolve) => server.close(resolve))
  })

  test('an abort keeps what came and ends the connection', async () => {
    const node = await start({ behaviour: { hang: 'after-exec' } })
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 500)
    const { host } = await askNode(node, {}, { signal: controller.signal })
    expect(host).toEqual(unavailable('interrupted', /The audit was stopped/))
    await expect.poll(() => node.counts.open).toBe(0)
  })
})

describe('keys', () => {
  test('several are tried in order', async () => {
    const others = [generateSshKey('rsa'), generateSshKey('ecdsa')].map((pair) => file(pair.private))
    expect((await askNode(await start(), { identityFiles: [...others, identity] })).host).toHaveProperty('run')
  })
  test.each(['ed25519', 'ecdsa', 'rsa'] as const)(
    'encrypted %s, with the passphrase of the named variable',
    async (type) => {
      const pair = generateSshKey(type, { passphrase: 'open sesame' })
      const node = await start({ authorizedKeys: [pair.public] })
      const path = file(pair.private)
      const { host } = await askNode(node, {
        identityFiles: [path],
        passphraseEnv: 'PHRASE',
        environment: { PHRASE: 'open sesame' },
      })
      expect(host).toHaveProperty('run')
    },
  )
  test.each<[string, Partial<SshOptions>, RegExp]>([
    [
      'a wrong passphrase',
      { passphraseEnv: 'PHRASE', environment: { PHRASE: 'wrong' } },
      /does not open with the passphrase given\.$/,
    ],
    [
      'a variable that is not set',
      { passphraseEnv: 'PHRASE' },
      /is encrypted and the environment variable PHRASE is not set\.$/,
    ],
    [
      'no passphrase',
      {},
      /is encrypted: name the environment variable with its passphrase in ssh\.passphraseEnv, or use an agent\.$/,
    ],
  ])('%s stops before any connection', async (_name, options, message) => {
    const path = file(generateSshKey('ed25519', { passphrase: 'open sesame' }).private)
    await expect(openSshAccess({ environment: {}, home: base, identityFiles: [path], ...options })).rejects.toThrow(
      message,
    )
  })
  test.each<[string, Partial<SshOptions>, RegExp]>([
    ['a key that is missing', { identityFiles: ['/none'] }, /^The SSH key \/none cannot be read \(ENOENT\)\.$/],
    ['a key that is none', { identityFiles: ['__noise__'] }, /is of a kind that cannot be used/],
    ['a jump host that is none', { jump: 'a b' }, /^ssh\.jump is not user@host:port: a b$/],
    ['a configuration that is missing', { configFile: '/none' }, /^The SSH configuration \/none does not exist\.$/],
  ])('%s stops before any connection', async (_name, options, message) => {
    const noise = file('-----BEGIN NOISE-----\n')
    const given = {
      ...options,
      ...(options.identityFiles
        ? { identityFiles: options.identityFiles.map((name) => (name === '__noise__' ? noise : name)) }
        : {}),
    }
    await expect(openSshAccess({ environment: {}, home: base, ...given })).rejects.toThrow(message)
  })
  test('without any key there is nothing to offer', async () => {
    const { host } = await askNode(await start(), { identityFiles: [] })
    expect(host).toEqual(unavailable('auth-failed', /\(there was none to offer\)\.$/))
  })
})

describe('jump hosts', () => {
  test('one connection serves all nodes behind it, each checked and logged in for itself', async () => {
    const jump = await start({ allowForwarding: true, users: ['jumper'] })
    const behind = await Promise.all([
      start({ users: ['audit'] }),
      start({ users: ['audit'] }),
      start({ users: ['audit'] }),
    ])
    const access = await openSshAccess({
      environment: {},
      home: base,
      identityFiles: [identity],
      user: 'audit',
      jump: `jumper@127.0.0.1:${jump.port}`,
      knownHosts: [
        file(
          jump.knownHosts +
            behind
              .slice(0, 2)
              .map((node) => node.knownHosts)
              .join(''),
        ),
      ],
    })
    const seen = new Map<string, NodeEvidence['host']>()
    await collectNodes({
      ways: [access],
      targets: behind.map((node, index) => ({ node: `n${index}`, addresses: ['127.0.0.1'], port: node.port })),
      concurrency: 3,
      limits,
      signal: new AbortController().signal,
      emit: ({ evidence }) => {
        seen.set(evidence.node, evidence.host)
      },
    })
    await access.close()
    expect(jump.counts).toMatchObject({ connections: 1, logins: 1, commands: 0 })
    expect([seen.get('n0'), seen.get('n1')]).toEqual([
      expect.objectContaining({ run: expect.objectContaining({ user: 'audit' }) }),
      expect.objectContaining({ run: expect.objectContaining({ user: 'audit' }) }),
    ])
    expect(seen.get('n2')).toEqual(unavailable('host-key-unknown', /is not in known_hosts/))
  })

  test.each([
    ['takes ten streams a connection: more connections are opened', { streams: 10 }, 25, 3],
    ['takes one connection of two streams: the others wait', { streams: 2, connections: 1 }, 7, 1],
  ] as const)('a jump host that %s', async (_name, forwardLimits, count, logins) => {
    const jump = await start({ allowForwarding: true, forwardLimits })
    const node = await start({ behaviour: { delayMs: 300 } })
    const access = await openSshAccess({
      environment: {},
      home: join(base, 'home'),
      userName: 'me',
      identityFiles: [identity],
      jump: `127.0.0.1:${jump.port}`,
      knownHosts: [file(jump.knownHosts + node.knownHosts)],
    })
    const hosts: NodeEvidence['host'][] = []
    await collectNodes({
      ways: [access],
      targets: Array.from({ length: count }, (_, n) => ({ node: `n${n}`, addresses: ['127.0.0.1'], port: node.port })),
      concurrency: 32,
      limits,
      signal: new AbortController().signal,
      emit: ({ evidence }) => {
        hosts.push(evidence.host)
      },
    })
    await access.close()
    const reached = hosts.map((host) => ('unavailable' in host ? host.unavailable.detail : 'read'))
    expect(reached).toEqual(Array.from({ length: count }, () => 'read'))
    expect(jump.counts.logins).toBe(logins)
    expect(node.counts.logins).toBe(count)
  })

  test('a node that the jump host cannot reach costs no second connection', async () => {
    const jump = await start({ allowForwarding: true, forwardLimits: { streams: 10 } })
    const gone = await start()
    await gone.close()
    const { host } = await askNode(gone, {
      jump: `127.0.0.1:${jump.port}`,
      knownHosts: [file(jump.knownHosts + gone.knownHosts)],
    })
    expect(host).toEqual(unavailable('unreachable', /could not reach 127\.0\.0\.1:\d+, or does not allow it\.$/))
    expect(jump.counts.logins).toBe(1)
  })

  test.each<[string, Partial<SshNodeOptions>, boolean, string, RegExp]>([
    ['is unknown', {}, false, 'host-key-unknown', /^Jump host: .+ is not in known_hosts/],
    ['refuses the login', { behaviour: { refuseAuth: true } }, true, 'auth-failed', /^Jump host: .+ accepted none/],
    [
      'does not forward',
      { allowForwarding: false },
      true,
      'unreachable',
      /^The jump host 127\.0\.0\.1:\d+ could not reach/,
    ],
  ])('a jump host that %s', async (_name, options, isKnown, reason, detail) => {
    const jump = await start({ allowForwarding: true, ...options })
    const node = await start()
    const { host } = await askNode(node, {
      jump: `127.0.0.1:${jump.port}`,
      knownHosts: [file(node.knownHosts + (isKnown ? jump.knownHosts : ''))],
    })
    expect(host).toEqual(unavailable(reason, detail))
    expect(node.counts.connections).toBe(0)
  })
})

describe('groups of nodes', () => {
  const labels = (role: string) => ({ 'node.example/role': role })
  const nodeObject = (name: string, role: string): NodeObject => ({
    name,
    roles: [],
    labels: labels(role),
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    nodeInfo: {},
  })

  test('each has its user, key, port and jump host; the first that matches counts', async () => {
    const other = generateSshKey()
    const jump = await start({ allowForwarding: true, users: ['me'], authorizedKeys: [other.public] })
    const gpu = await start({ users: ['gpu'], authorizedKeys: [other.public] })
    const rest = await start({ users: ['audit'] })
    const options = {
      user: 'audit',
      port: rest.port,
      identityFiles: [identity],
      groups: [
        {
          nodes: ['gpu-*'],
          labels: labels('gpu'),
          user: 'gpu',
          port: gpu.port,
          identityFiles: [file(other.private)],
          jump: `127.0.0.1:${jump.port}`,
        },
        { labels: { 'node.example/role': '*' }, sudo: 'never' as const },
        { nodes: ['*'], user: 'nobody' },
      ],
      knownHosts: [file([jump, gpu, rest].map((node) => node.knownHosts).join(''))],
    }
    const access = await openSshAccess({ environment: {}, home: join(base, 'home'), userName: 'me', ...options })
    const { targets } = nodeTargets([nodeObject('gpu-1', 'gpu'), nodeObject('gpu-2', 'web')], options)
    const seen = new Map<string, NodeEvidence['host']>()
    await collectNodes({
      ways: [access],
      targets,
      concurrency: 2,
      limits,
      signal: new AbortController().signal,
      emit: ({ evidence }) => {
        seen.set(evidence.node, evidence.host)
      },
    })
    await access.close()
    expect(seen.get('gpu-1')).toMatchObject({ run: { user: 'gpu', address: `127.0.0.1:${gpu.port}` } })
    expect(seen.get('gpu-2')).toMatchObject({ run: { user: 'audit', address: `127.0.0.1:${rest.port}` } })
    expect([jump.counts.logins, gpu.counts.logins, rest.counts.logins]).toEqual([1, 1, 1])
  })

  test.each([
    ['a key that is missing', { nodes: ['*'], identityFiles: ['/none'] }, /^The SSH key \/none cannot be read/],
    ['a jump host that is none', { nodes: ['*'], jump: 'a b' }, /^ssh\.jump is not user@host:port: a b$/],
  ])('%s stops before any connection', async (_name, group, message) => {
    await expect(openSshAccess({ environment: {}, home: base, groups: [group] })).rejects.toThrow(message)
  })

  test('a group may go without the audit’s jump host', async () => {
    const node = await start()
    const options = { jump: '127.0.0.1:1', groups: [{ nodes: ['n1'], jump: 'none' }] }
    expect((await askNode(node, options)).host).toHaveProperty('unavailable')
    const { host } = await ask({ knownHosts: [file(node.knownHosts)], ...options }, { port: node.port, jump: 'none' })
    expect(host).toHaveProperty('run')
  })
})

describe('a budget for all nodes', () => {
  test('ends them with its name, keeps what came, and leaves a Ctrl-C what it is', async () => {
    const quick = await start()
    const slow = await start({ behaviour: { hang: 'after-exec' } })
    const access = await openSshAccess({
      environment: {},
      home: join(base, 'home'),
      userName: 'me',
      identityFiles: [identity],
      knownHosts: [file([quick, slow].map((node) => node.knownHosts).join(''))],
    })
    const run = async (given: { totalTimeoutMs?: number; signal?: AbortSignal }) => {
      const seen: Record<string, unknown> = {}
      await collectNodes({
        ways: [access],
        targets: [
          { node: 'a-quick', addresses: ['127.0.0.1'], port: quick.port },
          { node: 'b-slow', addresses: ['127.0.0.1'], port: slow.port },
          { node: 'c-later', addresses: ['127.0.0.1'], port: quick.port },
        ],
        concurrency: 1,
        limits: { ...limits, timeoutMs: 60_000 },
        signal: new AbortController().signal,
        emit: ({ evidence: { node, host } }) => {
          seen[node] = 'unavailable' in host ? host.unavailable : 'read'
        },
        ...given,
      })
      return seen
    }
    const used = {
      reason: 'timeout',
      detail: 'The budget of 2 s for all nodes (--total-timeout) was used up before this node was read.',
    }
    const started = performance.now()
    expect(await run({ totalTimeoutMs: 2_000 })).toEqual({ 'a-quick': 'read', 'b-slow': used, 'c-later': used })
    expect(performance.now() - started).toBeLessThan(10_000)
    const stopped = expect.objectContaining({ reason: 'interrupted' })
    expect(await run({ totalTimeoutMs: 60_000, signal: AbortSignal.timeout(1_500) })).toEqual({
      'a-quick': 'read',
      'b-slow': stopped,
      'c-later': stopped,
    })
    await access.close()
  })
})

describe('the user’s OpenSSH configuration', () => {
  test('alias, user, port, key, known_hosts, jump chain', async () => {
    const first = await start({ allowForwarding: true, users: ['one'] })
    const second = await start({ allowForwarding: true, users: ['two'] })
    const node = await start({ users: ['three'] })
    const home = join(base, 'configured')
    mkdirSync(join(home, '.ssh'), { recursive: true })
    writeFileSync(
      join(home, '.ssh', 'known'),
      `${first.knownHosts}${second.knownHosts}node-alias ${node.hostKeys[0]}\n`,
    )
    writeFileSync(join(home, '.ssh', 'me_key'), key.private, { mode: 0o600 })
    writeFileSync(
      join(home, '.ssh', 'config'),
      `Host worker-1
  HostName 127.0.0.1
  User three
  Port ${node.port}
  HostKeyAlias node-alias
  ProxyJump hop2
Host hop2
  HostName 127.0.0.1
  Port ${second.port}
  User two
  ProxyJump one@127.0.0.1:${first.port}
Host *
  IdentityFile %d/.ssh/%u_key
  IdentitiesOnly yes
  UserKnownHostsFile ~/.ssh/known
`,
    )
    const { host } = await ask({ home, identityFiles: [] }, { addresses: ['192.0.2.1', 'worker-1'] })
    expect(host).toMatchObject({ run: { user: 'three', address: `127.0.0.1:${node.port}` } })
    expect([first.counts.logins, second.counts.logins, node.counts.logins]).toEqual([1, 1, 1])
  })

  test('ProxyCommand is not run, which is said', async () => {
    const config = file('Host n\n  ProxyCommand nc %h %p\n')
    const { host } = await ask({ configFile: config }, { addresses: ['n'] })
    expect(host).toEqual(
      unavailable('unsupported', /reaches n through ProxyCommand, which is not supported: use ProxyJump\.$/),
    )
  })

  test('a jump host that the same pattern sends through itself is reached directly', async () => {
    const jump = await start({ allowForwarding: true })
    const node = await start()
    const config = file(`Host *\n  ProxyJump 127.0.0.1:${jump.port}\n`)
    const behind = await ask(
      { configFile: config, knownHosts: [file(jump.knownHosts + node.knownHosts.replace('127.0.0.1', 'localhost'))] },
      { port: node.port, addresses: ['localhost'] },
    )
    expect(behind.host).toHaveProperty('run')
  })
})

test('nodes that share a cache and a tree run the script once, each with its own nonce', async () => {
  const outputCache = createOutputCache()
  const two = [await start({ outputCache }), await start({ outputCache })]
  for (const node of two)
    expect((await askNode(node)).host).toMatchObject({ files: { '/proc/1/comm': { content: 'systemd\n' } } })
  expect(outputCache.entries.size).toBe(1)
})
