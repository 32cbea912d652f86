// What a workload is from one audit to the next, where its name is one that Kubernetes generated.
// May not: name the owner. A prefix is not proof of an owner, only of a name that will be another one tomorrow.
import type { WorkloadGroup } from './owners.ts'
import type { Variant } from './variants.ts'

/** Names that last, each given once: of several that would be the same, the later ones are `#2`, `#3` … by template. */
export function lastingNames(
  made: readonly { readonly group: WorkloadGroup; readonly variant: Variant }[],
): ReadonlyMap<string, string> {
  const wanted = made.flatMap(({ group, variant }) => {
    const base = generatedBase(group)
    if (base === undefined) return []
    const lasting = `${group.id.slice(0, -group.name.length)}${base}*${variant.id.slice(group.id.length)}`
    return [{ id: variant.id, lasting, order: `${variant.templateId}\n${variant.id}` }]
  })
  const names = new Map<string, string>()
  for (const [lasting, same] of Map.groupBy(wanted, (one) => one.lasting)) {
    const sorted = same.toSorted((a, b) => (a.order < b.order ? -1 : 1))
    for (const [index, { id }] of sorted.entries()) names.set(id, index === 0 ? lasting : `${lasting}#${index + 1}`)
  }
  return names
}

/** The part of a generated name that stays; undefined where the name was given by a person or tool. */
function generatedBase(group: WorkloadGroup): string | undefined {
  const { kind, name, controller } = group
  const [pod] = [...group.pods.values()].flat()
  const prefix = kind === 'Pod' ? pod?.generateName : controller?.generateName
  if (prefix !== undefined) return prefix
  // Listed, and nobody owns it: the name is its own.
  if (controller !== undefined) return undefined
  // The list that would tell the owner is missing. Deployments append the hash that is also a label of the pod …
  const hash = pod?.labels?.['pod-template-hash']
  if (kind === 'ReplicaSet' && hash) return name.endsWith(`-${hash}`) ? name.slice(0, -hash.length) : undefined
  // … and CronJobs the minutes since 1970.
  return kind === 'Job' ? /^(.+-)\d{8,}$/.exec(name)?.[1] : undefined
}
