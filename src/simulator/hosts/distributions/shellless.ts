// Nodes that no shell can be had on: Bottlerocket and Talos. All there is of them is what the API says.
// May not: hold a host tree.
import type { DistributionNode } from './parts.ts'

export const bottlerocketNode: DistributionNode = {
  kubeletVersion: 'v1.34.1-eks-113cf36',
  osImage: 'Bottlerocket OS 1.49.0 (aws-k8s-1.34)',
  kernelVersion: '6.12.46',
  containerRuntimeVersion: 'containerd://2.1.4+bottlerocket',
  roles: [],
  providerID: 'aws:///eu-central-1a/i-0fedcba9876543210',
}

export const talosNode: DistributionNode = {
  kubeletVersion: 'v1.34.1',
  osImage: 'Talos (v1.11.2)',
  kernelVersion: '6.12.48-talos',
  containerRuntimeVersion: 'containerd://2.1.4',
  roles: ['control-plane'],
}
