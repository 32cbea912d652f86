// What may look at images, and signs of a store for secrets: shown, never taken for proof.
import { expect, it } from 'vitest'
import type { ApiServers } from '../../../../src/derive/admission/api-servers.ts'
import { deriveImageProvenance, deriveSecretStores } from '../../../../src/derive/admission/index.ts'
import { absentApiServer } from '../../../../src/derive/control-plane/api-server.ts'
import { absence } from '../../../../src/derive/control-plane/common.ts'
import { isUnavailable, unavailable } from '../../../../src/model/fact.ts'
import type { FactValue } from '../../../../src/model/facts.ts'
import { buildEvidence, controller, type EvidenceParts, forbidden, spec } from '../workloads/evidence-builder.ts'

const { common, reason } = absence('kube-apiserver')
const gap = unavailable('unsupported', 'no API server was seen')
const servers = (...parts: Partial<FactValue<'apiServer'>>[]): ApiServers => ({
  known: parts.map((part, at) => ({ node: `cp-${at}`, server: { ...absentApiServer(common, reason), ...part } })),
  gap: undefined,
})
const seen = <T>(value: T) => ({ value, source: 'file' })
const on = { admissionPlugins: seen(['ImagePolicyWebhook']), imagePolicyDefaultAllow: seen(false) }

const rule = (resource: string) => ({
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: [resource],
  operations: ['CREATE'],
})
const hooks = (resource: string): EvidenceParts => ({
  objects: {
    mutatingwebhookconfigurations: [
      { name: 'policy.sigstore.dev', webhooks: [{ name: 'sign', rules: [rule(resource)] }] },
    ],
  },
})
const bound = (action: string): EvidenceParts => ({
  objects: {
    validatingadmissionpolicies: [{ name: 'registries', rules: [rule('pods')], validations: 1 }],
    validatingadmissionpolicybindings: [{ name: 'b', policyName: 'registries', validationActions: [action] }],
  },
})

it.each<[string, ApiServers, EvidenceParts, unknown[]]>([
  ['the plug-in on every API server', servers(on, on), {}, [true, true]],
  ['the plug-in on one of two', servers(on, { ...on, admissionPlugins: seen([]) }), {}, [false, true]],
  [
    'one that lets in what it cannot check',
    servers(on, { ...on, imagePolicyDefaultAllow: seen(true) }),
    {},
    [true, false],
  ],
  ['no API server that was seen', { known: [], gap }, {}, ['unsupported', 'unsupported']],
  [
    'a webhook about pods',
    servers(on),
    hooks('pods'),
    [true, true, 'MutatingWebhookConfiguration policy.sigstore.dev: sign by Sigstore policy-controller'],
  ],
  ['a webhook about something else', servers(on), hooks('services'), [true, true]],
  ['a policy that is bound to deny', servers(on), bound('Deny'), [true, true, 'ValidatingAdmissionPolicy registries']],
  ['a policy that warns', servers(on), bound('Warn'), [true, true]],
  [
    'webhooks forbidden',
    servers(on),
    { gaps: { mutatingwebhookconfigurations: forbidden } },
    [true, true, 'forbidden'],
  ],
])('%s', (_, of, parts, expected) => {
  const { plugin, refusesOnFailure, gates } = deriveImageProvenance(buildEvidence(parts), of)
  const tell = (one: typeof plugin) => (isUnavailable(one) ? one.unavailable.reason : one.value)
  const names = gates.map((gate) =>
    isUnavailable(gate)
      ? gate.unavailable.reason
      : `${gate.value.name}${gate.value.engine && ` by ${gate.value.engine}`}`,
  )
  expect([tell(plugin), tell(refusesOnFailure), ...names]).toEqual(expected)
})

const kms = servers({ secretsProvider: seen('kms') })
it('knows products by their definitions, and who mounts from the store', () => {
  const volumes = [{ name: 's', type: 'csi', csiDriver: 'secrets-store.csi.k8s.io' }]
  const evidence = buildEvidence({
    templates: [{ id: 't', spec: spec({ volumes }) }],
    objects: {
      customresourcedefinitions: [
        { name: 'secretproviderclasses.secrets-store.csi.x-k8s.io' },
        { name: 'externalsecrets.external-secrets.io' },
        { name: 'clustersecretstores.external-secrets.io' },
        { name: 'sealedsecrets.bitnami.com' },
      ],
      deployments: [controller('Deployment', 'cart', 't')],
    },
  })
  expect(deriveSecretStores(evidence, kms)).toEqual({
    products: ['External Secrets Operator', 'Secrets Store CSI driver'],
    mounts: ['Deployment shop/cart'],
    provider: seen('kms'),
  })
})

it('does not know without the definitions, and does not guess the provider', () => {
  expect(deriveSecretStores(buildEvidence({ gaps: { customresourcedefinitions: forbidden } }), kms)).toEqual(forbidden)
  expect(deriveSecretStores(buildEvidence({}), { known: [], gap })).toEqual({ products: [], mounts: [], provider: gap })
})
