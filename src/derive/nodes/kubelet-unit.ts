// The systemd units that run a node's kubelet and its containerd, and where the kubelet's arguments stand: what a restart and an edit need to know.
// May not: look at settings. Where nothing else is seen it is the unit that Kubernetes' own packages bring.
import { isUnavailable } from '../../model/fact.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import type { UnitIdentity } from '../../model/unit.ts'
import { readUnit } from './systemd-unit.ts'

type KubeletUnit = Required<Pick<UnitIdentity, 'kubeletUnit' | 'kubeletPlaces' | 'containerdUnit'>>

const units = '/etc/systemd/system'

/** k3s, RKE2, k0s and MicroK8s start the kubelet themselves, and are restarted in its place. */
export function findKubeletUnit(host: HostEvidence): KubeletUnit | undefined {
  const starter = findStarter(host)
  if (starter === undefined || hasOwnUnit(host)) return undefined
  const isAgent = starter.name === 'k3s-agent' || /(?:^|\s)(?:agent|worker)(?:\s|$)/.test(starter.arguments.join(' '))
  switch (starter.name) {
    case 'k3s':
    case 'k3s-server':
    case 'k3s-agent':
      return inside(isAgent ? 'k3s-agent' : 'k3s', ['/etc/rancher/k3s', units])
    case 'rke2':
      return inside(isAgent ? 'rke2-agent' : 'rke2-server', [
        '/etc/rancher/rke2',
        units,
        '/usr/local/lib/systemd/system',
      ])
    case 'k0s':
      return inside(isAgent ? 'k0sworker' : 'k0scontroller', ['/etc/k0s', units])
    default:
      return {
        kubeletUnit: 'snap.microk8s.daemon-kubelite',
        kubeletPlaces: ['/var/snap/microk8s/current/args/kubelet'],
        containerdUnit: 'snap.microk8s.daemon-containerd',
      }
  }
}

/** These run containerd as their own child, too. */
function inside(unit: string, kubeletPlaces: readonly string[]): KubeletUnit {
  return { kubeletUnit: unit, kubeletPlaces, containerdUnit: unit }
}

/** The process of a distribution that runs the kubelet inside itself or as its child. */
export function findStarter({ processes }: HostEvidence): ProcessEvidence | undefined {
  if (isUnavailable(processes)) return undefined
  return processes.find(({ name }) => /^(?:k3s|k3s-server|k3s-agent|rke2|k0s|kubelite)$/.test(name))
}

function hasOwnUnit(host: HostEvidence): boolean {
  const unit = readUnit(host, 'kubelet.service')
  return unit !== undefined && !isUnavailable(unit)
}
