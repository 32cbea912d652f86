// A cluster of the largest size that is promised, read and judged by the command line: wall time, processor time and peak memory of
// each stage. The servers run in this process, each stage in another. Run: node bench/scale.ts [nodes] [pods]
import { spawn } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startSimulatedCluster } from '../src/simulator/cluster.ts'

const nodes = Number(process.argv[2] ?? 5000)
const pods = Number(process.argv[3] ?? 150_000)
const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
/** USER_HZ, which Linux shows to programs: 100 on every architecture that Node.js runs on. */
const ticksPerSecond = 100

const cluster = await startSimulatedCluster({ source: { kind: 'generated', nodes, pods } })
try {
  const settings = join(cluster.folder, 'settings.json')
  await writeFile(settings, JSON.stringify({ kubeconfig: cluster.kubeconfig, ssh: cluster.ssh }))
  const snapshot = join(cluster.folder, 'snapshot.ndjson.zst')
  const result = join(cluster.folder, 'result.json')
  await measure('collect', ['collect', '--config', settings, '--output', snapshot])
  console.log(`          ${(statSync(snapshot).size / 1e6).toFixed(1)} MB of snapshot for ${nodes} nodes, ${pods} pods`)
  await measure('evaluate', ['evaluate', snapshot, '--output', result])
  console.log(`          ${(statSync(result).size / 1e6).toFixed(1)} MB of result`)
  await measure('html', ['render', result, '--format', 'html', '--output', join(cluster.folder, 'reports')])
} finally {
  await cluster.close()
}

async function measure(stage: string, args: readonly string[]): Promise<void> {
  const { PATH = '', HOME = '' } = process.env
  const started = performance.now()
  const child = spawn(process.execPath, [main, '--quiet', ...args], {
    env: { PATH, HOME },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  let last = { cpu: 0, peak: 0 }
  const timer = setInterval(() => {
    last = usage(child.pid ?? 0) ?? last
  }, 100)
  const code = await new Promise((resolve) => child.once('close', resolve))
  clearInterval(timer)
  const wall = (performance.now() - started) / 1000
  console.log(
    `${stage.padEnd(10)}${wall.toFixed(1)} s wall, ${last.cpu.toFixed(1)} s CPU, ${last.peak} MiB peak, exit code ${code}`,
  )
}

/** Seconds on the processor and MiB at the peak, so far. Undefined once the process is gone. */
function usage(pid: number): { cpu: number; peak: number } | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    const peak = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    if (peak === undefined) return undefined
    return { cpu: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond, peak: Math.round(Number(peak) / 1024) }
  } catch {
    return undefined
  }
}
