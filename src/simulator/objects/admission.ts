// Webhooks, an admission policy and volumes of the demo cluster: a policy engine that fails open, a product that was taken away and
// left its webhook, a policy that only warns, and a database whose data lies on a path of the node.
// May not: name a rule.
import { type KubeObject, meta } from './build.ts'
import type { ObjectStore } from './store.ts'

export function addAdmission(store: ObjectStore): void {
  store.add('validatingwebhookconfigurations', policyEngine, abandoned)
  store.add('mutatingwebhookconfigurations', certificates)
  store.add('validatingadmissionpolicies', imagePolicy)
  store.add('validatingadmissionpolicybindings', imagePolicyBinding)
  store.add(
    'customresourcedefinitions',
    ...['certificates.cert-manager.io', 'clusterpolicies.kyverno.io'].map(definition),
  )
  store.add('persistentvolumes', volume)
  store.add('persistentvolumeclaims', claim)
}

const rule = (apiGroup: string, resource: string): KubeObject => ({
  apiGroups: [apiGroup],
  apiVersions: ['*'],
  resources: [resource],
  operations: ['CREATE', 'UPDATE'],
  scope: '*',
})

const system = [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system'] }]

const policyEngine: KubeObject = {
  metadata: meta('ValidatingWebhookConfiguration', { name: 'kyverno-resource-validating-webhook-cfg' }),
  webhooks: [
    {
      name: 'validate.kyverno.svc-ignore',
      clientConfig: { service: { namespace: 'kyverno', name: 'kyverno-svc', path: '/validate/ignore', port: 443 } },
      rules: [rule('', 'pods')],
      namespaceSelector: { matchLabels: { 'policies.example.com/checked': 'true' } },
      objectSelector: {},
      failurePolicy: 'Ignore',
      matchPolicy: 'Equivalent',
      sideEffects: 'NoneOnDryRun',
      timeoutSeconds: 10,
    },
  ],
}

const abandoned: KubeObject = {
  metadata: meta('ValidatingWebhookConfiguration', { name: 'quota-operator' }),
  webhooks: [
    {
      name: 'quota.operator.example.com',
      clientConfig: { service: { namespace: 'quota-operator', name: 'webhook', port: 443 } },
      rules: [rule('quota.example.com', 'quotas')],
      namespaceSelector: {},
      objectSelector: {},
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      sideEffects: 'None',
      timeoutSeconds: 10,
    },
  ],
}

const certificates: KubeObject = {
  metadata: meta('MutatingWebhookConfiguration', { name: 'cert-manager-webhook' }),
  webhooks: [
    {
      name: 'webhook.cert-manager.io',
      clientConfig: {
        service: { namespace: 'cert-manager', name: 'cert-manager-webhook', path: '/mutate', port: 443 },
      },
      rules: [rule('cert-manager.io', 'certificaterequests')],
      namespaceSelector: { matchExpressions: system },
      objectSelector: {},
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      sideEffects: 'None',
      timeoutSeconds: 30,
    },
  ],
}

const imagePolicy: KubeObject = {
  metadata: meta('ValidatingAdmissionPolicy', { name: 'own-registry' }),
  spec: {
    failurePolicy: 'Fail',
    matchConstraints: { resourceRules: [{ ...rule('', 'pods'), operations: ['CREATE'] }] },
    validations: [
      {
        expression: "object.spec.containers.all(c, c.image.startsWith('registry.example.com/'))",
        message: 'foreign image',
      },
    ],
  },
}

const imagePolicyBinding: KubeObject = {
  metadata: meta('ValidatingAdmissionPolicyBinding', { name: 'own-registry' }),
  spec: { policyName: 'own-registry', validationActions: ['Warn'] },
}

function definition(name: string): KubeObject {
  return { metadata: meta('CustomResourceDefinition', { name }), spec: { scope: 'Namespaced' } }
}

const volume: KubeObject = {
  metadata: meta('PersistentVolume', { name: 'database-0' }),
  spec: {
    capacity: { storage: '20Gi' },
    accessModes: ['ReadWriteOnce'],
    hostPath: { path: '/var/lib/database', type: 'DirectoryOrCreate' },
    persistentVolumeReclaimPolicy: 'Retain',
    claimRef: { kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'data-database-0' },
    storageClassName: 'manual',
    volumeMode: 'Filesystem',
  },
  status: { phase: 'Bound' },
}

const claim: KubeObject = {
  metadata: meta('PersistentVolumeClaim', { name: 'data-database-0', namespace: 'shop' }),
  spec: {
    accessModes: ['ReadWriteOnce'],
    volumeName: 'database-0',
    storageClassName: 'manual',
    volumeMode: 'Filesystem',
    resources: { requests: { storage: '20Gi' } },
  },
  status: { phase: 'Bound', capacity: { storage: '20Gi' } },
}
