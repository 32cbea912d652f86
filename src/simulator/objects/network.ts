// Services and NetworkPolicies of the demo cluster: a shop that keeps to itself, and a policy that outlived its pods.
// May not: name a rule.
import { type KubeObject, meta, type Strings } from './build.ts'
import type { ObjectStore } from './store.ts'

export function addNetwork(store: ObjectStore): void {
  store.add(
    'services',
    apiServer,
    service('shop', 'cart'),
    service('shop', 'checkout'),
    service('legacy', 'search', 9200),
  )
  store.add('networkpolicies', shopPolicy, formerPolicy)
}

const apiServer: KubeObject = {
  metadata: meta('Service', {
    name: 'kubernetes',
    namespace: 'default',
    labels: { component: 'apiserver', provider: 'kubernetes' },
  }),
  spec: { type: 'ClusterIP', clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }] },
}

function service(namespace: string, name: string, port = 80): KubeObject {
  const targetPort = port === 80 ? 'http' : port
  return {
    metadata: meta('Service', { name, namespace }),
    spec: { type: 'ClusterIP', selector: { app: name }, ports: [{ name: 'http', protocol: 'TCP', port, targetPort }] },
  }
}

function policy(name: string, matchLabels: Strings, spec: KubeObject): KubeObject {
  const selected = Object.keys(matchLabels).length === 0 ? {} : { matchLabels }
  return { metadata: meta('NetworkPolicy', { name, namespace: 'shop' }), spec: { podSelector: selected, ...spec } }
}

const withinShop = [{ podSelector: {} }]
const shopPolicy = policy(
  'shop-only',
  {},
  {
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from: withinShop }],
    egress: [
      { to: withinShop },
      {
        to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }],
        ports: [{ protocol: 'TCP', port: 443 }],
      },
    ],
  },
)

const formerPolicy = policy(
  'recommendations',
  { app: 'recommendations' },
  {
    policyTypes: ['Ingress'],
    ingress: [{ from: withinShop }],
  },
)
