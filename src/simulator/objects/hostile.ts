// Texts that break naive renderers, in every place of an object where a cluster's user may write freely. Off by default.
// May not: be toned down; a report that shows them as text is what they are for.
import { type ContainerInput, type KubeObject, meta } from './build.ts'
import { namespaceObject, serviceAccountObject } from './namespaces.ts'
import type { ObjectStore } from './store.ts'
import type { Workload } from './workload.ts'

const esc = String.fromCharCode(27)
const rightToLeft = String.fromCodePoint(0x202e)
const bell = String.fromCharCode(7)

/** By what they attack. */
export const hostileTexts = {
  html: '<script>alert("kube-assay")</script><img src=x onerror=alert(1)>',
  attribute: '" onmouseover="alert(1)" x="',
  template: '{{ constructor }} ${process.exit(9)} <%= 7*7 %>',
  terminal: `${esc}[2J${esc}[31mall checks passed${esc}[0m${bell}`,
  hyperlink: `${esc}]8;;https://evil.example${esc}\\click${esc}]8;;${esc}\\`,
  direction: `invoice${rightToLeft}gpj.exe`,
  formula: '=HYPERLINK("https://evil.example","open")',
  shell: "'; touch /tmp/kube-assay-was-here; echo '$(id)`id`",
  newline: 'first line\nsecond: line\n- third\r\nfourth',
  markdown: '[click](javascript:alert(1)) | cell | **bold**',
  surrogate: 'lone surrogate \ud800 and nul \u0000 end',
  prototype: '__proto__',
  long: `long-${'a'.repeat(65_536 - 5)}`,
} as const

const namespace = 'hostile'

export function addHostileObjects(store: ObjectStore): void {
  store.add('namespaces', namespaceObject(namespace, { note: hostileTexts.html }))
  store.add('serviceaccounts', serviceAccountObject(namespace, 'default'))
  for (const workload of hostileWorkloads()) store.addWorkload(workload)
  store.add('clusterrolebindings', hostileBinding)
}

const hostileBinding: KubeObject = {
  metadata: meta('ClusterRoleBinding', {
    name: `hostile:${hostileTexts.html}`,
    labels: { note: hostileTexts.terminal },
  }),
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: Object.values(hostileTexts).map((name) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name })),
}

function hostileWorkloads(): readonly Workload[] {
  return Object.entries(hostileTexts).map(([kind, text]) => ({
    kind: 'Deployment',
    namespace,
    name: `text-${kind}`,
    labels: Object.fromEntries([
      ['note', text],
      ['__proto__', text],
    ]),
    annotations: { 'example.com/note': text, 'container.apparmor.security.beta.kubernetes.io/app': text },
    controllerAnnotations: { 'meta.helm.sh/release-name': text },
    nodes: ['worker-1'],
    states: { 0: { phase: 'Failed', rejected: { reason: text, message: `Pod was rejected: ${text}` } } },
    spec: {
      priorityClassName: text,
      securityContext: { sysctls: [{ name: 'net.core.somaxconn', value: text }] },
      initContainers: [sysctlContainer(text)],
      containers: [hostileContainer(text)],
      volumes: [{ name: 'host', hostPath: { path: `/srv/${text}`, type: '' } }],
    },
  }))
}

function sysctlContainer(text: string): ContainerInput {
  return {
    name: 'init',
    image: text,
    command: ['sh', '-c', `sysctl -w kernel.msgmax=1 # ${text}`],
    securityContext: { privileged: true },
  }
}

function hostileContainer(text: string): ContainerInput {
  return {
    name: 'app',
    image: `registry.example/${text}`,
    args: [text],
    env: [{ name: text, value: text }],
    resources: { requests: { memory: text }, limits: { memory: text, cpu: text } },
    securityContext: { privileged: true },
    volumeMounts: [{ name: 'host', mountPath: `/mnt/${text}` }],
  }
}
