// One way to read all pods, alone in its process so that its CPU time and peak memory are its own. Started by list.ts.
// May not: hold what it read, apart from what the way measured holds by itself.
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collectObjects } from '../src/collect/objects.ts'
import type { EvidenceRecord } from '../src/model/snapshot.ts'
import { createSnapshotWriter } from '../src/snapshot/index.ts'
import { openKubeSource } from '../src/transport/kube.ts'

export interface Measurement {
  readonly pods: number
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly peakMiB: number
  readonly note: string
}

const [way = '', kubeconfig = ''] = process.argv.slice(2)
const signal = new AbortController().signal

/** The floor: pages over a keep-alive connection, concatenated, decoded and parsed. */
async function bare(): Promise<{ pods: number; note: string }> {
  const config = JSON.parse(await readFile(kubeconfig, 'utf8'))
  const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster
  const agent = new https.Agent({ keepAlive: true, ca: Buffer.from(ca, 'base64') })
  const headers = { Authorization: `Bearer ${config.users[0].user.token}` }
  let pods = 0
  let token = ''
  do {
    const text = await new Promise<string>((resolve, reject) => {
      https
        .get(`${server}/api/v1/pods?limit=500&continue=${token}`, { agent, headers }, (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk) => chunks.push(chunk))
          response.on('end', () => resolve(Buffer.concat(chunks).toString()))
        })
        .on('error', reject)
    })
    const page = JSON.parse(text)
    pods += page.items.length
    token = page.metadata.continue ?? ''
  } while (token !== '')
  agent.destroy()
  return { pods, note: '' }
}

async function collect(
  emit: (record: EvidenceRecord) => void,
  options: { compress?: boolean; drained?: () => Promise<void> },
) {
  const source = await openKubeSource({ kubeconfig, compress: options.compress ?? false })
  const [status] = await collectObjects({
    source,
    concurrency: 4,
    signal,
    emit,
    families: ['pods'],
    ...(options.drained === undefined ? {} : { drained: options.drained }),
  })
  await source.close()
  if (status?.unavailable !== undefined) throw new Error(status.unavailable.detail)
  return status?.count ?? 0
}

async function counting(compress: boolean): Promise<{ pods: number; note: string }> {
  let records = 0
  const pods = await collect(
    () => {
      records += 1
    },
    { compress },
  )
  return { pods, note: `${records - pods - 1} templates` }
}

async function snapshot(): Promise<{ pods: number; note: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-assay-bench-'))
  try {
    const path = join(folder, 'bench.ndjson.zst')
    const writer = await createSnapshotWriter(path, {
      record: 'header',
      schemaVersion: '1.0',
      tool: { name: 'bench', version: '0' },
      cluster: { name: 'bench', uid: 'bench', version: 'v1.36.2' },
      source: { kind: 'live', server: 'bench' },
      startedAt: new Date().toISOString(),
    })
    const pods = await collect(writer.write, { drained: writer.drained })
    await writer.finish({ finishedAt: new Date().toISOString(), interrupted: false })
    return { pods, note: `${Math.round((await stat(path)).size / 1024)} KiB written` }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const ways: Readonly<Record<string, () => Promise<{ pods: number; note: string }>>> = {
  bare,
  collect: () => counting(false),
  'collect-gzip': () => counting(true),
  snapshot,
}
const run = ways[way]
if (run === undefined) throw new Error(`unknown way ${way}`)
// Loading modules is start-up, measured elsewhere.
await import('@kubernetes/client-node')
const cpu = process.cpuUsage()
const began = performance.now()
const { pods, note } = await run()
const { user, system } = process.cpuUsage(cpu)
const measurement: Measurement = {
  pods,
  cpuSeconds: (user + system) / 1e6,
  wallSeconds: (performance.now() - began) / 1000,
  peakMiB: process.resourceUsage().maxRSS / 1024,
  note,
}
process.stdout.write(`${JSON.stringify(measurement)}\n`)
