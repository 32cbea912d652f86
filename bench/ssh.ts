// Client CPU per node over SSH: our path (openSshAccess) against a bare ssh2 connect + exec of the same script on the same
// nodes in the same process, in turns. Servers run in a child process, so that their work is not counted.
// Run: node bench/ssh.ts [nodes] [concurrency]
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pLimit from 'p-limit'
import ssh2 from 'ssh2'
import { defaultProbeLimits } from '../src/collect/nodes.ts'
import { parseProbe } from '../src/collect/probe/parse.ts'
import { createNonce, renderProbe } from '../src/collect/probe/script.ts'
import { createOutputCache, generateSshKey, startSshNode } from '../src/simulator/ssh-server.ts'
import type { NodeAccess } from '../src/transport/contracts.ts'
import { openSshAccess, probeCommands } from '../src/transport/ssh.ts'

const rounds = 5

if (process.send) await serve()
else await measure()

/** In the child: the nodes. They share this machine as their host, and one run of the script. */
async function serve(): Promise<void> {
  const [count = '0', publicKey = ''] = process.argv.slice(2)
  const outputCache = createOutputCache()
  const hostKeys = [generateSshKey().private]
  const nodes = []
  for (let index = 0; index < Number(count); index += 1) {
    nodes.push(await startSshNode({ hostTreeRoot: '/', authorizedKeys: [publicKey], hostKeys, outputCache }))
  }
  process.send?.(nodes.map(({ port, knownHosts }) => ({ port, knownHosts })))
}

interface Served {
  readonly port: number
  readonly knownHosts: string
}
interface Cost {
  readonly cpuMs: number
  readonly wallMs: number
}

async function measure(): Promise<void> {
  const count = Number(process.argv[2] ?? 200)
  const concurrency = Number(process.argv[3] ?? 32)
  const key = generateSshKey()
  const folder = mkdtempSync(join(tmpdir(), 'bench-ssh-'))
  const child = fork(fileURLToPath(import.meta.url), [String(count), key.public])
  try {
    const served = await new Promise<Served[]>((resolve, reject) => {
      child.once('message', (message) => resolve(message as Served[]))
      child.once('exit', () => reject(new Error('The servers ended.')))
    })
    writeFileSync(join(folder, 'known_hosts'), served.map((node) => node.knownHosts).join(''))
    writeFileSync(join(folder, 'id'), key.private, { mode: 0o600 })
    const access = await openSshAccess({
      environment: {},
      home: folder,
      userName: 'bench',
      identityFiles: [join(folder, 'id')],
      knownHosts: [join(folder, 'known_hosts')],
    })
    const privateKey = parsedKey(key.private)
    const bare: Cost[] = []
    const ours: Cost[] = []
    const parsing: Cost[] = []
    let bytes = 0
    // The first round warms caches and compilers on both sides and is not counted.
    for (let round = 0; round <= rounds; round += 1) {
      const bareCost = await cost(() => inParallel(served, concurrency, (node) => bareProbe(node, privateKey)))
      const outputs: { nonce: string; stdout: Uint8Array }[] = []
      const oursCost = await cost(() =>
        inParallel(served, concurrency, async (node) => outputs.push(await ourProbe(access, node))),
      )
      const parseCost = await cost(async () => {
        for (const { nonce, stdout } of outputs) parse(stdout, nonce)
      })
      bytes = outputs[0]?.stdout.byteLength ?? 0
      if (round === 0) continue
      bare.push(bareCost)
      ours.push(oursCost)
      parsing.push(parseCost)
    }
    await access.close()
    report(count, concurrency, bytes, bare, ours, parsing)
  } finally {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

function parsedKey(text: string): ssh2.ParsedKey {
  const key = ssh2.utils.parseKey(text)
  if (key instanceof Error) throw key
  return key
}

async function inParallel(
  nodes: readonly Served[],
  concurrency: number,
  work: (node: Served) => Promise<unknown>,
): Promise<void> {
  const limit = pLimit(concurrency)
  await Promise.all(nodes.map((node) => limit(work, node)))
}

async function cost(work: () => Promise<void>): Promise<Cost> {
  const started = performance.now()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() - started }
}

/** The least one can do with ssh2: no host key check, one key, the same command and script. */
function bareProbe(node: Served, key: ssh2.ParsedKey): Promise<Buffer> {
  const script = renderProbe(createNonce())
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    const chunks: Buffer[] = []
    client.on('error', reject)
    client.on('ready', () => {
      client.exec(probeCommands.auto, (error, channel) => {
        if (error) {
          reject(error)
          return
        }
        channel.on('data', (chunk: Buffer) => chunks.push(chunk))
        channel.on('close', () => {
          client.end()
          const stdout = Buffer.concat(chunks)
          if (stdout.includes(' Z\n')) resolve(stdout)
          else reject(new Error('The probe did not end.'))
        })
        channel.end(script)
      })
    })
    client.connect({
      host: '127.0.0.1',
      port: node.port,
      username: 'bench',
      authHandler: (_left, _partial, next) => {
        next({ type: 'publickey', username: 'bench', key: key as unknown as Buffer })
      },
    })
  })
}

async function ourProbe(access: NodeAccess, node: Served): Promise<{ nonce: string; stdout: Uint8Array }> {
  const nonce = createNonce()
  const target = { node: 'bench', addresses: ['127.0.0.1'], port: node.port }
  const output = await access.runProbe(target, renderProbe(nonce), defaultProbeLimits, new AbortController().signal)
  if ('unavailable' in output) throw new Error(output.unavailable.detail)
  return { nonce, stdout: output.stdout }
}

function parse(stdout: Uint8Array, nonce: string): void {
  const evidence = parseProbe(stdout, nonce, { transport: 'ssh', startedAt: '2026-01-01T00:00:00Z', durationMs: 0 })
  if ('unavailable' in evidence || evidence.incomplete) throw new Error('The output did not parse.')
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function report(
  count: number,
  concurrency: number,
  bytes: number,
  bare: readonly Cost[],
  ours: readonly Cost[],
  parsing: readonly Cost[],
): void {
  const perNode = (costs: readonly Cost[], of: keyof Cost): number => median(costs.map((cost) => cost[of])) / count
  const ratios = ours.map((cost, index) => cost.cpuMs / (bare[index]?.cpuMs ?? Number.NaN))
  const withParsing = ours.map(
    (cost, index) => (cost.cpuMs + (parsing[index]?.cpuMs ?? 0)) / (bare[index]?.cpuMs ?? Number.NaN),
  )
  const row = (name: string, costs: readonly Cost[]): string =>
    `${name.padEnd(22)} ${perNode(costs, 'cpuMs').toFixed(2).padStart(7)} ms CPU ${perNode(costs, 'wallMs').toFixed(2).padStart(7)} ms wall`
  console.log(`${count} nodes, ${concurrency} at a time, ${bytes} bytes a node, median of ${rounds} rounds, per node:`)
  console.log(row('bare ssh2', bare))
  console.log(row('openSshAccess', ours))
  console.log(row('parsing and redaction', parsing))
  console.log(`ratio ${median(ratios).toFixed(2)}x (aim 1.3x), with parsing ${median(withParsing).toFixed(2)}x`)
}
