// CIS 5.6.3: which settings of a security context hold for each container, its own and its pod's.
// May not: judge a value; the rules for each setting do.
import type { FactValue } from '../../model/facts.ts'
import type { PodSpec } from '../../model/pod.ts'

/** Settings of a pod that say nothing of what its containers may do. */
const ofVolumes: ReadonlySet<string> = new Set(['fsGroup', 'supplementalGroups', 'sysctls'])

export function deriveSecurityContexts({ securityContext = {}, containers }: PodSpec): FactValue<'securityContexts'> {
  const ofPod = Object.keys(securityContext).filter((setting) => !ofVolumes.has(setting))
  return {
    containers: containers.map(({ name, kind, securityContext: own = {} }) => ({
      name,
      kind,
      settings: [...new Set([...ofPod, ...Object.keys(own)])].sort(),
    })),
  }
}
