// CIS 5.2.1 and row B4: what keeps pods that break the Pod Security Standards out of a namespace. Its labels, the API server's
// defaults and exemptions, and what else may refuse pods there.
// May not: take a webhook, or a policy by its name, for enforcement; only Kubernetes' own admission says what it enforces.
import type { Evidence } from '../../model/evidence.ts'
import { type Fact, isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { FamilyObjects, NamespaceObject } from '../../model/objects.ts'
import type { Unit } from '../../model/unit.ts'
import { compareText, familyGap } from '../family-gap.ts'
import { type ApiServers, findApiServers, onAll, runsPlugin } from './api-servers.ts'
import { coversPodCreation, selectsNamespace } from './matching.ts'
import { podSecurityLabels, strayPodSecurityLabels } from './pod-security-labels.ts'
import { conditionsOf, engineOf } from './webhooks.ts'

type Admission = FactValue<'podAdmission'>
type Gate = Exclude<Admission['gates'][number], Unavailable>

const levels = ['privileged', 'baseline', 'restricted'] as const

/** Answers for one namespace after the other. */
export function podAdmission(evidence: Evidence, nodes: readonly Unit[]): (name: string) => Fact<Admission> {
  const gap = familyGap(evidence, 'namespaces')
  const byName = new Map(evidence.families.namespaces.objects.map((object) => [object.name, object]))
  const servers = findApiServers(nodes, familyGap(evidence, 'nodes'))
  const plugin = runsPlugin(servers, 'PodSecurity')
  const fallback = defaultLevel(servers)
  return (name) => {
    const namespace = byName.get(name)
    if (namespace === undefined)
      return gap ?? unavailable('not-collected', `Namespace ${name} is not among the objects.`)
    const labels = podSecurityLabels(namespace.labels ?? {})
    const isExempt = exemption(servers, name)
    const own = labels.find(({ mode }) => mode === 'enforce')
    const asked: Admission['enforce'] =
      own === undefined
        ? fallback
        : {
            value: { level: own.level, version: own.version },
            source: `label ${own.label} of namespace ${name}`,
          }
    return {
      name,
      labels,
      strayLabels: strayPodSecurityLabels(namespace.labels ?? {}),
      plugin,
      isExempt,
      enforce: effective(asked, plugin, isExempt),
      gates: gatesOf(evidence, namespace),
    }
  }
}

/** What is enforced in the end: nothing where the plug-in is off or leaves the namespace out. */
function effective(
  asked: Admission['enforce'],
  plugin: Observed<boolean>,
  isExempt: Observed<boolean>,
): Admission['enforce'] {
  const nothing = (source: string) => ({ value: { level: 'privileged', version: 'latest' }, source })
  if (!isUnavailable(asked) && asked.value.level === 'privileged') return asked
  if (!isUnavailable(plugin) && !plugin.value) return nothing(`admission plug-in PodSecurity off: ${plugin.source}`)
  if (!isUnavailable(isExempt) && isExempt.value) return nothing(`exempt: ${isExempt.source}`)
  if (isUnavailable(asked)) return asked
  if (isUnavailable(plugin)) return plugin
  return isUnavailable(isExempt) ? isExempt : asked
}

/** The weakest default of all API servers. */
function defaultLevel({ known, gap }: ApiServers): Admission['enforce'] {
  let weakest: Exclude<Admission['enforce'], Unavailable> | undefined
  let missing = gap
  for (const { node, server } of known) {
    const { podSecurityDefaults: defaults } = server
    if (isUnavailable(defaults)) {
      missing ??= defaults
      continue
    }
    const { enforce: level, enforceVersion: version } = defaults.value
    if (weakest === undefined || rank(level) < rank(weakest.value.level)) {
      weakest = { value: { level, version }, source: `${defaults.source} on ${node}` }
    }
  }
  if (weakest !== undefined && (missing === undefined || weakest.value.level === 'privileged')) return weakest
  return missing ?? unavailable('not-collected', 'No API server was seen.')
}

function rank(level: string): number {
  return levels.findIndex((one) => one === level)
}

function exemption(servers: ApiServers, name: string): Observed<boolean> {
  const isCovered = onAll(servers, ({ podSecurityExemptions: exemptions }) =>
    isUnavailable(exemptions)
      ? exemptions
      : { value: !exemptions.value.namespaces.includes(name), source: exemptions.source },
  )
  return isUnavailable(isCovered) ? isCovered : { value: !isCovered.value, source: isCovered.source }
}

/** What besides Pod Security admission is asked before a pod is created here. */
function gatesOf(evidence: Evidence, namespace: NamespaceObject): Admission['gates'] {
  const gap = familyGap(
    evidence,
    'validatingwebhookconfigurations',
    'validatingadmissionpolicies',
    'validatingadmissionpolicybindings',
  )
  const found = [...webhookGates(evidence, namespace), ...policyGates(evidence, namespace)]
  found.sort((a, b) => compareText(a.name, b.name))
  const known = found.map((value) => ({ value, source: value.name }))
  return gap === undefined ? known : [...known, gap]
}

/** Webhooks that change pods are not asked for a verdict, so only those that validate count. */
function webhookGates({ families }: Evidence, namespace: NamespaceObject): Gate['value'][] {
  return families.validatingwebhookconfigurations.objects.flatMap(({ name, webhooks }) =>
    webhooks
      .filter((webhook) => coversPodCreation(webhook.rules))
      .filter(({ namespaceSelector }) => selectsNamespace(namespaceSelector, namespace) !== false)
      .map((webhook) => ({
        name: `ValidatingWebhookConfiguration ${name}: ${webhook.name}`,
        engine: engineOf(name, webhook),
        onFailure: webhook.failurePolicy ?? 'Fail',
        conditions: conditionsOf(webhook),
      })),
  )
}

function policyGates({ families }: Evidence, namespace: NamespaceObject): Gate['value'][] {
  const policies = new Map(families.validatingadmissionpolicies.objects.map((policy) => [policy.name, policy]))
  return families.validatingadmissionpolicybindings.objects.flatMap((binding) => {
    const policy = policies.get(binding.policyName)
    if (policy === undefined || !binding.validationActions.includes('Deny')) return []
    if (policy.validations === 0 || !coversPodCreation(policy.rules)) return []
    if (selectsNamespace(policy.namespaceSelector, namespace) === false) return []
    if (selectsNamespace(binding.namespaceSelector, namespace) === false) return []
    return [
      {
        name: `ValidatingAdmissionPolicy ${policy.name} (binding ${binding.name})`,
        engine: 'ValidatingAdmissionPolicy',
        onFailure: policy.failurePolicy ?? 'Fail',
        conditions: policyConditions(policy, binding),
      },
    ]
  })
}

function policyConditions(
  policy: FamilyObjects['validatingadmissionpolicies'],
  binding: FamilyObjects['validatingadmissionpolicybindings'],
): string[] {
  const isSelective = policy.objectSelector !== undefined || binding.objectSelector !== undefined
  return [
    ...(isSelective ? ['an objectSelector'] : []),
    ...(policy.matchConditions === undefined ? [] : [`${policy.matchConditions} matchConditions`]),
    ...(policy.excluded === undefined ? [] : ['excluded resources']),
    ...(binding.rules === undefined ? [] : ['resource rules of its binding']),
    ...(policy.paramKind === undefined ? [] : [`parameters of kind ${policy.paramKind}`]),
  ]
}
