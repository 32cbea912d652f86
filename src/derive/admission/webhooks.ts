// Every admission webhook: what it is asked, where it is asked, and what happens while it does not answer. CIS 5.2.1, 5.5.1.
// May not: take a webhook for one that enforces something. What it decides, only its own configuration says.
import type { Evidence } from '../../model/evidence.ts'
import { type Fact, isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { FamilyObjects } from '../../model/objects.ts'
import { compareText, familyGap } from '../family-gap.ts'
import { coversEverything, coversPodCreation, rulesInWords, selectsNamespace } from './matching.ts'

type Webhooks = FactValue<'admissionWebhooks'>
type Webhook = Webhooks['webhooks'][number]
export type WebhookObject = FamilyObjects['validatingwebhookconfigurations']['webhooks'][number]

/** Policy engines by the names that their own manifests and charts give to configuration or Service. */
const engines: readonly (readonly [RegExp, string])[] = [
  [/kyverno/, 'Kyverno'],
  [/gatekeeper/, 'Gatekeeper'],
  [/kubewarden|policy-server/, 'Kubewarden'],
  [/polaris/, 'Polaris'],
  [/jspolicy/, 'jsPolicy'],
  [/connaisseur/, 'Connaisseur'],
  [/cosigned|policy-controller|policy\.sigstore/, 'Sigstore policy-controller'],
  [/ratify/, 'Ratify'],
  [/neuvector/, 'NeuVector'],
  [/twistlock|prisma/, 'Prisma Cloud'],
  [/aqua|kube-enforcer/, 'Aqua'],
  [/stackrox|rhacs/, 'StackRox'],
  [/datree/, 'Datree'],
  [/sysdig/, 'Sysdig'],
  [/falcon-kac|crowdstrike/, 'CrowdStrike'],
]

/** By name only, to say whom to ask; never a proof of what it does. */
export function engineOf(configuration: string, { service }: WebhookObject): string {
  const text = `${configuration} ${service?.namespace ?? ''} ${service?.name ?? ''}`.toLowerCase()
  return engines.find(([pattern]) => pattern.test(text))?.[1] ?? ''
}

export function deriveAdmissionWebhooks(evidence: Evidence): Fact<Webhooks> {
  const gap = familyGap(evidence, 'validatingwebhookconfigurations', 'mutatingwebhookconfigurations')
  if (gap !== undefined) return gap
  const services = new Set(evidence.families.services.objects.map(({ namespace = '', name }) => `${namespace}/${name}`))
  const serviceGap =
    evidence.header.source.kind === 'manifests'
      ? unavailable('not-collected', 'The manifests need not hold every Service of the cluster.')
      : familyGap(evidence, 'services')
  const namespaces = familyGap(evidence, 'namespaces') ?? evidence.families.namespaces.objects
  const describe = (kind: Webhook['kind'], objects: readonly FamilyObjects['validatingwebhookconfigurations'][]) =>
    objects.flatMap(({ name, webhooks }) =>
      webhooks.map((webhook) => toFact(kind, name, webhook, { services, serviceGap, namespaces })),
    )
  const { validatingwebhookconfigurations: validating, mutatingwebhookconfigurations: mutating } = evidence.families
  return {
    webhooks: [
      ...describe('MutatingWebhookConfiguration', mutating.objects),
      ...describe('ValidatingWebhookConfiguration', validating.objects),
    ].sort((a, b) => compareText(`${a.kind}/${a.configuration}/${a.name}`, `${b.kind}/${b.configuration}/${b.name}`)),
  }
}

interface Surroundings {
  readonly services: ReadonlySet<string>
  readonly serviceGap: Unavailable | undefined
  readonly namespaces: readonly FamilyObjects['namespaces'][] | Unavailable
}

function toFact(kind: string, configuration: string, webhook: WebhookObject, around: Surroundings): Webhook {
  const { name, rules, service, urlHost = '', failurePolicy = 'Fail', timeoutSeconds = 10 } = webhook
  return {
    kind,
    configuration,
    name,
    engine: engineOf(configuration, webhook),
    // Absent, both have these values: admissionregistration.k8s.io/v1.
    failurePolicy,
    timeoutSeconds,
    rules: rulesInWords(rules),
    service: service === undefined ? '' : `${service.namespace}/${service.name}`,
    urlHost,
    serviceExists: serviceExists(service, around),
    coversPods: coversPodCreation(rules),
    coversEverything: coversEverything(rules),
    conditions: conditionsOf(webhook),
    coversSystem: coversSystem(webhook, around.namespaces),
  }
}

function serviceExists(service: WebhookObject['service'], { services, serviceGap }: Surroundings): Observed<boolean> {
  if (service === undefined) return { value: true, source: 'clientConfig.url' }
  const path = `${service.namespace}/${service.name}`
  if (services.has(path)) return { value: true, source: `Service ${path}` }
  return serviceGap ?? { value: false, source: 'the list of services' }
}

/** What else a request must meet before the webhook is asked. */
export function conditionsOf({ objectSelector, matchConditions = 0 }: WebhookObject): string[] {
  return [
    ...(objectSelector === undefined ? [] : ['an objectSelector']),
    ...(matchConditions === 0 ? [] : [`${matchConditions} matchConditions`]),
  ]
}

/** Whether it is asked about kube-system, where what repairs a cluster runs. */
function coversSystem({ namespaceSelector }: WebhookObject, namespaces: Surroundings['namespaces']): Observed<boolean> {
  if (isUnavailable(namespaces)) return namespaces
  const system = namespaces.find(({ name }) => name === 'kube-system') ?? { name: 'kube-system' }
  const selects = selectsNamespace(namespaceSelector, system)
  const source = 'namespaceSelector'
  // An operator nobody knows: the API server would not have taken it.
  return { value: selects !== false, source }
}
