// What decides which objects are let in: webhook configurations, admission policies and their bindings, PodSecurityPolicies.
// May not: keep the text of an expression, a CA bundle, or of an address more than its host.
import type { FamilyObjects } from '../../model/objects.ts'
import { metadataOf, projectMeta } from './metadata.ts'
import { projectLabelSelector } from './network.ts'
import { bool, child, int, list, type Problems, present, type Raw, text, texts } from './read.ts'

const none: Raw = {}

type WebhookConfiguration = FamilyObjects['validatingwebhookconfigurations']
type Policy = FamilyObjects['validatingadmissionpolicies']
type Rule = Policy['rules'][number]

export function projectWebhookConfiguration(raw: Raw, problems: Problems): WebhookConfiguration {
  return {
    ...projectMeta(metadataOf(raw, problems), problems),
    webhooks: (list(raw, 'webhooks', problems) ?? []).map((webhook) => projectWebhook(webhook, problems)),
  }
}

function projectWebhook(raw: Raw, problems: Problems): WebhookConfiguration['webhooks'][number] {
  const client = child(raw, 'clientConfig', problems) ?? none
  const service = child(client, 'service', problems)
  return present({
    name: text(raw, 'name', problems) ?? '',
    failurePolicy: text(raw, 'failurePolicy', problems),
    timeoutSeconds: int(raw, 'timeoutSeconds', problems),
    matchPolicy: text(raw, 'matchPolicy', problems),
    rules: (list(raw, 'rules', problems) ?? []).map((rule) => projectRule(rule, problems)),
    namespaceSelector: selector(raw, 'namespaceSelector', problems),
    objectSelector: selector(raw, 'objectSelector', problems),
    matchConditions: list(raw, 'matchConditions', problems)?.length || undefined,
    service:
      service === undefined
        ? undefined
        : present({
            namespace: text(service, 'namespace', problems) ?? '',
            name: text(service, 'name', problems) ?? '',
            port: int(service, 'port', problems),
          }),
    urlHost: hostOf(text(client, 'url', problems), problems),
  })
}

/** A path or a query may carry a token. */
function hostOf(url: string | undefined, problems: Problems): string | undefined {
  if (url === undefined) return undefined
  if (URL.canParse(url)) return new URL(url).host
  problems.note('clientConfig.url')
  return undefined
}

function projectRule(raw: Raw, problems: Problems): Rule {
  return present({
    apiGroups: texts(raw, 'apiGroups', problems) ?? [],
    apiVersions: texts(raw, 'apiVersions', problems) ?? [],
    resources: texts(raw, 'resources', problems) ?? [],
    operations: texts(raw, 'operations', problems) ?? [],
    scope: text(raw, 'scope', problems),
    resourceNames: texts(raw, 'resourceNames', problems),
  })
}

/** An absent selector and one without terms select everything. */
function selector(raw: Raw, key: string, problems: Problems) {
  const found = child(raw, key, problems)
  if (found === undefined) return undefined
  const projected = projectLabelSelector(found, problems)
  return Object.keys(projected).length === 0 ? undefined : projected
}

export function projectAdmissionPolicy(raw: Raw, problems: Problems): Policy {
  const spec = child(raw, 'spec', problems) ?? none
  const constraints = child(spec, 'matchConstraints', problems) ?? none
  const rules = (key: string) => list(constraints, key, problems)?.map((rule) => projectRule(rule, problems))
  return present({
    ...projectMeta(metadataOf(raw, problems), problems),
    failurePolicy: text(spec, 'failurePolicy', problems),
    rules: rules('resourceRules') ?? [],
    excluded: rules('excludeResourceRules'),
    namespaceSelector: selector(constraints, 'namespaceSelector', problems),
    objectSelector: selector(constraints, 'objectSelector', problems),
    matchConditions: list(spec, 'matchConditions', problems)?.length || undefined,
    validations: list(spec, 'validations', problems)?.length ?? 0,
    paramKind: text(child(spec, 'paramKind', problems) ?? none, 'kind', problems),
  })
}

export function projectAdmissionPolicyBinding(
  raw: Raw,
  problems: Problems,
): FamilyObjects['validatingadmissionpolicybindings'] {
  const spec = child(raw, 'spec', problems) ?? none
  const match = child(spec, 'matchResources', problems) ?? none
  return present({
    ...projectMeta(metadataOf(raw, problems), problems),
    policyName: text(spec, 'policyName', problems) ?? '',
    validationActions: texts(spec, 'validationActions', problems) ?? [],
    namespaceSelector: selector(match, 'namespaceSelector', problems),
    objectSelector: selector(match, 'objectSelector', problems),
    rules: list(match, 'resourceRules', problems)?.length || undefined,
  })
}

export function projectPodSecurityPolicy(raw: Raw, problems: Problems): FamilyObjects['podsecuritypolicies'] {
  const spec = child(raw, 'spec', problems) ?? none
  return present({
    ...projectMeta(metadataOf(raw, problems), problems),
    privileged: bool(spec, 'privileged', problems),
    hostNetwork: bool(spec, 'hostNetwork', problems),
    hostPID: bool(spec, 'hostPID', problems),
    hostIPC: bool(spec, 'hostIPC', problems),
    allowedUnsafeSysctls: texts(spec, 'allowedUnsafeSysctls', problems),
    allowedCapabilities: texts(spec, 'allowedCapabilities', problems),
    volumes: texts(spec, 'volumes', problems),
  })
}
