// A fleet of which a tenth is broken in thirteen ways, read by the command line over real SSH: is every node accounted for with its
// reason, and is the time bounded by the slowest budget? The servers run in this process, the audit in another.
// Run: node bench/fleet.ts [nodes] [parallel]
import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Result, resultSchema } from '../src/model/result.ts'
import { type SimulatedCluster, startSimulatedCluster } from '../src/simulator/cluster.ts'
import { breakFleet, type FleetFault } from '../src/simulator/fleet-faults.ts'
import { generatedNodeName } from '../src/simulator/generate.ts'

export interface FleetRun {
  readonly broken: ReadonlyMap<string, FleetFault>
  readonly result: Result
  readonly exitCode: number
  /** Of the whole command, evaluation and JSON report included. */
  readonly wallMs: number
}

export interface FleetOptions {
  readonly nodes: number
  readonly share: number
  readonly parallel: number
  readonly connectTimeoutSeconds: number
  readonly timeoutSeconds: number
  readonly totalTimeoutSeconds?: number
}

export async function auditFleet(options: FleetOptions): Promise<FleetRun> {
  const broken = breakFleet(
    Array.from({ length: options.nodes }, (_, index) => generatedNodeName(index)),
    options.share,
  )
  const cluster = await startSimulatedCluster({
    source: { kind: 'generated', nodes: options.nodes, pods: options.nodes },
    nodeFaults: Object.fromEntries([...broken].map(([node, { fault }]) => [node, fault])),
  })
  try {
    const output = join(cluster.folder, 'report')
    const started = performance.now()
    const exitCode = await runAudit(await writeSettings(cluster, options), output)
    const wallMs = performance.now() - started
    const result = resultSchema.parse(JSON.parse(await readFile(join(output, 'result.json'), 'utf8')))
    return { broken, result, exitCode, wallMs }
  } finally {
    await cluster.close()
  }
}

async function writeSettings(cluster: SimulatedCluster, options: FleetOptions): Promise<string> {
  const { connectTimeoutSeconds, timeoutSeconds, totalTimeoutSeconds, parallel } = options
  const file = join(cluster.folder, 'settings.json')
  const settings = {
    kubeconfig: cluster.kubeconfig,
    ssh: { ...cluster.ssh, connectTimeoutSeconds, timeoutSeconds },
    concurrency: { nodes: parallel },
    formats: ['json'],
    ...(totalTimeoutSeconds === undefined ? {} : { totalTimeoutSeconds }),
  }
  await writeFile(file, JSON.stringify(settings))
  return file
}

function runAudit(settings: string, output: string): Promise<number> {
  const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [main, '--quiet', 'audit', '--config', settings, '--output', output], {
    env: { PATH, HOME },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? -1))
  })
}

export interface Account {
  /** Why facts of the node's host are not known, each once. */
  readonly gaps: readonly { readonly reason: string; readonly detail: string }[]
  /** Whether anything came from the host. */
  readonly isReached: boolean
}

/** What the coverage table says of a node. Undefined: it is not in it. */
export function accountOf({ coverage }: Result, node: string): Account | undefined {
  const entry = coverage.nodes.find((candidate) => candidate.node === node)
  if (entry === undefined) return undefined
  const gaps = new Map(
    entry.facts.flatMap((gap) => (gap === null ? [] : [[`${gap.reason} ${gap.detail}`, gap] as const])),
  )
  return { gaps: [...gaps.values()], isReached: entry.access !== undefined }
}

/** Whether the account is the one that the fault wants. A node that is not broken has been reached. */
export function isAccountRight(account: Account | undefined, fault: FleetFault | undefined): boolean {
  if (account === undefined) return false
  if (fault === undefined) return account.isReached
  if (fault.isPartial && !account.isReached) return false
  return account.gaps.some(({ reason, detail }) => reason === fault.reason && fault.detail.test(detail))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const nodes = Number(process.argv[2] ?? 200)
  const parallel = Number(process.argv[3] ?? 32)
  const options = { nodes, share: 0.1, parallel, connectTimeoutSeconds: 5, timeoutSeconds: 20 }
  report(options, await auditFleet(options))
}

function report(options: FleetOptions, { broken, result, wallMs, exitCode }: FleetRun): void {
  const { nodes, parallel, connectTimeoutSeconds, timeoutSeconds } = options
  console.log(
    `${nodes} nodes, ${broken.size} broken, ${parallel} at once, ${connectTimeoutSeconds} s to connect, ${timeoutSeconds} s a node`,
  )
  let right = 0
  for (const { node } of result.coverage.nodes) {
    const fault = broken.get(node)
    const account = accountOf(result, node)
    const isRight = isAccountRight(account, fault)
    const { reason, detail } = account?.gaps.find((gap) => gap.reason === fault?.reason) ??
      account?.gaps[0] ?? { reason: 'read', detail: '' }
    if (isRight) right += 1
    if (fault !== undefined || !isRight) {
      console.log(
        `  ${isRight ? 'ok' : 'WRONG'}  ${node}  ${(fault?.name ?? 'healthy').padEnd(30)} ${reason.padEnd(18)} ${detail.slice(0, 90)}`,
      )
    }
  }
  const reached = result.coverage.nodes.filter(({ access }) => access !== undefined)
  const times = reached.map(({ access }) => access?.durationMs ?? 0).toSorted((a, b) => a - b)
  const bytes = reached.map(({ access }) => access?.bytes ?? 0).toSorted((a, b) => a - b)
  const middle = (values: readonly number[]): number => values[Math.floor(values.length / 2)] ?? 0
  console.log(
    `${result.coverage.nodes.length} in the coverage table, ${right} with the right account, exit code ${exitCode}`,
  )
  console.log(
    `whole audit ${(wallMs / 1000).toFixed(1)} s; a node: median ${middle(times)} ms, ${Math.round(middle(bytes) / 1024)} KiB`,
  )
}
