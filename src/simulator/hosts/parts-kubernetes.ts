// The files that kubeadm leaves on a node: static pod manifests, kubeconfigs, keys and certificates, and the CNI configuration.
// Modes are kubeadm 1.34's own. Certificates are real and of this run; keys carry the marker that must never leave a host.
import { type Authority, createAuthority, type Identity } from '../certificates.ts'
import { type ComponentCommand, type ControlPlaneCommands, editedManifest } from '../control-plane.ts'
import { secretMarker } from './secret-marker.ts'
import type { TreeEntry, TreeFile, TreeOwner, TreePart } from './tree.ts'

const pki = '/etc/kubernetes/pki'
const day = 86_400_000
const years = 3650

let authorities: { readonly cluster: Authority; readonly etcd: Authority; readonly frontProxy: Authority } | undefined

/** One set for all hosts, made when the first is built. */
function clusterAuthorities() {
  const validity = { notBefore: daysFromNow(-67), notAfter: daysFromNow(years - 67) }
  authorities ??= {
    cluster: createAuthority('kubernetes', validity),
    etcd: createAuthority('etcd-ca', validity),
    frontProxy: createAuthority('front-proxy-ca', validity),
  }
  return authorities
}

function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * day)
}

interface Subject {
  readonly commonName: string
  readonly organizations?: readonly string[]
  readonly names?: readonly string[]
}

/** For a year, 67 days of which are over; `left` says otherwise. */
function issue(authority: Authority, subject: Subject, left = 298): Identity {
  const usage = subject.names === undefined ? 'client' : 'server'
  return authority.issue({ ...subject, usage, notBefore: daysFromNow(left - 365), notAfter: daysFromNow(left) })
}

function keyFile({ key }: Pick<Identity, 'key'>): TreeFile {
  return { content: `${key}# ${secretMarker}\n`, mode: 0o600 }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function kubeconfig(server: string, user: string, identity: Identity): string {
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(clusterAuthorities().cluster.cert)}
    server: ${server}
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: ${user}
  name: ${user}@kubernetes
current-context: ${user}@kubernetes
kind: Config
users:
- name: ${user}
  user:
    client-certificate-data: ${base64(identity.cert)}
    client-key-data: ${base64(`${identity.key}# ${secretMarker}\n`)}
`
}

export interface KubernetesNodeOptions {
  readonly hostname: string
  /** Of the kubelet's client certificate. */
  readonly certificateDaysLeft?: number
  readonly kubeletKubeconfigOwner?: TreeOwner
  /** metricsBindAddress of kube-proxy; kubeadm leaves it empty. */
  readonly proxyMetricsAddress?: string
}

/** Every node: the kubelet's kubeconfig and certificates, the cluster's CA, the network add-on's configuration. */
export function kubernetesNode(options: KubernetesNodeOptions): TreePart {
  const { cluster } = clusterAuthorities()
  const name = `system:node:${options.hostname}`
  const client = issue(cluster, { commonName: name, organizations: ['system:nodes'] }, options.certificateDaysLeft)
  const folder = '/var/lib/kubelet/pki'
  const current = `${folder}/kubelet-client-current.pem`
  return {
    files: {
      [`${pki}/ca.crt`]: cluster.cert,
      '/etc/kubernetes/kubelet.conf': {
        content: `apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority-data: ${base64(cluster.cert)}
    server: https://127.0.10.1:6443
  name: kubernetes
users:
- name: ${name}
  user:
    client-certificate: ${current}
    client-key: ${current}
`,
        mode: 0o600,
        ...(options.kubeletKubeconfigOwner ? { owner: options.kubeletKubeconfigOwner } : {}),
      },
      [`${folder}/kubelet-client-2026.pem`]: {
        ...keyFile(client),
        content: `${client.cert}${keyFile(client).content}`,
      },
      [current]: { link: 'kubelet-client-2026.pem' },
      '/etc/cni/net.d/10-calico.conflist': { content: '{"name": "k8s-pod-network", "plugins": []}\n', mode: 0o600 },
      ...proxyVolume(options.proxyMetricsAddress ?? ''),
    },
    processes: [
      {
        pid: 2210,
        name: 'kube-proxy',
        executable: '/usr/local/bin/kube-proxy',
        arguments: [
          '/usr/local/bin/kube-proxy',
          '--config=/var/lib/kube-proxy/config.conf',
          `--hostname-override=${options.hostname}`,
        ],
        startedAfterBoot: 41,
        mounts: `901 880 252:1 ${proxyFolder} /var/lib/kube-proxy ro,relatime - ext4 /dev/vda1 rw\n`,
        isContained: true,
      },
    ],
  }
}

const proxyFolder =
  '/var/lib/kubelet/pods/0c1f6d3e-5a53-4f0c-9b1e-7c2d61a0f9aa/volumes/kubernetes.io~configmap/kube-proxy'

/** As the kubelet lays a ConfigMap down: a folder for its version, and links through ..data to that. */
function proxyVolume(metricsBindAddress: string): Record<string, TreeEntry> {
  const version = '..2026_10_30_05_13_02.1234567890'
  const configuration = `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
bindAddress: 0.0.0.0
clientConnection:
  kubeconfig: /var/lib/kube-proxy/kubeconfig.conf
clusterCIDR: 10.244.0.0/16
metricsBindAddress: "${metricsBindAddress}"
mode: ""
`
  return {
    [`${proxyFolder}/${version}/config.conf`]: configuration,
    [`${proxyFolder}/..data`]: { link: version },
    [`${proxyFolder}/config.conf`]: { link: '..data/config.conf' },
  }
}

export interface ControlPlaneOptions {
  readonly hostname: string
  readonly address: string
  /** The four components, for which manifests are written. */
  readonly commands: ControlPlaneCommands
  readonly adminKubeconfigMode?: number
  readonly etcdOwner?: TreeOwner
  /** kubeadm leaves this one on the first node only. */
  readonly hasSuperAdmin?: boolean
}

/** A control-plane node's own files, beside those of every node. */
export function kubernetesControlPlane(options: ControlPlaneOptions): TreePart {
  const { cluster } = clusterAuthorities()
  const server = `https://${options.address}:6443`
  const client = (commonName: string, organization?: string): Identity =>
    issue(cluster, { commonName, ...(organization === undefined ? {} : { organizations: [organization] }) })
  const configuration = (user: string, organization?: string): TreeFile => ({
    content: kubeconfig(server, user, client(user, organization)),
    mode: 0o600,
  })
  const files: Record<string, TreeEntry> = {
    '/etc/kubernetes/admin.conf': {
      ...configuration('kubernetes-admin', 'kubeadm:cluster-admins'),
      mode: options.adminKubeconfigMode ?? 0o600,
    },
    '/etc/kubernetes/scheduler.conf': configuration('system:kube-scheduler'),
    '/etc/kubernetes/controller-manager.conf': configuration('system:kube-controller-manager'),
    ...pkiFiles(options),
  }
  if (options.hasSuperAdmin) {
    files['/etc/kubernetes/super-admin.conf'] = configuration('kubernetes-super-admin', 'system:masters')
  }
  for (const component of Object.values(options.commands)) {
    const [name = ''] = component.command
    files[`/etc/kubernetes/manifests/${name}.yaml`] = { content: manifest(options.hostname, component), mode: 0o600 }
  }
  return {
    files,
    folders: {
      '/etc/kubernetes/manifests': { mode: 0o700 },
      '/var/lib/etcd': { mode: 0o700, ...(options.etcdOwner ? { owner: options.etcdOwner } : {}) },
    },
  }
}

function pkiFiles({ hostname, address }: ControlPlaneOptions): Record<string, TreeEntry> {
  const { cluster, etcd, frontProxy } = clusterAuthorities()
  const names = [hostname, 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', '10.96.0.1', address]
  const etcdNames = [hostname, 'localhost', address, '127.0.0.1']
  const identities: readonly (readonly [string, Identity])[] = [
    ['ca', cluster],
    ['apiserver', issue(cluster, { commonName: 'kube-apiserver', names })],
    [
      'apiserver-kubelet-client',
      issue(cluster, { commonName: 'kube-apiserver-kubelet-client', organizations: ['kubeadm:cluster-admins'] }),
    ],
    ['apiserver-etcd-client', issue(etcd, { commonName: 'kube-apiserver-etcd-client' })],
    ['front-proxy-ca', frontProxy],
    ['front-proxy-client', issue(frontProxy, { commonName: 'front-proxy-client' })],
    ['etcd/ca', etcd],
    ['etcd/server', issue(etcd, { commonName: hostname, names: etcdNames })],
    ['etcd/peer', issue(etcd, { commonName: hostname, names: etcdNames })],
    ['etcd/healthcheck-client', issue(etcd, { commonName: 'kube-etcd-healthcheck-client' })],
  ]
  const files: Record<string, TreeEntry> = { [`${pki}/sa.key`]: keyFile(issue(cluster, { commonName: 'sa' })) }
  for (const [name, identity] of identities) {
    files[`${pki}/${name}.crt`] = identity.cert
    files[`${pki}/${name}.key`] = keyFile(identity)
  }
  // Only its place and mode are of interest.
  files[`${pki}/sa.pub`] = { content: '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n', mode: 0o600 }
  return files
}

/** The static pod that starts the process, with the folders that kubeadm mounts. */
function manifest(hostname: string, { command, mounts }: ComponentCommand): string {
  const [name = ''] = command
  const argv = name === 'kube-apiserver' ? editedManifest(hostname, command) : command
  const config = `/etc/kubernetes/${name.replace('kube-', '')}.conf`
  const paths = {
    etcd: [`${pki}/etcd`, '/var/lib/etcd'],
    'kube-apiserver': [pki, '/etc/ssl/certs'],
    'kube-controller-manager': [pki, '/etc/ssl/certs', config],
  }[name] ?? [config]
  const image = name === 'etcd' ? 'registry.k8s.io/etcd:3.6.5-0' : `registry.k8s.io/${name}:v1.34.2`
  const lines = [
    'apiVersion: v1',
    'kind: Pod',
    'metadata:',
    `  labels: {component: ${name}, tier: control-plane}`,
    `  name: ${name}`,
    '  namespace: kube-system',
    'spec:',
    '  containers:',
    '  - command:',
    ...argv.map((argument) => `    - ${argument}`),
    `    image: ${image}`,
    `    name: ${name}`,
    '    volumeMounts:',
    ...paths.flatMap((path, index) => [`    - mountPath: ${path}`, `      name: volume-${index}`]),
    ...mounts.flatMap((mount) => [`    - mountPath: ${mount.mountPath}`, `      name: ${mount.name}`]),
    '  hostNetwork: true',
    '  priorityClassName: system-node-critical',
    '  volumes:',
    ...paths.flatMap((path, index) => [`  - hostPath: {path: ${path}}`, `    name: volume-${index}`]),
    ...mounts.flatMap((mount) => ['  - hostPath:', `      path: ${mount.hostPath}`, `    name: ${mount.name}`]),
    '',
  ]
  return lines.join('\n')
}
