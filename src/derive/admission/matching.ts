// Which namespaces and resources webhooks and admission policies are asked about, as the API server's matchers decide it.
// May not: take a selector that it cannot read for one that selects.
import type { FamilyObjects, LabelSelector, NamespaceObject } from '../../model/objects.ts'
import { matchesLabels } from '../label-selector.ts'

type Rule = FamilyObjects['validatingadmissionpolicies']['rules'][number]

/** The API server puts the name of every namespace on it as a label. */
export function namespaceLabels({ name, labels = {} }: NamespaceObject): Readonly<Record<string, string>> {
  return { ...labels, 'kubernetes.io/metadata.name': name }
}

export function selectsNamespace(selector: LabelSelector | undefined, namespace: NamespaceObject): boolean | undefined {
  return selector === undefined ? true : matchesLabels(selector, namespaceLabels(namespace))
}

/** Whether one of the rules is about the creation of pods. */
export function coversPodCreation(rules: readonly Rule[]): boolean {
  return rules.some(
    ({ apiGroups, apiVersions, resources, operations, scope = '*', resourceNames = [] }) =>
      holds(apiGroups, '') &&
      holds(apiVersions, 'v1') &&
      resources.some((resource) => resource === '*' || resource === '*/*' || resource === 'pods') &&
      holds(operations, 'CREATE') &&
      scope !== 'Cluster' &&
      resourceNames.length === 0,
  )
}

/** Whether one of the rules is about every kind of object. */
export function coversEverything(rules: readonly Rule[]): boolean {
  return rules.some(
    ({ apiGroups, resources, operations }) =>
      apiGroups.includes('*') &&
      resources.some((resource) => resource === '*' || resource === '*/*') &&
      (operations.includes('*') || operations.includes('CREATE') || operations.includes('UPDATE')),
  )
}

function holds(list: readonly string[], wanted: string): boolean {
  return list.includes('*') || list.includes(wanted)
}

/** "CREATE, UPDATE on pods of core" of each rule, the first three. */
export function rulesInWords(rules: readonly Rule[]): string {
  const shown = rules.slice(0, 3).map(({ operations, resources, apiGroups }) => {
    const groups = apiGroups.map((group) => (group === '' ? 'core' : group === '*' ? 'every group' : group))
    return `${operations.map((one) => (one === '*' ? 'every operation' : one)).join(', ')} on ${resources.join(', ')} of ${groups.join(', ')}`
  })
  const more = rules.length - shown.length
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join('; ')
}
