// What a k3s was started with: the arguments of its unit above its configuration files, else what it tells the API.
// Its command line says nothing: k3s overwrites it, because it may hold secrets. May not: know what k3s makes of a setting.
import { parseAllDocuments } from 'yaml'
import { isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { compareText } from '../family-gap.ts'
import { isWrittenAfter, listDirectory, type PresentFile, readFile } from '../nodes/host.ts'
import { short } from '../nodes/kubelet-document.ts'
import { readServiceCommand } from '../nodes/service-command.ts'
import { readUnit } from '../nodes/systemd-unit.ts'

interface Given {
  readonly value: string
  /** "/etc/rancher/k3s/config.yaml". */
  readonly source: string
}

export interface K3sSettings {
  readonly role: 'server' | 'agent'
  /** Every occurrence, in the order in which they count. */
  readonly all: (name: string) => readonly Given[]
  readonly last: (name: string) => Given | undefined
  /** Configuration files that changed after k3s started. */
  readonly changed: readonly string[]
  /** A switch that is on. */
  readonly isOn: (name: string) => boolean
}

interface Flag extends Given {
  readonly name: string
}

export function readK3sSettings(
  process: ProcessEvidence,
  host: HostEvidence,
  node: string,
  nodeArguments: readonly string[] | undefined,
): K3sSettings | Unavailable {
  const fromHost = readHost(process, host)
  // Whoever may change the node's object may change its note, so the host's own files go first.
  if (!isUnavailable(fromHost) || nodeArguments === undefined) return fromHost
  return settingsOf(nodeArguments, parseFlags(nodeArguments, `annotation k3s.io/node-args of node ${node}`))
}

function readHost(process: ProcessEvidence, host: HostEvidence): K3sSettings | Unavailable {
  const line = readCommandLine(process, host)
  if (isUnavailable(line)) return line
  const flags = parseFlags(line.arguments, line.source)
  const files = readFiles(process, host, flags)
  return isUnavailable(files) ? files : settingsOf(line.arguments, [...files, ...flags])
}

function settingsOf(words: readonly string[], flags: readonly Flag[]): K3sSettings | Unavailable {
  const role = words[0]
  if (role !== 'server' && role !== 'agent') {
    return unavailable('unsupported', `k3s was started as "${short(role ?? '')}", which is neither server nor agent.`)
  }
  const all = (name: string): readonly Given[] => flags.filter((flag) => flag.name === name)
  return {
    role,
    all,
    changed: [
      ...new Set(
        flags.flatMap(({ source }) => (source.endsWith(editedMark) ? [source.slice(0, -editedMark.length)] : [])),
      ),
    ],
    last: (name) => all(name).at(-1),
    isOn: (name) => all(name).at(-1)?.value === 'true',
  }
}

/** Settings that the environment may give; file and arguments stand above. */
const variables = [
  ['K3S_DATA_DIR', 'data-dir'],
  ['K3S_DATASTORE_ENDPOINT', 'datastore-endpoint'],
  ['K3S_DATASTORE_CAFILE', 'datastore-cafile'],
  ['K3S_DATASTORE_CERTFILE', 'datastore-certfile'],
  ['K3S_DATASTORE_KEYFILE', 'datastore-keyfile'],
] as const

const editedMark = ' (edited after k3s started)'
const aliases: ReadonlyMap<string, string> = new Map([
  ['d', 'data-dir'],
  ['c', 'config'],
  ['t', 'token'],
  ['s', 'server'],
])

/** urfave/cli: "--flag value", "--flag=value", "-d value"; what is followed by another flag is a switch. */
function parseFlags(words: readonly string[], source: string): readonly Flag[] {
  const flags: Flag[] = []
  for (let index = 1; index < words.length; index += 1) {
    const word = words[index] ?? ''
    const match = /^--?([a-z][\w-]*)(?:=([\s\S]*))?$/i.exec(word)
    if (!match) continue
    const given = match[1] ?? ''
    const name = (aliases.get(given) ?? given).toLowerCase()
    const next = words[index + 1]
    if (match[2] !== undefined) flags.push({ name, value: match[2], source })
    else if (next === undefined || next.startsWith('-')) flags.push({ name, value: 'true', source })
    else {
      flags.push({ name, value: next, source })
      index += 1
    }
  }
  return flags
}

interface Line {
  readonly arguments: readonly string[]
  readonly source: string
}

function readCommandLine(process: ProcessEvidence, host: HostEvidence): Line | Unavailable {
  const words = process.arguments.flatMap((argument, index) =>
    index === 0 ? argument.trim().split(/\s+/) : [argument],
  )
  const own = words.slice(1).filter((word) => word.trim() !== '')
  // More than its role: this k3s was not made to hide them.
  if (own.length > 1) return { arguments: own, source: `arguments of pid ${process.pid}` }
  const names = own[0] === 'agent' || process.name === 'k3s-agent' ? ['k3s-agent', 'k3s'] : ['k3s', 'k3s-agent']
  for (const name of names) {
    const unit = readUnit(host, `${name}.service`)
    if (isUnavailable(unit)) return unit
    if (unit === undefined) continue
    const command = readServiceCommand(host, unit)
    if (isUnavailable(command)) return command
    const given = command.arguments.map(({ text }) => text)
    if (own[0] !== undefined && given[0] !== own[0]) continue
    return { arguments: given, source: `ExecStart in ${command.file}` }
  }
  return unavailable(
    'unsupported',
    `k3s (pid ${process.pid}) hides its arguments, the API has no note of them (k3s.io/node-args), and no unit k3s.service or k3s-agent.service that would give them is on this host.`,
  )
}

/** The configuration file, then its drop-ins by name; a key of a later one replaces, "key+" adds to a list. */
function readFiles(
  process: ProcessEvidence,
  host: HostEvidence,
  flags: readonly Flag[],
): readonly Flag[] | Unavailable {
  const { environment } = process
  if (environment === undefined) {
    const detail = `The environment of k3s (pid ${process.pid}), which may name another configuration file, was not read.`
    return unavailable('permission-denied', detail)
  }
  const named = environment['K3S_CONFIG_FILE'] || flags.findLast(({ name }) => name === 'config')?.value
  const path = named ?? '/etc/rancher/k3s/config.yaml'
  const paths = [path]
  const dropIns = listDirectory(host, `${path}.d`)
  if (isUnavailable(dropIns)) return dropIns
  paths.push(
    ...(dropIns ?? [])
      .filter((entry) => /\.ya?ml$/.test(entry))
      .toSorted(compareText)
      .map((entry) => `${path}.d/${entry}`),
  )
  let merged: readonly Flag[] = []
  for (const one of paths) {
    const file = readFile(host, one)
    if (isUnavailable(file)) return file
    if (file === undefined) {
      if (one !== path) return unavailable('not-found', `${one} was listed, but was gone when it was read.`)
      if (named === undefined) continue
      return unavailable('not-found', `${one}, which k3s was told to read, does not exist on the host any more.`)
    }
    const values = readYaml(file, process)
    if (isUnavailable(values)) return values
    merged = mergeFile(merged, values)
  }
  const fromEnvironment = variables.flatMap(([variable, name]): Flag[] => {
    const value = environment[variable]
    return value ? [{ name, value, source: `${variable} of pid ${process.pid}` }] : []
  })
  return [...fromEnvironment, ...merged]
}

function mergeFile(before: readonly Flag[], file: readonly Flag[]): readonly Flag[] {
  const replaced = new Set(file.flatMap(({ name }) => (name.endsWith('+') ? [] : [name])))
  const kept = before.filter(({ name }) => !replaced.has(name))
  return [...kept, ...file.map((flag) => ({ ...flag, name: flag.name.replace(/\+$/, '') }))]
}

function readYaml(file: PresentFile, process: ProcessEvidence): readonly Flag[] | Unavailable {
  const source = isWrittenAfter(file, process) ? `${file.path}${editedMark}` : file.path
  const entries = readMapping(file)
  if (isUnavailable(entries)) return entries
  const flags: Flag[] = []
  for (const [key, value] of entries) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (typeof item === 'object' && item !== null) {
        return unavailable('malformed', `${file.path}: ${short(key)} holds more than values.`)
      }
      flags.push({ name: key.toLowerCase(), value: item === null ? 'true' : String(item), source })
    }
  }
  return flags
}

/** k3s reads YAML 1.1, the first document alone. */
function readMapping(file: PresentFile): readonly [string, unknown][] | Unavailable {
  try {
    const [first] = parseAllDocuments(file.content, { version: '1.1', logLevel: 'silent' })
    if (first === undefined) return []
    if (first.errors.length > 0) return unavailable('malformed', `${file.path}: not YAML.`)
    const document: unknown = first.toJS({ maxAliasCount: 100 })
    if (document === null || document === undefined) return []
    if (typeof document === 'object' && !Array.isArray(document)) return Object.entries(document)
    return unavailable('malformed', `${file.path}: no mapping.`)
  } catch {
    return unavailable('malformed', `${file.path}: not YAML.`)
  }
}
