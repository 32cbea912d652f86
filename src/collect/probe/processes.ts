// The records of processes: arguments and the few variables that are kept, with secrets taken out; boot time, and how the list ended.
// May not: take a list that broke off for a whole one.
import { type Unavailable, type UnavailableReason, unavailable } from '../../model/fact.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { redactArguments } from '../redact.ts'
import { isSecret, redacted, redactText } from '../redact-names.ts'
import { denied, type Reader } from './content.ts'
import { type Frame, fieldText } from './frames.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export interface ProcessReading extends Reader {
  readonly encoding: string
  boot?: { seconds: number; hertz: number }
  readonly processes: Mutable<ProcessEvidence>[]
  /** Set by the record that ends the list of processes, or by one that cannot be kept. */
  processesEnd?: 'complete' | Unavailable
}

const argumentsLimit = 131_072
/** Far more than a node runs of the few kinds that are asked for. */
const processesLimit = 1000

export function processesOf(
  reading: ProcessReading,
  incomplete: { reason: UnavailableReason; detail: string } | undefined,
): HostEvidence['processes'] {
  if (reading.processesEnd === 'complete') return reading.processes
  if (reading.processesEnd) return reading.processesEnd
  return incomplete
    ? unavailable(incomplete.reason, incomplete.detail)
    : unavailable('malformed', 'The probe’s list of processes has no end.')
}

export function takeBoot(frame: Frame, reading: ProcessReading): void {
  const [seconds, hertz] = frame.fields.map(Number)
  if (seconds && hertz && Number.isSafeInteger(seconds) && Number.isSafeInteger(hertz)) {
    reading.boot = { seconds, hertz }
  }
}

export function takeProcess(frame: Frame, reading: ProcessReading): void {
  const [pidField, nameField, executableField, ticksField] = frame.fields
  const pid = Number(pidField)
  const name = fieldText(nameField, reading.encoding)
  if (!Number.isSafeInteger(pid) || pid <= 0 || name === undefined || !frame.body) {
    reading.processesEnd = unavailable('malformed', 'A record of a process does not decode.')
    return
  }
  if (frame.body.byteLength > argumentsLimit) {
    reading.processesEnd = unavailable('too-large', `The arguments of process ${pid} exceed ${argumentsLimit} bytes.`)
    return
  }
  if (reading.processes.length >= processesLimit) {
    reading.processesEnd = unavailable(
      'too-large',
      `More than ${processesLimit} processes answer to the names asked for.`,
    )
    return
  }
  if (reading.processes.some((process) => process.pid === pid)) {
    reading.processesEnd = unavailable('malformed', `The node told of process ${pid} twice.`)
    return
  }
  const argv = frame.body.toString('utf8').split('\0')
  if (argv.at(-1) === '') argv.pop()
  const executable = fieldText(executableField, reading.encoding)
  const startedAt = startTime(ticksField, reading)
  reading.processes.push({
    pid,
    name,
    ...(executable ? { executable } : {}),
    arguments: redactArguments(argv),
    ...(startedAt === undefined ? {} : { startedAt }),
  })
}

/** Boot time plus the process' start in clock ticks after it. */
function startTime(ticksField: string | undefined, reading: ProcessReading): number | undefined {
  if (!reading.boot || ticksField === undefined || !/^\d{1,15}$/.test(ticksField)) return undefined
  return reading.boot.seconds + Math.floor(Number(ticksField) / reading.boot.hertz)
}

export function takeVariable(frame: Frame, reading: ProcessReading): void {
  const [pid, name, valueField] = frame.fields
  const value = fieldText(valueField, reading.encoding)
  const owner = reading.processes.find((process) => String(process.pid) === pid)
  if (owner === undefined) return
  if (owner.name === 'kube-proxy') {
    if (name === 'CONFIGURATION_ON_HOST' && value !== undefined) owner.configurationOnHost = value
  } else if (owner.name === 'etcd') {
    // A record without a name says that the environment was read.
    owner.environment ??= {}
    if (name === undefined || value === undefined || !/^ETCD_[A-Z0-9_]{1,60}$/.test(name)) return
    owner.environment = { ...owner.environment, [name]: isSecret(name, value) ? redacted : redactText(value) }
  } else if (owner.name.startsWith('k3s')) {
    owner.environment ??= {}
    if (name === undefined || value === undefined || !k3sVariables.has(name)) return
    // Of the database's address the scheme alone.
    const kept =
      name === 'K3S_DATASTORE_ENDPOINT'
        ? value.replace(/^([a-z][a-z0-9+.-]{0,20}:\/\/)?[\s\S]*/, `$1${redacted}`)
        : redactText(value)
    owner.environment = { ...owner.environment, [name]: kept }
  } else if (name === 'KUBELET_CONFIG_DROPIN_DIR_ALPHA' && value !== undefined) owner.environment = { [name]: value }
}

const k3sVariables: ReadonlySet<string> = new Set([
  'K3S_CONFIG_FILE',
  'K3S_DATA_DIR',
  'K3S_DATASTORE_ENDPOINT',
  'K3S_DATASTORE_CAFILE',
  'K3S_DATASTORE_CERTFILE',
  'K3S_DATASTORE_KEYFILE',
])

export function takeProcessesEnd(frame: Frame, reading: ProcessReading): void {
  reading.processesEnd ??= processesEnd(frame.fields[0], reading)
}

function processesEnd(state: string | undefined, reading: ProcessReading): 'complete' | Unavailable {
  if (state === 'complete') return 'complete'
  if (state === 'hidden') {
    return denied(reading, 'Processes of other users are hidden from the probe (hidepid, or a restricted /proc).')
  }
  return unavailable('unsupported', 'The host has no readable /proc.')
}
