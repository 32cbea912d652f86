// A control-plane node as kubeadm 1.34 leaves it, on Ubuntu: nothing added. May not: be better or worse than its defaults.
import { controlPlaneCommands } from '../../control-plane.ts'
import { kubelet } from '../parts-kubelet.ts'
import { kubernetesControlPlane, kubernetesNode } from '../parts-kubernetes.ts'
import { containerd } from '../parts-runtime.ts'
import { composeHost, type HostTree } from '../tree.ts'
import { type DistributionNode, process, system, times } from './parts.ts'

const hostname = 'kubeadm-1'
// The demo's third node was left as kubeadm made it.
const commands = controlPlaneCommands('cp-3', '127.0.20.1')
const own = (pid: number, command: readonly string[]) => process(pid, command[0] ?? '', command, { isContained: true })

export const kubeadmHost: HostTree = composeHost(
  { hostname, ...times },
  system({ id: 'ubuntu', versionId: '24.04', name: 'Ubuntu', kernel: '6.8.0-87-generic' }),
  containerd({
    version: 'v2.1.4',
    revision: '75cb2b7193e4e490e9fbdc236c0e811ccaba3376',
    configVersion: 3,
    systemdCgroup: true,
    pid: 871,
    startedAfterBoot: 9,
  }),
  kubernetesNode({ hostname }),
  kubernetesControlPlane({ hostname, address: '127.0.20.1', commands, hasSuperAdmin: true }),
  kubelet({
    packaging: 'deb',
    criSocket: 'unix:///run/containerd/containerd.sock',
    kubeadmFlags: ['--pod-infra-container-image=registry.k8s.io/pause:3.10.1'],
    pid: 912,
    startedAfterBoot: 12,
  }),
  {
    processes: [
      own(1530, commands.etcd.command),
      own(1544, commands.apiServer.command),
      own(1561, commands.controllerManager.command),
      own(1577, commands.scheduler.command),
    ],
  },
)

export const kubeadmNode: DistributionNode = {
  kubeletVersion: 'v1.34.2',
  osImage: 'Ubuntu 24.04.3 LTS',
  kernelVersion: '6.8.0-87-generic',
  containerRuntimeVersion: 'containerd://2.1.4',
  roles: ['control-plane'],
}
