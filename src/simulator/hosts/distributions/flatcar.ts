// A worker on Flatcar, joined with kubeadm: programs below /opt/bin, /usr read-only, Kubernetes from a system extension.
// May not: be better or worse than the image and kubeadm.
import { kubelet } from '../parts-kubelet.ts'
import { kubernetesNode } from '../parts-kubernetes.ts'
import { composeHost, type HostTree } from '../tree.ts'
import { type DistributionNode, process, system, times } from './parts.ts'

const base = kubelet({
  packaging: 'deb',
  criSocket: 'unix:///run/containerd/containerd.sock',
  kubeadmFlags: [],
  pid: 912,
  startedAfterBoot: 12,
})

export const flatcarHost: HostTree = composeHost(
  { hostname: 'flatcar-1', ...times },
  system({
    id: 'flatcar',
    versionId: '4230.2.3',
    name: 'Flatcar Container Linux by Kinvolk',
    kernel: '6.6.100-flatcar',
    isolation: { selinux: 'permissive', configured: 'permissive' },
  }),
  kubernetesNode({ hostname: 'flatcar-1' }),
  base,
  {
    files: {
      '/usr/share/containerd/config.toml': `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
oom_score = -999

[grpc]
address = "/run/containerd/containerd.sock"

[plugins."io.containerd.grpc.v1.cri"]
enable_selinux = true

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = true
`,
    },
    directories: ['/var/lib/containerd'],
    processes: [process(871, 'containerd', ['/usr/bin/containerd', '--config', '/usr/share/containerd/config.toml'])],
  },
)

export const flatcarNode: DistributionNode = {
  kubeletVersion: 'v1.34.2',
  osImage: 'Flatcar Container Linux by Kinvolk 4230.2.3 (Oklo)',
  kernelVersion: '6.6.100-flatcar',
  containerRuntimeVersion: 'containerd://2.0.5',
  roles: [],
}
