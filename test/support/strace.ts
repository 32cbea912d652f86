// Runs a shell script under strace and reads the trace: which system calls, on which paths, with which flags.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const isThere = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0
export const hasStrace = isThere
if (!hasStrace) {
  const message = 'strace is not installed or may not trace here (Debian: apt-get install strace)'
  if (process.env['KUBE_ASSAY_REQUIRE_INTEGRATION'] === '1') throw new Error(message)
  console.warn(`SKIPPED: ${message}. That the probe only reads was NOT shown.`)
}

export interface SystemCall {
  readonly name: string
  /** As strace prints them. */
  readonly rest: string
  /** Texts among the arguments, unescaped: paths. */
  readonly texts: readonly string[]
}

/** Everything that names a file, opens a connection, or could change something by a descriptor or without any. */
const traced = [
  '%file',
  '%network',
  ...`ftruncate ftruncate64 fallocate fchmod fchown fchown32 fsetxattr fremovexattr flock copy_file_range sendfile splice
  open_by_handle_at mount umount umount2 move_mount fsopen pivot_root swapon swapoff reboot sethostname setdomainname
  init_module finit_module delete_module kexec_load kexec_file_load bpf ptrace process_vm_readv process_vm_writev
  kill tkill tgkill io_uring_setup memfd_create keyctl add_key request_key settimeofday clock_settime adjtimex
  perf_event_open setns unshare quotactl`
    .trim()
    .split(/\s+/),
].map((name) => (name.startsWith('%') ? name : `?${name}`))

export interface Traced {
  readonly calls: readonly SystemCall[]
  readonly stdout: Buffer
  readonly durationMs: number
}

/** `sh -s` with the script on its standard input, all children followed. */
export function traceShell(script: string, env: Readonly<Record<string, string>>): Traced {
  const folder = mkdtempSync(join(tmpdir(), 'strace-'))
  const file = join(folder, 'trace')
  try {
    const started = performance.now()
    const run = spawnSync('strace', ['-f', '-qq', '-o', file, '-e', `trace=${traced.join(',')}`, '/bin/sh', '-s'], {
      input: script,
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...env },
      maxBuffer: 64 * 1024 * 1024,
    })
    if (run.status !== 0) throw new Error(`strace ended with ${run.status}: ${run.stderr.toString().slice(0, 500)}`)
    const durationMs = performance.now() - started
    return { calls: parseTrace(readFileSync(file, 'latin1')), stdout: run.stdout, durationMs }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * One call a line: "812 openat(AT_FDCWD, "/etc/fstab", O_RDONLY) = 3". What is asked for stands in the first half of a call that
 * was interrupted ("<unfinished ...>"), so the second half is left out. Throws on a line that is none of these.
 */
export function parseTrace(text: string): SystemCall[] {
  return text.split('\n').flatMap((line) => {
    if (line === '' || /^\d+ +(?:<\.\.\. \w+ resumed>|---|\+\+\+)/.test(line)) return []
    const [, name, rest] = /^\d+ +(\w+)\((.*)$/.exec(line) ?? []
    if (name === undefined || rest === undefined)
      throw new Error(`strace printed something else: ${line.slice(0, 200)}`)
    return [{ name, rest, texts: textsOf(rest) }]
  })
}

function textsOf(rest: string): string[] {
  return [...rest.matchAll(/"((?:\\.|[^"\\])*)"/g)].map((match) => plainText(match[1] ?? ''))
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f' }

function plainText(text: string): string {
  return text.replace(/\\([0-7]{1,3}|.)/g, (_whole, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (escapes[code] ?? code),
  )
}

/** Flags of a call that opens a file; undefined for others. */
export function openFlags({ name, rest }: SystemCall): readonly string[] | undefined {
  if (name === 'creat') return ['O_WRONLY', 'O_CREAT', 'O_TRUNC']
  if (!/^open(?:at2?)?$/.test(name)) return undefined
  return rest.match(/\bO_[A-Z]+\b/g) ?? ['unknown']
}

/** What a reader may do. A call that is in neither list has to be looked at before it is put here. */
const harmless: ReadonlySet<string> = new Set(
  `access faccessat faccessat2 stat lstat fstat newfstatat fstatat64 statx statfs statfs64 readlink readlinkat getcwd chdir fchdir
  getxattr lgetxattr listxattr llistxattr execve execveat`.split(/\s+/),
)

/** Why a call is more than reading; undefined where it is not. */
export function whyNotReading(call: SystemCall): string | undefined {
  const flags = openFlags(call)
  if (flags !== undefined) {
    const isRead =
      flags.includes('O_RDONLY') && !flags.some((flag) => /^O_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)$/.test(flag))
    return isRead || call.texts[0] === '/dev/null' ? undefined : `opens for writing: ${call.rest}`
  }
  if (harmless.has(call.name)) return undefined
  if (isNameLookup(call)) return undefined
  return `${call.name}(${call.rest}`
}

/** libc asks the name service cache on the same machine, where there is one, for the names of owners. */
function isNameLookup({ name, rest, texts }: SystemCall): boolean {
  if (name === 'socket') return rest.startsWith('AF_UNIX, SOCK_STREAM')
  return name === 'connect' && rest.includes('sa_family=AF_UNIX') && texts[0] === '/var/run/nscd/socket'
}
