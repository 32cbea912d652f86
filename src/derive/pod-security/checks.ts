// The checks of the Pod Security Standards with the versions of Kubernetes in which they hold, as the API server's own table has them
// (k8s.io/pod-security-admission, policy/check_*.go, up to 1.37).
import { except, hasOwnUserNamespace, isWindows, type PodSecurityCheck } from './check.ts'
import { findHostNamespaces, findHostPorts, findHostsOfProbes, findPrivileged, findWindowsHostProcess } from './host.ts'
import { findProcMounts, findSeLinuxOptions, findSeLinuxOptionsWithEngine, sysctlVersions } from './kernel.ts'
import { findAddedCapabilities, findPrivilegeEscalation, findUnrestrictedCapabilities } from './privileges.ts'
import {
  findAppArmorProfiles,
  findMissingSeccompProfiles,
  findSeccompAnnotations,
  findSeccompProfiles,
} from './profiles.ts'
import { findRunAsNonRoot, findRunAsUser } from './users.ts'
import { findHostPathVolumes, findRestrictedVolumes } from './volumes.ts'

/** The newest minor version of Kubernetes 1 whose standards this table was compared with. */
export const newestKnownMinor = 37

const baseline: readonly Omit<PodSecurityCheck, 'level'>[] = [
  { id: 'appArmorProfile', versions: [{ since: 0, find: findAppArmorProfiles }] },
  { id: 'capabilities_baseline', versions: [{ since: 0, find: findAddedCapabilities }] },
  { id: 'hostNamespaces', versions: [{ since: 0, find: findHostNamespaces }] },
  { id: 'hostPathVolumes', versions: [{ since: 0, find: findHostPathVolumes }] },
  { id: 'hostPorts', versions: [{ since: 0, find: findHostPorts }] },
  { id: 'hostProbesAndHostLifecycle', versions: [{ since: 34, find: findHostsOfProbes }] },
  { id: 'privileged', versions: [{ since: 0, find: findPrivileged }] },
  {
    id: 'procMount',
    versions: [
      { since: 0, find: findProcMounts },
      { since: 35, find: except(hasOwnUserNamespace, findProcMounts) },
    ],
  },
  {
    id: 'seLinuxOptions',
    versions: [
      { since: 0, find: findSeLinuxOptions },
      { since: 31, find: findSeLinuxOptionsWithEngine },
    ],
  },
  {
    id: 'seccompProfile_baseline',
    versions: [
      { since: 0, find: findSeccompAnnotations },
      { since: 19, find: findSeccompProfiles },
    ],
  },
  { id: 'sysctls', versions: sysctlVersions },
  { id: 'windowsHostProcess', versions: [{ since: 0, find: findWindowsHostProcess }] },
]

/** From 1.25 on Linux settings are not asked of pods that say they are for Windows: the API refuses them there. */
const restricted: readonly Omit<PodSecurityCheck, 'level'>[] = [
  {
    id: 'allowPrivilegeEscalation',
    versions: [
      { since: 8, find: findPrivilegeEscalation },
      { since: 25, find: except(isWindows, findPrivilegeEscalation) },
    ],
  },
  {
    id: 'capabilities_restricted',
    overrides: ['capabilities_baseline'],
    versions: [
      { since: 22, find: findUnrestrictedCapabilities },
      { since: 25, find: except(isWindows, findUnrestrictedCapabilities) },
    ],
  },
  { id: 'procMount_restricted', overrides: ['procMount'], versions: [{ since: 35, find: findProcMounts }] },
  {
    id: 'restrictedVolumes',
    overrides: ['hostPathVolumes'],
    versions: [{ since: 0, find: findRestrictedVolumes }],
  },
  {
    id: 'runAsNonRoot',
    versions: [
      { since: 0, find: findRunAsNonRoot },
      { since: 35, find: except(hasOwnUserNamespace, findRunAsNonRoot) },
    ],
  },
  {
    id: 'runAsUser',
    versions: [
      { since: 23, find: findRunAsUser },
      { since: 35, find: except(hasOwnUserNamespace, findRunAsUser) },
    ],
  },
  {
    id: 'seccompProfile_restricted',
    overrides: ['seccompProfile_baseline'],
    versions: [
      { since: 19, find: findMissingSeccompProfiles },
      { since: 25, find: except(isWindows, findMissingSeccompProfiles) },
    ],
  },
]

/** Baseline first, then by id: the order in which the API server answers. */
export const podSecurityChecks: readonly PodSecurityCheck[] = [
  ...baseline.map((check) => ({ ...check, level: 'baseline' as const })),
  ...restricted.map((check) => ({ ...check, level: 'restricted' as const })),
]
