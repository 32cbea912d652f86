// Makes a folder that stands for a host's `/` from its tree, with /proc as the kernel would show it, and a folder of its commands.
// May not: write anything outside the folder it is given. Links of files lead nowhere else either; those in /proc name what the
// kernel would name, to be read and not to be followed.
import { chmod, chown, mkdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { HostTree, TreeEntry, TreeOwner, TreeProcess } from './tree.ts'

export interface MaterialisedHost {
  /** Stands for `/`. */
  readonly root: string
  /** Folder of this host's own commands. */
  readonly commands: string
}

const ticksPerSecond = 100

/**
 * Writes the tree below `folder`, which must exist. Where this process is not root, files that others may not read lose
 * their permissions on hosts without sudo, because the shell there runs as the same user as this process.
 */
export async function materialiseHost(tree: HostTree, folder: string): Promise<MaterialisedHost> {
  const root = join(folder, 'root')
  const commands = join(folder, 'commands')
  const entries = new Map<string, TreeEntry>([...Object.entries(tree.files), ...procEntries(tree)])
  const folders = Object.entries(tree.folders ?? {})
  for (const path of [...entries.keys(), ...tree.directories, ...folders.map(([path]) => path)]) assertPlain(path)
  await makeFolder(root)
  await makeFolder(commands)
  for (const path of foldersOf([...entries.keys()], [...tree.directories, ...folders.map(([path]) => path)]))
    await makeFolder(join(root, path))
  const isRoot = process.getuid?.() === 0
  const readableByAnyOwner = tree.sudo || isRoot
  for (const [path, entry] of entries) {
    await writeEntry(join(root, path), entry, { modifiedAt: tree.installedAt, readableByAnyOwner })
  }
  for (const [path, { mode, owner }] of folders) {
    await giveAway(join(root, path), owner)
    await chmod(join(root, path), mode)
  }
  const stat = isRoot ? {} : { stat: fakeStat(root, tree, readableByAnyOwner) }
  for (const [name, body] of Object.entries({ ...stat, ...tree.commands })) {
    await writeFile(join(commands, name), `#!/bin/sh\n${body}`)
    await chmod(join(commands, name), 0o755)
  }
  return { root, commands }
}

/** Only root can give files away; for others `fakeStat` tells the owner. */
async function giveAway(path: string, owner: TreeOwner | undefined): Promise<void> {
  if (owner !== undefined && process.getuid?.() === 0) await chown(path, owner.uid, owner.gid)
}

/**
 * A host's files belong to root. Where this process is not root, stat(1) says so instead, and tells the described owner and the
 * mode of files that were closed to stand for it, in lines of the probe's form: mode, uid, gid, times, size, path, names.
 */
function fakeStat(root: string, tree: HostTree, readableByAnyOwner: boolean): string {
  const described = [...Object.entries(tree.files), ...Object.entries(tree.folders ?? {})]
  const edits = described.flatMap(([path, entry]) => {
    if (typeof entry === 'string' || 'link' in entry) return []
    const { mode = 0o644, owner = { uid: 0, gid: 0 } } = entry
    const isHidden = !readableByAnyOwner && 'content' in entry && (mode & 0o004) === 0
    if (!isHidden && owner.uid === 0 && owner.gid === 0) return []
    const place = `${root}${path}`.replaceAll(/[.[\]*^$\\|]/g, '\\$&')
    const line = `^[0-7]*\\t[0-9]*\\t[0-9]*\\t\\([0-9]*\\t[0-9]*\\t${place}\\t\\)`
    return [`s|${line}|${mode.toString(8)}\\t${owner.uid}\\t${owner.gid}\\t\\1|`]
  })
  return `for argument; do
  shift
  case $argument in *%[ugUG]*) argument=$(printf %s "$argument" | sed 's/%[ug]/0/g;s/%[UG]/root/g') ;; esac
  set -- "$@" "$argument"
done
PATH=/usr/local/bin:/usr/bin:/bin
stat "$@" | sed '${edits.map((edit) => edit.replaceAll("'", "'\\''")).join('\n')}'
`
}

/** Whatever the umask is, the login without rights must get as far as the file that refuses it. */
async function makeFolder(path: string): Promise<void> {
  await mkdir(path)
  await chmod(path, 0o755)
}

/** All folders above the files and the folders themselves, parents first. */
function foldersOf(files: readonly string[], directories: readonly string[]): string[] {
  const folders = new Set<string>()
  for (const leaf of [...files.map((file) => posix.dirname(file)), ...directories]) {
    for (let path = leaf; path !== '/'; path = posix.dirname(path)) folders.add(path)
  }
  return [...folders].sort()
}

function assertPlain(path: string): void {
  if (!path.startsWith('/') || posix.normalize(path) !== path || path.endsWith('/')) {
    throw new Error(`not an absolute, plain path: ${path}`)
  }
}

interface WriteOptions {
  readonly modifiedAt: number
  readonly readableByAnyOwner: boolean
}

async function writeEntry(file: string, entry: TreeEntry, options: WriteOptions): Promise<void> {
  if (typeof entry === 'object' && 'link' in entry) {
    await symlink(entry.link, file)
    return
  }
  const {
    content,
    mode = 0o644,
    modifiedAt = options.modifiedAt,
  } = typeof entry === 'string' ? { content: entry } : entry
  await writeFile(file, content)
  if (typeof entry === 'object' && 'owner' in entry) await giveAway(file, entry.owner)
  const isHidden = !options.readableByAnyOwner && (mode & 0o004) === 0
  await chmod(file, isHidden ? 0 : mode)
  await utimes(file, modifiedAt, modifiedAt)
}

function* procEntries(tree: HostTree): Generator<[string, TreeEntry]> {
  yield ['/proc/stat', { content: `cpu  1 0 1 1 0 0 0 0 0 0\nbtime ${tree.bootTime}\nprocesses 1\n`, mode: 0o444 }]
  for (const process of tree.processes) {
    const folder = `/proc/${process.pid}`
    yield [`${folder}/comm`, `${process.name}\n`]
    yield [`${folder}/cmdline`, { content: terminated(process.arguments), mode: 0o444 }]
    yield [`${folder}/stat`, { content: processStat(process), mode: 0o444 }]
    yield [`${folder}/status`, { content: processStatus(process), mode: 0o444 }]
    const environment = Object.entries(process.environment ?? {}).map(([name, value]) => `${name}=${value}`)
    if (process.mounts !== undefined) yield [`${folder}/mountinfo`, { content: process.mounts, mode: 0o444 }]
    yield [`${folder}/environ`, { content: terminated(environment), mode: 0o400 }]
    // The kernel refuses readlink of another user's executable and namespaces; a link cannot refuse, so it is not there.
    if (!tree.sudo) continue
    yield [`${folder}/exe`, { link: process.executable }]
    yield [
      `${folder}/ns/mnt`,
      { link: process.isContained ? `mnt:[${4_026_532_000 + process.pid}]` : 'mnt:[4026531841]' },
    ]
  }
}

function terminated(parts: readonly string[]): string {
  return parts.map((part) => `${part}\0`).join('')
}

function processStatus({ pid, name, isContained }: TreeProcess): string {
  const pids = isContained ? `${pid}\t1` : `${pid}`
  return `Name:\t${name}\nState:\tS (sleeping)\nPid:\t${pid}\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nNSpid:\t${pids}\nThreads:\t12\n`
}

/** proc(5): field 2 is the name in parentheses, field 22 the start in clock ticks after boot. */
function processStat({ pid, name, startedAfterBoot }: TreeProcess): string {
  const before = [
    pid,
    `(${name})`,
    'S',
    pid === 1 ? 0 : 1,
    pid,
    pid,
    0,
    -1,
    4194560,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    20,
    0,
    12,
    0,
  ]
  return `${[...before, startedAfterBoot * ticksPerSecond, 0, 0].join(' ')}\n`
}
