// CRI-O's settings: crio.conf, its drop-ins, and the daemon's own options above both. Row C6 and E1.
// May not: guess at storage.conf, which gives the root folder when nothing else does.
import type { TomlTable } from 'smol-toml'
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { listDirectory, readFile } from './host.ts'
import { short } from './kubelet-document.ts'
import { oncePerHost } from './once.ts'
import { optionValues, type RuntimeSettings } from './runtime-settings.ts'
import { readToml, textAt } from './toml.ts'

const defaultFile = '/etc/crio/crio.conf'
const defaultFolder = '/etc/crio/crio.conf.d'
const storageFiles = ['/etc/containers/storage.conf', '/usr/share/containers/storage.conf']
const defaultRoot = '/var/lib/containers/storage'

export interface CrioLayer {
  readonly path: string
  readonly table: TomlTable
}

export function readCrio(host: HostEvidence, process: ProcessEvidence | undefined): RuntimeSettings {
  const layers = crioLayers(host, process)
  const driver = fromOption(process, 'cgroup-manager')
  const root = fromOption(process, 'root', 'r')
  if (isUnavailable(layers)) {
    return { configurationFiles: [], rootDirectory: root ?? layers, cgroupDriver: driver ?? layers }
  }
  return {
    configurationFiles: layers.map((layer) => layer.path),
    rootDirectory: root ?? fromLayers(layers, 'crio', 'root') ?? fromStorage(host),
    cgroupDriver: checkDriver(
      driver ??
        fromLayers(layers, 'crio', 'runtime', 'cgroup_manager') ?? { value: 'systemd', source: 'default of CRI-O' },
    ),
  }
}

/** Lowest precedence first: the file, then the drop-ins by name. */
export function crioLayers(
  host: HostEvidence,
  process: ProcessEvidence | undefined,
): readonly CrioLayer[] | Unavailable {
  const folder = optionValues(process, 'config-dir', 'd').at(-1) ?? defaultFolder
  const entries = listDirectory(host, folder)
  if (isUnavailable(entries)) return entries
  const paths = [
    optionValues(process, 'config', 'c').at(-1) ?? defaultFile,
    ...(entries ?? []).map((entry) => `${folder}/${entry}`),
  ]
  const layers: CrioLayer[] = []
  for (const path of paths) {
    // The probe reads the drop-ins that end in .conf; packages and guides use no other name.
    if (path.startsWith(`${folder}/`) && !path.endsWith('.conf')) continue
    const table = readTable(host, path)
    if (isUnavailable(table)) return table
    if (table !== undefined) layers.push({ path, table })
  }
  return layers
}

const readTable = oncePerHost((host, path): TomlTable | undefined | Unavailable => {
  const file = readFile(host, path)
  return file === undefined || isUnavailable(file) ? file : readToml(file)
})

function fromOption(process: ProcessEvidence | undefined, ...names: readonly string[]): Observed<string> | undefined {
  const value = optionValues(process, ...names).at(-1)
  return value === undefined ? undefined : { value, source: `--${names[0]} of pid ${process?.pid ?? 0}` }
}

function fromLayers(layers: readonly CrioLayer[], ...keys: readonly string[]): Observed<string> | undefined {
  for (const { path, table } of layers.toReversed()) {
    const value = textAt(table, ...keys)
    if (value !== undefined) return { value, source: path }
  }
  return undefined
}

function checkDriver(driver: Observed<string>): Observed<string> {
  if (isUnavailable(driver) || driver.value === 'systemd' || driver.value === 'cgroupfs') return driver
  return unavailable(
    'malformed',
    `${driver.source} sets the cgroup manager "${short(driver.value)}", which CRI-O does not know.`,
  )
}

/** containers/storage reads the first of its files that exists. */
function fromStorage(host: HostEvidence): Observed<string> {
  for (const path of storageFiles) {
    const file = readFile(host, path)
    if (isUnavailable(file)) {
      const { reason, detail } = file.unavailable
      return unavailable(reason, `CRI-O's own files name no root folder, and ${detail}`)
    }
    if (file === undefined) continue
    const table = readToml(file)
    if (isUnavailable(table)) return table
    return { value: textAt(table, 'storage', 'graphroot') ?? defaultRoot, source: path }
  }
  return { value: defaultRoot, source: 'default of containers/storage' }
}
