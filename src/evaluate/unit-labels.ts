// Labels of the things that findings are about, so that a report can be split by who owns them.
// May not: decide who owns what; the reader of the report names the label.
import { visibleText } from '../catalog/index.ts'
import type { Evidence } from '../model/evidence.ts'
import type { Finding, RuleResult } from '../model/result.ts'
import type { UnitLabels } from '../model/result-nodes.ts'

/** Kubernetes' own bounds of a label are 317 and 63 characters; files may hold anything. */
const longest = 400
const labelsKept = 64

/** Namespaces with labels, then nodes and workloads that a finding names, sorted by unit. */
export function unitLabelsOf(evidence: Evidence, rules: readonly RuleResult[]): UnitLabels {
  const { families, templates } = evidence
  const found = new Map<string, Readonly<Record<string, string>>>()
  for (const namespace of families.namespaces.objects) found.set(`namespace/${namespace.name}`, namespace.labels ?? {})
  const nodes = new Map(families.nodes.objects.map((node) => [node.name, node.labels ?? {}]))
  const templateOf = templatesByUnit(evidence)
  for (const { unit } of rules.flatMap(({ findings }) => findings)) {
    if (found.has(unit.id)) continue
    if (unit.kind === 'nodes') found.set(unit.id, nodes.get(unit.node ?? unit.name) ?? {})
    if (unit.kind === 'workloads') found.set(unit.id, templates.get(templateOf(unit) ?? '')?.labels ?? {})
  }
  return [...found]
    .map(([unit, labels]) => ({ unit, labels: Object.entries(labels).slice(0, labelsKept).map(labelText).sort() }))
    .filter(({ labels }) => labels.length > 0)
    .sort((a, b) => (a.unit < b.unit ? -1 : 1))
}

function labelText([name, value]: [string, string]): string {
  return visibleText(`${name}=${value}`).slice(0, longest)
}

/** By one of its pods, or by the object that would make them. */
function templatesByUnit({ families }: Evidence): (unit: Finding['unit']) => string | undefined {
  const templates = new Map<string, string>()
  const owners = {
    Deployment: families.deployments,
    StatefulSet: families.statefulsets,
    DaemonSet: families.daemonsets,
    ReplicaSet: families.replicasets,
    Job: families.jobs,
    CronJob: families.cronjobs,
    ReplicationController: families.replicationcontrollers,
  }
  const keyOf = (kind: string, namespace = '', name = '') => [kind, namespace, name].join('/')
  for (const [kind, { objects }] of Object.entries(owners))
    for (const { namespace, name, template } of objects) templates.set(keyOf(kind, namespace, name), template)
  for (const { namespace, name, template } of families.pods.objects)
    templates.set(keyOf('Pod', namespace, name), template)
  return ({ namespace, podNames = [], owner }) =>
    templates.get(keyOf('Pod', namespace, podNames[0])) ??
    (owner === undefined ? undefined : templates.get(keyOf(owner.kind, namespace, owner.name)))
}
