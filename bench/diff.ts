// Measures `diff` and `history` of a large cluster: records of 5,000 nodes and 3,000 workloads in which a share of all units fails, and a
// tenth of that is another from one night to the next. Usage: node bench/diff.ts [nodes] [nights]
import { spawnSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunRecord, runRecordVersion } from '../src/model/comparison.ts'

const [nodes = 5000, nights = 3] = process.argv.slice(2).map(Number)
const workloads = Math.round(nodes * 0.6)
const rules = { nodes: 120, workloads: 90 }
const failingShare = 0.15
/** Prints microseconds of processor time and the most memory in KiB when a process ends. */
const usage = `process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  process.stderr.write('used ' + (userCPUTime + systemCPUTime) + ' ' + maxRSS)
})`

const folder = await mkdtemp(join(tmpdir(), 'kube-assay-bench-'))
try {
  const paths = []
  for (let night = 0; night < nights; night += 1) paths.push(await writeNight(night))
  const [first = '', second = ''] = paths
  const { size } = await stat(join(first, 'run.json'))
  const { failing } = recordOf(0)
  console.log(
    `record: ${(size / 1e6).toFixed(1)} MB, ${failing} failing of ${nodes * rules.nodes + workloads * rules.workloads}`,
  )
  measure('diff (table)', ['diff', first, second])
  measure('diff (json)', ['diff', first, second, '--format', 'json'])
  measure(`history of ${nights}`, ['history', 'large', '--reports', join(folder, 'reports')])
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function writeNight(night: number): Promise<string> {
  const path = join(folder, 'reports', 'large', `2026-11-${String(10 + night)}T02-00-00Z`)
  await mkdir(path, { recursive: true })
  await writeFile(join(path, 'run.json'), JSON.stringify(recordOf(night).record))
  return path
}

function recordOf(night: number): { record: RunRecord; failing: number } {
  const units = {
    nodes: Array.from({ length: nodes }, (_, n) => `node/worker-${n}`),
    workloads: Array.from({ length: workloads }, (_, n) => `team-${n % 300}/Deployment/service-${n}`),
  }
  let failing = 0
  const made = (['nodes', 'workloads'] as const).flatMap((each) =>
    Array.from({ length: rules[each] }, (_, number) => {
      const id = `${each}-rule-${number}`
      const bad = units[each].filter((_unit, n) => isFailing(n, number, night))
      failing += bad.length
      const fail = bad.map((unit) => ({
        fingerprint: `fp1:${hash('sha256', id + unit).slice(0, 32)}`,
        id: unit,
        name: unit,
      }))
      const capped = fail.slice(1000).map(({ fingerprint }) => fingerprint)
      return {
        id,
        severity: 'medium' as const,
        each,
        outcome: 'fail' as const,
        definition: id,
        fail: fail.slice(0, 1000),
        ...(capped.length > 0 && { capped }),
        unassessed: [],
      }
    }),
  )
  const record: RunRecord = {
    kind: 'kube-assay/run',
    schemaVersion: runRecordVersion,
    reportId: `KA-large-${night}`,
    tool: 'kube-assay bench',
    evaluatedAt: `2026-11-${10 + night}T02:00:00Z`,
    interrupted: false,
    cluster: { name: 'large', uid: 'large', source: 'live' },
    catalogue: { version: 'bench', digest: 'bench' },
    benchmarks: ['cis-kubernetes@2.0'],
    hasFingerprints: true,
    score: { formula: 'f', lower: 80, upper: 82, coverage: 0.98, answered: 98, expected: 100 },
    failing: { critical: 0, high: 0, medium: made.length, low: 0, info: 0 },
    outcomes: { fail: made.length },
    excluded: [],
    nodes,
    unread: [],
    unlisted: [],
    units,
    rules: made,
  }
  return { record, failing }
}

/** The same every night for nine of ten. */
function isFailing(unit: number, rule: number, night: number): boolean {
  const chance = ((unit * 7919 + rule * 104_729) % 1000) / 1000
  const moves = (unit + rule) % 10 === 0 ? (night * 137) % 1000 : 0
  return (chance + moves / 1000) % 1 < failingShare
}

function measure(name: string, args: readonly string[]): void {
  const started = performance.now()
  const cli = join(import.meta.dirname, '../src/cli/main.ts')
  const argv = [`--import=data:text/javascript,${encodeURIComponent(usage)}`, cli, ...args]
  const run = spawnSync(process.execPath, argv, { encoding: 'utf8', maxBuffer: 2 ** 30 })
  const [, cpu = 0, memory = 0] = /used (\d+) (\d+)/.exec(run.stderr) ?? []
  const wall = (performance.now() - started) / 1000
  console.log(
    `${name.padEnd(16)} exit ${run.status}, ${wall.toFixed(1)} s, processor ${(Number(cpu) / 1e6).toFixed(1)} s, ${(Number(memory) / 1024).toFixed(0)} MiB, ${(run.stdout.length / 1e6).toFixed(1)} MB printed`,
  )
}
