// What frames the findings: document control with the digests, the benchmarks side by side, and the appendices.
// May not: judge, or compute a digest; whoever writes the result gives its digest.
import type { BenchmarkResult, Result } from '../model/result.ts'
import { countNoun, formatCount, formatPeriod, formatTime, listNames } from './text.ts'
import { gaugeOf } from './view-charts.ts'
import type { Appendix, DocumentControl, Overview } from './view-frame-model.ts'
import type { LabelledValue, ViewContext } from './view-model.ts'
import { cutNote } from './view-order.ts'

export function controlView({ result, dataFile }: ViewContext, resultDigest: string): DocumentControl {
  const { snapshot, catalogue, tool } = result
  const packs = (catalogue.packs ?? []).map((pack) => ({
    label: 'Rule pack',
    value: `${pack.name}, ${countNoun(pack.rules, 'rule', 'rules')}, digest`,
    code: pack.digest,
  }))
  return {
    facts: [
      { label: 'Report', value: '', code: result.reportId },
      {
        label: 'Made by',
        value: `${tool.name} ${tool.version}, evaluated ${formatTime(result.evaluatedAt)}`,
        code: '',
      },
      ...(resultDigest === '' ? [] : [{ label: 'Result', value: `${dataFile}, sha256`, code: resultDigest }]),
      {
        label: 'Evidence',
        value: `records of the snapshot, format ${snapshot.schemaVersion}, sha256`,
        code: snapshot.sha256,
      },
      {
        label: 'Catalogue',
        value: `${catalogue.version}, ${countNoun(catalogue.rules, 'rule', 'rules')}, digest`,
        code: catalogue.digest,
      },
      ...packs,
    ],
    verify: [
      ...(resultDigest === ''
        ? []
        : [{ text: 'This result is the one that the report was made from:', command: `sha256sum ${dataFile}` }]),
      {
        text: 'The evidence is what was collected:',
        command: 'zstd -dc snapshot.ndjson.zst | head -n -1 | sha256sum',
      },
      {
        text: 'The same evidence and catalogue give the same verdicts; the command refuses a snapshot that was changed:',
        command: 'kube-assay evaluate snapshot.ndjson.zst',
      },
    ],
  }
}

export function overviewView({ result }: ViewContext): Overview {
  const benchmarks = (result.benchmarks ?? []).filter(({ controls }) => controls.length > 0)
  return {
    columns: [
      'Controls',
      'Passed',
      'Findings',
      'Unknown',
      'Not applicable',
      'For a person',
      'Not evaluated',
      'Left out',
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
        name: `${name} ${version}`,
        anchor: `benchmark-${index + 1}`,
        gauge: gaugeOf(benchmark.score),
        score: scoreWords(benchmark),
        cells: counts.map((count) => (count === 0 ? '–' : formatCount(count))),
      }
    }),
  }
}

/** As the list of controls counts them for its links. */
function isListed({ controls, note }: BenchmarkResult): boolean {
  return controls.length > 0 || note !== undefined
}

function scoreWords({ score }: BenchmarkResult): string {
  if (score.lower === undefined || score.upper === undefined) return 'no score'
  return score.lower === score.upper ? String(score.lower) : `${score.lower}–${score.upper}`
}

export function appendixView(context: ViewContext): Appendix {
  return {
    inventory: inventoryOf(context.result, context.limits.names),
    configuration: configurationOf(context.result),
    glossary,
    ...evidenceIndex(context),
  }
}

function inventoryOf({ cluster, coverage, nodes }: Result, names: number): LabelledValue[] {
  const kinds = (label: string): string => {
    const column = nodes?.columns.findIndex((one) => one.label === label) ?? -1
    const values = Map.groupBy(nodes?.nodes ?? [], ({ values: all }) => all[column] ?? 'not known')
    const sorted = [...values].sort(([, a], [, b]) => b.length - a.length)
    return listNames(
      sorted.map(([value, { length }]) => `${value} (${formatCount(length)})`),
      Math.max(names, 8),
    )
  }
  const objects = coverage.families
    .filter(({ count }) => count > 0)
    .map(({ family, count }) => `${formatCount(count)} ${family}`)
  const perNode = nodes === undefined ? [] : ['Kubelet version', 'System', 'Kernel', 'Runtime']
  return [
    { label: 'Kubernetes', value: cluster.version ?? 'not known', code: '' },
    { label: 'Nodes', value: `${formatCount(cluster.nodes)}, ${formatCount(cluster.nodesReached)} read`, code: '' },
    ...perNode.map((label) => ({ label, value: kinds(label), code: '' })),
    {
      label: 'Workloads',
      value: `${formatCount(cluster.workloads)} in ${countNoun(cluster.namespaces, 'namespace', 'namespaces')}, ${countNoun(cluster.pods, 'pod', 'pods')}`,
      code: '',
    },
    { label: 'Objects read', value: objects.length === 0 ? 'none' : objects.join(', '), code: '' },
  ]
}

/** What the configuration changed; it decides what the verdicts mean. */
function configurationOf({ benchmarks = [], benchmark, excluded = [], rules, snapshot }: Result): LabelledValue[] {
  const changes = rules.flatMap((rule) => {
    const parts = [
      ...(rule.severityBefore === undefined ? [] : [`severity ${rule.severity} instead of ${rule.severityBefore}`]),
      ...(rule.parameters ?? [])
        .filter((one) => one.value !== one.default)
        .map((one) => `${one.name} ${one.value} instead of ${one.default}`),
    ]
    if (parts.length === 0) return []
    const why = rule.changeReason === undefined ? '' : `: ${rule.changeReason}`
    return [{ label: 'Changed rule', value: `${rule.id}, ${parts.join(', ')}${why}`, code: '' }]
  })
  const named = benchmarks.length > 0 ? benchmarks : [benchmark]
  const left = [...Map.groupBy(excluded, ({ reason }) => reason)]
  return [
    { label: 'Benchmarks', value: named.map(({ name, version }) => `${name} ${version}`).join(', '), code: '' },
    {
      label: 'Collected with',
      value: `${snapshot.tool}, ${formatPeriod(snapshot.startedAt, snapshot.finishedAt)}`,
      code: '',
    },
    {
      label: 'Rules changed',
      value: changes.length === 0 ? 'none' : countNoun(changes.length, 'rule', 'rules'),
      code: '',
    },
    ...changes,
    {
      label: 'Rules left out',
      value: excluded.length === 0 ? 'none' : countNoun(excluded.length, 'rule', 'rules'),
      code: '',
    },
    ...left.map(([reason, list]) => ({
      label: 'Left out',
      value: `${reason}: ${list.map(({ rule }) => rule).join(', ')}`,
      code: '',
    })),
  ]
}

/** Where what was read: each place with the findings that stand on it, those with most first. */
function evidenceIndex({ result, limits, dataFile }: ViewContext): Pick<Appendix, 'evidence' | 'evidenceNote'> {
  const places = new Map<string, { rules: Set<string>; count: number }>()
  for (const rule of result.rules) {
    for (const { source } of rule.findings.flatMap(({ evidence }) => evidence)) {
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
      rules: listNames([...rules].sort(), limits.names),
      count: formatCount(count),
    })),
    evidenceNote: cutNote(shown.length, sorted.length, 'places', dataFile),
  }
}

const glossary = [
  { term: 'Answer', text: 'One rule for one unit: passed or a finding where the evidence decides, else unknown.' },
  {
    term: 'Benchmark',
    text: 'A published list of controls. A control is answered by one rule or several, or by a person.',
  },
  { term: 'Coverage', text: 'Answers that rest on evidence, of all that were to be given.' },
  {
    term: 'Evidence',
    text: 'The value seen and the place it was read from: a file, a flag of a process, an object, an API call.',
  },
  { term: 'Finding', text: 'A rule that does not hold, on one unit or on several.' },
  { term: 'Pool', text: 'Nodes of one node group by its label, or else of the same roles.' },
  {
    term: 'Rule',
    text: 'One question to every unit of a kind, with a stable name; numbers of benchmarks refer to it.',
  },
  {
    term: 'Score',
    text: 'The share of the rules’ units that pass, weighted by severity. The lower bound counts every unknown as not passed.',
  },
  { term: 'Snapshot', text: 'The file with all that was read. It can be evaluated again, elsewhere and later.' },
  {
    term: 'Unit',
    text: 'What a rule looks at: a node, a workload, a namespace, a binding, a role, a subject or the cluster.',
  },
] as const
