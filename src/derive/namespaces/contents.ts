// CIS 5.6.4 (5.7.4): what people put into a namespace, as `kubectl get all` would show it without what controllers made.
import type { Evidence } from '../../model/evidence.ts'
import type { Fact } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { Family } from '../../model/objects.ts'
import { compareText, familyGap } from '../family-gap.ts'

const kinds = {
  pods: 'Pod',
  deployments: 'Deployment',
  replicasets: 'ReplicaSet',
  statefulsets: 'StatefulSet',
  daemonsets: 'DaemonSet',
  jobs: 'Job',
  cronjobs: 'CronJob',
  replicationcontrollers: 'ReplicationController',
  services: 'Service',
} as const satisfies { readonly [F in Family]?: string }
const families = [
  'pods',
  'deployments',
  'replicasets',
  'statefulsets',
  'daemonsets',
  'jobs',
  'cronjobs',
  'replicationcontrollers',
  'services',
] as const

/** Answers for one namespace after the other. */
export function namespaceContents(evidence: Evidence): (name: string) => Fact<FactValue<'namespaceContents'>> {
  const gap = familyGap(evidence, ...families)
  const byNamespace = new Map<string, string[]>()
  for (const family of families) {
    for (const { name, namespace = '', owner } of evidence.families[family].objects) {
      // The API server makes this Service for itself and makes it anew when it is deleted.
      const isBuiltIn = family === 'services' && namespace === 'default' && name === 'kubernetes'
      if (owner !== undefined || isBuiltIn) continue
      const known = byNamespace.get(namespace)
      if (known === undefined) byNamespace.set(namespace, [`${kinds[family]} ${name}`])
      else known.push(`${kinds[family]} ${name}`)
    }
  }
  return (name) => gap ?? { name, objects: (byNamespace.get(name) ?? []).sort(compareText) }
}
