// The JSON of kube-bench, so that pipelines made for it keep working: Controls, their groups and checks, and Totals.
// Names of fields, and which of them are capitals, are kube-bench's (check/controls.go, check/check.go).
import type { BenchmarkResult, ControlResult, Result, RuleResult } from '../../model/result.ts'
import { InputError } from '../../util/input-error.ts'
import { formatCount } from '../text.ts'
import { acceptedSentence, type FindingRow, findingOutcomes, fixText, headlineOf, rowsOf } from './findings.ts'
import type { Exporter } from './format.ts'
import { acceptedStates, outcomeStates } from './states.ts'
import { plainLine, plainText } from './text.ts'
import { writeJson } from './write-json.ts'

type Status = 'PASS' | 'FAIL' | 'WARN' | 'INFO'
interface Check {
  readonly status: Status
  readonly [key: string]: unknown
}

const numbered = /^\d+(\.\d+)+$/

export const exporter: Exporter = {
  fileName: () => 'kube-bench.json',
  render(result) {
    const benchmark = (result.benchmarks ?? []).find(({ controls }) =>
      controls.some(({ number }) => numbered.test(number)),
    )
    if (benchmark === undefined) {
      throw new InputError(
        'The format kube-bench needs a benchmark with numbered controls in the result. Evaluate the snapshot with one, such as --benchmark cis-kubernetes@1.24.',
      )
    }
    return writeJson(documentOf(result, benchmark))
  },
}

function documentOf(result: Result, benchmark: BenchmarkResult): object {
  const controls = benchmark.controls.filter(({ number }) => numbered.test(number))
  const chapters = Map.groupBy(controls, ({ number }) => number.split('.')[0] ?? '')
  const rules = new Map(result.rules.map((rule) => [rule.id, rule]))
  const all = [...chapters].map(([id, members]) => chapterOf(result, benchmark, id, members, rules))
  const totals = all.reduce((sum, { counts }) => add(sum, counts), none())
  return { Controls: all.map(({ body }) => body), Totals: totalsOf(totals) }
}

function chapterOf(
  result: Result,
  benchmark: BenchmarkResult,
  id: string,
  members: readonly ControlResult[],
  rules: ReadonlyMap<string, RuleResult>,
) {
  const groups = Map.groupBy(members, ({ number }) => number.split('.').slice(0, 2).join('.'))
  const { type, text } = chapterWords(benchmark.key, id)
  let counts = none()
  const tests = [...groups].map(([section, controls]) => {
    const results = controls.map((control) => checkOf(result, control, rules))
    const own = results.reduce((sum, { status }) => add(sum, { ...none(), [status]: 1 }), none())
    counts = add(counts, own)
    const { PASS: pass, FAIL: fail, WARN: warn, INFO: info } = own
    return { section, type: '', pass, fail, warn, info, desc: section === id ? text : `${text} ${section}`, results }
  })
  const body = {
    id,
    version: plainLine(versionOf(benchmark), 100),
    detected_version: plainLine((result.cluster.version ?? '').replace(/^v?(\d+\.\d+).*$/, '$1'), 100, ''),
    text,
    node_type: type,
    tests,
    ...totalsOf(counts),
  }
  return { body, counts }
}

/** kube-bench names its configurations cis-1.24, eks-1.7.0, gke-1.6.0, rke2-cis-1.24. */
function versionOf({ key, version }: BenchmarkResult): string {
  return key === 'cis-kubernetes' ? `cis-${version}` : `${key.replace(/^cis-(?=eks|gke|aks)/, '')}-${version}`
}

interface ChapterWords {
  readonly type: string
  readonly text: string
}
const controlPlane = { type: 'controlplane', text: 'Control plane configuration' }
const workers = { type: 'node', text: 'Worker nodes' }
const policies = { type: 'policies', text: 'Policies' }

function chapterWords(key: string, id: string): ChapterWords {
  const isManaged = /eks|gke|aks/.test(key)
  const managed: Readonly<Record<string, ChapterWords>> = {
    2: controlPlane,
    3: workers,
    4: policies,
    5: { type: 'managedservices', text: 'Managed services' },
  }
  const own: Readonly<Record<string, ChapterWords>> = {
    1: { type: 'master', text: 'Control plane components' },
    2: { type: 'etcd', text: 'etcd' },
    3: controlPlane,
    4: workers,
    5: policies,
  }
  return (isManaged ? managed : own)[id] ?? { type: 'master', text: `Section ${id}` }
}

function checkOf(result: Result, control: ControlResult, rules: ReadonlyMap<string, RuleResult>): Check {
  const rows = control.rules.flatMap((id) => {
    const rule = rules.get(id)
    return rule === undefined ? [] : findingOutcomes.flatMap((outcome) => [...firstRow(result, rule, outcome)])
  })
  const outcome = control.outcome ?? 'notApplicable'
  const [row] = rows.filter((candidate) => candidate.outcome === outcome)
  const isAccepted = outcome === 'fail' && isAllAccepted(result, control, rules)
  const status = isAccepted ? acceptedStates.kubeBench : outcomeStates[outcome].kubeBench
  const reason = reasonOf(control, row, isAccepted)
  const fix = row === undefined ? '' : fixText(row, 4_000)
  const [evidence] = row?.finding.evidence ?? []
  return {
    test_number: control.number,
    test_desc: plainLine(control.subject, 500),
    audit: plainText(row?.finding.verify ?? '', 2_000),
    AuditEnv: '',
    AuditConfig: '',
    type: control.state === 'manual' ? 'manual' : '',
    remediation: fix,
    test_info: fix === '' ? [] : [fix],
    status,
    actual_value: row === undefined ? '' : plainText(evidence?.observed ?? headlineOf(row), 2_000),
    scored: control.assessment === 'automated',
    IsMultiple: control.counts.fail > 1,
    expected_result: plainText(evidence?.expected ?? '', 2_000),
    ...(reason === '' ? {} : { reason }),
  }
}

function* firstRow(result: Result, rule: RuleResult, outcome: FindingRow['outcome']): Generator<FindingRow> {
  for (const row of rowsOf(result, rule, outcome)) {
    yield row
    return
  }
}

/** A control is accepted only when each of its failures is, those that are not listed included. */
function isAllAccepted(result: Result, control: ControlResult, rules: ReadonlyMap<string, RuleResult>): boolean {
  const all = control.rules.flatMap((id) => rules.get(id) ?? [])
  return all.every((rule) => {
    const failing = [...rowsOf(result, rule, 'fail')]
    return failing.length === rule.counts.fail && failing.every(({ accepted }) => accepted !== undefined)
  })
}

function reasonOf(control: ControlResult, row: FindingRow | undefined, isAccepted: boolean): string {
  const parts = [
    control.reason,
    control.question,
    isAccepted && row?.accepted !== undefined ? acceptedSentence(row.accepted) : undefined,
    row === undefined ? undefined : headlineOf(row),
    control.counts.fail > 1 ? `${formatCount(control.counts.fail)} units fail.` : undefined,
  ]
  return plainLine(parts.filter((part) => part !== undefined).join(' '), 1_000, '')
}

type Counts = { readonly [S in Status]: number }
function none(): Counts {
  return { PASS: 0, FAIL: 0, WARN: 0, INFO: 0 }
}
function add(a: Counts, b: Counts): Counts {
  return { PASS: a.PASS + b.PASS, FAIL: a.FAIL + b.FAIL, WARN: a.WARN + b.WARN, INFO: a.INFO + b.INFO }
}
function totalsOf({ PASS, FAIL, WARN, INFO }: Counts) {
  return { total_pass: PASS, total_fail: FAIL, total_warn: WARN, total_info: INFO }
}
