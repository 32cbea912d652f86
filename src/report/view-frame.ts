// What frames the findings: document control with the digests, the benchmarks side by side, and the appendices.
// May not: judge, or compute a digest; whoever writes the result gives its digest.
import type { BenchmarkResult, Result } from '../model/result.ts'
import { shellWord } from '../util/shell-word.ts'
import { placeOfEvidence } from './evidence-template.ts'
import type { Language } from './lang/language.ts'
import { cutText } from './text.ts'
import { gaugeOf } from './view-charts.ts'
import type { Appendix, DocumentControl, Overview } from './view-frame-model.ts'
import type { LabelledValue, People, ViewContext } from './view-model.ts'
import { cutNote } from './view-order.ts'

export function controlView(context: ViewContext, resultDigest: string, people: People = {}): DocumentControl {
  const { result, limits, dataFile, lang } = context
  const { say } = lang
  const { snapshot, catalogue, tool } = result
  const all = catalogue.packs ?? []
  const shown = all.slice(0, limits.waiverRows)
  const packs = shown.map((pack) => ({
    label: say('control.pack'),
    value: say('control.packDigest', {
      name: cutText(pack.name, limits.phrase, lang),
      rules: say('count.rules', { count: pack.rules }),
    }),
    code: pack.digest,
  }))
  return {
    facts: [
      ...peopleFacts(context, people),
      { label: say('cover.report'), value: '', code: result.reportId },
      {
        label: say('control.madeBy'),
        value: say('control.evaluated', {
          tool: `${tool.name} ${tool.version}`,
          time: lang.time(result.evaluatedAt),
        }),
        code: '',
      },
      ...(resultDigest === ''
        ? []
        : [
            {
              label: say('control.result'),
              value: say('control.resultDigest', { file: dataFile }),
              code: resultDigest,
            },
          ]),
      {
        label: say('cover.evidence'),
        value: say('control.evidenceDigest', { format: snapshot.schemaVersion }),
        code: snapshot.sha256,
      },
      {
        label: say('control.catalogue'),
        value: say('control.catalogueDigest', {
          version: catalogue.version,
          rules: say('count.rules', { count: catalogue.rules }),
        }),
        code: catalogue.digest,
      },
      ...packs,
      ...(shown.length === all.length
        ? []
        : [{ label: say('control.packs'), value: cutNote(context, shown.length, all.length, 'packs'), code: '' }]),
    ],
    verify: [
      ...(resultDigest === ''
        ? []
        : [{ text: say('control.verifyResult'), command: `sha256sum ${fileWord(dataFile)}` }]),
      {
        text: say('control.verifyEvidence'),
        command: 'zstd -dc snapshot.ndjson.zst | head -n -1 | sha256sum',
      },
      {
        text: say('control.verifyVerdicts'),
        command: 'kube-assay evaluate snapshot.ndjson.zst',
      },
    ],
  }
}

/** A file's name as a shell takes it; one with characters that cannot be seen stands for itself, and is to be typed. */
function fileWord(name: string): string {
  return /^\w[\w.-]*$/.test(name) ? name : (shellWord(name) ?? name)
}

const peopleNamed = 30
/** So that document control stays one page whatever the names are. */
const nameLimits = { characters: 200, lines: 2 }

/** Who is not given, or given as nothing but spaces, has no row. */
function peopleFacts(
  { lang, limits }: ViewContext,
  { preparedBy = '', preparedFor = '', distribution = [] }: People,
): LabelledValue[] {
  const own = limits.phrase.characters < nameLimits.characters ? limits.phrase : nameLimits
  const short = (text: string) => cutText(text.trim(), own, lang)
  // The shortest of editions name fewer, so that no later cut says that the rest is in the result, which knows no names.
  const named = Math.max(1, Math.min(peopleNamed, limits.waiverRows))
  const given = distribution.map(short).filter((name) => name !== '')
  const rows = [
    { label: lang.say('control.preparedBy'), value: short(preparedBy) },
    { label: lang.say('control.preparedFor'), value: short(preparedFor) },
    { label: lang.say('control.distribution'), value: listed(given, named, lang) },
  ]
  return rows.filter(({ value }) => value !== '').map((row) => ({ ...row, code: '' }))
}

/** One after the other; told apart by a semicolon, because "Head of security, Example Ltd" is one. */
function listed(names: readonly string[], limit: number, { say }: Language): string {
  const shown = names.slice(0, limit).join('; ')
  return names.length <= limit ? shown : say('names.more', { names: shown, count: names.length - limit })
}

export function overviewView(context: ViewContext): Overview {
  const { result, limits, lang } = context
  const { say, number } = lang
  const all = (result.benchmarks ?? []).filter(({ controls }) => controls.length > 0)
  const benchmarks = all.slice(0, limits.overviewRows)
  return {
    rowsNote: cutNote(context, benchmarks.length, all.length, 'benchmarks'),
    columns: [
      say('overview.controls'),
      say('overview.passed'),
      say('overview.findings'),
      say('overview.unknown'),
      say('overview.notApplicable'),
      say('overview.person'),
      say('overview.notEvaluated'),
      say('overview.leftOut'),
    ],
    rows: benchmarks.map((benchmark) => {
      const index = (result.benchmarks ?? []).filter(isListed).indexOf(benchmark)
      const { summary, name, version } = benchmark
      const { pass, fail, unknown, error, notApplicable, manual } = summary.outcomes
      const counts = [
        summary.controls,
        pass,
        fail,
        unknown + error,
        notApplicable,
        summary.manual + manual,
        summary.notEvaluated,
        summary.excluded,
      ]
      return {
        name: cutText(`${name} ${version}`, limits.phrase, lang),
        anchor: `benchmark-${index + 1}`,
        gauge: gaugeOf(benchmark.score),
        score: scoreWords(benchmark, lang),
        cells: counts.map((count) => (count === 0 ? '–' : number(count))),
      }
    }),
  }
}

/** As the list of controls counts them for its links. */
function isListed({ controls, note }: BenchmarkResult): boolean {
  return controls.length > 0 || note !== undefined
}

function scoreWords({ score: { lower, upper } }: BenchmarkResult, { say }: Language): string {
  if (lower === undefined || upper === undefined) return say('overview.noScore')
  return lower === upper ? String(lower) : say('overview.scoreRange', { lower, upper })
}

export function appendixView(context: ViewContext): Appendix {
  return {
    inventory: inventoryOf(context.result, context.limits.names, context.lang),
    configuration: configurationOf(context.result, context.lang),
    glossary: glossaryTerms.map((term) => ({
      term: context.lang.say(`glossary.${term}`),
      text: context.lang.say(`glossary.${term}.means`),
    })),
    ...evidenceIndex(context),
  }
}

function inventoryOf({ cluster, coverage, nodes }: Result, names: number, lang: Language): LabelledValue[] {
  const { say, number } = lang
  const kinds = (label: string): string => {
    const column = nodes?.columns.findIndex((one) => one.label === label) ?? -1
    const values = Map.groupBy(nodes?.nodes ?? [], ({ values: all }) => all[column] ?? say('notKnown'))
    const sorted = [...values].sort(([, a], [, b]) => b.length - a.length)
    return lang.names(
      sorted.map(([value, { length }]) => say('appendix.kindOf', { value, number: length })),
      Math.max(names, 8),
    )
  }
  const objects = coverage.families
    .filter(({ count }) => count > 0)
    .map(({ family, count }) => `${number(count)} ${family}`)
  const perNode = nodes === undefined ? [] : ['Kubelet version', 'System', 'Kernel', 'Runtime']
  return [
    { label: 'Kubernetes', value: cluster.version ?? say('notKnown'), code: '' },
    {
      label: say('cover.nodes'),
      value: say('appendix.nodes', { all: cluster.nodes, read: cluster.nodesReached }),
      code: '',
    },
    ...perNode.map((label) => ({ label: lang.term(label), value: kinds(label), code: '' })),
    {
      label: say('appendix.workloads'),
      value: say('appendix.workloadsIn', {
        workloads: cluster.workloads,
        namespaces: say('count.namespaces', { count: cluster.namespaces }),
        pods: say('count.pods', { count: cluster.pods }),
      }),
      code: '',
    },
    { label: say('appendix.objects'), value: objects.length === 0 ? say('none') : lang.parts(objects), code: '' },
  ]
}

/** What the configuration changed; it decides what the verdicts mean. */
function configurationOf(result: Result, { say, period, parts: joined }: Language): LabelledValue[] {
  const { benchmarks = [], benchmark, excluded = [], rules, snapshot } = result
  const changes = rules.flatMap((rule) => {
    const parts = [
      ...(rule.severityBefore === undefined
        ? []
        : [
            say('appendix.severityChange', {
              after: say(`severity.${rule.severity}.inside`),
              before: say(`severity.${rule.severityBefore}.inside`),
            }),
          ]),
      ...(rule.parameters ?? [])
        .filter((one) => one.value !== one.default)
        .map((one) => say('appendix.parameterChange', { name: one.name, after: one.value, before: one.default })),
    ]
    if (parts.length === 0) return []
    const told = { rule: rule.id, changes: joined(parts) }
    const why = rule.changeReason
    const value = why === undefined ? say('appendix.changed', told) : say('appendix.changedWhy', { ...told, why })
    return [{ label: say('appendix.changedRule'), value, code: '' }]
  })
  const named = benchmarks.length > 0 ? benchmarks : [benchmark]
  const left = [...Map.groupBy(excluded, ({ reason }) => reason)]
  return [
    {
      label: say('appendix.benchmarks'),
      value: named.map(({ name, version }) => `${name} ${version}`).join(', '),
      code: '',
    },
    {
      label: say('appendix.collectedWith'),
      value: `${snapshot.tool}, ${period(snapshot.startedAt, snapshot.finishedAt)}`,
      code: '',
    },
    {
      label: say('appendix.rulesChanged'),
      value: changes.length === 0 ? say('none') : say('count.rules', { count: changes.length }),
      code: '',
    },
    ...changes,
    {
      label: say('appendix.rulesLeftOut'),
      value: excluded.length === 0 ? say('none') : say('count.rules', { count: excluded.length }),
      code: '',
    },
    ...left.map(([reason, list]) => ({
      label: say('appendix.leftOut'),
      value: say('appendix.leftOutFor', { reason, rules: list.map(({ rule }) => rule).join(', ') }),
      code: '',
    })),
  ]
}

/** Where what was read: each place with the findings that stand on it, those with most first. */
function evidenceIndex(context: ViewContext): Pick<Appendix, 'evidence' | 'evidenceNote'> {
  const { result, limits, lang } = context
  const places = new Map<string, { rules: Set<string>; count: number }>()
  for (const rule of result.rules) {
    const sources = rule.findings.flatMap(({ unit, evidence }) =>
      evidence.map(({ source }) => placeOfEvidence(unit, source, lang)),
    )
    for (const source of sources) {
      const place = places.get(source) ?? { rules: new Set<string>(), count: 0 }
      place.rules.add(rule.id)
      place.count += 1
      places.set(source, place)
    }
  }
  const sorted = [...places].sort(([a, { count: most }], [b, { count }]) => count - most || (a < b ? -1 : 1))
  const shown = sorted.slice(0, limits.evidenceRows)
  return {
    evidence: shown.map(([source, { rules, count }]) => ({
      source,
      rules: lang.names([...rules].sort(), limits.names),
      count: lang.number(count),
    })),
    evidenceNote: cutNote(context, shown.length, sorted.length, 'places'),
  }
}

const glossaryTerms = [
  'answer',
  'benchmark',
  'coverage',
  'evidence',
  'finding',
  'place',
  'pool',
  'rule',
  'score',
  'snapshot',
  'unit',
] as const
