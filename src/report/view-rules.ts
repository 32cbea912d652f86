// Rules as lines and blocks: where it was found, the evidence per unit, what stayed open, and the fix per group of units.
// May not: drop anything without a note. Units with the same evidence or the same fix are shown together, with their names.
import type { Finding, RuleResult } from '../model/result.ts'
import { type Language, languageOf } from './lang/language.ts'
import type { ShownRule } from './part-model.ts'
import { englishPhrase, joinPhrases, lengthOf, phraseOf } from './phrase.ts'
import { type RuleText, RuleTexts } from './rule-texts.ts'
import { cutText } from './text.ts'
import { gapPhrase } from './view-coverage.ts'
import { evidenceOf, namesOfUnits, unitName } from './view-evidence.ts'
import { benchmarksOf, filterOf } from './view-filters.ts'
import type { Fix, Link, OpenGroup, RuleBlock, RuleLine, ViewContext } from './view-model.ts'
import { shownNote } from './view-order.ts'
import { readTimeOf } from './view-read-time.ts'
import { factPhrase, type Mark, shortReference, termsOf } from './words.ts'

/** Severity for a finding; else the outcome. */
export function ruleMark(rule: RuleResult, lang: Language): Mark {
  const { outcomeMarks, severityMarks } = termsOf(lang)
  return rule.outcome === 'fail' ? severityMarks[rule.severity] : outcomeMarks[rule.outcome]
}

/** "2 of 6 nodes": units with one of the outcomes, of those the rule applies to; '' for a rule about the cluster as a whole. */
function shareOf(rule: ShownRule, outcomes: readonly Finding['outcome'][], { say }: Language): string {
  const { notApplicable, ...applicable } = rule.counts
  const total = Object.values(applicable).reduce((sum, count) => sum + count, 0)
  const count = outcomes.reduce((sum, outcome) => sum + rule.counts[outcome], 0)
  if (rule.each === 'cluster' || (total === 0 && notApplicable === 0)) return ''
  if (rule.isPart) return say(`units.${rule.each}`, { count })
  if (outcomes.includes('notApplicable')) return say(`units.${rule.each}`, { count: notApplicable })
  return say(`share.${rule.each}`, { part: count, count: total })
}

/** "for 2 of 6 nodes". */
function forShare(rule: RuleResult, outcomes: readonly Finding['outcome'][], lang: Language): string {
  const share = shareOf(rule, outcomes, lang)
  return share === '' ? '' : lang.say('place.for', { share })
}

/** Where a finding's problem is: "on 2 of 6 nodes"; '' for the cluster as a whole. */
export function placeOf(rule: RuleResult, lang: Language): string {
  const { say } = lang
  const share = shareOf(rule, ['fail'], lang)
  const place = share === '' ? '' : say(`place.${rule.each}`, { share })
  const accepted = rule.waived?.fail ?? 0
  if (accepted === 0) return place
  return place === '' ? say('place.accepted') : say('place.someAccepted', { place, accepted })
}

/** The units that nothing is known of: "for 2 of 6 nodes". */
export function openPlaceOf(rule: RuleResult, lang: Language): string {
  return forShare(rule, ['unknown', 'error'], lang)
}

function notKnown(rule: RuleResult, lang: Language): string {
  const place = openPlaceOf(rule, lang)
  return place === '' ? lang.say('place.nothingKnown') : lang.say('place.notKnown', { for: place })
}

export function ruleLine(context: ViewContext, rule: RuleResult, hasBlock: boolean): RuleLine {
  const { lang } = context
  const title = titleOf(rule, context.texts)
  return {
    anchor: context.anchors.get(rule.id) ?? '',
    mark: ruleMark(rule, lang),
    outcome: rule.outcome,
    severity: rule.severity,
    severityWord: termsOf(lang).severityMarks[rule.severity].word,
    ruleId: rule.id,
    references: referencesOf(rule, context).join(' · '),
    title: cutText(title.text, context.limits.phrase, context.lang),
    titleLang: title.lang,
    where: lineWhere(rule, lang),
    hasBlock,
    benchmarks: benchmarksOf(rule),
  }
}

/** What a line says of its rule in a column of its own. */
function lineWhere(rule: RuleResult, lang: Language): string {
  switch (rule.outcome) {
    case 'fail':
      return placeOf(rule, lang) || lang.say('place.inCluster')
    case 'unknown':
    case 'error':
      return notKnown(rule, lang)
    case 'manual':
    case 'pass':
      return forShare(rule, [rule.outcome], lang) || lang.say('place.forCluster')
    case 'notApplicable':
      return shareOf(rule, ['notApplicable'], lang) || lang.say('place.theCluster')
  }
}

/** What is where a rule fails; else what should be. */
export function titleOf(rule: RuleResult, texts: RuleTexts): RuleText {
  const { text, lang } = texts.of(rule, rule.outcome === 'fail' ? rule.problem : rule.title)
  return { text: text.replace(/\.\s*$/, ''), lang }
}

/** "The kubelet changes kernel parameters by itself on 2 of 6 nodes"; other titles say what should be, and then what is known of it. */
export function headingOf(rule: RuleResult, { lang, texts }: Pick<ViewContext, 'lang' | 'texts'>): string {
  const title = titleOf(rule, texts).text
  if (rule.outcome !== 'fail') return lang.say('rule.state', { title, state: statePhrase(rule, rule.outcome, lang) })
  const place = placeOf(rule, lang)
  return place === '' ? title : lang.say('rule.heading', { problem: title, place })
}

/** As `headingOf`, for what is always in English. */
export function englishHeadingOf(rule: RuleResult): string {
  return headingOf(rule, { lang: languageOf('en'), texts: new RuleTexts() })
}

function statePhrase(rule: RuleResult, outcome: Exclude<RuleResult['outcome'], 'fail'>, lang: Language): string {
  switch (outcome) {
    case 'unknown':
    case 'error':
      return notKnown(rule, lang)
    case 'manual': {
      const place = forShare(rule, ['manual'], lang)
      return place === '' ? lang.say('place.judge') : lang.say('place.judgeFor', { for: place })
    }
    case 'pass':
    case 'notApplicable':
      return lang.say(`outcome.${outcome}.inside`)
  }
}

/** What was found, in the rule's own words, where few sentences say it for all units; '' where each line needs its own. */
function foundOf(findings: readonly Finding[]): string {
  const messages = new Set(findings.flatMap((finding) => finding.evidence.map((line) => line.message)))
  messages.delete('')
  if (messages.size === 0 || messages.size > 2) return ''
  return [...messages].map((message) => (/[.!?]$/.test(message) ? message : `${message}.`)).join(' ')
}

export function ruleBlock(context: ViewContext, rule: RuleResult): RuleBlock {
  const { lang, texts } = context
  const why = texts.of(rule, rule.rationale)
  const about = texts.of(rule, rule.description)
  const risk = texts.of(rule, rule.risk ?? '')
  const told = rule.outcome === 'fail' ? 'fail' : 'manual'
  const findings = rule.findings.filter((finding) => finding.outcome === told)
  const open = rule.findings.filter((finding) => finding.outcome === 'unknown' || finding.outcome === 'error')
  const line = ruleLine(context, rule, true)
  const found = foundOf(findings)
  return {
    anchor: line.anchor,
    mark: line.mark,
    outcome: rule.outcome,
    severity: rule.severity,
    ruleId: rule.id,
    references: referencesOf(rule, context),
    title: line.title,
    where: line.where,
    titleLang: line.titleLang,
    heading: headingOf(rule, context),
    found,
    hasMessages: found === '',
    why: why.text,
    whyLang: why.lang,
    about: about.text,
    aboutLang: about.lang,
    unitColumn: lang.say(`unitColumn.${rule.each}`),
    ...evidenceOf(context, rule, findings, rule.counts[told]),
    ...openOf(context, rule, open),
    readAt: readTimeOf(context, [...findings, ...open]),
    risk: risk.text,
    riskLang: risk.lang,
    ...fixesOf(context, rule, findings, rule.counts[told]),
    links: rule.links.flatMap(safeLink),
    filter: filterOf(context, rule),
  }
}

function groupFindings(findings: readonly Finding[], key: (finding: Finding) => unknown): Finding[][] {
  const groups = [...Map.groupBy(findings, (finding) => JSON.stringify(key(finding) ?? null)).values()]
  return groups.sort((a, b) => b.length - a.length)
}

function unitNames(findings: readonly Finding[], limit: number, lang: Language): string {
  return lang.names(
    findings.map((finding) => unitName(finding, lang)),
    limit,
  )
}

function openOf(
  context: ViewContext,
  rule: RuleResult,
  findings: readonly Finding[],
): Pick<RuleBlock, 'open' | 'openNote'> {
  const { limits, findingsFile, lang } = context
  const groups = groupFindings(findings, (finding) => [finding.outcome, finding.missing ?? finding.evidence])
  const shown = groups.slice(0, limits.evidenceGroups)
  const open = shown.map((group): OpenGroup => {
    const reasons = group[0] ? reasonsOf(group[0], lang) : []
    const cut = reasons.slice(0, limits.evidenceLines)
    const left = reasons.length - cut.length
    const rest = left > 0 ? [{ what: [], why: phraseOf(lang.say('cut.more', { left, file: findingsFile })) }] : []
    return { units: namesOfUnits(group, limits, lang), reasons: [...cut, ...rest] }
  })
  const total = rule.counts.unknown + rule.counts.error
  return { open, openNote: shownNote(context, shown.flat().length, total, findings.length, rule.each) }
}

function reasonsOf(finding: Finding, lang: Language): OpenGroup['reasons'] {
  const missing = finding.missing ?? []
  const alike = Map.groupBy(missing, (gap) => JSON.stringify(gapPhrase(gap, lang)))
  const reasons = [...alike.values()].map((gaps) => ({
    what: joinPhrases(distinct(gaps.map(({ fact }) => factPhrase(fact, lang))), lang),
    why: gaps[0] === undefined ? [] : gapPhrase(gaps[0], lang),
  }))
  const notes = finding.evidence.map((line) => ({
    what: finding.outcome === 'error' ? phraseOf(lang.say('rule.broken')) : englishPhrase(line.observed, lang),
    why: englishPhrase(line.message === '' ? line.source : line.message, lang),
  }))
  const all = distinct(missing.length > 0 ? reasons : notes)
  if (all.length > 0) return all
  return [{ what: phraseOf(termsOf(lang).outcomeWords[finding.outcome]), why: phraseOf(lang.say('rule.noReason')) }]
}

/** Entries of a list that are told by the same words are told once. */
function distinct<T>(told: readonly T[]): T[] {
  return [...new Map(told.map((one) => [JSON.stringify(one), one])).values()]
}

function fixesOf(
  context: ViewContext,
  rule: RuleResult,
  findings: readonly Finding[],
  total: number,
): Pick<RuleBlock, 'fixes' | 'fixesNote'> {
  const { limits, lang, texts } = context
  const fixable = findings.filter((finding) => (finding.remediation?.length ?? 0) > 0 || finding.verify !== undefined)
  if (fixable.length === 0) return { fixes: [], fixesNote: '' }
  const groups = groupFindings(fixable, fixKey)
  const shown = groups.slice(0, limits.fixes)
  const fixes = shown.map((group) => fixOf(group, rule, limits.names, { lang, texts }))
  const note = shownNote(context, shown.flat().length, total, findings.length, rule.each)
  return { fixes, fixesNote: note === '' ? '' : lang.say('rule.fixesShown', { note }) }
}

/** Characters of text and of code on a line where both share it. */
const besideText = 38
const besideCode = 44

function isBeside(length: number, file: string, content: string): boolean {
  const lines = content.replace(/\n+$/, '').split('\n')
  const textLines = Math.ceil(length / besideText) + Math.ceil(file.length / besideText)
  return lines.length >= 4 && textLines <= lines.length + 1 && lines.every(({ length }) => length <= besideCode)
}

/** Names in a label beside the steps. */
const labelCharacters = 44

/** Nodes whose steps differ in nothing but the node's own name share a fix. */
function fixKey({ unit, remediation, verify }: Finding): string {
  const text = JSON.stringify([remediation, verify])
  return unit.node === undefined || unit.node.length < 3 ? text : text.replaceAll(quoted(unit.node), quoted('\u0000'))
}

function quoted(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function fixOf(
  group: readonly Finding[],
  rule: RuleResult,
  names: number,
  { lang, texts }: Pick<ViewContext, 'lang' | 'texts'>,
): Fix {
  const { unit, remediation = [], verify = '' } = group[0] ?? {}
  const text = JSON.stringify([remediation, verify])
  const isOwn = group.some((finding) => JSON.stringify([finding.remediation ?? [], finding.verify ?? '']) !== text)
  const units = rule.each === 'cluster' ? '' : unitNames(group, names, lang)
  return {
    units,
    isForMany: units.length > labelCharacters,
    isOrdered: remediation.length > 1,
    note: isOwn ? lang.say('rule.fixOfOne', { unit: unit?.name ?? '' }) : '',
    steps: remediation.map((step, index) => {
      const text = texts.step(rule, step.text)
      const { file = '', content = '' } = step
      return { number: index + 1, text, file, content, isBeside: isBeside(lengthOf(text), file, content) }
    }),
    verify,
  }
}

function safeLink(text: string): Link[] {
  if (text.length > 1000 || !URL.canParse(text)) return []
  const url = new URL(text)
  return url.protocol === 'https:' || url.protocol === 'http:' ? [{ text, href: url.href }] : []
}

/** A rule of somebody else's says so wherever it stands. */
function referencesOf({ references, pack }: RuleResult, { lang }: ViewContext): string[] {
  const short = references.map(shortReference)
  return pack === undefined ? short : [lang.say('rule.fromPack', { pack }), ...short]
}
