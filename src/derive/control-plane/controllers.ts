// The controllerManager and scheduler facts: CIS 1.3 and 1.4.
// May not: judge a value.
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import { own } from '../nodes/kubelet-document.ts'
import { type Common, commonFields } from './common.ts'
import { map, readDocument, schedulerKind } from './documents.ts'
import type { Running } from './running.ts'
import { readSettings, type Settings } from './settings.ts'

export function deriveControllerManager(running: Running): FactValue<'controllerManager'> {
  const settings = readSettings(running)
  return {
    ...commonFields(running),
    terminatedPodGCThreshold: settings.int('terminated-pod-gc-threshold', 12_500),
    profiling: settings.bool('profiling', true),
    useServiceAccountCredentials: settings.bool('use-service-account-credentials', false),
    cleansBootstrapTokens: runsController(settings, 'tokencleaner', 'token-cleaner-controller'),
    serviceAccountPrivateKeyFile: settings.text('service-account-private-key-file'),
    rootCAFile: settings.text('root-ca-file'),
    rotateKubeletServerCertificate: settings.gate('RotateKubeletServerCertificate', true),
    bindAddress: settings.text('bind-address', '0.0.0.0'),
  }
}

export function absentControllerManager(common: Common, reason: Unavailable): FactValue<'controllerManager'> {
  return {
    ...common,
    terminatedPodGCThreshold: reason,
    profiling: reason,
    useServiceAccountCredentials: reason,
    cleansBootstrapTokens: reason,
    serviceAccountPrivateKeyFile: reason,
    rootCAFile: reason,
    rotateKubeletServerCertificate: reason,
    bindAddress: reason,
  }
}

/** A controller that is off by default; the first entry that names it decides (IsControllerEnabled), and `*` does not. */
function runsController(settings: Settings, ...names: readonly string[]): Observed<boolean> {
  return map(settings.texts('controllers', ['*']), (entries, source) => {
    const own = entries.find((entry) => names.includes(entry.replace(/^-/, '')))
    return { value: own !== undefined && !own.startsWith('-'), source }
  })
}

export function deriveScheduler(running: Running): FactValue<'scheduler'> {
  const settings = readSettings(running)
  return {
    ...commonFields(running),
    configurationFile: settings.text('config'),
    profiling: readSchedulerProfiling(settings),
    bindAddress: settings.text('bind-address', '0.0.0.0'),
  }
}

export function absentScheduler(common: Common, reason: Unavailable): FactValue<'scheduler'> {
  return { ...common, configurationFile: reason, profiling: reason, bindAddress: reason }
}

/** With --config the flag is ignored, and the file's enableProfiling holds. */
function readSchedulerProfiling(settings: Settings): Observed<boolean> {
  return map(settings.text('config'), (path): Observed<boolean> => {
    if (path === '') return settings.bool('profiling', true)
    const read = readDocument(settings.running, path, schedulerKind)
    if (isUnavailable(read)) return read
    const value = own(read.document, 'enableProfiling') ?? null
    if (value === null)
      return { value: true, source: `${settings.defaultSource}: ${path} does not set enableProfiling` }
    if (typeof value !== 'boolean')
      return unavailable('malformed', `enableProfiling in ${path} is neither true nor false.`)
    return { value, source: read.source }
  })
}
