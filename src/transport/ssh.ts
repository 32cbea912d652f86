// Runs the node probe over SSH: one connection and one command per node, the script on standard input.
// May not: run any other command, accept a host key nobody vouched for, ask for a password, or throw for what a node does.
import { existsSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Client, ClientChannel } from 'ssh2'
import type { SshConfig } from '../model/config.ts'
import { unavailable } from '../model/fact.ts'
import type { NodeAccess, NodeTarget, ProbeLimits, ProbeOutput } from './contracts.ts'
import { expandHome, readSshConfig } from './ssh-config-file.ts'
import { failures, isFailure, type SshFailure, SshSetupError } from './ssh-errors.ts'
import { KeyRing } from './ssh-keys.ts'
import { type Hop, parseJump, Router } from './ssh-route.ts'

/** The audit's `ssh` section, and what it is read against. */
export interface SshOptions extends Omit<SshConfig, 'addresses' | 'connectTimeoutSeconds' | 'timeoutSeconds'> {
  /** For SSH_AUTH_SOCK and the passphrase's variable; nothing else is looked at. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Default: of the user who runs this. */
  readonly home?: string
  readonly userName?: string
  /** Hears what was skipped or left out, in sentences. */
  readonly onNote?: (note: string) => void
}

const shell = '/bin/sh -s'

/**
 * The one command. As root it is a shell that reads the probe from standard input; else the same shell through sudo, where
 * that is refused (status 1) or missing (126, 127) the shell as the user. Sudo reads nothing when it refuses, so the script
 * is still there. Works under any login shell: no character in it means something else between single quotes.
 *
 * The line for sudoers: `audit ALL=(root) NOPASSWD: /bin/sh -s`
 */
export const probeCommands = {
  auto:
    `exec /bin/sh -c 'if [ "$(id -u)" = 0 ]; then exec ${shell}; fi; sudo -n ${shell} 2>/dev/null; ` +
    `case $? in 1|126|127) KUBE_ASSAY_SUDO=denied; export KUBE_ASSAY_SUDO; exec ${shell};; esac'`,
  never: `exec ${shell}`,
} as const

/**
 * Prepares access. Reads keys, known_hosts and the OpenSSH configuration, connects to nothing.
 * Throws SshSetupError when the configuration given cannot work.
 */
export async function openSshAccess(options: SshOptions): Promise<NodeAccess> {
  const home = options.home ?? homedir()
  const onNote = onceEach(options.onNote ?? (() => undefined))
  const passphrase = options.passphraseEnv === undefined ? undefined : options.environment[options.passphraseEnv]
  const agentSocket = options.agent === false ? undefined : options.environment['SSH_AUTH_SOCK']
  const identityFiles = (options.identityFiles ?? []).map((file) => expandHome(file, home))
  for (const jump of [options.jump, ...(options.groups ?? []).map((group) => group.jump)]) checkJump(jump)
  const groupFiles = (options.groups ?? []).flatMap((group) => group.identityFiles ?? [])
  if (options.configFile !== undefined && !existsSync(expandHome(options.configFile, home))) {
    throw new SshSetupError(`The SSH configuration ${options.configFile} does not exist.`)
  }
  const keyRing = new KeyRing({
    required: [...new Set([...identityFiles, ...groupFiles.map((file) => expandHome(file, home))])],
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(options.passphraseEnv === undefined ? {} : { passphraseEnv: options.passphraseEnv }),
    onNote,
  })
  const router = new Router({
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.jump === undefined ? {} : { jump: options.jump }),
    ...(options.knownHosts === undefined ? {} : { knownHostsFiles: options.knownHosts }),
    ...(agentSocket ? { agentSocket } : {}),
    acceptNew: options.acceptNew ?? false,
    identityFiles,
    home,
    localUser: options.userName ?? localUser(options.user),
    configFile: readSshConfig(expandHome(options.configFile ?? join('~', '.ssh', 'config'), home), home, onNote),
    keyRing,
    onNote,
  })
  return {
    transport: 'ssh',
    runProbe: (target, script, limits, signal) => {
      const command = probeCommands[target.sudo ?? options.sudo ?? 'auto']
      const files = target.identityFiles?.map((file) => expandHome(file, home))
      const own = files === undefined ? target : { ...target, identityFiles: files }
      return runProbe(router, command, own, script, limits, signal)
    },
    close: async () => router.close(),
  }
}

function checkJump(jump: string | undefined): void {
  if (jump === undefined || jump.toLowerCase() === 'none') return
  if (jump.split(',').some((part) => !parseJump(part.trim()))) {
    throw new SshSetupError(`ssh.jump is not user@host:port: ${jump}`)
  }
}

/** A uid without an entry in the user database, as containers have it, has no name to log in with. */
function localUser(given: string | undefined): string {
  try {
    return userInfo().username
  } catch {
    if (given !== undefined) return given
    throw new SshSetupError(
      'This user has no name on this machine to log in with. Give one with --ssh-user (ssh.user).',
    )
  }
}

function onceEach(onNote: (note: string) => void): (note: string) => void {
  const told = new Set<string>()
  return (note) => {
    if (told.has(note)) return
    told.add(note)
    onNote(note)
  }
}

async function runProbe(
  router: Router,
  command: string,
  target: NodeTarget,
  script: string,
  limits: ProbeLimits,
  signal: AbortSignal,
): Promise<ProbeOutput> {
  const started = performance.now()
  const budget = AbortSignal.timeout(limits.timeoutMs)
  const both = AbortSignal.any([signal, budget])
  const connected = await connectAny(router, target, limits, both)
  if (isFailure(connected)) {
    const { reason, detail } =
      budget.aborted && !signal.aborted ? failures.timeout(target.node, 'connect', limits.timeoutMs) : connected
    return unavailable(reason, detail)
  }
  const { client, hop } = connected
  try {
    const { chunks, interrupted } = await execute(client, hop, command, script, limits, both)
    const why =
      interrupted?.reason === 'interrupted' && budget.aborted && !signal.aborted
        ? failures.timeout(hop.where, 'session', limits.timeoutMs)
        : interrupted
    return {
      stdout: Buffer.concat(chunks),
      address: hop.where,
      user: hop.user,
      durationMs: performance.now() - started,
      ...(why ? { interrupted: { reason: why.reason, detail: why.detail } } : {}),
    }
  } finally {
    client.end()
    // A host that does not close its end would keep the socket.
    setTimeout(() => client.destroy(), 1000).unref()
  }
}

const attempts = 2
const pauseMs = 300

/** The first address that leads to a login. Names the user's OpenSSH configuration has a section for come first. */
async function connectAny(
  router: Router,
  target: NodeTarget,
  limits: ProbeLimits,
  signal: AbortSignal,
): Promise<{ client: Client; hop: Hop } | SshFailure> {
  const named = target.addresses.filter((address) => router.isNamed(address))
  const ordered = [...named, ...target.addresses.filter((address) => !named.includes(address))]
  const failed: SshFailure[] = []
  for (const address of ordered) {
    const hop = router.resolve({
      host: address,
      ...(target.port === undefined ? {} : { port: target.port }),
      ...(target.user === undefined ? {} : { user: target.user }),
      ...(target.identityFiles === undefined ? {} : { identityFiles: target.identityFiles }),
      ...(target.jump === undefined ? {} : { jump: target.jump }),
    })
    const result = isFailure(hop) ? hop : await connectPatiently(router, hop, limits, signal)
    if (!isFailure(result)) return result
    failed.push(result)
    if (!result.mayTryNext || signal.aborted) return result
  }
  return mostTelling(failed, target)
}

/** Of several addresses' failures: a host that answered with an unknown key says more than a name that does not resolve. */
function mostTelling(failed: readonly SshFailure[], target: NodeTarget): SshFailure {
  const [first] = failed
  if (!first) return { ...failures.address(target.node), detail: `The node ${target.node} has no address.` }
  const telling = failed.find((failure) => failure.reason === 'host-key-unknown') ?? first
  const rest = failed.length - 1
  return rest === 0 ? telling : { ...telling, detail: `${telling.detail} ${rest} other address(es) failed too.` }
}

async function connectPatiently(
  router: Router,
  hop: Hop,
  limits: ProbeLimits,
  signal: AbortSignal,
): Promise<{ client: Client; hop: Hop } | SshFailure> {
  for (let attempt = 1; ; attempt += 1) {
    const client = await router.connect(hop, limits.connectTimeoutMs, signal)
    if (!isFailure(client)) return { client, hop }
    if (!client.isTransient || attempt === attempts || signal.aborted) return client
    await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random())))
  }
}

interface Execution {
  readonly chunks: Buffer[]
  readonly interrupted?: SshFailure
}

function execute(
  client: Client,
  hop: Hop,
  command: string,
  script: string,
  limits: ProbeLimits,
  signal: AbortSignal,
): Promise<Execution> {
  const chunks: Buffer[] = []
  return new Promise((resolve) => {
    let hasEnded = false
    const finish = (interrupted?: SshFailure): void => {
      if (hasEnded) return
      hasEnded = true
      signal.removeEventListener('abort', onAbort)
      resolve({ chunks, ...(interrupted ? { interrupted } : {}) })
    }
    const onAbort = (): void => {
      finish(failures.aborted(hop.where))
      client.destroy()
    }
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) {
      onAbort()
      return
    }
    client.once('close', () => finish(failures.lost(hop.where, 'session')))
    const onChannel = (channel: ClientChannel): void => {
      readChannel(channel, chunks, limits.maxBytes, (state) => {
        if (state === 'flooded') {
          finish(tooLarge(hop, limits))
          client.destroy()
        } else {
          finish(state === 'ended' ? undefined : failures.lost(hop.where, 'session'))
        }
      })
      channel.end(script)
    }
    try {
      client.exec(command, (error, channel) => {
        if (error) finish(failures.unsupported(`${hop.where} does not run commands for user ${hop.user}.`))
        else onChannel(channel)
      })
    } catch {
      finish(failures.lost(hop.where, 'session'))
    }
  })
}

function tooLarge(hop: Hop, limits: ProbeLimits): SshFailure {
  return {
    reason: 'too-large',
    detail: `${hop.where} sent more than ${limits.maxBytes} bytes; what came before is kept.`,
    isTransient: false,
    mayTryNext: false,
  }
}

/** Standard output into `chunks`, never more than `maxBytes`. What the host says on standard error is not kept. */
function readChannel(
  channel: ClientChannel,
  chunks: Buffer[],
  maxBytes: number,
  done: (state: 'ended' | 'lost' | 'flooded') => void,
): void {
  let bytes = 0
  let hasExited = false
  channel.stderr.resume()
  channel.on('error', () => done('lost'))
  channel.on('data', (chunk: Buffer) => {
    const room = maxBytes - bytes
    if (room > 0) chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
    bytes += chunk.length
    if (bytes > maxBytes) done('flooded')
  })
  channel.on('exit', () => {
    hasExited = true
  })
  channel.on('close', () => done(hasExited ? 'ended' : 'lost'))
}
