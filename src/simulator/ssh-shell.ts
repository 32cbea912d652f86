// Runs a command as a simulated node would: a real /bin/sh, an environment that is empty but for the host tree and PATH.
// May not: let anything of the surrounding process' environment through.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeAtExit } from '../util/remove-at-exit.ts'
import { makePrivateFolder } from './temporary-folder.ts'

export type SshLogin = 'root' | 'sudo' | 'sudo-denied'

export interface ShellOptions {
  readonly hostTreeRoot: string
  readonly pathPrefix?: string
  readonly login: SshLogin
  /** Of `acquireFakes`. */
  readonly fakes: string
}

/** The uid that stands for a user without rights when this process is root: nobody. */
const nobody = 65534

const fakes: Record<SshLogin, Record<string, string>> = {
  root: { id: 'echo 0' },
  sudo: {
    id: 'if [ -n "$SUDO_UID" ]; then echo 0; else echo 1000; fi',
    sudo: 'shift\nSUDO_UID=1000\nexport SUDO_UID\nexec "$@"',
  },
  'sudo-denied': { id: 'echo 1000', sudo: 'echo "sudo: a password is required" >&2\nexit 1' },
}
const fakeFolders = new Map<SshLogin, { readonly folder: string; readonly forget: () => void; users: number }>()

/**
 * A folder with the `id` and `sudo` that make the login what it is said to be, whoever runs this process. Shared by all
 * nodes with that login; `release` by the last one removes it.
 */
export function acquireFakes(login: SshLogin): { readonly folder: string; release(): void } {
  const entry = fakeFolders.get(login) ?? { ...createFakes(login), users: 0 }
  fakeFolders.set(login, entry)
  entry.users += 1
  let isReleased = false
  return {
    folder: entry.folder,
    release() {
      if (isReleased) return
      isReleased = true
      entry.users -= 1
      if (entry.users > 0) return
      fakeFolders.delete(login)
      rmSync(entry.folder, { recursive: true, force: true })
      entry.forget()
    },
  }
}

function createFakes(login: SshLogin): { readonly folder: string; readonly forget: () => void } {
  const folder = makePrivateFolder()
  for (const [name, body] of Object.entries(fakes[login])) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  return { folder, forget: removeAtExit(folder) }
}

/** Starts the command with piped stdio, in a process group of its own. */
export function spawnShell(command: string, options: ShellOptions): ChildProcess {
  const folders = options.pathPrefix ? [options.fakes, options.pathPrefix] : [options.fakes]
  const unprivileged = options.login === 'sudo-denied' && process.getuid?.() === 0
  return spawn('/bin/sh', ['-c', command], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: folders.join(':'), KUBE_ASSAY_ROOT: options.hostTreeRoot },
    ...(unprivileged ? { uid: nobody, gid: nobody } : {}),
  })
}

/** Ends a command and everything it started. */
export function killShell(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}

export interface CommandResult {
  readonly stdout: Buffer
  readonly exitCode: number
}

interface CacheEntry {
  readonly nonce: string
  readonly result: CommandResult
}

/** Remembers what a script printed on a tree, so that thousands of nodes can share one run. */
export interface OutputCache {
  readonly enabled: boolean
  readonly entries: Map<string, Promise<CacheEntry>>
}

export function createOutputCache(enabled = true): OutputCache {
  return { enabled, entries: new Map() }
}

/** The probe's first line names the nonce of its frames; the rest of the script is the same for every run. */
const nonceLine = /^nonce='([A-Za-z0-9]+)'\n/

/** Runs command with `input` on stdin, or answers from the cache with this run's nonce put in. */
export async function runCommand(
  command: string,
  input: Buffer,
  options: ShellOptions,
  cache: OutputCache,
  onChild: (child: ChildProcess) => void,
): Promise<CommandResult> {
  const nonce = nonceLine.exec(input.toString('latin1', 0, 256))?.[1]
  if (!cache.enabled || nonce === undefined) return execute(command, input, options, onChild)
  const key = createHash('sha256')
    .update(JSON.stringify([command, options.hostTreeRoot, options.pathPrefix, options.login]))
    .update(input.subarray(input.indexOf('\n')))
    .digest('hex')
  let entry = cache.entries.get(key)
  if (!entry) {
    entry = execute(command, input, options, onChild).then((result) => ({ nonce, result }))
    cache.entries.set(key, entry)
  }
  const { nonce: recorded, result } = await entry
  return { stdout: replaceNonce(result.stdout, recorded, nonce), exitCode: result.exitCode }
}

function replaceNonce(bytes: Buffer, from: string, to: string): Buffer {
  if (from.length !== to.length) return Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1')
  const copy = Buffer.from(bytes)
  for (let at = copy.indexOf(from); at >= 0; at = copy.indexOf(from, at + to.length)) copy.write(to, at, 'latin1')
  return copy
}

function execute(
  command: string,
  input: Buffer,
  options: ShellOptions,
  onChild: (child: ChildProcess) => void,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawnShell(command, options)
    onChild(child)
    const chunks: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ stdout: Buffer.concat(chunks), exitCode: code ?? 255 }))
    // A command that ends before reading all of its input (a refused sudo) closes the pipe: no fault of this end.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}
