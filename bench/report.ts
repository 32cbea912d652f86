// Measures the reports of a very large result: 5,000 nodes and 100,000 findings, of which no two say the same. Prints time, peak memory
// of Node and of the browser, pages, bytes; then how fast a browser opens the HTML and answers its filters.
// Usage: node bench/report.ts [findings]. Needs Linux (memory is read from /proc) and a Chromium.
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Finding, Result, RuleResult } from '../src/model/result.ts'
import { startBrowser } from '../src/report/browser.ts'
import { findBrowser } from '../src/report/browser-discovery.ts'
import { renderHtml, renderPdf } from '../src/report/index.ts'
import { nodeUnit, result, rule, workloadUnit } from '../test/support/result-builder.ts'
import { readNode } from '../test/support/sample-results.ts'

const perRule = 1000
const rules = Math.round(Number(process.argv[2] ?? 100_000) / perRule)
const nodes = 5000
const nodeName = (index: number) => `worker-${String(index).padStart(4, '0')}.eu-west-1.compute.internal`

const folder = await mkdtemp(join(tmpdir(), 'kube-assay-bench-'))
try {
  const large = largeResult()
  const findings = large.rules.reduce((sum, { findings }) => sum + findings.length, 0)
  console.log(`${nodes} nodes, ${large.rules.length} rules, ${findings} findings kept in the result`)
  await measureHtml(large)
  await measurePdf(large)
} finally {
  await rm(folder, { recursive: true, force: true })
}

function largeResult(): Result {
  const severities = ['critical', 'high', 'medium', 'low'] as const
  const made = Array.from({ length: rules }, (_, index): RuleResult => {
    const each = index % 3 === 0 ? 'workloads' : 'nodes'
    return rule({
      id: `synthetic-rule-${index}`,
      title: `Synthetic rule number ${index} holds`,
      problem: `Synthetic rule number ${index} does not hold`,
      severity: severities[index % severities.length] ?? 'low',
      each,
      references: [`CIS Kubernetes 1.24 · ${1 + (index % 5)}.${1 + (index % 7)}.${index}`],
      findings: Array.from({ length: perRule }, (_, number) => finding(index, number, each)),
      pass: nodes - perRule,
      cap: perRule,
    })
  })
  return result({
    rules: made,
    nodes: Array.from({ length: nodes }, (_, index) => readNode(nodeName(index), ['worker'])),
    cluster: { workloads: 10_000, pods: 150_000, namespaces: 300 },
  })
}

function finding(index: number, number: number, each: 'nodes' | 'workloads'): Finding {
  const unit =
    each === 'nodes'
      ? nodeUnit(nodeName((number * 5 + index) % nodes))
      : workloadUnit(`team-${number % 300}`, 'Deployment', `app-${index}-${number}`, 15)
  const file = `/etc/sysctl.d/90-${index}-${number}.conf`
  return {
    unit,
    outcome: 'fail',
    fingerprint: `fp1:${String(index * perRule + number).padStart(32, '0')}`,
    evidence: [
      {
        message: '',
        observed: `value ${number} of rule ${index}`,
        expected: 'another value',
        source: `${file}:${number}`,
      },
    ],
    remediation: [
      { text: 'Write the value where it persists.', file, language: 'ini', content: `kernel.example = ${number}` },
      { text: 'Load it.', language: 'shell', content: `sysctl -p ${file}` },
    ],
    verify: `sysctl kernel.example # ${number}`,
  }
}

async function measureHtml(large: Result): Promise<void> {
  const started = performance.now()
  const html = await renderHtml(large)
  console.log(`HTML: ${seconds(started)} s, ${megabytes(Buffer.byteLength(html))} MB`)
  const path = join(folder, 'report.html')
  await writeFile(path, html)
  const running = await startBrowser(await findBrowser(process.env), 60_000)
  try {
    const page = await running.browser.newPage()
    const taskSeconds = async () => ((await page.metrics()).TaskDuration ?? 0).toFixed(1)
    const opening = performance.now()
    await page.goto(pathToFileURL(path).href)
    const frame = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))'
    await page.evaluate(frame)
    console.log(`opened: ${seconds(opening)} s to the first frame with filters ready, ${await taskSeconds()} s of work`)
    for (const [name, value] of [
      ['text', 'rule number 7'],
      ['text', 'app-30-9'],
      ['node', nodeName(35)],
      ['namespace', 'team-7'],
      ['text', ''],
    ]) {
      const time = await page.evaluate(`(async () => {
        const field = document.getElementById('filters').elements.namedItem(${JSON.stringify(name)})
        const from = performance.now()
        field.value = ${JSON.stringify(value)}
        field.dispatchEvent(new Event('input', { bubbles: true }))
        await ${frame}
        return Math.round(performance.now() - from) + ' ms to the next frame, ' + document.querySelector('output').value
      })()`)
      console.log(`filter ${name} = "${value}": ${time}`)
    }
  } finally {
    await running.close()
  }
}

async function measurePdf(large: Result): Promise<void> {
  const path = join(folder, 'report.pdf')
  const watch = watchChildren()
  const started = performance.now()
  const cpu = process.cpuUsage()
  const { pages, bytes } = await renderPdf(large, path, { timeoutMs: 300_000 })
  const time = seconds(started)
  const chromium = await watch.stop()
  const node = process.resourceUsage().maxRSS * 1024
  const { user, system } = process.cpuUsage(cpu)
  console.log(`processor: Node ${((user + system) / 1e6).toFixed(1)} s, Chromium ${watch.cpu().toFixed(1)} s`)
  console.log(
    `PDF: ${time} s, ${pages} pages, ${megabytes(bytes)} MB (on disk ${megabytes((await stat(path)).size)} MB)`,
  )
  console.log(
    `peak memory: Chromium ${megabytes(chromium)} MB (all its processes, shared pages once), Node ${megabytes(node)} MB`,
  )
}

/** Largest sum of the proportional set sizes of all processes below this one, seen five times a second. */
function watchChildren(): { stop(): Promise<number>; cpu(): number } {
  let peak = 0
  const ticks = new Map<number, number>()
  const look = async () => {
    peak = Math.max(peak, await sizeBelow(process.pid, ticks))
  }
  const timer = setInterval(() => void look(), 200)
  return {
    async stop() {
      clearInterval(timer)
      return peak
    },
    /** Seconds of processor time, at the last look; a hundred ticks are a second on Linux. */
    cpu: () => [...ticks.values()].reduce((sum, count) => sum + count, 0) / 100,
  }
}

async function sizeBelow(root: number, ticks: Map<number, number>): Promise<number> {
  const parents = new Map<number, number>()
  const used = new Map<number, number>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const status = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    const parent = /\) \S (\d+)/.exec(status)?.[1]
    if (parent === undefined) continue
    parents.set(Number(name), Number(parent))
    const [, own = 0, kernel = 0] = /\) \S(?: -?\d+){10} (\d+) (\d+)/.exec(status) ?? []
    used.set(Number(name), Number(own) + Number(kernel))
  }
  const isBelow = (id: number): boolean => {
    const parent = parents.get(id)
    return parent !== undefined && (parent === root || (parent > 1 && isBelow(parent)))
  }
  let sum = 0
  for (const id of parents.keys()) {
    if (!isBelow(id)) continue
    ticks.set(id, used.get(id) ?? 0)
    const rollup = await readFile(`/proc/${id}/smaps_rollup`, 'utf8').catch(() => '')
    sum += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) * 1024
  }
  return sum
}

function seconds(from: number): string {
  return ((performance.now() - from) / 1000).toFixed(1)
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
