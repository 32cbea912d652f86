// A node's SSH server on loopback, for the demo, tests and bench: it runs the command it is sent in a real /bin/sh against a
// folder that stands for the host (KUBE_ASSAY_ROOT), and fails on demand in the ways nodes fail.
// May not: listen anywhere but 127.0.0.1, or share code with the collector it stands in for.
import { connect } from 'node:net'
import ssh2, {
  type AcceptConnection,
  type AuthContext,
  type Connection,
  type ParsedKey,
  type RejectConnection,
  type ServerChannel,
  type TcpipRequestInfo,
} from 'ssh2'
import { generateSshKey, parsePublicKeys, publicLine } from './ssh-keys.ts'
import { acquireFakes, createOutputCache, killShell, type OutputCache, runCommand, type SshLogin } from './ssh-shell.ts'

export { generateSshKey, type SshKeyPair } from './ssh-keys.ts'
export { createOutputCache, type OutputCache, type SshLogin } from './ssh-shell.ts'

/** Faults on demand. All may be combined; none is the default. */
export interface SshNodeBehaviour {
  /** Accepts the connection, then says nothing (before-auth), or runs nothing after the command was taken (after-exec). */
  readonly hang?: 'before-auth' | 'after-exec'
  /** Closes every connection at once. */
  readonly closeAtOnce?: boolean
  /** Closes this many connections at once, then serves. */
  readonly closeFirst?: number
  readonly refuseAuth?: boolean
  /** Answers every command with endless bytes. */
  readonly flood?: boolean
  /** Drops the connection after this many bytes of output. */
  readonly cutAfterBytes?: number
  /** Sends this much of the output, then nothing more. */
  readonly stallAfterBytes?: number
  /** Answers with bytes that no probe printed. */
  readonly garbage?: boolean
  /** The login's shell is nologin. */
  readonly noShell?: boolean
  /** Holds the answer back. */
  readonly delayMs?: number
}

export interface SshNodeOptions {
  /** Folder that stands for the host's `/`. */
  readonly hostTreeRoot: string
  /** Public keys that may log in, as lines of an authorized_keys file. */
  readonly authorizedKeys: readonly string[]
  /** Login names that may log in; default: any. */
  readonly users?: readonly string[]
  /** Private host keys, OpenSSH or PEM; default: a fresh Ed25519 key. */
  readonly hostKeys?: readonly string[]
  /** Folder of executables (containerd, xfs_info, uname …): the only commands this host has. */
  readonly pathPrefix?: string
  /**
   * root (default): the login is root. sudo: another user whom sudo serves. sudo-denied: another user, no sudo; when this
   * process is root the command then runs as `nobody`, so the tree's parents must be searchable for others.
   */
  readonly login?: SshLogin
  readonly behaviour?: SshNodeBehaviour
  /** Nodes that share a cache and a tree run the script once. */
  readonly outputCache?: OutputCache
  /** Lets clients reach other loopback ports through this server (jump host). */
  readonly allowForwarding?: boolean
  /** Streams that one connection may forward at once, and connections at once; more are refused. Default: any number. */
  readonly forwardLimits?: { readonly streams: number; readonly connections?: number }
  /** Default: any free port. */
  readonly port?: number
}

export interface SshNode {
  readonly host: '127.0.0.1'
  readonly port: number
  /** Public host keys, as `type base64`. */
  readonly hostKeys: readonly string[]
  /** Lines for a known_hosts file. */
  readonly knownHosts: string
  readonly counts: { connections: number; logins: number; commands: number; open: number }
  /** May be changed while the server runs; counts for connections made after. */
  behaviour: SshNodeBehaviour
  close(): Promise<void>
}

interface Serving {
  readonly options: SshNodeOptions
  readonly authorized: readonly ParsedKey[]
  readonly cache: OutputCache
  readonly node: SshNode
  readonly open: Set<Connection>
  readonly fakes: string
}

/** Starts one node. Every node has a port of its own, so that known_hosts and addresses look as they do in the field. */
export async function startSshNode(options: SshNodeOptions): Promise<SshNode> {
  const privateKeys = options.hostKeys ?? [generateSshKey().private]
  const hostKeys = privateKeys.map(publicLine)
  const server = new ssh2.Server({ hostKeys: [...privateKeys], ident: 'OpenSSH_9.2p1' })
  const port = await listen(server, options.port ?? 0)
  const open = new Set<Connection>()
  const fakes = acquireFakes(options.login ?? 'root')
  const node: SshNode = {
    host: '127.0.0.1',
    port,
    hostKeys,
    knownHosts: hostKeys.map((key) => `[127.0.0.1]:${port} ${key}\n`).join(''),
    counts: { connections: 0, logins: 0, commands: 0, open: 0 },
    behaviour: options.behaviour ?? {},
    close: async () => {
      await closeServer(server, open)
      fakes.release()
    },
  }
  const authorized = parsePublicKeys(options.authorizedKeys)
  const cache = options.outputCache ?? createOutputCache(false)
  server.on('connection', (client: Connection) =>
    serve(client, { options, authorized, cache, node, open, fakes: fakes.folder }),
  )
  return node
}

function serve(client: Connection, serving: Serving): void {
  const { node, open, options } = serving
  const behaviour = node.behaviour
  node.counts.connections += 1
  open.add(client)
  node.counts.open = open.size
  // A client that hangs up, in any state, is what this server is for.
  client.on('error', () => undefined)
  client.on('close', () => {
    open.delete(client)
    node.counts.open = open.size
  })
  const isTooMany = open.size > (options.forwardLimits?.connections ?? Number.POSITIVE_INFINITY)
  if (behaviour.closeAtOnce || isTooMany || node.counts.connections <= (behaviour.closeFirst ?? 0)) {
    client.end()
    return
  }
  client.on('authentication', (context) => {
    if (behaviour.hang !== 'before-auth') authenticate(context, behaviour, serving)
  })
  client.on('session', (accept) => {
    accept().on('exec', (acceptExec, _reject, info) => {
      node.counts.commands += 1
      answer(acceptExec(), info.command, client, behaviour, serving)
    })
  })
  if (options.allowForwarding) forwardConnections(client, options.forwardLimits?.streams ?? Number.POSITIVE_INFINITY)
}

function authenticate(context: AuthContext, behaviour: SshNodeBehaviour, serving: Serving): void {
  if (behaviour.refuseAuth || !isAllowed(context, serving)) {
    context.reject(['publickey'])
    return
  }
  if (context.method === 'publickey' && context.signature) serving.node.counts.logins += 1
  context.accept()
}

function isAllowed(context: AuthContext, { authorized, options }: Serving): boolean {
  if (context.method !== 'publickey') return false
  if (options.users && !options.users.includes(context.username)) return false
  const key = authorized.find((candidate) => candidate.getPublicSSH().equals(context.key.data))
  if (!key) return false
  if (!context.signature || !context.blob) return true
  return key.verify(context.blob, context.signature, context.hashAlgo)
}

function answer(
  channel: ServerChannel,
  command: string,
  client: Connection,
  behaviour: SshNodeBehaviour,
  serving: Serving,
): void {
  if (behaviour.hang === 'after-exec') return
  if (behaviour.flood) {
    flood(channel)
    return
  }
  if (behaviour.garbage || behaviour.noShell) {
    channel.resume()
    channel.write(behaviour.noShell ? 'This account is currently not available.\n' : noise(), () => {
      channel.exit(behaviour.noShell ? 1 : 0)
      channel.end()
    })
    return
  }
  const input: Buffer[] = []
  channel.on('data', (chunk: Buffer) => input.push(chunk))
  channel.on('end', () => {
    const { hostTreeRoot, pathPrefix, login = 'root' } = serving.options
    const shell = { hostTreeRoot, login, fakes: serving.fakes, ...(pathPrefix === undefined ? {} : { pathPrefix }) }
    const run = runCommand(command, Buffer.concat(input), shell, serving.cache, (child) => {
      if (!serving.cache.enabled) client.on('close', () => killShell(child))
    })
    run.then(
      ({ stdout, exitCode }) => setTimeout(send, behaviour.delayMs ?? 0, channel, client, stdout, exitCode, behaviour),
      () => client.end(),
    )
  })
}

function send(
  channel: ServerChannel,
  client: Connection,
  stdout: Buffer,
  exitCode: number,
  behaviour: SshNodeBehaviour,
): void {
  if (behaviour.stallAfterBytes !== undefined) {
    channel.write(stdout.subarray(0, behaviour.stallAfterBytes))
    return
  }
  if (behaviour.cutAfterBytes !== undefined) {
    channel.write(stdout.subarray(0, behaviour.cutAfterBytes), () => client.end())
    return
  }
  channel.write(stdout, () => {
    channel.exit(exitCode)
    channel.end()
  })
}

/** Every byte there is, many times, the same each time. */
function noise(): Buffer {
  return Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 167) % 256))
}

function flood(channel: ServerChannel): void {
  const noise = Buffer.alloc(32 * 1024, 'flood\n')
  const pump = (): void => {
    while (channel.writable && channel.write(noise));
  }
  channel.on('drain', pump)
  pump()
}

/** The library answers a stream that nobody listens for with "resource shortage", as a host does that has no more. */
function forwardConnections(client: Connection, maxStreams: number): void {
  let streams = 0
  const forward = (accept: AcceptConnection<ServerChannel>, reject: RejectConnection, info: TcpipRequestInfo): void => {
    if (!/^(?:127\.|localhost$|::1$)/.test(info.destIP)) {
      reject()
      return
    }
    streams += 1
    if (streams === maxStreams) client.off('tcpip', forward)
    const upstream = connect(info.destPort, info.destIP)
    upstream.once('close', () => {
      if (streams === maxStreams) client.on('tcpip', forward)
      streams -= 1
    })
    upstream.once('error', () => reject())
    upstream.once('connect', () => {
      const channel = accept()
      upstream.removeAllListeners('error')
      upstream.on('error', () => channel.end())
      upstream.pipe(channel).pipe(upstream)
      channel.on('close', () => upstream.destroy())
      channel.on('error', () => upstream.destroy())
    })
  }
  client.on('tcpip', forward)
}

function listen(server: ssh2.Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      const address = server.address()
      if (address !== null && typeof address === 'object') resolve(address.port)
      else reject(new Error('The server listens on no port.'))
    })
  })
}

function closeServer(server: ssh2.Server, open: Set<Connection>): Promise<void> {
  for (const client of open) client.end()
  return new Promise((resolve) => server.close(() => resolve()))
}
