import { describe, expect, it } from 'vitest'
import { projectObject } from '../../../../src/collect/projection/index.ts'
import type { Family } from '../../../../src/model/objects.ts'
import { type EvidenceRecord, evidenceRecordSchema } from '../../../../src/model/snapshot.ts'

function project(family: Family, raw: object) {
  const records: EvidenceRecord[] = []
  const problem = projectObject(family, raw, new Set(), (record) => records.push(record))
  if (problem !== undefined) return problem
  return records.map((record) =>
    record.record === 'object' ? evidenceRecordSchema.parse(record) && record.object : record,
  )
}

const meta = { name: 'x' }
const rule = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }

describe('objects of admission and storage', () => {
  it.each<[string, Family, object, object | string]>([
    [
      'a webhook, without certificate, path and token of its address',
      'validatingwebhookconfigurations',
      {
        metadata: { ...meta, annotations: { a: 'hunter2' } },
        webhooks: [
          {
            name: 'a',
            clientConfig: {
              url: 'https://user:hunter2@policy.example.com:8443/check?token=hunter2',
              caBundle: 'hunter2',
            },
            rules: [{ ...rule, scope: '*' }],
            namespaceSelector: {},
            objectSelector: { matchLabels: { a: 'b' } },
            matchConditions: [{ name: 'c', expression: 'hunter2' }],
            timeoutSeconds: 3,
          },
        ],
      },
      {
        ...meta,
        webhooks: [
          {
            name: 'a',
            urlHost: 'policy.example.com:8443',
            rules: [{ ...rule, scope: '*' }],
            objectSelector: { matchLabels: { a: 'b' } },
            matchConditions: 1,
            timeoutSeconds: 3,
          },
        ],
      },
    ],
    [
      'a webhook behind a Service',
      'mutatingwebhookconfigurations',
      {
        metadata: meta,
        webhooks: [{ name: 'a', clientConfig: { service: { namespace: 'n', name: 's', path: '/p' } }, rules: [rule] }],
      },
      { ...meta, webhooks: [{ name: 'a', service: { namespace: 'n', name: 's' }, rules: [rule] }] },
    ],
    [
      'a configuration without webhooks',
      'mutatingwebhookconfigurations',
      { metadata: meta },
      { ...meta, webhooks: [] },
    ],
    [
      'rules of the wrong type',
      'validatingwebhookconfigurations',
      { metadata: meta, webhooks: [{ name: 'a', rules: [{ ...rule, resources: 'pods' }] }] },
      'x: resources',
    ],
    [
      'an address that is none',
      'validatingwebhookconfigurations',
      { metadata: meta, webhooks: [{ name: 'a', clientConfig: { url: 'nowhere' } }] },
      'x: clientConfig.url',
    ],
    [
      'a policy, its expressions only counted',
      'validatingadmissionpolicies',
      {
        metadata: meta,
        spec: {
          matchConstraints: { resourceRules: [{ ...rule, resourceNames: ['a'] }], excludeResourceRules: [rule] },
          validations: [{ expression: 'hunter2' }],
          paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
          failurePolicy: 'Fail',
        },
      },
      {
        ...meta,
        rules: [{ ...rule, resourceNames: ['a'] }],
        excluded: [rule],
        validations: 1,
        paramKind: 'ConfigMap',
        failurePolicy: 'Fail',
      },
    ],
    [
      'a binding',
      'validatingadmissionpolicybindings',
      {
        metadata: meta,
        spec: {
          policyName: 'p',
          validationActions: ['Deny'],
          matchResources: { namespaceSelector: { matchLabels: { a: 'b' } }, resourceRules: [rule] },
        },
      },
      {
        ...meta,
        policyName: 'p',
        validationActions: ['Deny'],
        namespaceSelector: { matchLabels: { a: 'b' } },
        rules: 1,
      },
    ],
    [
      'a PodSecurityPolicy',
      'podsecuritypolicies',
      { metadata: meta, spec: { privileged: true, allowedUnsafeSysctls: ['net.*'], runAsUser: { rule: 'RunAsAny' } } },
      { ...meta, privileged: true, allowedUnsafeSysctls: ['net.*'] },
    ],
    [
      'a hostPath PersistentVolume and its claim',
      'persistentvolumes',
      {
        metadata: meta,
        spec: {
          capacity: { storage: '1Gi' },
          hostPath: { path: '/data', type: '' },
          accessModes: ['ReadWriteOnce'],
          claimRef: { namespace: 'n', name: 'c', uid: 'u' },
        },
        status: { phase: 'Bound' },
      },
      {
        ...meta,
        type: 'hostPath',
        path: '/data',
        accessModes: ['ReadWriteOnce'],
        phase: 'Bound',
        claim: { namespace: 'n', name: 'c' },
      },
    ],
    [
      'a PersistentVolume of a driver, without what the driver is told',
      'persistentvolumes',
      {
        metadata: meta,
        spec: {
          csi: { driver: 'd.example.com', volumeAttributes: { password: 'hunter2' } },
          nodeAffinity: { required: {} },
        },
      },
      { ...meta, type: 'csi', csiDriver: 'd.example.com' },
    ],
    [
      'a claim',
      'persistentvolumeclaims',
      {
        metadata: { ...meta, namespace: 'n' },
        spec: { volumeName: 'v', storageClassName: '' },
        status: { phase: 'Bound' },
      },
      { ...meta, namespace: 'n', volumeName: 'v', phase: 'Bound' },
    ],
    [
      'a bootstrap token: metadata alone',
      'bootstraptokens',
      { metadata: { ...meta, namespace: 'kube-system' }, data: { 'token-secret': 'hunter2' } },
      { ...meta, namespace: 'kube-system' },
    ],
  ])('%s', (_, family, raw, expected) => {
    expect(project(family, raw)).toEqual(typeof expected === 'string' ? expected : [expected])
  })
})
