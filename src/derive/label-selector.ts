// Which labels a selector takes, as apimachinery's labels.Selector does.
// May not: take an operator that it does not know for one that matches.
import type { LabelSelector, PodObject } from '../model/objects.ts'

type Labels = Readonly<Record<string, string>>

/** An empty selector takes everything. Undefined: it has an operator nobody knows. */
export function matchesLabels(selector: LabelSelector, labels: Labels): boolean | undefined {
  const { matchLabels = {}, matchExpressions = [] } = selector
  if (Object.entries(matchLabels).some(([key, value]) => labelOf(labels, key) !== value)) return false
  const answers = matchExpressions.map(({ key, operator, values = [] }) => {
    const value = labelOf(labels, key)
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value)
      case 'NotIn':
        return value === undefined || !values.includes(value)
      case 'Exists':
        return value !== undefined
      case 'DoesNotExist':
        return value === undefined
      default:
        return undefined
    }
  })
  if (answers.includes(false)) return false
  return answers.includes(undefined) ? undefined : true
}

function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}

/** Keys that a selector asks for. */
function keysOf({ matchLabels = {}, matchExpressions = [] }: LabelSelector): readonly string[] {
  return [...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)]
}

/** How many of the pods of one template a selector takes. Labels stamped on single pods are only in the pods themselves. */
export type Selected = 'none' | 'some' | 'all'

export function selectedOf(
  selector: LabelSelector,
  templateLabels: Labels,
  pods: readonly PodObject[],
): Selected | undefined {
  const keys = keysOf(selector)
  const isOfPods = pods.some(({ labels }) => labels !== undefined && keys.some((key) => Object.hasOwn(labels, key)))
  if (!isOfPods) {
    const matches = matchesLabels(selector, templateLabels)
    return matches === undefined ? undefined : matches ? 'all' : 'none'
  }
  const answers = new Set(pods.map(({ labels }) => matchesLabels(selector, { ...templateLabels, ...labels })))
  if (answers.has(undefined)) return undefined
  if (!answers.has(true)) return 'none'
  return answers.has(false) ? 'some' : 'all'
}
