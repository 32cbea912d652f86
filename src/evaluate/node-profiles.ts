// What the nodes of a cluster are like, and which of them are not like the others of their pool.
// May not: judge, or take a setting that nobody read for one that is the same.
import { visibleText } from '../catalog/index.ts'
import type { Evidence } from '../model/evidence.ts'
import { type Fact, isUnavailable } from '../model/fact.ts'
import type { FactName } from '../model/facts.ts'
import type { NodeProfiles } from '../model/result-nodes.ts'
import type { FactSet, Unit, UnitFacts } from '../model/unit.ts'

interface Setting {
  readonly fact: FactName
  readonly label: string
  /** An observed value; anything else is not known. */
  readonly pick: (facts: UnitFacts) => unknown
}

function setting(fact: FactName, label: string, pick: Setting['pick']): Setting {
  return { fact, label, pick }
}

function known<T>(fact: Fact<T> | undefined): T | undefined {
  return fact === undefined || isUnavailable(fact) ? undefined : fact
}

function settingOf({ pick }: Setting, unit: Unit): string | null {
  const picked = pick(unit.facts)
  if (typeof picked !== 'object' || picked === null || isUnavailable(picked) || !('value' in picked)) return null
  return picked.value === undefined ? null : wordsOf(picked.value)
}

function wordsOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : visibleText(value.map(String).sort().join(', '))
  return value === '' ? 'not set' : visibleText(String(value))
}

const kernelParameters = [
  'vm.overcommit_memory',
  'vm.panic_on_oom',
  'kernel.panic',
  'kernel.panic_on_oops',
  'kernel.keys.root_maxkeys',
  'kernel.keys.root_maxbytes',
]

const settings: readonly Setting[] = [
  setting('node', 'Kubelet version', (facts) => known(facts.node)?.kubeletVersion),
  setting('distribution', 'Distribution', (facts) => known(facts.distribution)?.name),
  setting('node', 'System', (facts) => known(facts.node)?.osImage),
  setting('node', 'Kernel', (facts) => known(facts.node)?.kernelVersion),
  setting('node', 'Runtime', (facts) => known(facts.node)?.containerRuntimeVersion),
  setting('cgroups', 'cgroup version', (facts) => known(facts.cgroups)?.version),
  setting('cgroups', 'Kubelet’s cgroup driver', (facts) => known(facts.cgroups)?.kubeletDriver),
  setting('cgroups', 'Runtime’s cgroup driver', (facts) => known(facts.cgroups)?.runtimeDriver),
  setting('runtimeStorage', 'File system of the runtime', (facts) => known(facts.runtimeStorage)?.fileSystem),
  setting('swap', 'Swap', (facts) => {
    const active = known(facts.swap)?.active
    return active === undefined || isUnavailable(active) ? active : { value: active.value.length === 0 ? 'off' : 'on' }
  }),
  setting('hostIsolation', 'SELinux', (facts) => known(facts.hostIsolation)?.selinux),
  setting('hostIsolation', 'AppArmor', (facts) => known(facts.hostIsolation)?.appArmor),
  setting(
    'kubeletConfiguration',
    'protectKernelDefaults',
    (facts) => known(facts.kubeletConfiguration)?.protectKernelDefaults,
  ),
  setting(
    'kubeletConfiguration',
    'anonymous authentication',
    (facts) => known(facts.kubeletConfiguration)?.anonymousAuthentication,
  ),
  setting(
    'kubeletConfiguration',
    'authorization mode',
    (facts) => known(facts.kubeletConfiguration)?.authorizationMode,
  ),
  setting('kubeletConfiguration', 'readOnlyPort', (facts) => known(facts.kubeletConfiguration)?.readOnlyPort),
  setting(
    'kubeletConfiguration',
    'rotateCertificates',
    (facts) => known(facts.kubeletConfiguration)?.rotateCertificates,
  ),
  setting(
    'kubeletConfiguration',
    'serverTLSBootstrap',
    (facts) => known(facts.kubeletConfiguration)?.serverTLSBootstrap,
  ),
  setting('kubeletConfiguration', 'tlsCipherSuites', (facts) => known(facts.kubeletConfiguration)?.tlsCipherSuites),
  setting('kubeletConfiguration', 'seccompDefault', (facts) => known(facts.kubeletConfiguration)?.seccompDefault),
  setting('kubeletConfiguration', 'podPidsLimit', (facts) => known(facts.kubeletConfiguration)?.podPidsLimit),
  setting('kubeletConfiguration', 'failSwapOn', (facts) => known(facts.kubeletConfiguration)?.failSwapOn),
  setting(
    'kubeletConfiguration',
    'allowedUnsafeSysctls',
    (facts) => known(facts.kubeletConfiguration)?.allowedUnsafeSysctls,
  ),
  ...kernelParameters.map((name) =>
    setting(
      'kernelParameters',
      name,
      (facts) => known(facts.kernelParameters)?.required.find((one) => one.name === name)?.running,
    ),
  ),
]

/** Labels that node groups of providers and of autoscalers carry. */
const poolLabels = [
  'eks.amazonaws.com/nodegroup',
  'cloud.google.com/gke-nodepool',
  'kubernetes.azure.com/agentpool',
  'agentpool',
  'karpenter.sh/nodepool',
  'kops.k8s.io/instancegroup',
]

/** Undefined where no node is known. */
export function nodeProfilesOf(evidence: Evidence, { units }: FactSet): NodeProfiles | undefined {
  if (units.nodes.length === 0) return undefined
  const labels = new Map(evidence.families.nodes.objects.map((node) => [node.name, node.labels ?? {}]))
  const nodes = units.nodes.map((unit) => {
    const node = unit.identity.node ?? unit.identity.name
    return { node, pool: poolOf(unit, labels.get(node) ?? {}), values: settings.map((one) => settingOf(one, unit)) }
  })
  const pools = [...Map.groupBy(nodes, ({ pool }) => JSON.stringify(pool)).values()].sort(
    (a, b) => b.length - a.length || ((a[0]?.pool.name ?? '') < (b[0]?.pool.name ?? '') ? -1 : 1),
  )
  const profiles = pools.map((members) => ({
    name: members[0]?.pool.name ?? '',
    by: members[0]?.pool.by ?? '',
    nodes: members.length,
    usual: settings.map((_, column) => usualOf(members.map(({ values }) => values[column] ?? null))),
  }))
  return {
    columns: settings.map(({ fact, label }) => ({ fact, label })),
    pools: profiles,
    nodes: pools.flatMap((members, pool) =>
      members.map(({ node, values }) => ({
        node,
        pool,
        values,
        differs: settings.flatMap((_, column) => {
          const usual = profiles[pool]?.usual[column]
          const value = values[column]
          return usual && value !== null && value !== usual.value ? [column] : []
        }),
      })),
    ),
  }
}

function poolOf(unit: Unit, labels: Readonly<Record<string, string>>): { name: string; by: string } {
  const label = poolLabels.find((name) => Object.hasOwn(labels, name))
  if (label !== undefined) return { name: visibleText(labels[label] ?? ''), by: `label ${label}` }
  const { node } = unit.facts
  const roles = node === undefined || isUnavailable(node) ? [] : node.roles
  return { name: roles.length === 0 ? 'without a role' : visibleText(roles.join(', ')), by: 'roles' }
}

/** More than half of the known ones, and at least two of them: among fewer nobody is the odd one out. */
function usualOf(values: readonly (string | null)[]): NodeProfiles['pools'][number]['usual'][number] {
  const seen = values.filter((value) => value !== null)
  const counts = new Map<string, number>()
  for (const value of seen) counts.set(value, (counts.get(value) ?? 0) + 1)
  const [value, nodes] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? ['', 0]
  return nodes >= 2 && nodes * 2 > seen.length ? { value, nodes, known: seen.length } : null
}
