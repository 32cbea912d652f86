import { expect, it } from 'vitest'
import { deriveAdmissionWebhooks, deriveExemptions, findApiServers } from '../../../../src/derive/admission/index.ts'
import type { FamilyObjects } from '../../../../src/model/objects.ts'
import { buildEvidence, forbidden, manifests } from '../workloads/evidence-builder.ts'

const configuration: FamilyObjects['validatingwebhookconfigurations'] = {
  name: 'kyverno-resource-validating-webhook-cfg',
  webhooks: [
    {
      name: 'validate.kyverno.svc',
      rules: [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], operations: ['*'] }],
      service: { namespace: 'kyverno', name: 'kyverno-svc' },
      namespaceSelector: {
        matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system'] }],
      },
    },
    {
      name: 'outside.example.com',
      rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['services'], operations: ['CREATE'] }],
      urlHost: 'policy.example.com:8443',
      failurePolicy: 'Ignore',
      timeoutSeconds: 2,
    },
  ],
}

it('tells of every webhook what it is asked, where, and what happens when it fails', () => {
  const evidence = buildEvidence({ objects: { validatingwebhookconfigurations: [configuration] } })
  expect(deriveAdmissionWebhooks(evidence)).toEqual({
    webhooks: [
      {
        kind: 'ValidatingWebhookConfiguration',
        configuration: configuration.name,
        name: 'outside.example.com',
        engine: 'Kyverno',
        failurePolicy: 'Ignore',
        timeoutSeconds: 2,
        rules: 'CREATE on services of core',
        service: '',
        urlHost: 'policy.example.com:8443',
        serviceExists: { value: true, source: 'clientConfig.url' },
        coversPods: false,
        coversEverything: false,
        conditions: [],
        coversSystem: { value: true, source: 'namespaceSelector' },
      },
      {
        kind: 'ValidatingWebhookConfiguration',
        configuration: configuration.name,
        name: 'validate.kyverno.svc',
        engine: 'Kyverno',
        failurePolicy: 'Fail',
        timeoutSeconds: 10,
        rules: 'every operation on */* of every group',
        service: 'kyverno/kyverno-svc',
        urlHost: '',
        serviceExists: { value: false, source: 'the list of services' },
        coversPods: true,
        coversEverything: true,
        conditions: [],
        coversSystem: { value: false, source: 'namespaceSelector' },
      },
    ],
  })
})

it('does not know whether a Service exists without the list of Services', () => {
  const fact = deriveAdmissionWebhooks(
    buildEvidence({ objects: { mutatingwebhookconfigurations: [configuration] }, gaps: { services: forbidden } }),
  )
  expect('webhooks' in fact && fact.webhooks.map(({ serviceExists }) => serviceExists)).toEqual([
    { value: true, source: 'clientConfig.url' },
    forbidden,
  ])
})

it('says nothing without one of the lists', () => {
  expect(deriveAdmissionWebhooks(buildEvidence({ gaps: { mutatingwebhookconfigurations: forbidden } }))).toEqual(
    forbidden,
  )
})

it('does not call nobody exempt where no API server was seen', () => {
  expect(deriveExemptions(findApiServers([]))).toEqual({
    exemptions: [{ unavailable: { reason: 'unsupported', detail: expect.any(String) } }],
  })
})

it('does not miss a Service that files need not hold', () => {
  const fact = deriveAdmissionWebhooks(
    buildEvidence({ source: manifests, objects: { validatingwebhookconfigurations: [configuration] } }),
  )
  expect('webhooks' in fact && fact.webhooks.map(({ serviceExists }) => 'unavailable' in serviceExists)).toEqual([
    false,
    true,
  ])
})
