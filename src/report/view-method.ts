// Scope and method: what was read, as whom, from when to when; what each outcome means; how the score is made.
// May not: compute the score; docs/scoring.md is its formula's home.
import type { Language } from './lang/language.ts'
import { cutText } from './text.ts'
import { benchmarkWords } from './view-cover.ts'
import { accessRows, triedRows } from './view-coverage.ts'
import type { LabelledValue, Method, ViewContext } from './view-model.ts'
import { termsOf } from './words.ts'

/** `hasAppendix`: of this document, so that it sends nobody to a chapter that is not there. */
export function methodView(context: ViewContext, hasAppendix: boolean): Method {
  const [access, tried] = [accessRows(context), triedRows(context)]
  return {
    facts: methodFacts(context, hasAppendix),
    outcomes: termsOf(context.lang).outcomeDefinitions,
    score: scoreSentences(context),
    language: languageSentence(context),
    access: access.rows,
    accessNote: access.note,
    tried: tried.rows,
    triedNote: tried.note,
  }
}

/** Says what is not in the report's language; to be asked when everything else is made. */
function languageSentence({ lang: { say, code }, texts }: ViewContext): string {
  if (code === 'en') return ''
  const { shown, untranslated } = texts.counts
  return untranslated === 0 ? say('method.translated') : say('method.untranslated', { shown, untranslated })
}

function methodFacts(context: ViewContext, hasAppendix: boolean): LabelledValue[] {
  const { result, dataFile, lang } = context
  const { say, time, period } = lang
  const { snapshot, cluster, tool } = result
  return [
    { label: say('method.source'), value: '', code: cutText(cluster.source, context.limits.phrase, lang) },
    {
      label: say('cover.collected'),
      value: say('method.collected', {
        period: period(snapshot.startedAt, snapshot.finishedAt),
        took: tookWords(snapshot, lang),
        tool: snapshot.tool,
      }),
      code: '',
    },
    {
      label: say('method.evaluated'),
      value: say('method.evaluatedWith', { time: time(result.evaluatedAt), tool: `${tool.name} ${tool.version}` }),
      code: '',
    },
    { label: say('cover.benchmark'), value: benchmarkWords(result, lang), code: '' },
    { label: say('method.scope'), value: scopeWords(context, hasAppendix), code: '' },
    {
      label: say('method.formats'),
      value: say('method.formatsOf', { evidence: snapshot.schemaVersion, result: result.schemaVersion }),
      code: '',
    },
    { label: say('method.data'), value: say('method.dataFrom'), code: dataFile },
  ]
}

/** ", 73 s"; nothing where the times are none. */
function tookWords({ startedAt, finishedAt }: ViewContext['result']['snapshot'], { say }: Language): string {
  const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000
  if (!Number.isFinite(seconds) || seconds < 0) return ''
  return seconds < 120
    ? say('method.tookSeconds', { number: Math.max(1, Math.round(seconds)) })
    : say('method.tookMinutes', { number: Math.round(seconds / 60) })
}

function scopeWords({ result, lang, dataFile: file }: ViewContext, hasAppendix: boolean): string {
  const { cluster, excluded = [], rules } = result
  const { say, parts: joined } = lang
  const leftOut = say('count.rules', { count: excluded.length })
  const parts = [
    say('count.nodes', { count: cluster.nodes }),
    say('count.namespaces', { count: cluster.namespaces }),
    say('count.workloads', { count: cluster.workloads }),
    say('count.rules', { count: rules.length }),
    ...(excluded.length === 0
      ? []
      : [hasAppendix ? say('method.leftOut', { rules: leftOut }) : say('method.leftOutIn', { rules: leftOut, file })]),
  ]
  return joined(parts)
}

function scoreSentences({ result, lang }: ViewContext): string[] {
  const { formula, lower, upper } = result.score
  const bounds =
    lower === undefined || upper === undefined
      ? lang.say('method.noScore')
      : lang.say('method.bounds', { lower, upper })
  return [formulaText(formula, lang), bounds]
}

/** The formula in words, for the one this version knows; any other is named only. */
function formulaText(formula: string, { say }: Language): string {
  return formula === 'severity-weighted-mean/1'
    ? say('method.formulaKnown', { formula })
    : say('method.formula', { formula })
}
