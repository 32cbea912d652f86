// When what a finding stands on was read.
// May not: claim a time for a unit of which the result does not tell one.
import type { Finding } from '../model/result.ts'
import type { ViewContext } from './view-model.ts'

/** "Read 26 Nov 2026 09:12 – 09:13 UTC": from the nodes where the units are on nodes, else from the lists of the API; '' where not known. */
export function readTimeOf(
  { result, lang }: Pick<ViewContext, 'result' | 'lang'>,
  findings: readonly Finding[],
): string {
  const nodes = new Set(findings.flatMap(({ unit }) => unit.node ?? []))
  const { coverage } = result
  const read = nodes.size === 0 ? coverage.families : coverage.nodes.filter(({ node }) => nodes.has(node))
  const times = read.flatMap(({ readAt }) => readAt ?? []).sort()
  const [first, last] = [times.at(0), times.at(-1)]
  if (first === undefined || last === undefined) return ''
  const words = lang.time(first) === lang.time(last) ? lang.time(first) : lang.period(first, last)
  return lang.say('rule.readAt', { time: words })
}
