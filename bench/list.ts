// Measures reading all pods of a large simulated cluster: our collector, with and without the snapshot behind it, against a
// bare paged https + JSON.parse loop in the same run. Usage: node bench/list.ts [pods] [rounds]
// Aim: at most 1.5 times the bare loop's CPU time, at most 600 MiB at the peak. Exit code 1 when the aim is missed.
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApiServer } from '../src/simulator/api-server.ts'
import { podProvider } from './api-pods.ts'
import type { Measurement } from './api-worker.ts'

const aim = { cpuRatio: 1.5, peakMiB: 600 }
const ways = ['bare', 'collect', 'snapshot', 'collect-gzip'] as const
const [count = 150_000, rounds = 3] = process.argv.slice(2).map(Number)

if (process.send !== undefined) {
  const server = await startApiServer({ provider: podProvider(count) })
  process.send(server.kubeconfig())
} else process.exitCode = await main()

async function main(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-assay-bench-'))
  const server = fork(import.meta.filename, [String(count)])
  try {
    const [text] = await once(server, 'message')
    const kubeconfig = join(folder, 'kubeconfig')
    await writeFile(kubeconfig, String(text), { mode: 0o600 })
    const measured = new Map<string, Measurement[]>()
    for (let round = 0; round < rounds; round += 1) {
      for (const way of ways) measured.set(way, [...(measured.get(way) ?? []), await measure(way, kubeconfig)])
    }
    return printTable(measured)
  } finally {
    await stop(server)
    await rm(folder, { recursive: true, force: true })
  }
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill()
  await exited
}

async function measure(way: string, kubeconfig: string): Promise<Measurement> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'api-worker.ts'), way, kubeconfig], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${way} ended with ${code}`)
  return JSON.parse(output)
}

/** The median round of each way, by CPU time. */
function printTable(measured: ReadonlyMap<string, readonly Measurement[]>): number {
  const median = (way: string): Measurement => {
    const sorted = [...(measured.get(way) ?? [])].sort((a, b) => a.cpuSeconds - b.cpuSeconds)
    const middle = sorted[Math.floor(sorted.length / 2)]
    if (middle === undefined) throw new Error(`${way} was not measured`)
    return middle
  }
  const floor = median('bare').cpuSeconds
  const rows = ways.map((way) => ({ way, ...median(way) }))
  console.log(`${count} pods, median of ${rounds} rounds`)
  console.table(
    rows.map(({ way, pods, cpuSeconds, wallSeconds, peakMiB, note }) => ({
      way,
      pods,
      'CPU s': cpuSeconds.toFixed(2),
      ratio: (cpuSeconds / floor).toFixed(2),
      'wall s': wallSeconds.toFixed(1),
      'peak MiB': Math.round(peakMiB),
      note,
    })),
  )
  const collect = median('collect')
  const isMet = collect.cpuSeconds / floor <= aim.cpuRatio && rows.every((row) => row.peakMiB <= aim.peakMiB)
  console.log(`aim (collect ≤ ${aim.cpuRatio} × bare, every peak ≤ ${aim.peakMiB} MiB): ${isMet ? 'met' : 'MISSED'}`)
  return isMet ? 0 : 1
}
