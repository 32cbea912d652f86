// Runs the node probe on this machine, or on the host whose / is mounted here (a container on the node).
// May not: read a container's files for the node's, or take this machine for a node that it is not.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { type Unavailable, unavailable } from '../model/fact.ts'
import { InputError } from '../util/input-error.ts'
import type { NodeAccess, NodeTarget, ProbeLimits, ProbeOutput } from './contracts.ts'

export interface LocalOptions {
  /** The node that this machine is; default: found by boot id, else by name. */
  readonly node?: string | undefined
  /** Where the host's / is mounted; "/" says that this file system is the host's, container or not. */
  readonly hostRoot?: string | undefined
  /** auto: through sudo -n where this process is not root. */
  readonly sudo?: 'auto' | 'never'
  /** All nodes that are to be read, to find this machine among them. */
  readonly targets: readonly NodeTarget[]
}

/** Throws InputError when no host is mounted where `hostRoot` says. */
export function openLocalAccess(options: LocalOptions): NodeAccess {
  const root = normalRoot(options.hostRoot)
  if (root !== '') checkHostRoot(root)
  const self = findSelf(options, root)
  const isElsewhere = options.hostRoot === undefined && isContainer()
  return {
    transport: 'local',
    async runProbe(target, script, limits, signal) {
      if (isElsewhere) return inContainer
      if (typeof self !== 'string') return self
      if (target.node !== self) return otherMachine(target.node, self)
      return runHere(withRoot(script, root), root, options.sudo ?? 'auto', limits, signal)
    },
    close: async () => undefined,
  }
}

const inContainer = unavailable(
  'unsupported',
  'This process runs in a container, whose files are not the node’s. Mount the node’s / and name the place with --host-root; --host-root / where the container is the node itself.',
)

function otherMachine(node: string, self: string): Unavailable {
  const here = self === '' ? 'it is none of the nodes asked for' : `it is ${self}`
  return unavailable('not-collected', `The way local reads the machine it runs on, and that is not ${node}: ${here}.`)
}

/** "" where the file system of this process is the host's. */
function normalRoot(given: string | undefined): string {
  if (given === undefined) return ''
  if (!isAbsolute(given)) throw new InputError(`--host-root ${given}: expected an absolute path, such as /host.`)
  // It stands between single quotes in the script.
  if (/['\n\0]/.test(given)) throw new InputError('--host-root: a path with quotes or line breaks cannot be used.')
  return given.replace(/\/+$/, '')
}

/** An empty folder, or / without what is mounted below it, would make every file of the host look absent. */
function checkHostRoot(root: string): void {
  const missing = ['etc', 'proc/1/comm', 'proc/sys/kernel', 'sys/kernel', 'sys/fs/cgroup'].find(
    (path) => !existsSync(join(root, path)),
  )
  if (missing === undefined && readdirSync(join(root, 'sys/fs/cgroup')).length > 0) return
  throw new InputError(
    `--host-root ${root}: no host is mounted there: ${join(root, missing ?? 'sys/fs/cgroup')} is ${missing === undefined ? 'empty' : 'missing'}. Mount the node’s / with all that is mounted below it (a hostPath volume of / does).`,
  )
}

/** Name of the node that this machine is, "" for none; why it cannot be told, where several answer to the same boot id. */
function findSelf({ node, targets }: LocalOptions, root: string): string | Unavailable {
  if (node !== undefined) return node
  const bootID = readText(join(root, '/proc/sys/kernel/random/boot_id'))
  const name = (root === '' ? hostname() : (readText(join(root, 'etc/hostname')) ?? '')).toLowerCase()
  const booted = targets.filter((target) => bootID !== undefined && target.bootID?.trim() === bootID)
  if (booted.length === 1) return booted[0]?.node ?? ''
  const named = (booted.length > 1 ? booted : targets.filter((target) => target.bootID === undefined)).find(
    (target) => target.node === name,
  )
  if (named !== undefined) return named.node
  if (booted.length === 0) return ''
  return unavailable(
    'unsupported',
    `${booted.length} nodes share the boot id of this machine, as containers on one kernel do. Say which it is with --local-node.`,
  )
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    // Not readable here; the caller then tells the machine by other means.
    return undefined
  }
}

/** Inode of the first pid namespace of every kernel: PROC_PID_INIT_INO of include/linux/proc_ns.h. */
const initialPidNamespace = 'pid:[4026531836]'

/** By its namespaces, as far as they may be looked at, else by the marks that runtimes leave. */
function isContainer(): boolean {
  if (existsSync('/.dockerenv') || existsSync('/run/.containerenv')) return true
  if (process.env['KUBERNETES_SERVICE_HOST'] !== undefined) return true
  const pids = readLink('/proc/self/ns/pid')
  if (pids !== undefined && pids !== initialPidNamespace) return true
  const [own, first] = [readLink('/proc/self/ns/mnt'), readLink('/proc/1/ns/mnt')]
  return own !== undefined && first !== undefined && own !== first
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    // Another user's namespaces may not be looked at.
    return undefined
  }
}

/** What the shell on this machine is given. Throws InputError for a root that cannot stand in it. */
export function localScript(script: string, hostRoot: string | undefined): string {
  return withRoot(script, normalRoot(hostRoot))
}

function withRoot(script: string, root: string): string {
  if (root === '') return script
  return script.replace('\n', () => `\nKUBE_ASSAY_ROOT='${root}'\nKUBE_ASSAY_COMMANDS=chroot\n`)
}

type Sudo = 'auto' | 'never'

async function runHere(
  script: string,
  root: string,
  sudo: Sudo,
  limits: ProbeLimits,
  signal: AbortSignal,
): Promise<ProbeOutput> {
  const started = performance.now()
  const budget = AbortSignal.timeout(limits.timeoutMs)
  const both = AbortSignal.any([signal, budget])
  const tries = process.getuid?.() === 0 || sudo === 'never' ? [false] : [true, false]
  const wasTried = tries.length > 1
  let run: Run = { status: 'failed', chunks: [] }
  for (const bySudo of tries) {
    run = await execute(bySudo, bySudo || !wasTried ? script : `KUBE_ASSAY_SUDO=denied\n${script}`, limits, both)
    if (run.status !== 'refused' && run.status !== 'failed') break
  }
  return {
    stdout: Buffer.concat(run.chunks),
    address: root === '' ? hostname() : `${hostname()}:${root}`,
    user: userName(),
    durationMs: performance.now() - started,
    ...interruption(run.status, limits, budget.aborted && !signal.aborted),
  }
}

function interruption(status: Run['status'], limits: ProbeLimits, isLate: boolean) {
  switch (status) {
    case 'ended':
    case 'refused':
      return {}
    case 'failed':
      return { interrupted: { reason: 'unsupported' as const, detail: '/bin/sh cannot be started on this machine.' } }
    case 'flooded': {
      const detail = `This machine's probe printed more than ${limits.maxBytes} bytes; what came before is kept.`
      return { interrupted: { reason: 'too-large' as const, detail } }
    }
    case 'stopped': {
      const late = `The probe did not end within ${limits.timeoutMs / 1000} s on this machine.`
      return isLate
        ? { interrupted: { reason: 'timeout' as const, detail: late } }
        : { interrupted: { reason: 'interrupted' as const, detail: 'The audit was stopped while this node was read.' } }
    }
    default:
      return status satisfies never
  }
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A uid without an entry in the user database, as containers have it.
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}

interface Run {
  /** refused: by sudo, before it read anything. failed: the command cannot be started. */
  readonly status: 'ended' | 'refused' | 'failed' | 'flooded' | 'stopped'
  readonly chunks: readonly Buffer[]
}

/** The script on standard input of a shell, in a process group of its own so that all of it can be ended. */
function execute(bySudo: boolean, script: string, { maxBytes }: ProbeLimits, signal: AbortSignal): Promise<Run> {
  const [command, args] = bySudo ? ['sudo', ['-n', '/bin/sh', '-s']] : ['/bin/sh', ['-s']]
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const child = spawn(command, args, {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    })
    const finish = (status: Run['status']) => {
      signal.removeEventListener('abort', onAbort)
      resolve({ status, chunks })
    }
    const onAbort = () => {
      finish('stopped')
      kill(child)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    child.once('error', () => finish('failed'))
    child.once('close', (code) => finish(bySudo && bytes === 0 && code !== 0 ? 'refused' : 'ended'))
    child.stdout.on('data', (chunk: Buffer) => {
      const room = maxBytes - bytes
      if (room > 0) chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
      bytes += chunk.length
      if (bytes <= maxBytes) return
      finish('flooded')
      kill(child)
    })
    // A shell that ends before it read all of the script closes the pipe; its exit says so.
    child.stdin.on('error', () => undefined)
    child.stdin.end(script)
    if (signal.aborted) onAbort()
  })
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}
