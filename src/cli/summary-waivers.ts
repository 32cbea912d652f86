// Accepted risks in the closing words of an audit: how many findings they cover, and what is wrong with them.
import { severities } from '../model/outcome.ts'
import type { Result } from '../model/result.ts'
import { visibleText } from '../util/visible-text.ts'
import type { Terminal } from './terminal.ts'
import { wrap } from './wrap.ts'

const shownIssues = 5

export function waiverLines(
  { waivers, score, rules }: Pick<Result, 'waivers' | 'score' | 'rules'>,
  { style, columns }: Pick<Terminal, 'style' | 'columns'>,
): string[] {
  if (waivers === undefined) return []
  const covered = rules.reduce(
    (sum, { waived }) => sum + (waived === undefined ? 0 : waived.fail + waived.unknown + waived.error + waived.manual),
    0,
  )
  const active = waivers.list.filter(({ state }) => state === 'active').length
  const { lower } = score.withAcceptedRisks ?? {}
  const beside = lower === undefined ? '' : ` Without them the score would be ${lower}.`
  const head = `${covered} ${covered === 1 ? 'finding is' : 'findings are'} under ${active} ${active === 1 ? 'waiver' : 'waivers'}; they count in the score and fail no gate.${beside}`
  const issues = waivers.issues.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
  const more = issues.length - shownIssues
  return [
    style('bold', '  Accepted risks'),
    wrap(head, columns, '    '),
    ...issues.slice(0, shownIssues).map((one) => wrap(visibleText(`${one.waiver}: ${one.message}`), columns, '    ')),
    ...(more > 0 ? [style('dim', `    … ${more} more in the reports`)] : []),
  ]
}
