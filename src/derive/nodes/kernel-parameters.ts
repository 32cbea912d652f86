// The kernelParameters fact, rows A2 and A4: the six values that the kubelet wants, as they run and as the next boot will set them.
// May not: take a value for persisted that nothing on disk sets.
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { readFile } from './host.ts'
import { short } from './kubelet-document.ts'
import { PersistedSysctls } from './sysctl-files.ts'

interface Parameter {
  readonly name: string
  readonly expected: number
  readonly kernelDefault: number
}

/** Kubernetes' own values (component-helpers/node/util/sysctl), the same in every version; the defaults are the kernel's. */
const parameters: readonly Parameter[] = [
  { name: 'vm.overcommit_memory', expected: 1, kernelDefault: 0 },
  { name: 'vm.panic_on_oom', expected: 0, kernelDefault: 0 },
  { name: 'kernel.panic', expected: 10, kernelDefault: 0 },
  { name: 'kernel.panic_on_oops', expected: 1, kernelDefault: 0 },
  { name: 'kernel.keys.root_maxkeys', expected: 1_000_000, kernelDefault: 1_000_000 },
  { name: 'kernel.keys.root_maxbytes', expected: 25_000_000, kernelDefault: 25_000_000 },
]

export function deriveKernelParameters(host: HostEvidence, init: Observed<string>): FactValue<'kernelParameters'> {
  const persisted = new PersistedSysctls(host, init)
  return {
    required: parameters.map((parameter) => ({
      ...parameter,
      running: readRunning(host, parameter.name),
      persisted: readPersisted(persisted, parameter.name),
    })),
  }
}

function readRunning(host: HostEvidence, name: string): Observed<number> {
  const path = `/proc/sys/${name.replaceAll('.', '/')}`
  const file = readFile(host, path)
  if (isUnavailable(file)) return file
  if (file === undefined) return unavailable('unsupported', `This kernel has no ${path}.`)
  return readInteger(file.content, path)
}

function readPersisted(persisted: PersistedSysctls, name: string): { value?: number; source: string } | Unavailable {
  const setting = persisted.find(name)
  if (isUnavailable(setting)) return setting
  if (setting.value === undefined) return { source: setting.source }
  return readInteger(setting.value, setting.source)
}

/** As the kubelet reads it: blanks trimmed, one decimal number. */
function readInteger(text: string, source: string): Observed<number> {
  const trimmed = text.trim()
  const value = Number(trimmed)
  if (!/^-?\d+$/.test(trimmed) || !Number.isSafeInteger(value)) {
    return unavailable('malformed', `${source} holds "${short(trimmed)}", which is no whole number.`)
  }
  return { value, source }
}
