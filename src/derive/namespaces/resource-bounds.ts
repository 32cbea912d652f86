// Row C1: which LimitRanges and ResourceQuotas bound the CPU or memory of pods. Those about claims, images or counts of objects do not.
// May not: judge whether a bound is large.
import type { FamilyObjects } from '../../model/objects.ts'

const resources: ReadonlySet<string> = new Set(['cpu', 'memory'])

/** Whether a container without limits of its own gets one, or none above some bound. */
export function boundsContainers({ limits }: FamilyObjects['limitranges']): boolean {
  return limits.some(
    ({ type, default: given = {}, max = {} }) =>
      (type === 'Container' || type === 'Pod') &&
      [...Object.keys(given), ...Object.keys(max)].some((name) => resources.has(name)),
  )
}

/** Whether what the namespace's pods ask for together is capped. One with a scope caps some of them only. */
export function boundsUse({ hard, isScoped }: FamilyObjects['resourcequotas']): boolean {
  return (
    isScoped !== true && Object.keys(hard).some((name) => resources.has(name.replace(/^(?:requests|limits)\./, '')))
  )
}
