// The cover: verdict, score interval, counts, and the facts an auditor checks first.
// May not: compute a score or an outcome; both come from the result.
import { severities } from '../model/outcome.ts'
import type { Result } from '../model/result.ts'
import type { Language } from './lang/language.ts'
import { cutText, shareOf } from './text.ts'
import { verdictOf } from './verdict.ts'
import { gaugeOf } from './view-charts.ts'
import type { Count, Cover, LabelledValue, ViewContext } from './view-model.ts'
import { changeCounts } from './view-trend.ts'

/** Longer names and facts would push the verdict or each other off the page. */
export const nameLimits = { characters: 120, lines: 1 }
const factLimits = { characters: 240, lines: 2 }
/** Above it, a name is set smaller. */
export const longName = 40

export function coverView({ result, lang }: ViewContext): Cover {
  const { lead, rest } = verdictOf(result, lang)
  return {
    cluster: cutText(result.cluster.name, nameLimits, lang),
    isLong: result.cluster.name.length > longName,
    lead,
    rest,
    bar: gaugeOf(result.score),
    scoreCaption: scoreCaption(result, lang),
    counts: countsOf(result, lang),
    facts: coverFacts(result, lang).map((fact) => ({ ...fact, value: cutText(fact.value, factLimits, lang) })),
  }
}

/** "score 71, at best 76.2 · hatched: not assessed". */
export function scoreCaption({ score: { lower, upper } }: Result, { say }: Language): string {
  if (lower === undefined || upper === undefined) return say('cover.noScore')
  return lower === upper ? say('cover.score', { lower }) : say('cover.scoreRange', { lower, upper })
}

function countsOf({ summary }: Result, { say, number }: Language): Count[] {
  const { rules, failingBySeverity } = summary
  const always = new Set(['critical', 'high', 'medium', 'low'])
  const found = severities
    .filter((severity) => always.has(severity) || failingBySeverity[severity] > 0)
    .map((kind) => ({ value: number(failingBySeverity[kind]), kind, word: say(`severity.${kind}.inside`) }))
  const others: Count[] = [{ value: number(rules.unknown), kind: 'unknown', word: say('outcome.unknown.inside') }]
  if (rules.error > 0) others.push({ value: number(rules.error), kind: 'error', word: say('outcome.error.inside') })
  if (rules.manual > 0) others.push({ value: number(rules.manual), kind: 'manual', word: say('cover.count.manual') })
  return [...found, ...others, { value: number(rules.pass), kind: 'pass', word: say('outcome.pass.inside') }]
}

function coverFacts(result: Result, lang: Language): LabelledValue[] {
  const { say, number } = lang
  const { cluster, snapshot, score } = result
  const { answered, expected } = score
  const percent = shareOf(answered, expected, lang)
  const answers = say('cover.answers', { answered, expected, percent })
  const missing = expected - answered
  return [
    {
      label: say('cover.cluster'),
      value: cluster.name,
      code: cluster.uid ? say('cover.uid', { uid: cluster.uid }) : say('cover.noUid'),
    },
    { label: say('cover.version'), value: cluster.version ?? say('notKnown'), code: '' },
    { label: say('cover.benchmark'), value: benchmarkWords(result, lang), code: '' },
    { label: say('cover.nodes'), value: nodesFact(result, lang), code: '' },
    { label: say('cover.objects'), value: objectsFact(result, lang), code: '' },
    { label: say('cover.collected'), value: collectedFact(snapshot, lang), code: '' },
    {
      label: say('cover.answered'),
      value: missing > 0 ? say('cover.answersMissing', { answers, missing: number(missing) }) : answers,
      code: '',
    },
    ...sinceFact(result, lang),
    { label: say('cover.report'), value: '', code: result.reportId },
    { label: say('cover.evidence'), value: '', code: `sha256 ${snapshot.sha256}` },
  ]
}

/** What changed, where this audit was held against an earlier one; the summary says the rest. */
function sinceFact({ comparison }: Result, lang: Language): LabelledValue[] {
  if (comparison === undefined) return []
  const { baseline, comparable } = comparison
  const { say, time } = lang
  const what = comparable === 'no' ? say('cover.notComparable') : lang.parts(changeCounts(comparison, lang))
  const value = say(comparable === 'partly' ? 'cover.sincePartly' : 'cover.sinceOf', {
    changes: what,
    time: time(baseline.evaluatedAt),
  })
  return [{ label: say('cover.since'), value, code: '' }]
}

/** Its name and version, and what the result notes about the choice. */
export function benchmarkWords({ benchmark }: Result, { say }: Language): string {
  const name = `${benchmark.name} ${benchmark.version}`
  return benchmark.note ? say('cover.benchmarkNote', { benchmark: name, note: benchmark.note }) : name
}

function collectedFact(snapshot: Result['snapshot'], { say, period }: Language): string {
  const text = period(snapshot.startedAt, snapshot.finishedAt)
  return snapshot.interrupted ? say('cover.stoppedEarly', { period: text }) : text
}

function nodesFact({ cluster, coverage }: Result, { say }: Language): string {
  const gap = coverage.families.find((family) => family.family === 'nodes')?.unavailable
  const nodes = say('share.nodes', { part: cluster.nodesReached, count: cluster.nodes })
  const read = say('cover.nodesRead', { nodes })
  return gap ? say('cover.nodesPartly', { read, reason: say(`reason.${gap.reason}`) }) : read
}

function objectsFact({ cluster, coverage }: Result, { say, parts }: Language): string {
  const gaps = coverage.families.filter((family) => family.unavailable !== undefined).length
  const objects = parts([
    say('count.namespaces', { count: cluster.namespaces }),
    say('count.workloads', { count: cluster.workloads }),
    say('count.pods', { count: cluster.pods }),
  ])
  return gaps === 0 ? objects : say('cover.objectsPartly', { objects, lists: say('count.lists', { count: gaps }) })
}
