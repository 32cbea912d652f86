// The runtimeDaemon fact, rows E3 and E4: how the runtime's daemon keeps layers and where it listens, and whether what runs is
// what its unit and its files say now. May not: take a file that changed later for one that the daemon has read.
import { type Fact, isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { findProcesses, isWrittenAfter, readFile } from './host.ts'
import type { Runtime } from './runtime.ts'
import { containerdListeners, dockerListeners } from './runtime-listeners.ts'
import type { RuntimeName } from './runtime-settings.ts'
import { compareWithUnit } from './runtime-unit.ts'
import { overridesKernelCheck, readStorageDriver, storageDriverProblem } from './storage-driver.ts'

type Daemon = FactValue<'runtimeDaemon'>

export const daemonProcesses = { containerd: 'containerd', 'cri-o': 'crio', docker: 'dockerd' } as const

export function deriveRuntimeDaemon(host: HostEvidence, runtime: Runtime): Fact<Daemon> {
  const { name, process, settings } = runtime
  if (isUnavailable(name)) return name
  if (isUnavailable(process)) return process
  const storageDriver = readStorageDriver(host, name.value, process, settings.rootDirectory)
  return {
    pid: process.pid,
    process: daemonProcesses[name.value],
    storageDriver,
    storageDriverProblem: storageDriverProblem(name.value, storageDriver),
    overridesKernelCheck: overridesKernelCheck(host, name.value, process),
    networkListeners: listeners(host, name.value, process),
    speaksCri: speaksCri(host, name.value),
    differences: compareWithUnit(host, daemonProcesses[name.value], process),
    changedSinceStart: changedSinceStart(host, settings.configurationFiles, process, settings.rootDirectory),
  }
}

function listeners(host: HostEvidence, name: RuntimeName, process: ProcessEvidence): Daemon['networkListeners'] {
  switch (name) {
    case 'docker':
      return dockerListeners(host, process)
    case 'containerd':
      return containerdListeners(host, process)
    case 'cri-o':
      return { value: [], source: 'CRI-O takes orders at its socket only' }
  }
}

function speaksCri(host: HostEvidence, name: RuntimeName): Observed<boolean> {
  if (name !== 'docker') return { value: true, source: `${name} speaks CRI itself` }
  const adapters = findProcesses(host, 'cri-dockerd')
  if (isUnavailable(adapters)) return adapters
  const [first] = adapters
  return first === undefined
    ? { value: false, source: 'no process cri-dockerd' }
    : { value: true, source: `cri-dockerd, pid ${first.pid}` }
}

/** `readable`: unavailable where the runtime's files were not read, which says nothing of when they changed. */
function changedSinceStart(
  host: HostEvidence,
  paths: readonly string[],
  process: ProcessEvidence,
  readable: Observed<string>,
): Observed<string[]> {
  if (paths.length === 0 && isUnavailable(readable)) return readable
  const { pid, startedAt } = process
  if (startedAt === undefined) return unavailable('unsupported', `When pid ${pid} started could not be read.`)
  const changed: string[] = []
  let unread: Unavailable | undefined
  for (const path of paths) {
    const file = readFile(host, path)
    if (file === undefined) continue
    if (isUnavailable(file)) {
      unread ??= file
      continue
    }
    if (file.modifiedAt === undefined) {
      return unavailable('unsupported', `When ${path} changed could not be read.`)
    }
    if (isWrittenAfter(file, process)) {
      changed.push(`${path} (changed ${timeText(file.modifiedAt)}, daemon started ${timeText(startedAt)})`)
    }
  }
  if (changed.length === 0 && unread !== undefined) return unread
  return { value: changed, source: `files of pid ${pid}` }
}

function timeText(seconds: number): string {
  const time = new Date(seconds * 1000)
  return Number.isNaN(time.getTime()) ? `${seconds} s after 1970` : time.toISOString().replace('.000Z', 'Z')
}
