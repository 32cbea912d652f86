// Checks of the kinds of volumes a pod uses.
// Source: k8s.io/pod-security-admission, policy/check_{hostPathVolumes,restrictedVolumes}.go.
import { type FindBreaches, podBreach } from './check.ts'

export const findHostPathVolumes: FindBreaches = ({ spec }) =>
  (spec.volumes ?? [])
    .filter(({ type }) => type === 'hostPath')
    .map(({ name, hostPath }) =>
      podBreach(`volumes[${name}].hostPath`, {
        value: hostPath?.path ?? '',
        wanted: 'another kind of volume',
        message: `The volume ${name} is a path of the node`,
      }),
    )

const restrictedKinds: ReadonlySet<string> = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
])

export const findRestrictedVolumes: FindBreaches = ({ spec }) =>
  (spec.volumes ?? [])
    .filter(({ type }) => !restrictedKinds.has(type))
    .map(({ name, type, hostPath }) =>
      podBreach(`volumes[${name}].${type}`, {
        value: hostPath?.path ?? type,
        wanted: [...restrictedKinds].join(', '),
        message: `The volume ${name} is of kind ${type}`,
      }),
    )
