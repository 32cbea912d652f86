// Workloads of kube-system and the network add-on, as kubeadm 1.34 and flannel install them.
// May not: be tidied up; that these need the host is what a report must be able to say.
import { controlPlaneCommands } from '../control-plane.ts'
import type { KubeObject } from './build.ts'
import type { Workload } from './workload.ts'

const version = 'v1.34.2'

export interface SystemOptions {
  readonly controlPlane: readonly { readonly name: string; readonly address: string }[]
  readonly nodes: readonly string[]
}

export function systemWorkloads({ controlPlane, nodes }: SystemOptions): readonly Workload[] {
  return [
    ...controlPlane.flatMap(({ name, address }) => staticPods(name, address)),
    coredns(nodes.slice(0, 2)),
    kubeProxy(nodes),
    flannel(nodes),
  ]
}

function hostPath(name: string, path: string, type = 'DirectoryOrCreate'): KubeObject {
  return { name, hostPath: { path, type } }
}

function mount(name: string, mountPath: string, readOnly = false): KubeObject {
  return readOnly ? { name, mountPath, readOnly } : { name, mountPath }
}

function httpsProbe(path: string, port: number, host: string, more: KubeObject = {}): KubeObject {
  return {
    httpGet: { host, path, port, scheme: 'HTTPS' },
    periodSeconds: 10,
    timeoutSeconds: 15,
    successThreshold: 1,
    failureThreshold: 8,
    ...more,
  }
}

interface StaticPodInput {
  readonly node: string
  readonly name: string
  readonly container: { readonly image: string; readonly [field: string]: unknown }
  readonly volumes: readonly KubeObject[]
}

function staticPod({ node, name, container, volumes }: StaticPodInput): Workload {
  return {
    kind: 'StaticPod',
    namespace: 'kube-system',
    name,
    labels: { component: name, tier: 'control-plane' },
    nodes: [node],
    spec: {
      automountServiceAccountToken: false,
      hostNetwork: true,
      priority: 2_000_001_000,
      priorityClassName: 'system-node-critical',
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name, ...container }],
      volumes,
    },
  }
}

function staticPods(node: string, address: string): readonly Workload[] {
  const pki = '/etc/kubernetes/pki'
  const { etcd, apiServer, controllerManager, scheduler } = controlPlaneCommands(node, address)
  return [
    staticPod({
      node,
      name: 'etcd',
      container: {
        image: 'registry.k8s.io/etcd:3.6.5-0',
        command: [...etcd.command],
        resources: { requests: { cpu: '100m', memory: '100Mi' } },
        livenessProbe: httpsProbe('/livez', 2381, '127.0.0.1'),
        readinessProbe: httpsProbe('/readyz', 2381, '127.0.0.1', { failureThreshold: 3 }),
        volumeMounts: [mount('etcd-data', '/var/lib/etcd'), mount('etcd-certs', `${pki}/etcd`)],
      },
      volumes: [hostPath('etcd-certs', `${pki}/etcd`), hostPath('etcd-data', '/var/lib/etcd')],
    }),
    staticPod({
      node,
      name: 'kube-apiserver',
      container: {
        image: `registry.k8s.io/kube-apiserver:${version}`,
        command: [...apiServer.command],
        ports: [{ name: 'probe-port', containerPort: 6443, hostPort: 6443, protocol: 'TCP' }],
        resources: { requests: { cpu: '250m' } },
        livenessProbe: httpsProbe('/livez', 6443, address, { initialDelaySeconds: 10 }),
        readinessProbe: httpsProbe('/readyz', 6443, address, { periodSeconds: 1, failureThreshold: 3 }),
        volumeMounts: [
          mount('ca-certs', '/etc/ssl/certs', true),
          mount('k8s-certs', pki, true),
          ...apiServer.mounts.map(({ name, mountPath }) => mount(name, mountPath)),
        ],
      },
      volumes: [
        hostPath('ca-certs', '/etc/ssl/certs'),
        hostPath('k8s-certs', pki),
        ...apiServer.mounts.map((volume) => hostPath(volume.name, volume.hostPath)),
      ],
    }),
    staticPod({
      node,
      name: 'kube-controller-manager',
      container: {
        image: `registry.k8s.io/kube-controller-manager:${version}`,
        command: [...controllerManager.command],
        resources: { requests: { cpu: '200m' } },
        livenessProbe: httpsProbe('/healthz', 10257, '127.0.0.1'),
        volumeMounts: [mount('kubeconfig', '/etc/kubernetes/controller-manager.conf', true)],
      },
      volumes: [hostPath('kubeconfig', '/etc/kubernetes/controller-manager.conf', 'FileOrCreate')],
    }),
    staticPod({
      node,
      name: 'kube-scheduler',
      container: {
        image: `registry.k8s.io/kube-scheduler:${version}`,
        command: [...scheduler.command],
        resources: { requests: { cpu: '100m' } },
        livenessProbe: httpsProbe('/livez', 10259, '127.0.0.1'),
        volumeMounts: [mount('kubeconfig', '/etc/kubernetes/scheduler.conf', true)],
      },
      volumes: [hostPath('kubeconfig', '/etc/kubernetes/scheduler.conf', 'FileOrCreate')],
    }),
  ]
}

function coredns(nodes: readonly string[]): Workload {
  return {
    kind: 'Deployment',
    namespace: 'kube-system',
    name: 'coredns',
    labels: { 'k8s-app': 'kube-dns' },
    nodes,
    spec: {
      serviceAccountName: 'coredns',
      priorityClassName: 'system-cluster-critical',
      priority: 2_000_000_000,
      containers: [
        {
          name: 'coredns',
          image: 'registry.k8s.io/coredns/coredns:v1.12.1',
          args: ['-conf', '/etc/coredns/Corefile'],
          resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
            readOnlyRootFilesystem: true,
          },
          livenessProbe: {
            httpGet: { path: '/health', port: 8080, scheme: 'HTTP' },
            initialDelaySeconds: 60,
            timeoutSeconds: 5,
            periodSeconds: 10,
            successThreshold: 1,
            failureThreshold: 5,
          },
          volumeMounts: [mount('config-volume', '/etc/coredns', true)],
        },
      ],
      volumes: [{ name: 'config-volume', configMap: { name: 'coredns', defaultMode: 420 } }],
    },
  }
}

function kubeProxy(nodes: readonly string[]): Workload {
  return {
    kind: 'DaemonSet',
    namespace: 'kube-system',
    name: 'kube-proxy',
    labels: { 'k8s-app': 'kube-proxy' },
    nodes,
    spec: {
      serviceAccountName: 'kube-proxy',
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      priority: 2_000_001_000,
      containers: [
        {
          name: 'kube-proxy',
          image: `registry.k8s.io/kube-proxy:${version}`,
          command: [
            '/usr/local/bin/kube-proxy',
            '--config=/var/lib/kube-proxy/config.conf',
            '--hostname-override=$(NODE_NAME)',
          ],
          env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } }],
          securityContext: { privileged: true },
          volumeMounts: [mount('xtables-lock', '/run/xtables.lock'), mount('lib-modules', '/lib/modules', true)],
        },
      ],
      volumes: [
        hostPath('xtables-lock', '/run/xtables.lock', 'FileOrCreate'),
        hostPath('lib-modules', '/lib/modules', ''),
      ],
    },
  }
}

function flannel(nodes: readonly string[]): Workload {
  const image = 'ghcr.io/flannel-io/flannel:v0.27.4'
  return {
    kind: 'DaemonSet',
    namespace: 'kube-flannel',
    name: 'kube-flannel-ds',
    labels: { tier: 'node', 'k8s-app': 'flannel' },
    nodes,
    spec: {
      serviceAccountName: 'flannel',
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      priority: 2_000_001_000,
      initContainers: [
        {
          name: 'install-cni',
          image,
          command: ['cp'],
          args: ['-f', '/etc/kube-flannel/cni-conf.json', '/etc/cni/net.d/10-flannel.conflist'],
          volumeMounts: [mount('cni', '/etc/cni/net.d')],
        },
      ],
      containers: [
        {
          name: 'kube-flannel',
          image,
          command: ['/opt/bin/flanneld'],
          args: ['--ip-masq', '--kube-subnet-mgr'],
          resources: { requests: { cpu: '100m', memory: '50Mi' } },
          securityContext: { privileged: false, capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
          volumeMounts: [mount('run', '/run/flannel'), mount('xtables-lock', '/run/xtables.lock')],
        },
      ],
      volumes: [
        hostPath('run', '/run/flannel', ''),
        hostPath('cni', '/etc/cni/net.d', ''),
        hostPath('xtables-lock', '/run/xtables.lock', 'FileOrCreate'),
      ],
    },
  }
}
