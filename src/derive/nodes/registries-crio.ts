// Registries as CRI-O asks them: registries.conf in both formats, its drop-ins, and CRI-O's own list of insecure ones.
// May not: follow short-name aliases, which name images and no way of asking.
import type { TomlTable, TomlValue } from 'smol-toml'
import { isUnavailable, type Observed, type Unavailable } from '../../model/fact.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { textsOf } from '../../util/record.ts'
import { listDirectory, readFile } from './host.ts'
import type { InsecureRegistry, Registries } from './registry-endpoint.ts'
import { crioLayers } from './runtime-crio.ts'
import { optionValues } from './runtime-settings.ts'
import { isTable, readToml, textAt, tomlAt } from './toml.ts'

type Insecure = Observed<InsecureRegistry>

const mainFile = '/etc/containers/registries.conf'
const dropIns = '/etc/containers/registries.conf.d'
/** containers/image does both for a registry that is called insecure. */
const how = 'TLS without verification, else plain HTTP'

interface Layer {
  readonly path: string
  readonly table: TomlTable
}

export function crioRegistries(host: HostEvidence, process: ProcessEvidence): Registries {
  const own = ownSettings(host, process)
  const layers = readLayers(host)
  if (isUnavailable(layers)) return { insecure: [...own, layers], searched: layers }
  return { insecure: [...own, ...fromTables(layers), ...fromOldFormat(layers)], searched: searched(layers) }
}

/** Lowest precedence first. */
function readLayers(host: HostEvidence): readonly Layer[] | Unavailable {
  const entries = listDirectory(host, dropIns)
  if (isUnavailable(entries)) return entries
  const paths = [
    mainFile,
    ...(entries ?? []).filter((name) => name.endsWith('.conf')).map((name) => `${dropIns}/${name}`),
  ]
  const layers: Layer[] = []
  for (const path of paths) {
    const file = readFile(host, path)
    if (isUnavailable(file)) return file
    if (file === undefined) continue
    const table = readToml(file)
    if (isUnavailable(table)) return table
    layers.push({ path, table })
  }
  return layers
}

/** Of tables with one prefix that of the last file holds. */
function fromTables(layers: readonly Layer[]): readonly Insecure[] {
  const byPrefix = new Map<string, { readonly path: string; readonly table: TomlTable }>()
  for (const { path, table } of layers) {
    for (const registry of tables(tomlAt(table, 'registry'))) {
      const prefix = textAt(registry, 'prefix') ?? textAt(registry, 'location')
      if (prefix !== undefined) byPrefix.set(prefix, { path, table: registry })
    }
  }
  return [...byPrefix].flatMap(([prefix, { path, table }]) => {
    if (tomlAt(table, 'blocked') === true) return []
    const places = [...tables(tomlAt(table, 'mirror')), table]
    return places.flatMap((place) =>
      tomlAt(place, 'insecure') === true
        ? [{ value: { registry: prefix, endpoint: textAt(place, 'location') ?? prefix, how }, source: path }]
        : [],
    )
  })
}

function tables(value: TomlValue | undefined): TomlTable[] {
  return Array.isArray(value) ? value.filter(isTable) : []
}

/** `[registries.insecure] registries = […]`, in the main file only. */
function fromOldFormat(layers: readonly Layer[]): readonly Insecure[] {
  return layers.flatMap(({ path, table }) =>
    textsOf(tomlAt(table, 'registries', 'insecure', 'registries')).map((name) => ({
      value: { registry: name, endpoint: name, how },
      source: path,
    })),
  )
}

/** `[crio.image] insecure_registries`, of the last file that has it, and options above the files. */
function ownSettings(host: HostEvidence, process: ProcessEvidence): readonly Insecure[] {
  const layers = crioLayers(host, process)
  const options = optionValues(process, 'insecure-registry').flatMap((value) => value.split(','))
  if (options.length > 0) return options.map((name) => named(name, `--insecure-registry of pid ${process.pid}`))
  if (isUnavailable(layers)) return [layers]
  for (const { path, table } of layers.toReversed()) {
    const list = tomlAt(table, 'crio', 'image', 'insecure_registries')
    if (Array.isArray(list)) return textsOf(list).map((name) => named(name, `${path}, insecure_registries`))
  }
  return []
}

function named(name: string, source: string): Insecure {
  return { value: { registry: name, endpoint: name, how }, source }
}

function searched(layers: readonly Layer[]): Observed<string[]> {
  for (const { path, table } of layers.toReversed()) {
    const list = tomlAt(table, 'unqualified-search-registries') ?? tomlAt(table, 'registries', 'search', 'registries')
    if (Array.isArray(list)) return { value: textsOf(list), source: path }
  }
  return { value: [], source: `${mainFile} and ${dropIns} name none` }
}
