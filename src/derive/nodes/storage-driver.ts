// Which driver keeps the layers of images and containers, and what is known against it. Row E3.
// May not: take docker's choice for known where it made one by itself and nothing shows it.
import { isUnavailable, type Observed, unavailable } from '../../model/fact.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { ownValue, textsOf } from '../../util/record.ts'
import { readFile } from './host.ts'
import { short } from './kubelet-document.ts'
import { readMounts } from './mounts.ts'
import { containerdConfiguration, containerdPlugin } from './runtime-containerd.ts'
import { crioLayers } from './runtime-crio.ts'
import { readDaemonFile } from './runtime-docker.ts'
import { optionValues, type RuntimeName } from './runtime-settings.ts'
import { readToml, textAt } from './toml.ts'

export function readStorageDriver(
  host: HostEvidence,
  name: RuntimeName,
  process: ProcessEvidence,
  root: Observed<string>,
): Observed<string> {
  switch (name) {
    case 'containerd':
      return ofContainerd(host, process)
    case 'cri-o':
      return ofCrio(host, process)
    case 'docker':
      return ofDocker(host, process, root)
  }
}

/** Where each version of config.toml names the snapshotter of the CRI plug-in. */
const snapshotterPlugins: Readonly<Record<number, string>> = {
  1: 'cri',
  2: 'io.containerd.grpc.v1.cri',
  3: 'io.containerd.cri.v1.images',
}

function ofContainerd(host: HostEvidence, process: ProcessEvidence): Observed<string> {
  const configuration = containerdConfiguration(host, process)
  if (isUnavailable(configuration)) return configuration
  const section = containerdPlugin(configuration.parts, snapshotterPlugins)
  if (isUnavailable(section)) return section
  const written =
    section === undefined
      ? undefined
      : (textAt(section.table, 'snapshotter') ?? textAt(section.table, 'containerd', 'snapshotter'))
  return written === undefined
    ? { value: 'overlayfs', source: 'default of containerd' }
    : { value: written, source: `${section?.path ?? ''}, snapshotter` }
}

/** CRI-O's own settings above those of containers/storage, whose first file that exists is the one that is read. */
function ofCrio(host: HostEvidence, process: ProcessEvidence): Observed<string> {
  const option = optionValues(process, 'storage-driver', 's').at(-1)
  if (option !== undefined) return { value: option, source: `--storage-driver of pid ${process.pid}` }
  const layers = crioLayers(host, process)
  if (isUnavailable(layers)) return layers
  for (const { path, table } of layers.toReversed()) {
    const driver = textAt(table, 'crio', 'storage_driver')
    if (driver !== undefined) return { value: driver, source: path }
  }
  for (const path of ['/etc/containers/storage.conf', '/usr/share/containers/storage.conf']) {
    const file = readFile(host, path)
    if (isUnavailable(file)) return file
    if (file === undefined) continue
    const table = readToml(file)
    if (isUnavailable(table)) return table
    const driver = textAt(table, 'storage', 'driver')
    return driver === undefined
      ? unavailable('unsupported', `${path} names no driver, so that CRI-O chose one.`)
      : { value: driver, source: path }
  }
  return { value: 'overlay', source: 'default of CRI-O' }
}

/** Where docker chose by itself, the mounts of running containers show what it took. */
function ofDocker(host: HostEvidence, process: ProcessEvidence, root: Observed<string>): Observed<string> {
  const option = optionValues(process, 'storage-driver', 's').at(-1)
  if (option !== undefined) return { value: option, source: `--storage-driver of pid ${process.pid}` }
  const file = readDaemonFile(host, process)
  if (isUnavailable(file)) return file
  const written = ownValue(file.values, 'storage-driver')
  if (typeof written === 'string' && written !== '') return { value: written, source: `${file.path}, storage-driver` }
  const mounts = readMounts(host)
  if (!isUnavailable(mounts) && !isUnavailable(root)) {
    const found = mounts.find(({ mountPoint }) => mountPoint.startsWith(`${root.value}/overlay2/`))
    if (found !== undefined) return { value: 'overlay2', source: `${found.source}, ${short(found.mountPoint)}` }
  }
  return unavailable('unsupported', 'docker chose a storage driver by itself, and no mount of a container shows which.')
}

export function overridesKernelCheck(
  host: HostEvidence,
  name: RuntimeName,
  process: ProcessEvidence,
): Observed<boolean> {
  if (name !== 'docker') return { value: false, source: `${name} has no such setting` }
  const options = optionValues(process, 'storage-opt')
  const file = readDaemonFile(host, process)
  if (options.some(isOverride)) return { value: true, source: `--storage-opt of pid ${process.pid}` }
  if (isUnavailable(file)) return file
  return {
    value: textsOf(ownValue(file.values, 'storage-opts')).some(isOverride),
    source: `${file.path}, storage-opts`,
  }
}

function isOverride(option: string): boolean {
  return /^overlay2?\.override_kernel_check=(?:true|1|t)$/i.test(option.trim())
}

/** What the projects themselves say of a driver; nothing against one that is not known here. */
const problems: Readonly<Record<RuntimeName, Readonly<Record<string, string>>>> = {
  docker: {
    aufs: 'removed in docker 24',
    overlay: 'removed in docker 24: it runs out of inodes',
    devicemapper: 'removed in docker 25; on loop devices it loses speed and space',
    vfs: 'copies every layer in full',
  },
  containerd: {
    aufs: 'removed in containerd 2.0',
    native: 'copies every layer in full',
  },
  'cri-o': {
    aufs: 'deprecated in containers/storage',
    devicemapper: 'removed from containers/storage',
    vfs: 'copies every layer in full',
  },
}

export function storageDriverProblem(name: RuntimeName, driver: Observed<string>): Observed<string> {
  if (isUnavailable(driver)) return driver
  const known = problems[name]
  return { value: Object.hasOwn(known, driver.value) ? (known[driver.value] ?? '') : '', source: driver.source }
}
