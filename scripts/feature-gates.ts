// Makes src/derive/feature-gates/gate-data.ts and flag-data.ts from Kubernetes' own lists of feature gates and the help texts of its
// components: node scripts/feature-gates.ts <folder with feature-gates/ and flags/> <minor version of both, such as 36>
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

const [folder, version] = process.argv.slice(2)
if (folder === undefined || version === undefined)
  throw new Error('Usage: node scripts/feature-gates.ts <folder> <minor>')
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

const stages = { Alpha: 'a', Beta: 'b', GA: 'g', Deprecated: 'd' } as const
type Stage = keyof typeof stages
interface Spec {
  readonly minor: number
  readonly stage: Stage
  readonly default: boolean
  readonly lockToDefault: boolean
}

const listSchema = z.array(
  z.object({
    name: z.string(),
    versionedSpecs: z.array(
      z.object({
        default: z.boolean(),
        lockToDefault: z.boolean(),
        preRelease: z.enum(['Alpha', 'Beta', 'GA', 'Deprecated']),
        version: z.string(),
      }),
    ),
  }),
)

/** The list names two gates by their Go constants; this is how they are written in a flag. */
const written: Readonly<Record<string, string>> = {
  CPUCFSQuotaPeriod: 'CustomCPUCFSQuotaPeriod',
  RuntimeClassInImageCriAPI: 'RuntimeClassInImageCriApi',
}

/** Gates that the build whose help was read has of its own: Kubernetes does not know them. */
const foreign = new Set(['MinimumKubeletVersion', 'RouteExternalCertificate', 'StoragePerformantSecurityPolicy'])

const gates = new Map<string, readonly Spec[]>()
for (const { name, versionedSpecs } of listSchema.parse(parse(read('feature-gates/versioned_feature_list.yaml')))) {
  const specs = versionedSpecs.map((spec) => ({ ...spec, stage: spec.preRelease, minor: minorOf(spec.version) }))
  gates.set(written[name] ?? name, specs)
}

// The other list also has the gates of client-go, and some that only live in vendored code: the components' help tells them apart.
const listed = new Set(
  [...read(`flags/kubelet-1.${version}.help.txt`).matchAll(/^\s+(\w+)=true\|false/gm)].map(([, name]) => name),
)
for (const [, name = '', ...cells] of read('feature-gates/feature_list.md').matchAll(
  /^\| (\w+) \|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|/gm,
)) {
  if (gates.has(name) || foreign.has(name)) continue
  const specs = specsOf(cells)
  const last = specs.at(-1)
  if (last !== undefined && (listed.has(name) || last.stage === 'GA' || last.stage === 'Deprecated'))
    gates.set(name, specs)
}

function specsOf([enabled = '', locked = '', ...ranges]: readonly string[]): readonly Spec[] {
  const starts = (['Alpha', 'Beta', 'GA', 'Deprecated'] as const).flatMap((stage, index) => {
    const start = /1\.\d+/.exec(ranges[index] ?? '')?.[0]
    return start === undefined ? [] : [{ stage, minor: minorOf(start) }]
  })
  const since = (cell: string): number => minorOf(/1\.\d+/.exec(cell)?.[0] ?? '1.999')
  const minors = new Set([...starts.map(({ minor }) => minor), since(enabled), since(locked)])
  return [...minors]
    .filter((minor) => minor < 999)
    .toSorted((a, b) => a - b)
    .flatMap((minor) => {
      const stage = starts
        .filter((start) => start.minor <= minor)
        .toSorted((a, b) => a.minor - b.minor)
        .at(-1)?.stage
      if (stage === undefined) return []
      return [{ minor, stage, default: since(enabled) <= minor, lockToDefault: since(locked) <= minor }]
    })
}

function minorOf(text: string): number {
  return Number(text.split('.')[1])
}

const lines = [...gates]
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, specs]) => `${name} ${specs.map(write).join(' ')}`)

function write(spec: Spec): string {
  return `${spec.minor}${stages[spec.stage]}${spec.default ? '+' : '-'}${spec.lockToDefault ? '!' : ''}`
}

const target = join(import.meta.dirname, '..', 'src/derive/feature-gates')
writeFileSync(
  join(target, 'gate-data.ts'),
  `// The feature gates of Kubernetes 1.${version} with their history: a name, then for each change the minor version, the stage (alpha, beta,
// ga, deprecated), the default (+ on, - off), and ! where the gate can no longer be set otherwise.
// From kubernetes/kubernetes, test/compatibility_lifecycle/reference (Apache-2.0, The Kubernetes Authors).
// Made by scripts/feature-gates.ts. May not: be edited by hand.

/** The minor version whose gates these are. */
export const gateDataMinor = ${version}

export const gateData = \`
${lines.join('\n')}
\`
`,
)

const components = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet']
const flags = components.map((component) => {
  const help = read(`flags/${component}-1.${version}.help.txt`)
  const names = new Set(
    [...help.matchAll(/^ {2,8}(?:-\w, )?--([A-Za-z][\w-]*)/gm)].map(([, name = '']) => name.toLowerCase()),
  )
  if (names.size < 50) throw new Error(`The help of ${component} has only ${names.size} flags.`)
  return `  '${component}': \`\n${wrap([...names].toSorted())}\n\`,`
})

function wrap(names: readonly string[]): string {
  const rows: string[] = []
  for (const name of names) {
    const row = rows.at(-1)
    if (row === undefined || row.length + name.length > 116) rows.push(name)
    else rows[rows.length - 1] = `${row} ${name}`
  }
  return rows.join('\n')
}

writeFileSync(
  join(target, 'flag-data.ts'),
  `// The flags that the components of Kubernetes 1.${version} list in their own help. A flag that is missing here is gone, or is deprecated and
// hidden. Made by scripts/feature-gates.ts. May not: be edited by hand.

/** The minor version whose flags these are. */
export const flagDataMinor = ${version}

export const flagData = {
${flags.join('\n')}
}
`,
)
