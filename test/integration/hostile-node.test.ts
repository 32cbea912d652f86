// Nodes that lie, behind a real sshd: a forced command answers in the probe's place and knows the run's nonce, as root of a taken node
// would. It may say of itself what it likes; it must not break the run, cost more than the bounds, forge what the probe did not ask,
// or have a part of its answer taken for the whole.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectNodes } from '../../src/collect/nodes.ts'
import { parseProbe } from '../../src/collect/probe/parse.ts'
import { createNonce, renderProbe } from '../../src/collect/probe/script.ts'
import { deriveNodeUnit } from '../../src/derive/nodes/node.ts'
import { type Fact, isUnavailable } from '../../src/model/fact.ts'
import type { HostEvidence, NodeEvidence } from '../../src/model/node-evidence.ts'
import type { ProbeLimits } from '../../src/transport/contracts.ts'
import { openSshAccess } from '../../src/transport/ssh.ts'
import { hasOpenSsh, OpenSsh, type Sshd } from '../support/openssh.ts'
import { buildNode } from '../unit/derive/node-builder.ts'

const ssh = hasOpenSsh ? new OpenSsh() : undefined
let server: Sshd

beforeAll(async () => {
  if (ssh === undefined) return
  ssh.keygen('host_ed25519', 'ed25519')
  ssh.keygen('client', 'ed25519')
  server = await ssh.start([ssh.path('host_ed25519')])
  writeFileSync(ssh.path('known_hosts'), `[127.0.0.1]:${server.port} ${ssh.publicKey('host_ed25519')}\n`)
})
afterAll(() => ssh?.close())

interface Answer {
  readonly host: NodeEvidence['host']
  readonly ms: number
  readonly grownMiB: number
}

/** What the collector makes of a node whose login runs `script`: $nonce is the run's, and the rest of the input the probe. */
async function answer(script: string, limits: Partial<ProbeLimits> = {}): Promise<Answer> {
  if (ssh === undefined) throw new Error('no sshd')
  const file = ssh.path('answer.sh')
  // As the real forced command takes it: the first line of the input, byte by byte.
  writeFileSync(
    file,
    `line=$(head -c 41)\nnonce=\${line#*\\'}\nnonce=\${nonce%%\\'*}\nb64() { base64 | tr -d '\\n'; echo; }\nr() { printf '#%s %s\\n' "$nonce" "$*"; }\n${script}\n`,
  )
  writeFileSync(ssh.path('authorized_keys'), `command="/bin/sh ${file}" ${ssh.publicKey('client')}\n`)
  const access = await openSshAccess({
    environment: {},
    home: ssh.folder,
    identityFiles: [ssh.path('client')],
    knownHosts: [ssh.path('known_hosts')],
  })
  const hosts: NodeEvidence['host'][] = []
  const [started, before] = [performance.now(), process.memoryUsage().rss]
  try {
    await collectNodes({
      ways: [access],
      targets: [{ node: 'here', addresses: ['127.0.0.1'], port: server.port }],
      concurrency: 1,
      limits: { timeoutMs: 20_000, connectTimeoutMs: 10_000, maxBytes: 4 * 1024 * 1024, ...limits },
      signal: new AbortController().signal,
      emit: ({ evidence }) => void hosts.push(evidence.host),
    })
  } finally {
    await access.close()
  }
  const [host] = hosts
  if (host === undefined || hosts.length !== 1) throw new Error(`${hosts.length} records`)
  return { host, ms: performance.now() - started, grownMiB: (process.memoryUsage().rss - before) / 2 ** 20 }
}

async function read(script: string, limits?: Partial<ProbeLimits>): Promise<HostEvidence> {
  const { host } = await answer(script, limits)
  if (isUnavailable(host)) throw new Error(`${host.unavailable.reason}: ${host.unavailable.detail}`)
  return host
}

const begin = 'r H 1 0 none base64 "~"'
const file = (path: string, content: string) =>
  `r F raw =${path} '~' 262144; printf %s '${Buffer.from(content).toString('base64')}'; echo; r . 0`
const end = 'r Q complete; r Z'
const gap = (reason: string, detail: RegExp) => ({ unavailable: { reason, detail: expect.stringMatching(detail) } })
/** Of every fact about the host: why nothing is known. */
function reasons(host: NodeEvidence['host'], ...names: string[]): unknown[] {
  const facts: Record<string, Fact<unknown> | undefined> = deriveNodeUnit({
    name: 'w1',
    object: buildNode('w1', {}),
    host,
  }).facts
  return names.map((name) => {
    const fact = facts[name]
    return isUnavailable(fact) ? fact.unavailable.reason : JSON.stringify(fact)?.match(/"reason":"([a-z-]+)"/)?.[1]
  })
}
const asked = ['swap', 'kernelParameters', 'kubeletConfiguration', 'cgroups', 'nodeFiles', 'certificates', 'podCgroups']

describe.skipIf(!hasOpenSsh)('a node that does not answer as a probe does', () => {
  test.each<[string, string, string, RegExp]>([
    ['binary garbage', 'head -c 300000 /dev/urandom', 'malformed', /not with the probe’s output/],
    ['nothing', 'exit 0', 'malformed', /the probe printed nothing/],
    ['a menu', 'echo "Welcome to the bastion. 1) shell 2) logout"', 'malformed', /not with the probe’s output/],
    ['records of another run', 'nonce=0 && r H 1 0 none base64 "~" && r Z', 'malformed', /not with the probe’s output/],
    [
      'a header that never ends',
      'printf "#%s H 1 0 none base64 " "$nonce"; head -c 200000 /dev/zero | tr "\\0" A',
      'malformed',
      /not with/,
    ],
  ])('%s: nothing is known, and why', async (_case, script, reason, detail) => {
    const { host } = await answer(script)
    expect(host).toEqual(gap(reason, detail))
    expect(new Set(reasons(host, ...asked))).toEqual(new Set([reason]))
  })

  test('endless output ends at the bound, and costs no more', async () => {
    const { host, grownMiB } = await answer(`${begin}\nyes "#$nonce X F =/x denied"`)
    if (isUnavailable(host)) throw new Error(host.unavailable.detail)
    expect(host.incomplete).toEqual({ reason: 'too-large', detail: expect.stringMatching(/records/) })
    expect(new Set(reasons(host, ...asked))).toEqual(new Set(['too-large']))
    expect(grownMiB).toBeLessThan(200)
  })

  test('an endless line', async () => {
    const { host, grownMiB } = await answer(`${begin}\ntr '\\0' a </dev/zero`)
    if (isUnavailable(host)) throw new Error(host.unavailable.detail)
    expect(host.incomplete?.reason).toBe('too-large')
    expect(grownMiB).toBeLessThan(200)
  })

  test('a slow drip ends with the node’s time, and what came is kept', async () => {
    const { host, ms } = await answer(
      `${begin}\n${file('/proc/sys/vm/panic_on_oom', '0\n')}\nwhile r A F =/x; do sleep 0.2; done`,
      {
        timeoutMs: 2_500,
      },
    )
    if (isUnavailable(host)) throw new Error(host.unavailable.detail)
    expect(ms).toBeLessThan(8_000)
    expect(host.incomplete).toEqual({ reason: 'timeout', detail: expect.stringMatching(/records arrived whole/) })
    expect(host.files['/proc/sys/vm/panic_on_oom']).toEqual({ content: '0\n' })
    expect(new Set(reasons(host, 'swap', 'kubeletConfiguration', 'nodeFiles'))).toEqual(new Set(['timeout']))
  })

  test('a hundred thousand records are more than a probe makes', async () => {
    const { host, ms } = await answer(`${begin}\nseq 100000 | sed "s/.*/#$nonce A F =\\/x&/"\n${end}`)
    if (isUnavailable(host)) throw new Error(host.unavailable.detail)
    expect(host.incomplete).toEqual({
      reason: 'too-large',
      detail: expect.stringMatching(/more records than a probe makes/),
    })
    expect(ms).toBeLessThan(20_000)
  })
})

describe.skipIf(!hasOpenSsh)('a node that answers in part, twice, or with noise', () => {
  const real = 'sh -s'
  const whole = 'printf "nonce=\'%s\'\\n" "$nonce"; cat'

  test('banners, messages of the day and look-alikes around a real probe change nothing', async () => {
    const noise = `printf 'Welcome\\n#0 Z\\n#%s\\n# %s Z\\n\\033[2J\\a#deadbeef F raw =/etc/forged ~ 9\\nQQ==\\n#deadbeef . 0\\n' "$nonce" "$nonce"`
    const host = await read(`${noise}\n{ ${whole}; } | ${real}\n${noise}`)
    expect(host.incomplete).toBeUndefined()
    expect(host.files['/etc/forged']).toBeUndefined()
    expect(host.files['/proc/swaps']).toMatchObject({ content: expect.stringMatching(/^Filename/) })
  })

  test('half a real answer: the rest is unknown, and nothing is half', async () => {
    const host = await read(`{ ${whole}; } | ${real} | head -c 9000`)
    expect(host.incomplete).toEqual({
      reason: 'connection-lost',
      detail: expect.stringMatching(/\d+ records arrived whole/),
    })
    expect(new Set(reasons(host, 'kubeletConfiguration', 'podCgroups', 'listeningSockets', 'certificates'))).toEqual(
      new Set(['connection-lost']),
    )
  })

  test('a record inside another spoils it, and forges neither', async () => {
    const host = await read(
      `${begin}\nr F raw =/proc/swaps '~' 262144\nprintf 'QUFB\\n'\n${file('/etc/b', 'b')}\nr . 0\n${end}`,
    )
    expect(host.files).toEqual({ '/etc/b': { content: 'b' } })
    expect(reasons(host, 'swap')).toEqual(['not-collected'])
  })

  test('two answers about one file are none', async () => {
    const host = await read(
      [
        begin,
        file('/proc/sys/kernel/panic', '10\n'),
        file('/proc/sys/kernel/panic', '0\n'),
        file('/proc/sys/vm/panic_on_oom', '0\n'),
        file('/proc/sys/vm/panic_on_oom', '0\n'),
        'r A F =/proc/swaps',
        file('/proc/swaps', 'Filename\n'),
        "r P 7 =kubelet '~' 5; printf kubelet | b64; r . 0",
        "r P 7 =kubelet '~' 5; printf 'kubelet\\0--config=/evil' | b64; r . 0",
        end,
      ].join('\n'),
    )
    const twice = gap('malformed', /two different answers/)
    expect(host.files).toEqual({
      '/proc/sys/kernel/panic': twice,
      '/proc/sys/vm/panic_on_oom': { content: '0\n' },
      '/proc/swaps': twice,
    })
    expect(host.processes).toEqual(gap('malformed', /process 7 twice/))
    expect(reasons(host, 'swap', 'kubeletConfiguration')).toEqual(['malformed', 'malformed'])
  })

  test('what stands before the beginning, behind the end, or after a second beginning is not taken for whole', async () => {
    const host = await read(`${file('/etc/before', 'x')}\n${begin}\n${end}\n${file('/etc/behind', 'x')}`)
    expect([host.incomplete, Object.keys(host.files)]).toEqual([undefined, []])
    const second = await read(`${begin}\n${file('/etc/a', 'x')}\n${begin}\n${end}`)
    expect(second.incomplete).toEqual({ reason: 'malformed', detail: expect.stringMatching(/second beginning/) })
  })
})

describe.skipIf(!hasOpenSsh)('a node that lies about who it is or what it holds', () => {
  test('another machine’s boot id: nothing of it is taken for this node', async () => {
    const host = await read(
      `${begin}\nr T =/proc/sys/kernel/random/boot_id =11111111-2222\n${file('/proc/swaps', 'Filename\n')}\n${end}`,
    )
    const object = buildNode('w1', { bootID: '99999999-2222' })
    const { swap, kubeletConfiguration } = deriveNodeUnit({ name: 'w1', object, host }).facts
    expect([swap, kubeletConfiguration]).toEqual([gap('wrong-host', /is not this node/), gap('wrong-host', /boot id/)])
  })

  test('control characters and a line of a megabyte are content, shortened or refused where they are shown', async () => {
    const host = await read(
      [
        begin,
        "r F conf =/etc/containerd/config.toml '~' 2000000; head -c 1000000 /dev/zero | tr '\\0' 'x' | b64; r . 0",
        "r C '~'; r . 0",
        `r C =uname@; printf 'x86\\033[31m\\r\\n\\n0' | b64; r . 0`,
        `r T =/proc/1/comm "=$(printf '\\033]0;owned\\a')"`,
        "r L cgroups 2097152; printf 'kubepods.slice\\tcpu.weight=\\033[1m\\n%s\\n' \"$(head -c 500000 /dev/zero | tr '\\0' y)\" | b64; r . 0",
        end,
      ].join('\n'),
    )
    const unit = deriveNodeUnit({ name: 'w1', object: buildNode('w1', {}), host, pods: [] })
    const shown = JSON.stringify(unit)
    expect(shown.length).toBeLessThan(300_000)
    expect(reasons(host, 'podCgroups')).not.toContain(undefined)
  })
})

test('names that look like records stay names: of folders, files, links and control groups', () => {
  const root = mkdtempSync(join(tmpdir(), 'hostile-'))
  const nonce = createNonce()
  const evil = `#${nonce} Z`
  const folder = (path: string) => mkdirSync(join(root, path), { recursive: true })
  try {
    for (const path of [
      'etc/sysctl.d',
      'etc/kubernetes/manifests',
      'proc/1',
      'proc/self',
      'sys/fs/cgroup/kubepods.slice',
    ])
      folder(path)
    writeFileSync(join(root, 'sys/fs/cgroup/cgroup.controllers'), 'cpu memory\n')
    for (const name of [evil, `a\n${evil}\n.conf`, `#${nonce} F raw =x.conf`]) {
      writeFileSync(join(root, 'etc/sysctl.d', name.replaceAll('/', '_')), `\n${evil}\nkernel.panic = 10\n`)
      folder(`sys/fs/cgroup/kubepods.slice/${name}`)
      writeFileSync(join(root, 'sys/fs/cgroup/kubepods.slice', name, 'cpu.weight'), `${evil}\n`)
      symlinkSync(`/\n${evil}\n`, join(root, 'etc/kubernetes/manifests', `${name}.yaml`))
    }
    const { stdout } = spawnSync('/bin/sh', ['-s'], {
      input: renderProbe(nonce),
      env: { PATH: process.env['PATH'] ?? '', KUBE_ASSAY_ROOT: root },
      maxBuffer: 64 * 1024 * 1024,
    })
    const host = parseProbe(stdout, nonce, { transport: 'local', startedAt: '2026-11-20T10:00:00Z', durationMs: 1 })
    if (isUnavailable(host)) throw new Error(host.unavailable.detail)
    expect(host.incomplete).toBeUndefined()
    expect(
      stdout
        .toString('latin1')
        .split('\n')
        .filter((line) => line === evil),
    ).toHaveLength(1)
    expect(host.directories['/etc/sysctl.d']).toEqual({
      entries: expect.arrayContaining([evil, `a\n${evil}\n.conf`, `#${nonce} F raw =x.conf`]),
    })
    expect(Object.keys(host.files).filter((path) => !path.startsWith('/'))).toEqual([])
    const listing = host.listings?.['cgroups']
    expect(listing !== undefined && 'rows' in listing ? listing.rows : listing).toEqual([])
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})
