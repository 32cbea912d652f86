// containerd's settings: config.toml of versions 1 to 3 with its imports. Row C6 and E1.
// May not: take what an unread import may change for the configuration.
import type { TomlTable } from 'smol-toml'
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { isGlob, matchesGlob } from './glob.ts'
import { listDirectory, type PresentFile, readFile } from './host.ts'
import { short } from './kubelet-document.ts'
import { oncePerHost } from './once.ts'
import { optionValues, type RuntimeSettings } from './runtime-settings.ts'
import { isTable, readToml, textAt, tomlAt } from './toml.ts'

const defaultFile = '/etc/containerd/config.toml'
const defaultRoot = '/var/lib/containerd'

interface Part {
  readonly path: string
  readonly table: TomlTable
}

/** The file that containerd was started with, and its parts, lowest precedence first; none when it does not exist. */
export interface ContainerdConfiguration {
  readonly path: string
  readonly parts: readonly Part[]
}

export function containerdConfiguration(
  host: HostEvidence,
  process: ProcessEvidence | undefined,
): ContainerdConfiguration | Unavailable {
  const path = optionValues(process, 'config', 'c').at(-1) ?? defaultFile
  const parts = readParts(host, path)
  return isUnavailable(parts) ? parts : { path, parts }
}

export function readContainerd(host: HostEvidence, process: ProcessEvidence | undefined): RuntimeSettings {
  const path = optionValues(process, 'config', 'c').at(-1) ?? defaultFile
  const parts = readParts(host, path)
  const root = optionValues(process, 'root').at(-1)
  const rootDirectory = root === undefined ? undefined : { value: root, source: `--root of pid ${process?.pid ?? 0}` }
  if (isUnavailable(parts)) {
    return { configurationFiles: [], rootDirectory: rootDirectory ?? parts, cgroupDriver: parts }
  }
  return {
    configurationFiles: parts.map((part) => part.path),
    rootDirectory: rootDirectory ?? findRoot(parts, path),
    cgroupDriver: findDriver(parts, path),
  }
}

/** The file, then what it imports; none when it does not exist, which is all defaults. */
const readParts = oncePerHost((host, path): readonly Part[] | Unavailable => {
  const file = readFile(host, path)
  if (isUnavailable(file)) return file
  if (file === undefined) return []
  const table = readToml(file)
  if (isUnavailable(table)) return table
  const parts: Part[] = [{ path, table }]
  const imports = tomlAt(table, 'imports')
  for (const pattern of Array.isArray(imports) ? imports : []) {
    if (typeof pattern !== 'string') continue
    const imported = readImport(host, path, pattern)
    if (isUnavailable(imported)) return imported
    parts.push(...imported)
  }
  return parts
})

function readImport(host: HostEvidence, from: string, pattern: string): readonly Part[] | Unavailable {
  const absolute = pattern.startsWith('/') ? pattern : `${from.replace(/\/[^/]*$/, '')}/${pattern}`
  const files = isGlob(absolute) ? matchFiles(host, absolute) : readOne(host, absolute)
  if (isUnavailable(files)) return explain(files, from, pattern)
  const parts: Part[] = []
  for (const file of files) {
    const table = readToml(file)
    if (isUnavailable(table)) return table
    const imports = tomlAt(table, 'imports')
    if (Array.isArray(imports) && imports.length > 0) {
      return unavailable(
        'unsupported',
        `${file.path} is imported by ${from} and imports further files, which are not followed.`,
      )
    }
    parts.push({ path: file.path, table })
  }
  return parts
}

function readOne(host: HostEvidence, path: string): readonly PresentFile[] | Unavailable {
  const file = readFile(host, path)
  if (isUnavailable(file)) return file
  return file === undefined ? [] : [file]
}

/** Only a folder whose listing was read tells which files match. */
function matchFiles(host: HostEvidence, pattern: string): readonly PresentFile[] | Unavailable {
  const folder = pattern.replace(/\/[^/]*$/, '')
  const entries = listDirectory(host, folder)
  if (isUnavailable(entries)) return entries
  const files: PresentFile[] = []
  for (const path of (entries ?? []).map((entry) => `${folder}/${entry}`)) {
    if (!matchesGlob(pattern, path)) continue
    const found = readOne(host, path)
    if (isUnavailable(found)) return found
    files.push(...found)
  }
  return files
}

function explain(reason: Unavailable, from: string, pattern: string): Unavailable {
  const { reason: why, detail } = reason.unavailable
  return unavailable(why, `${from} imports ${short(pattern)}, which may change its settings: ${detail}`)
}

function findRoot(parts: readonly Part[], path: string): Observed<string> {
  for (const part of parts.toReversed()) {
    const root = textAt(part.table, 'root')
    if (root !== undefined) return { value: root, source: part.path }
  }
  return { value: defaultRoot, source: absence(parts, path, 'root') }
}

/** Where each version of the file keeps the CRI plug-in's runtimes. */
const plugins: Readonly<Record<number, string>> = {
  1: 'cri',
  2: 'io.containerd.grpc.v1.cri',
  3: 'io.containerd.cri.v1.runtime',
}

/**
 * A plug-in's section, by the name it has in each version of the file; `undefined` where nothing has one. An imported file
 * replaces a plug-in's whole section, so the last part that has one gives all of it.
 */
export function containerdPlugin(
  parts: readonly Part[],
  names: Readonly<Record<number, string>>,
): Part | undefined | Unavailable {
  for (const part of parts.toReversed()) {
    const version = tomlAt(part.table, 'version') ?? 1
    const plugin = typeof version === 'number' ? names[version] : undefined
    if (plugin === undefined) return unavailable('malformed', `${part.path} has a version that no containerd knows.`)
    const section = tomlAt(part.table, 'plugins', plugin)
    if (isTable(section)) return { path: part.path, table: section }
  }
  return undefined
}

function findDriver(parts: readonly Part[], path: string): Observed<string> {
  const section = containerdPlugin(parts, plugins)
  if (isUnavailable(section)) return section
  if (section !== undefined) return driverOf(section.table, section.path)
  return { value: 'cgroupfs', source: absence(parts, path, 'SystemdCgroup') }
}

function driverOf(section: TomlTable, path: string): Observed<string> {
  const name = textAt(section, 'containerd', 'default_runtime_name') ?? 'runc'
  const runtime = tomlAt(section, 'containerd', 'runtimes', name)
  if (!isTable(runtime)) {
    if (name === 'runc') return { value: 'cgroupfs', source: `default of containerd: ${path} sets no SystemdCgroup` }
    return unavailable('malformed', `${path} names ${short(name)} as the default runtime, but does not describe it.`)
  }
  const type = textAt(runtime, 'runtime_type')
  if (type !== undefined && !type.startsWith('io.containerd.runc.')) {
    return unavailable(
      'unsupported',
      `The default runtime ${short(name)} of ${path} is of type ${short(type)}, whose cgroup driver is not known.`,
    )
  }
  const systemd = tomlAt(runtime, 'options', 'SystemdCgroup')
  if (systemd === undefined)
    return { value: 'cgroupfs', source: `default of containerd: ${path} sets no SystemdCgroup for ${short(name)}` }
  if (typeof systemd !== 'boolean')
    return unavailable('malformed', `SystemdCgroup in ${path} is neither true nor false.`)
  return { value: systemd ? 'systemd' : 'cgroupfs', source: `${path}, SystemdCgroup of runtime ${short(name)}` }
}

function absence(parts: readonly Part[], path: string, key: string): string {
  return `default of containerd: ${path} ${parts.length === 0 ? 'does not exist' : `sets no ${key}`}`
}
