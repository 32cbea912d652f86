// Every distribution with a host as it is found there, and what the API says of it.
// May not: be part of the demo's cluster.
import type { HostTree } from '../tree.ts'
import { flatcarHost, flatcarNode } from './flatcar.ts'
import { k0sHost, k0sNode } from './k0s.ts'
import { k3sHardenedHost, k3sHardenedNode, k3sHost, k3sNode } from './k3s.ts'
import { kubeadmHost, kubeadmNode } from './kubeadm.ts'
import { aksHost, aksNode, eksHost, eksNode, gkeHost, gkeNode } from './managed.ts'
import { microk8sHost, microk8sNode } from './microk8s.ts'
import { openshiftHost, openshiftNode } from './openshift.ts'
import type { DistributionNode } from './parts.ts'
import { rke2Host, rke2Node } from './rke2.ts'
import { bottlerocketNode, talosNode } from './shellless.ts'

export interface DistributionHost {
  readonly id: string
  readonly title: string
  /** Absent where nobody can log in. */
  readonly tree?: HostTree
  readonly node: DistributionNode
}

export const distributionHosts: readonly DistributionHost[] = [
  { id: 'kubeadm', title: 'kubeadm 1.34', tree: kubeadmHost, node: kubeadmNode },
  { id: 'k3s', title: 'k3s 1.34', tree: k3sHost, node: k3sNode },
  { id: 'k3s-hardened', title: 'k3s 1.34, hardened, etcd', tree: k3sHardenedHost, node: k3sHardenedNode },
  { id: 'rke2', title: 'RKE2 1.34', tree: rke2Host, node: rke2Node },
  { id: 'microk8s', title: 'MicroK8s 1.34', tree: microk8sHost, node: microk8sNode },
  { id: 'k0s', title: 'k0s 1.34', tree: k0sHost, node: k0sNode },
  { id: 'openshift', title: 'OpenShift 4, CoreOS', tree: openshiftHost, node: openshiftNode },
  { id: 'eks', title: 'EKS worker, AL2023', tree: eksHost, node: eksNode },
  { id: 'gke', title: 'GKE worker, COS', tree: gkeHost, node: gkeNode },
  { id: 'aks', title: 'AKS worker, Ubuntu', tree: aksHost, node: aksNode },
  { id: 'flatcar', title: 'Flatcar worker, kubeadm', tree: flatcarHost, node: flatcarNode },
  { id: 'bottlerocket', title: 'Bottlerocket, EKS', node: bottlerocketNode },
  { id: 'talos', title: 'Talos', node: talosNode },
]
