// The containerLogs fact, row E3: whether the output of containers on this node is kept from growing without end.
// May not: take a driver that sends logs away for one that keeps none.
import { type Fact, isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { parseQuantity } from '../../util/quantity.ts'
import { isRecord, ownValue } from '../../util/record.ts'
import { pickText } from './kubelet-configuration.ts'
import { short } from './kubelet-document.ts'
import type { EffectiveKubelet } from './kubelet-effective.ts'
import type { Runtime } from './runtime.ts'
import { type DaemonFile, readDaemonFile } from './runtime-docker.ts'
import { optionValues } from './runtime-settings.ts'

type ContainerLogs = FactValue<'containerLogs'>

export function deriveContainerLogs(
  host: HostEvidence,
  kubelet: EffectiveKubelet | Unavailable,
  { name, process }: Runtime,
): Fact<ContainerLogs> {
  if (isUnavailable(name)) return name
  if (name.value !== 'docker') return isUnavailable(kubelet) ? kubelet : ofKubelet(kubelet, name.source)
  return isUnavailable(process) ? process : ofDocker(host, process)
}

/** The kubelet rotates what CRI runtimes write; a negative size turns that off (pkg/kubelet/logs). */
function ofKubelet(kubelet: EffectiveKubelet, source: string): ContainerLogs {
  const size = pickText(kubelet, 'containerLogMaxSize')
  const files = kubelet.value('containerLogMaxFiles')
  const common = { rotatedBy: 'kubelet', driver: { value: 'CRI log files', source } }
  if (isUnavailable(size)) return { ...common, isBounded: size, limits: size }
  if (isUnavailable(files))
    return { ...common, isBounded: size.value.startsWith('-') ? bounded(size, false) : files, limits: files }
  const quantity = parseQuantity(size.value)
  if (quantity === undefined) {
    const broken = unavailable(
      'malformed',
      `containerLogMaxSize of ${size.source} is no quantity: ${short(size.value)}`,
    )
    return { ...common, isBounded: broken, limits: broken }
  }
  const count = typeof files.value === 'number' ? files.value : 0
  const text =
    quantity < 0n ? `containerLogMaxSize ${size.value}, which turns rotation off` : `${size.value} in ${count} files`
  return { ...common, isBounded: bounded(size, quantity >= 0n), limits: { value: text, source: size.source } }
}

function bounded({ source }: { readonly source: string }, value: boolean): Observed<boolean> {
  return { value, source }
}

/** Drivers that write files of their own without a limit unless one is set. */
const unlimited: ReadonlySet<string> = new Set(['json-file'])

/** An option of the process wins; both together keep dockerd from starting. */
function ofDocker(host: HostEvidence, process: ProcessEvidence): ContainerLogs {
  const file = readDaemonFile(host, process)
  if (isUnavailable(file)) return { rotatedBy: 'docker', driver: file, isBounded: file, limits: file }
  const driver = dockerDriver(file, process)
  const size = dockerOption(file, process, 'max-size')
  const files = dockerOption(file, process, 'max-file')?.value ?? '1'
  if (!unlimited.has(driver.value)) {
    const limits = {
      value: `driver ${driver.value}, which keeps a bounded amount or none on this disk`,
      source: driver.source,
    }
    return { rotatedBy: 'docker', driver, isBounded: { value: true, source: driver.source }, limits }
  }
  const isSet = size !== undefined && !/^-/.test(size.value) && size.value !== '0'
  const source = size?.source ?? driver.source
  const text = isSet ? `${size.value} in ${files} files` : `${driver.value} without max-size`
  return { rotatedBy: 'docker', driver, isBounded: { value: isSet, source }, limits: { value: text, source } }
}

interface Value {
  readonly value: string
  readonly source: string
}

function dockerDriver(file: DaemonFile, process: ProcessEvidence): Value {
  const option = optionValues(process, 'log-driver').at(-1)
  if (option !== undefined) return { value: option, source: `--log-driver of pid ${process.pid}` }
  const written = ownValue(file.values, 'log-driver')
  return typeof written === 'string' && written !== ''
    ? { value: written, source: `${file.path}, log-driver` }
    : { value: 'json-file', source: 'default of docker' }
}

function dockerOption(file: DaemonFile, process: ProcessEvidence, key: string): Value | undefined {
  const option = optionValues(process, 'log-opt').findLast((one) => one.startsWith(`${key}=`))
  if (option !== undefined) return { value: option.slice(key.length + 1), source: `--log-opt of pid ${process.pid}` }
  const options = ownValue(file.values, 'log-opts')
  const written = isRecord(options) ? ownValue(options, key) : undefined
  return typeof written === 'string' ? { value: written, source: `${file.path}, log-opts` } : undefined
}
