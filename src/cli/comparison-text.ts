// A comparison in words: the lines of `diff`, and the one line of an audit's summary.
// May not: print text from a cluster unchanged.
import type { ChangeKind, Comparison, FindingChange, RunRecord } from '../model/comparison.ts'
import { visibleText } from '../util/visible-text.ts'
import type { Terminal } from './terminal.ts'
import { wrap } from './wrap.ts'

type Look = Pick<Terminal, 'style' | 'columns'>

const shownUnits = 5

const headings: readonly (readonly [kind: Exclude<ChangeKind, 'persisting'>, word: string])[] = [
  ['new', 'New'],
  ['reopened', 'Reopened'],
  ['noLongerAssessed', 'No longer assessed'],
  ['fixed', 'Fixed'],
]

const reasons: Readonly<Record<NonNullable<FindingChange['because']>, string>> = {
  'rule-added': 'the baseline did not ask this',
  'rule-changed': 'the rule asks something else now',
  'rule-not-evaluated': 'the rule was not evaluated',
  'was-unknown': 'the baseline could not tell',
  'unknown-now': 'cannot be told now',
  passes: '',
  gone: 'no such unit any more',
}

/** "3 new, 1 reopened, 70 as before, 2 fixed, 1 no longer assessed". */
export function countsText({ counts }: Comparison): string {
  const parts: [number, string][] = [
    [counts.new, 'new'],
    [counts.reopened, 'reopened'],
    [counts.persisting, 'as before'],
    [counts.fixed, 'fixed'],
    [counts.noLongerAssessed, 'no longer assessed'],
  ]
  const told = parts.filter(([count, word]) => count > 0 || word === 'new').map(([count, word]) => `${count} ${word}`)
  return told.join(', ')
}

/** What the summary says after "Changed". */
export function changedText(comparison: Comparison): string {
  const since = `since ${shortTime(comparison.baseline.evaluatedAt)}`
  if (comparison.comparable === 'no')
    return `not comparable with the baseline: ${visibleText(comparison.differences[0]?.detail ?? '')}`
  return `${countsText(comparison)} ${since}${comparison.comparable === 'partly' ? '; partly comparable' : ''}`
}

/** "2026-11-25 02:00" of an ISO time, in UTC. */
export function shortTime(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ')
}

export function diffText(comparison: Comparison, now: RunRecord, look: Look): string {
  const { style, columns } = look
  const head = [
    `${style('bold', visibleText(now.cluster.name))}  ${shortTime(comparison.baseline.evaluatedAt)} → ${shortTime(now.evaluatedAt)} UTC`,
    ...(comparison.comparable === 'no' ? [] : [`Score ${scoreText(comparison)}`, `Units ${countsText(comparison)}`]),
  ]
  const differences = comparison.differences.map(({ aspect, detail }) =>
    style('unknown', wrap(visibleText(`${aspect}: ${detail}`), columns, '  ')),
  )
  const comparable = {
    yes: [],
    partly: [style('unknown', 'Partly comparable'), ...differences],
    no: [style('unknown', 'Not comparable'), ...differences],
  }[comparison.comparable]
  const notes = comparison.comparable === 'yes' ? differences : comparable
  const blocks = headings.flatMap(([kind, word]) => {
    const changes = comparison.changes.filter(({ change }) => change === kind)
    if (changes.length === 0) return []
    return [[style('bold', `${word} (${changes.length})`), ...groupLines(changes, look)].join('\n')]
  })
  return [head.join('\n'), ...(notes.length > 0 ? [notes.join('\n')] : []), ...blocks].join('\n\n')
}

function scoreText({ score: { before, now, isComparable } }: Comparison): string {
  const one = ({ lower, upper }: typeof before) =>
    lower === undefined ? 'none' : lower === upper || upper === undefined ? `${lower}` : `${lower} (at best ${upper})`
  return `${one(before)} → ${one(now)}${isComparable ? '' : ', not to be compared'}`
}

/** One paragraph a rule and reason: severity, rule, units. */
function groupLines(changes: readonly FindingChange[], { style, columns }: Look): string[] {
  const groups = Map.groupBy(changes, ({ rule, because }) => `${rule} ${because ?? ''}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const why = first.because === undefined ? '' : reasons[first.because]
    const indent = ' '.repeat(11)
    const note = why === '' ? '' : `; ${why}`
    const line = wrap(`${first.rule}: ${visibleText(unitsText(group, shownUnits))}${note}`, columns, indent)
    return [`  ${style(first.severity, first.severity.padEnd(9))}${line.trimStart()}`]
  })
}

function unitsText(group: readonly FindingChange[], shown: number): string {
  const names = group.slice(0, shown).map(({ unit, fingerprint, waived }) => {
    return `${unit?.name ?? fingerprint}${waived === true ? ' (accepted)' : ''}`
  })
  const more = group.length - names.length
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

const tableRows = 50

/** For a comment on a change: a table per kind, bounded, nothing from the cluster acts as markup. */
export function diffMarkdown(comparison: Comparison, now: RunRecord): string {
  const title = `### ${plain(now.cluster.name)}: ${shortTime(comparison.baseline.evaluatedAt)} → ${shortTime(now.evaluatedAt)} UTC`
  const notes = comparison.differences.map(({ aspect, detail }) => `- ${aspect}: ${plain(detail)}`)
  if (comparison.comparable === 'no') return [title, '**Not comparable**', notes.join('\n')].join('\n\n')
  const blocks = headings.flatMap(([kind, word]) => {
    const changes = comparison.changes.filter(({ change }) => change === kind)
    if (changes.length === 0) return []
    const rows = changes.slice(0, tableRows).map(({ severity, rule, unit, fingerprint, because, waived }) => {
      const why = [because === undefined ? '' : reasons[because], waived === true ? 'accepted risk' : '']
      const about = plain(unit?.name ?? fingerprint)
      return `| ${severity} | ${plain(rule)} | ${about} | ${why.filter((one) => one !== '').join(', ')} |`
    })
    const more = changes.length - rows.length
    return [
      [
        `#### ${word} (${changes.length})`,
        '',
        '| severity | rule | unit | |',
        '| --- | --- | --- | --- |',
        ...rows,
      ].join('\n'),
      ...(more > 0 ? [`${rows.length} of ${changes.length} shown; \`--format json\` has all.`] : []),
    ]
  })
  return [
    title,
    `Score ${scoreText(comparison)}. Units: ${countsText(comparison)}.`,
    ...(notes.length > 0 ? [notes.join('\n')] : []),
    ...blocks,
  ].join('\n\n')
}

function plain(text: string): string {
  return visibleText(text)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_{}[\]<>|#@~!&]/g, (character) => `&#${character.codePointAt(0)};`)
}
