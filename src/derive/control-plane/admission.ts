// The admission plug-ins that an API server runs, row I1: defaults of its version + enabled − disabled.
// May not: judge a plug-in.
import { isUnavailable, type Observed, unavailable } from '../../model/fact.ts'
import { compareText } from '../family-gap.ts'
import { own, short } from '../nodes/kubelet-document.ts'
import { admissionKind, map, objects, readDocument } from './documents.ts'
import type { Settings } from './settings.ts'

/** On by default in every version from 1.24 on. */
const always =
  `NamespaceLifecycle LimitRanger ServiceAccount TaintNodesByCondition PodSecurity Priority DefaultTolerationSeconds
  DefaultStorageClass StorageObjectInUseProtection PersistentVolumeClaimResize RuntimeClass CertificateApproval
  CertificateSigning CertificateSubjectRestriction DefaultIngressClass MutatingAdmissionWebhook
  ValidatingAdmissionWebhook ResourceQuota`.split(/\s+/)

/** On by default since a minor version; some of them act only with their feature gate. */
const since: readonly (readonly [number, string])[] = [
  [26, 'ValidatingAdmissionPolicy'],
  [27, 'ClusterTrustBundleAttest'],
  [32, 'MutatingAdmissionPolicy'],
  [33, 'PodTopologyLabels'],
  [35, 'NodeDeclaredFeatureValidator'],
  [36, 'PodGroupProtection'],
  [36, 'PodGroupWorkloadExists'],
  [36, 'JobValidation'],
  [36, 'PodResizeValidator'],
]

/** Sorted. The deprecated --admission-control gives the whole list itself. */
export function readAdmissionPlugins(settings: Settings): Observed<string[]> {
  if (settings.has('admission-control')) return map(settings.texts('admission-control'), sorted)
  const enabled = settings.texts('enable-admission-plugins')
  const disabled = settings.texts('disable-admission-plugins')
  if (isUnavailable(enabled)) return enabled
  if (isUnavailable(disabled)) return disabled
  const both = enabled.value.filter((name) => disabled.value.includes(name))
  if (both.length > 0) {
    return unavailable(
      'malformed',
      `${both.map(short).join(', ')} is turned on and off at once, with which the API server does not start (${enabled.source}).`,
    )
  }
  const { minor } = settings.running
  if (minor === undefined || minor < 24) {
    const cause = minor === undefined ? 'which is not known' : `and those of 1.${minor} are not known here`
    return unavailable(
      'unsupported',
      `The plug-ins that are on by default depend on the API server’s version, ${cause}.`,
    )
  }
  const defaults = [...always, ...since.filter(([from]) => minor >= from).map(([, name]) => name)]
  const effective = [...new Set([...defaults, ...enabled.value])].filter((name) => !disabled.value.includes(name))
  const sources = [enabled, disabled].filter(({ value }) => value.length > 0).map(({ source }) => source)
  return sorted(effective, [...sources, settings.defaultSource].join(', '))
}

function sorted(names: readonly string[], source: string): Observed<string[]> {
  return { value: [...names].sort(compareText), source }
}

/** Plug-ins that have a configuration of their own. */
export function readConfiguredPlugins(settings: Settings): Observed<string[]> {
  return map(settings.text('admission-control-config-file'), (path, source): Observed<string[]> => {
    if (path === '') return { value: [], source }
    const read = readDocument(settings.running, path, admissionKind)
    if (isUnavailable(read)) return read
    const names = objects(read.document, 'plugins')?.map((plugin) => own(plugin, 'name'))
    if (names === undefined) return unavailable('malformed', `${short(path)} has no list of plug-ins.`)
    return { value: names.filter((name) => typeof name === 'string'), source: read.source }
  })
}
