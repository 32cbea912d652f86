// The demo's control-plane hosts: two that are kept well, in two ways, and one edited but never restarted.

import {
  type ComponentCommand,
  type ControlPlaneCommands,
  controlPlaneCommands,
  siteFolders,
} from '../control-plane.ts'
import { ubuntu, withAccount } from './parts-distribution.ts'
import { hostSecurity } from './parts-host-security.ts'
import { cgroupV2, kernel, kubeletParameters, type Mount, mounts, swap, systemdInit } from './parts-kernel.ts'
import { configDirectory, type KubeletOptions, kubelet } from './parts-kubelet.ts'
import { type ControlPlaneOptions, kubernetesControlPlane, kubernetesNode } from './parts-kubernetes.ts'
import { containerd } from './parts-runtime.ts'
import { secretMarker } from './secret-marker.ts'
import { composeHost, epoch, type HostTree, type TreePart, type TreeProcess } from './tree.ts'

const installedAt = epoch('2026-09-14T08:00:00Z')
const kubeadmFlags = ['--pod-infra-container-image=registry.k8s.io/pause:3.10.1']
const rootMount: Mount = {
  point: '/',
  device: '/dev/mapper/ubuntu--vg-root',
  fileSystem: 'ext4',
  options: 'rw,relatime',
}
const fstab = '/dev/mapper/ubuntu--vg-root / ext4 defaults 0 1\n#/swap.img none swap sw 0 0\n'

const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  users: ["system:kube-proxy"]
  verbs: [watch]
- level: Metadata
`

const authenticationConfiguration = `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
anonymous:
  enabled: true
  conditions:
  - path: /livez
  - path: /readyz
  - path: /healthz
`

/** Ubuntu 24.04, containerd 2 with the systemd driver, AppArmor, cgroup v2, no swap. */
function base(hostname: string, address: string, files: Partial<ControlPlaneOptions> = {}): readonly TreePart[] {
  const commands = controlPlaneCommands(hostname, address)
  const processes = controlPlane(commands)
  return [
    ubuntu('24.04', 3),
    systemdInit(),
    kernel({ release: '6.8.0-87-generic', parameters: kubeletParameters, isolation: 'apparmor' }),
    mounts({ mounts: [rootMount] }),
    cgroupV2(),
    swap({ fstab }),
    containerd({
      version: 'v2.1.4',
      revision: '75cb2b7193e4e490e9fbdc236c0e811ccaba3376',
      configVersion: 3,
      systemdCgroup: true,
      pid: 871,
      startedAfterBoot: 9,
    }),
    hostSecurity({
      timeDaemon: 'chronyd',
      parameters: { 'kernel/apparmor_restrict_unprivileged_userns': '1' },
      listeners: [
        { port: 22 },
        { port: 10250, pid: 912 },
        { port: 10248, address: '127.0.0.1', pid: 912 },
        { port: 2379, address: '0.0.0.0', pid: 1530 },
        { port: 2380, address: '0.0.0.0', pid: 1530 },
        { port: 2381, address: '127.0.0.1', pid: 1530 },
        { port: 6443, pid: 1544 },
        { port: 10257, address: '127.0.0.1', pid: 1561 },
        { port: 10259, address: '127.0.0.1', pid: 1577 },
        { port: 10249, address: '127.0.0.1' },
      ],
    }),
    kubernetesNode({ hostname }),
    kubernetesControlPlane({ hostname, address, commands, ...files }),
    ...(commands.apiServer.mounts.length > 0 ? [siteFiles(hostname)] : []),
    { processes },
  ]
}

function kubeadmKubelet(options: Partial<KubeletOptions>): TreePart {
  return kubelet({
    packaging: 'deb',
    criSocket: 'unix:///run/containerd/containerd.sock',
    kubeadmFlags,
    pid: 912,
    startedAfterBoot: 12,
    ...options,
  })
}

/** A cache of docker.io that asks for a password, over TLS. */
const registryMirror = {
  '/etc/containerd/certs.d/docker.io/hosts.toml': `server = "https://registry-1.docker.io"

[host."https://cache.shop.example"]
  capabilities = ["pull", "resolve"]
  [host."https://cache.shop.example".header]
    Authorization = "Basic ${secretMarker}"
`,
}

/** Right now and after the next boot; the kubelet checks at every start. */
export const controlPlane1: HostTree = composeHost(
  { hostname: 'cp-1', bootTime: epoch('2026-10-30T05:12:00Z'), installedAt },
  ...base('cp-1', '127.0.10.1', { hasSuperAdmin: true }),
  kubeadmKubelet({
    configurationMode: 0o600,
    configuration: ['protectKernelDefaults: true', 'seccompDefault: true', 'podPidsLimit: 4096', 'eventRecordQPS: 50'],
  }),
  { files: { '/etc/sysctl.d/90-kubelet.conf': persistedParameters(), ...registryMirror } },
)

/** As the first, but the hardening came as drop-ins, of which the later one overrides the earlier, and etcd has a user of its own. */
export const controlPlane2: HostTree = composeHost(
  { hostname: 'cp-2', bootTime: epoch('2026-10-30T05:31:00Z'), installedAt },
  ...base('cp-2', '127.0.10.2', { etcdOwner: { uid: 997, gid: 997 } }),
  kubeadmKubelet({
    configurationMode: 0o600,
    dropIns: {
      '10-hardening.conf': dropIn('protectKernelDefaults: true', 'seccompDefault: true', 'podPidsLimit: 1024'),
      '20-site.conf': dropIn('podPidsLimit: 4096', 'tlsMinVersion: VersionTLS13'),
      'README.md': 'Only files that end in .conf are read.\n',
    },
    extraFlags: [`--config-dir=${configDirectory}`],
  }),
  withAccount('etcd', 997),
  { files: { '/etc/sysctl.d/90-kubelet.conf': persistedParameters() } },
)

/**
 * Somebody turned protectKernelDefaults on (by flag) and seccompDefault (in the file) days after the kubelet started and did not
 * restart it. The kernel values are right only because this kubelet wrote them itself; no file keeps them. It has not taken up the
 * audit log that was added to the API server's manifest either. The administrator's
 * kubeconfig is open to everybody on the node.
 */
export const controlPlane3: HostTree = composeHost(
  { hostname: 'cp-3', bootTime: epoch('2026-10-30T05:47:00Z'), installedAt },
  ...base('cp-3', '127.0.10.3', { adminKubeconfigMode: 0o644 }),
  kubeadmKubelet({
    configuration: ['seccompDefault: true'],
    configurationModifiedAt: epoch('2026-11-12T14:05:00Z'),
    kubeadmFlags: [...kubeadmFlags, '--protect-kernel-defaults=true'],
    kubeadmFlagsModifiedAt: epoch('2026-11-12T14:02:00Z'),
    runningFlags: kubeadmFlags,
  }),
)

function dropIn(...lines: readonly string[]): string {
  return ['apiVersion: kubelet.config.k8s.io/v1beta1', 'kind: KubeletConfiguration', ...lines, ''].join('\n')
}

function persistedParameters(): string {
  const lines = Object.entries(kubeletParameters).map(([name, value]) => `${name} = ${value}\n`)
  return `# Values that the kubelet checks at start (protectKernelDefaults).\n${lines.join('')}`
}

/** kubeadm's four static pods as their processes appear on the host. */
function controlPlane({ etcd, apiServer, controllerManager, scheduler }: ControlPlaneCommands): readonly TreeProcess[] {
  return [
    staticProcess(1530, 'etcd', etcd),
    staticProcess(1544, 'kube-apiserver', apiServer),
    staticProcess(1561, 'kube-controller', controllerManager),
    staticProcess(1577, 'kube-scheduler', scheduler),
  ]
}

function staticProcess(pid: number, name: string, { command }: ComponentCommand): TreeProcess {
  const executable = `/usr/local/bin/${command[0] ?? ''}`
  return { pid, name, executable, arguments: command, startedAfterBoot: 24, isContained: true }
}

/** The files that a hardened API server names. The second node's administrator got the order of the providers wrong. */
function siteFiles(hostname: string): TreePart {
  const { audit, authentication, encryption } = siteFolders
  const key = `secretbox: {keys: [{name: key1, secret: ${Buffer.from(secretMarker).toString('base64')}}]}`
  const providers = hostname === 'cp-1' ? [key, 'identity: {}'] : ['identity: {}', key]
  return {
    files: {
      [`${audit.hostPath}/policy.yaml`]: { content: auditPolicy, mode: 0o600 },
      [`${authentication.hostPath}/authentication.yaml`]: { content: authenticationConfiguration, mode: 0o600 },
      [`${encryption.hostPath}/enc.yaml`]: {
        content: [
          'apiVersion: apiserver.config.k8s.io/v1',
          'kind: EncryptionConfiguration',
          'resources:',
          '- resources: [secrets]',
          '  providers:',
          ...providers.map((provider) => `  - ${provider}`),
          '',
        ].join('\n'),
        mode: 0o600,
      },
    },
  }
}
