// Measures access control of a large cluster: 20,000 bindings, 5,000 roles, 10,000 subjects, derived and judged by the rules on
// bindings, roles and subjects. Usage: node bench/rbac.ts
// A tenth of the roles are as large as Kubernetes' own `edit`, a few aggregate, and some bindings are of everybody.
import { loadCatalogue, selectBenchmark } from '../src/catalog/index.ts'
import { deriveAccessUnits } from '../src/derive/rbac/index.ts'
import { evaluate } from '../src/evaluate/index.ts'
import { isUnavailable } from '../src/model/fact.ts'
import type { BindingObject, RoleObject } from '../src/model/objects.ts'
import { rulesFolder } from '../test/unit/catalog/support.ts'
import { buildEvidence } from '../test/unit/derive/workloads/evidence-builder.ts'
import { factSetOf } from '../test/unit/evaluate/support.ts'

type Subject = BindingObject['subjects'][number]
const sizes = { bindings: 20_000, roles: 5000, subjects: 10_000, namespaces: 500 } as const
const accessKinds = ['bindings', 'roles', 'subjects'] as const

const catalogue = await loadCatalogue(rulesFolder)
const rules = catalogue.rules.filter(({ rule }) => accessKinds.some((kind) => kind === rule.each))
const evidence = makeEvidence()
const benchmark = selectBenchmark(catalogue, 'auto', evidence.header.cluster.version)

const started = performance.now()
const units = deriveAccessUnits(evidence)
const derived = performance.now()
const facts = factSetOf({ ...units })
const now = '2026-11-20T09:00:00Z'
const tool = { name: 'kube-assay', version: 'bench' }
const result = evaluate({
  evidence,
  facts,
  catalogue: { ...catalogue, rules },
  benchmark,
  now,
  tool,
  findingsCap: 1000,
})
const judged = performance.now()
let grants = 0
for (const {
  facts: { effectivePermissions },
} of units.subjects) {
  if (effectivePermissions !== undefined && !isUnavailable(effectivePermissions))
    grants += effectivePermissions.grants.length
}
const flattened = performance.now()

const evaluations = rules.reduce((sum, { rule }) => sum + facts.units[rule.each].length, 0)
const lines = [
  `${units.bindings.length} bindings, ${units.roles.length} roles, ${units.subjects.length} subjects`,
  `derived in ${seconds(started, derived)} s`,
  `${evaluations} evaluations of ${rules.length} rules in ${seconds(derived, judged)} s, ${result.summary.units.fail} failing`,
  `${grants} effective permissions written out in ${seconds(judged, flattened)} s (only rules that ask for them do)`,
  `peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`,
]
process.stdout.write(`${lines.join('\n')}\n`)

function seconds(from: number, to: number): string {
  return ((to - from) / 1000).toFixed(2)
}

function makeEvidence() {
  const names = (count: number) => Array.from({ length: count }, (_, index) => index)
  const subjects = names(sizes.subjects).map(subjectAt)
  const bindings = names(sizes.bindings).map((index) => bindingAt(index, subjects))
  const roles = names(sizes.roles).map(roleAt)
  return buildEvidence({
    objects: {
      clusterrolebindings: bindings.filter(({ namespace }) => namespace === undefined),
      rolebindings: bindings.filter(({ namespace }) => namespace !== undefined),
      clusterroles: roles.filter(({ namespace }) => namespace === undefined),
      roles: roles.filter(({ namespace }) => namespace !== undefined),
      serviceaccounts: subjects
        .filter(({ kind }) => kind === 'ServiceAccount')
        .map(({ name, namespace = '' }) => ({ name, namespace })),
    },
  })
}

function subjectAt(index: number): Subject {
  if (index % 10 < 7)
    return { kind: 'ServiceAccount', name: `app-${index}`, namespace: `ns-${index % sizes.namespaces}` }
  return index % 10 < 9 ? { kind: 'User', name: `user-${index}` } : { kind: 'Group', name: `group-${index}` }
}

/** One in ten in the whole cluster; two subjects each, so that every subject has four on average. */
function bindingAt(index: number, subjects: readonly Subject[]): BindingObject {
  const bound = [index, index * 7 + 3].flatMap((at) => subjects[at % subjects.length] ?? [])
  const isClusterWide = index % 10 === 0
  const namespace = `ns-${index % sizes.namespaces}`
  const role =
    isClusterWide || index % 2 === 0
      ? { kind: 'ClusterRole', name: `role-${(index * 2) % sizes.roles}` }
      : { kind: 'Role', name: `role-${roleOf(index)}` }
  return { name: `binding-${index}`, ...(isClusterWide ? {} : { namespace }), roleRef: role, subjects: bound }
}

/** A Role of the binding's namespace: odd numbers are Roles, of the namespace with the same remainder. */
function roleOf(index: number): number {
  return (index % sizes.namespaces) + sizes.namespaces * (index % (sizes.roles / sizes.namespaces))
}

function roleAt(index: number): RoleObject {
  const size = index % 10 === 0 ? 40 : 1 + (index % 6)
  const rules = Array.from({ length: size }, (_, at) => ruleAt(index + at))
  const isNamespaced = index % 2 === 1
  return {
    name: `role-${index}`,
    ...(isNamespaced ? { namespace: `ns-${index % sizes.namespaces}` } : { labels: { part: `${index % 50}` } }),
    rules,
    ...(index % 500 === 0 ? { aggregationSelectors: [{ matchLabels: { part: `${index % 50}` } }] } : {}),
  }
}

function ruleAt(seed: number): RoleObject['rules'][number] {
  const kinds = [
    'pods',
    'secrets',
    'configmaps',
    'services',
    'pods/exec',
    'serviceaccounts/token',
    'nodes',
    'events',
  ] as const
  const verbs = [['get', 'list', 'watch'], ['create'], ['*'], ['get'], ['update', 'patch']][seed % 5] ?? []
  return {
    verbs,
    apiGroups: [seed % 3 === 0 ? 'apps' : ''],
    resources: [kinds[seed % kinds.length] ?? 'pods', 'things'],
  }
}
