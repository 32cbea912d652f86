// Measures how long `--help` takes against starting Node.js with nothing to do, in turn, in the same run.
// Usage: npm run build && node bench/start-up.ts [rounds]
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const entry = join(import.meta.dirname, '../dist/cli/main.js')
if (!existsSync(entry)) throw new Error('Run npm run build first: users start the compiled files.')
const rounds = Number(process.argv[2] ?? 20)
const heavy = ['@kubernetes/client-node', 'ssh2', 'puppeteer-core', 'handlebars', 'zod', 'yaml']

const times = { floor: [] as number[], help: [] as number[] }
for (let round = 0; round < rounds; round += 1) {
  times.floor.push(milliseconds(['-e', '0']))
  times.help.push(milliseconds([entry, '--help']))
}
const [floor, help] = [median(times.floor), median(times.help)]
console.table([
  { what: 'node -e 0', 'median ms': floor.toFixed(1) },
  { what: 'kube-assay --help', 'median ms': help.toFixed(1), ratio: (help / floor).toFixed(2) },
])
const trace = spawnSync(process.execPath, [entry, '--help'], {
  env: { ...process.env, NODE_DEBUG: 'esm,module' },
  encoding: 'utf8',
})
const loaded = heavy.filter((name) => trace.stderr.includes(`node_modules/${name}/`))
process.stdout.write(
  `heavy packages loaded for --help: ${loaded.length === 0 ? 'none' : loaded.join(', ')} (of ${heavy.join(', ')})\n`,
)

function milliseconds(args: readonly string[]): number {
  const start = performance.now()
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' })
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`)
  return performance.now() - start
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
