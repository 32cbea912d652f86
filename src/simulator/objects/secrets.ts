// Secrets of the demo cluster, with contents, so that a test can prove that no content ever reaches a file.
// May not: hold anything that is a secret anywhere.
import { secretMarker } from '../hosts/secret-marker.ts'
import { type KubeObject, meta } from './build.ts'

interface SecretInput {
  readonly namespace: string
  readonly name: string
  readonly type: string
  readonly keys: readonly string[]
  readonly creationTimestamp?: string
}

const inputs: readonly SecretInput[] = [
  {
    namespace: 'kube-system',
    name: 'bootstrap-token-abcdef',
    type: 'bootstrap.kubernetes.io/token',
    keys: ['token-id', 'token-secret', 'usage-bootstrap-authentication', 'usage-bootstrap-signing'],
    creationTimestamp: '2026-03-02T09:00:00Z',
  },
  { namespace: 'shop', name: 'database', type: 'Opaque', keys: ['username', 'password'] },
  { namespace: 'shop', name: 'sh.helm.release.v1.shop.v14', type: 'helm.sh/release.v1', keys: ['release'] },
  { namespace: 'shop', name: 'shop-tls', type: 'kubernetes.io/tls', keys: ['tls.crt', 'tls.key'] },
  { namespace: 'legacy', name: 'registry', type: 'kubernetes.io/dockerconfigjson', keys: ['.dockerconfigjson'] },
  { namespace: 'ci', name: 'default-token', type: 'kubernetes.io/service-account-token', keys: ['ca.crt', 'token'] },
]

export function secretObjects(): readonly KubeObject[] {
  return inputs.map(secretObject)
}

function secretObject({ namespace, name, type, keys, creationTimestamp }: SecretInput): KubeObject {
  const data = Object.fromEntries(keys.map((key) => [key, Buffer.from(secretMarker).toString('base64')]))
  const applied = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    stringData: { value: secretMarker },
  }
  return {
    metadata: meta('Secret', {
      name,
      namespace,
      // kubectl apply leaves the contents in an annotation, which even a metadata-only list carries.
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(applied) },
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    }),
    type,
    data,
  }
}
