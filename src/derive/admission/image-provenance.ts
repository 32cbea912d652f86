// CIS 5.5.1: what may refuse images by where they come from. Only the API server's own image policy plug-in says what it is for;
// webhooks and policies about pods may do it too, and whether they do is for a person to say.
// May not: take a webhook for a check of signatures because of its name.
import type { Evidence } from '../../model/evidence.ts'
import { isUnavailable, type Observed } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { FamilyObjects } from '../../model/objects.ts'
import { compareText, familyGap } from '../family-gap.ts'
import { type ApiServers, onAll, runsPlugin } from './api-servers.ts'
import { coversPodCreation } from './matching.ts'
import { engineOf } from './webhooks.ts'

type Provenance = FactValue<'imageProvenance'>

export function deriveImageProvenance(evidence: Evidence, servers: ApiServers): Provenance {
  const gap = familyGap(
    evidence,
    'validatingwebhookconfigurations',
    'mutatingwebhookconfigurations',
    'validatingadmissionpolicies',
  )
  const known = gatesOf(evidence).map((value) => ({ value, source: value.name }))
  return {
    plugin: runsPlugin(servers, 'ImagePolicyWebhook'),
    refusesOnFailure: refusesOnFailure(servers),
    gates: gap === undefined ? known : [...known, gap],
  }
}

function refusesOnFailure(servers: ApiServers): Observed<boolean> {
  return onAll(servers, ({ imagePolicyDefaultAllow: allow }) => {
    if (isUnavailable(allow)) return allow
    return { value: allow.value !== true, source: allow.source }
  })
}

/** A webhook that changes pods can refuse them too, and engines that check signatures pin the image by it. */
function gatesOf({ families }: Evidence): { name: string; engine: string }[] {
  const ofKind = (kind: string, objects: readonly FamilyObjects['validatingwebhookconfigurations'][]) =>
    objects.flatMap(({ name, webhooks }) =>
      webhooks
        .filter(({ rules }) => coversPodCreation(rules))
        .map((webhook) => ({ name: `${kind} ${name}: ${webhook.name}`, engine: engineOf(name, webhook) })),
    )
  const bound = new Set(
    families.validatingadmissionpolicybindings.objects
      .filter(({ validationActions }) => validationActions.includes('Deny'))
      .map(({ policyName }) => policyName),
  )
  const policies = families.validatingadmissionpolicies.objects
    .filter(({ name, rules }) => bound.has(name) && coversPodCreation(rules))
    .map(({ name }) => ({ name: `ValidatingAdmissionPolicy ${name}`, engine: '' }))
  return [
    ...ofKind('ValidatingWebhookConfiguration', families.validatingwebhookconfigurations.objects),
    ...ofKind('MutatingWebhookConfiguration', families.mutatingwebhookconfigurations.objects),
    ...policies,
  ].sort((a, b) => compareText(a.name, b.name))
}
