// Rows B1, B5: the sysctls that a pod asks for in its security context, judged by the cluster's own version.
// May not: judge a value (a new namespace starts with the kernel's default, not with the host's value).
import { type Fact, isUnavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { PodSpec } from '../../model/pod.ts'
import {
  classifySysctl,
  classifySysctlInAnyVersion,
  normalizeSysctlName,
  type SysctlClass,
  type SysctlNamespace,
} from './sysctl-table.ts'

type ClusterVersion = Fact<FactValue<'clusterVersion'>>

/** Unavailable only when the version is unknown and a requested sysctl's category depends on it. */
export function derivePodSysctls(spec: PodSpec, version: ClusterVersion): Fact<FactValue<'podSysctls'>> {
  const requested: FactValue<'podSysctls'>['requested'] = []
  for (const { name, value } of spec.securityContext?.sysctls ?? []) {
    const found = classify(normalizeSysctlName(name), version)
    if (isUnavailable(found)) return found
    const conflict = conflictOf(spec, found.namespace)
    requested.push({ name, value, category: found.category, conflict, reason: found.reason })
  }
  return { requested }
}

function classify(name: string, version: ClusterVersion): Fact<SysctlClass> {
  if (!isUnavailable(version)) {
    return classifySysctl(name, version.major > 1 ? Number.POSITIVE_INFINITY : version.minor)
  }
  const { reason, detail } = version.unavailable
  const always = classifySysctlInAnyVersion(name)
  return always ?? unavailable(reason, `Whether sysctl ${name} is safe depends on the cluster's version: ${detail}`)
}

/** The kubelet refuses such a pod whatever the sysctl's category (pkg/kubelet/sysctl/allowlist.go). */
function conflictOf(spec: PodSpec, namespace: SysctlNamespace | undefined): string {
  if (namespace === 'net' && spec.hostNetwork === true) {
    return "not allowed with hostNetwork: it would set the node's own network namespace"
  }
  if (namespace === 'ipc' && spec.hostIPC === true) {
    return "not allowed with hostIPC: it would set the node's own IPC namespace"
  }
  return ''
}
