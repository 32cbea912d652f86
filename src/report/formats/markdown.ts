// A summary in Markdown for the comment of a pull request or the page of a job: at most 65,536 characters, GitHub's limit.
// Text of the cluster stands in code spans, in which no markup, mention, reference or link works.
import type { Severity } from '../../model/outcome.ts'
import { severities } from '../../model/outcome.ts'
import type { Result, RuleResult } from '../../model/result.ts'
import { countNoun, formatCount } from '../text.ts'
import { verdictOf } from '../verdict.ts'
import { english } from './english.ts'
import { acceptedSentence, type FindingRow, headlineOf, rowsOf } from './findings.ts'
import type { Exporter } from './format.ts'
import { plainLine } from './text.ts'

const maxCharacters = 65_000
const unitsPerRule = 3

export const exporter: Exporter = {
  fileName: () => 'summary.md',
  *render(result) {
    const head = headOf(result)
    yield head
    let room = maxCharacters - head.length
    const failing = failingRules(result)
    const open = result.rules.filter(({ counts }) => counts.unknown + counts.error > 0)
    const closing = closingOf(result)
    room -= closing.length + 400
    let shown = 0
    for (const rule of failing) {
      const block = blockOf(result, rule)
      if (block.length > room * 0.8) break
      room -= block.length
      shown += 1
      yield block
    }
    if (shown < failing.length) {
      yield `\n_${formatCount(shown)} of ${countNoun(failing.length, 'failing rule', 'failing rules')} are shown here; all are in result.json._\n`
    }
    yield* openLines(open, room)
    yield closing
  },
}

function headOf(result: Result): string {
  const { cluster, score, summary } = result
  const { lead, rest } = verdictOf(result, english)
  const bounds = score.lower === undefined ? 'none' : `${score.lower} to ${score.upper}`
  const failing = severities
    .filter((severity) => summary.failingBySeverity[severity] > 0)
    .map((severity) => `${formatCount(summary.failingBySeverity[severity])} ${severity}`)
    .join(', ')
  return [
    `## Audit of ${code(cluster.name)}`,
    '',
    `**${prose(lead)}** ${prose(rest)}`,
    '',
    '| score (0–100) | coverage | failing rules | unknown | for a person |',
    '| --- | --- | --- | --- | --- |',
    `| ${bounds} | ${formatCount(score.answered)} of ${formatCount(score.expected)} units | ${failing === '' ? '0' : failing} | ${formatCount(summary.rules.unknown + summary.rules.error)} | ${formatCount(summary.rules.manual)} |`,
    '',
  ].join('\n')
}

function failingRules({ rules }: Result): RuleResult[] {
  const rank = ({ severity }: { severity: Severity }) => severities.indexOf(severity)
  return rules.filter(({ counts }) => counts.fail > 0).toSorted((a, b) => rank(a) - rank(b))
}

function blockOf(result: Result, rule: RuleResult): string {
  const share = english.say(`units.${rule.each}`, { count: rule.counts.fail })
  const rows = firstRows(result, rule)
  const more = rule.counts.fail - rows.length
  const lines = [
    '',
    `### ${english.say(`severity.${rule.severity}`)}: ${prose(rule.problem)} ${english.say(`place.${rule.each}`, { share })}`,
    '',
    code(rule.id),
    '',
    ...rows.map((row) => `- ${code(headlineOf(row, 300))}${acceptedNote(row)}`),
    ...(more > 0 ? [`- and ${formatCount(more)} more`] : []),
    '',
  ]
  return lines.join('\n')
}

function firstRows(result: Result, rule: RuleResult): FindingRow[] {
  const rows: FindingRow[] = []
  for (const row of rowsOf(result, rule, 'fail')) {
    if (rows.length === unitsPerRule) break
    rows.push(row)
  }
  return rows
}

function acceptedNote({ accepted }: FindingRow): string {
  return accepted === undefined ? '' : ` — ${code(acceptedSentence(accepted))}`
}

function* openLines(rules: readonly RuleResult[], room: number): Generator<string> {
  if (rules.length === 0) return
  yield '\n### Not answered\n\n'
  let left = room - 200
  let shown = 0
  for (const { id, counts, each } of rules) {
    const line = `- ${code(id)}: unknown for ${english.say(`units.${each}`, { count: counts.unknown + counts.error })}\n`
    if (line.length > left) break
    left -= line.length
    shown += 1
    yield line
  }
  if (shown < rules.length) yield `- and ${formatCount(rules.length - shown)} more rules\n`
}

function closingOf({ reportId, tool, evaluatedAt }: Result): string {
  return `\n${code(reportId)}, kube-assay ${code(tool.version)}, ${code(evaluatedAt)}\n`
}

/** Our own sentences and those of rules: letters, digits and harmless marks as they are; anything else in a code span as a whole. */
function prose(text: string): string {
  const line = plainLine(text, 500)
  if (/[@#`]|:\/\/|www\.|\bGH-\d/i.test(line)) return code(line)
  return line.replaceAll(/[\\*_{}[\]<>()+!|~&$^=-]/g, '\\$&')
}

/** A code span in a fence longer than any run of backticks in it; the bar is escaped for tables. */
function code(text: string): string {
  const line = plainLine(text, 400).replaceAll('|', '¦')
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`
}
