// Workloads of the demo's site: a shop that is run well, monitoring and platform agents that need the host.
// May not: name a rule; each is a workload somebody could have written.
import { secretMarker } from '../hosts/secret-marker.ts'
import type { ContainerInput, KubeObject } from './build.ts'
import type { Workload } from './workload.ts'

const workers = ['worker-1', 'worker-2', 'worker-3']
const everywhere = ['cp-1', 'cp-2', 'cp-3', ...workers]

const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 10001,
  capabilities: { drop: ['ALL'] },
}
const restrictedPod = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }
const small = { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } }

function httpProbe(path: string): KubeObject {
  return {
    httpGet: { path, port: 8080, scheme: 'HTTP' },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  }
}

function service(name: string, version: string): ContainerInput {
  return {
    name,
    image: `registry.shop.example/shop/${name}:${version}`,
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    env: [{ name: 'DATABASE_PASSWORD', valueFrom: { secretKeyRef: { name: 'database', key: 'password' } } }],
    resources: small,
    securityContext: restricted,
    livenessProbe: httpProbe('/healthz'),
    readinessProbe: httpProbe('/ready'),
  }
}

/** Namespace shop: nothing to find. */
const shop: readonly Workload[] = [
  {
    kind: 'Deployment',
    namespace: 'shop',
    name: 'cart',
    labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    controllerAnnotations: { 'meta.helm.sh/release-name': 'shop', 'meta.helm.sh/release-namespace': 'shop' },
    nodes: workers,
    spec: { serviceAccountName: 'cart', securityContext: restrictedPod, containers: [service('cart', '2.14.0')] },
  },
  {
    kind: 'Deployment',
    namespace: 'shop',
    name: 'checkout',
    labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    controllerAnnotations: { 'meta.helm.sh/release-name': 'shop', 'meta.helm.sh/release-namespace': 'shop' },
    nodes: ['worker-1', 'worker-3'],
    spec: {
      automountServiceAccountToken: false,
      securityContext: {
        ...restrictedPod,
        sysctls: [{ name: 'net.ipv4.ip_local_port_range', value: '10240 65000' }],
      },
      containers: [service('checkout', '1.9.3')],
    },
  },
  {
    kind: 'StatefulSet',
    namespace: 'shop',
    name: 'database',
    nodes: ['worker-1', 'worker-3'],
    spec: {
      automountServiceAccountToken: false,
      securityContext: {
        ...restrictedPod,
        fsGroup: 10001,
        sysctls: [{ name: 'net.ipv4.tcp_keepalive_time', value: '120' }],
      },
      containers: [
        {
          ...service('postgres', '17.6'),
          resources: { requests: { cpu: '1', memory: '2Gi' }, limits: { cpu: '1', memory: '2Gi' } },
          volumeMounts: [{ name: 'data', mountPath: '/var/lib/postgresql/data' }],
        },
      ],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-database' } }],
    },
  },
  {
    kind: 'CronJob',
    namespace: 'shop',
    name: 'nightly-report',
    nodes: ['worker-1'],
    states: {
      0: {
        phase: 'Succeeded',
        containers: {
          report: { state: { terminated: { exitCode: 0, reason: 'Completed' } }, ready: false, started: false },
        },
      },
    },
    spec: {
      restartPolicy: 'OnFailure',
      automountServiceAccountToken: false,
      securityContext: restrictedPod,
      containers: [
        {
          name: 'report',
          image: 'registry.shop.example/shop/report:2.14.0',
          args: ['--day=yesterday'],
          resources: small,
          securityContext: restricted,
        },
      ],
    },
  },
]

/** Namespaces monitoring and platform: agents with a reason to touch the host, and some with more than the reason needs. */
const agents: readonly Workload[] = [
  {
    kind: 'DaemonSet',
    namespace: 'monitoring',
    name: 'node-exporter',
    nodes: everywhere,
    spec: {
      automountServiceAccountToken: false,
      hostNetwork: true,
      hostPID: true,
      securityContext: { runAsNonRoot: true, runAsUser: 65534 },
      containers: [
        {
          name: 'node-exporter',
          image: 'quay.io/prometheus/node-exporter:v1.9.1',
          args: ['--path.sysfs=/host/sys', '--path.rootfs=/host/root', '--web.listen-address=127.0.0.1:9101'],
          resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '180Mi' } },
          securityContext: { ...restricted, runAsUser: 65534 },
          volumeMounts: [
            { name: 'root', mountPath: '/host/root', mountPropagation: 'HostToContainer', readOnly: true },
          ],
        },
      ],
      volumes: [{ name: 'root', hostPath: { path: '/', type: '' } }],
    },
  },
  {
    kind: 'StatefulSet',
    namespace: 'monitoring',
    name: 'prometheus',
    controllerAnnotations: { 'argocd.argoproj.io/tracking-id': 'monitoring:apps/StatefulSet:monitoring/prometheus' },
    nodes: ['worker-1'],
    spec: {
      serviceAccountName: 'prometheus',
      securityContext: { ...restrictedPod, fsGroup: 2000 },
      containers: [
        {
          name: 'prometheus',
          image: 'quay.io/prometheus/prometheus:v3.6.0',
          resources: { requests: { cpu: '500m', memory: '2Gi' }, limits: { memory: '4Gi' } },
          securityContext: restricted,
          readinessProbe: httpProbe('/-/ready'),
        },
      ],
    },
  },
  {
    kind: 'DaemonSet',
    namespace: 'platform',
    name: 'log-agent',
    nodes: everywhere,
    spec: {
      containers: [
        {
          name: 'agent',
          image: 'registry.shop.example/platform/log-agent:5.1',
          resources: { requests: { cpu: '50m', memory: '100Mi' }, limits: { memory: '200Mi' } },
          volumeMounts: [{ name: 'logs', mountPath: '/var/log', readOnly: true }],
        },
      ],
      volumes: [{ name: 'logs', hostPath: { path: '/var/log', type: 'Directory' } }],
    },
  },
  {
    kind: 'DaemonSet',
    namespace: 'platform',
    name: 'backup-agent',
    nodes: workers,
    spec: {
      hostPID: true,
      hostIPC: true,
      containers: [
        {
          name: 'agent',
          image: 'registry.shop.example/platform/backup:latest',
          args: [`--repository-password=${secretMarker}`],
          securityContext: { privileged: true },
          volumeMounts: [{ name: 'host', mountPath: '/host' }],
        },
      ],
      volumes: [{ name: 'host', hostPath: { path: '/', type: '' } }],
    },
  },
]

export const siteWorkloads: readonly Workload[] = [...shop, ...agents]
