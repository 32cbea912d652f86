// The distributions that are told apart, and what follows from each.
// May not: look at evidence.

export interface Distribution {
  readonly title: string
  /** The provider runs the control plane. */
  readonly isManaged?: boolean
  /** Its hosts have no shell to log in to. */
  readonly isShellless?: boolean
}

export const distributions = {
  kubeadm: { title: 'kubeadm' },
  k3s: { title: 'k3s' },
  rke2: { title: 'RKE2' },
  microk8s: { title: 'MicroK8s' },
  k0s: { title: 'k0s' },
  openshift: { title: 'OpenShift' },
  eks: { title: 'Amazon EKS', isManaged: true },
  gke: { title: 'Google GKE', isManaged: true },
  aks: { title: 'Azure AKS', isManaged: true },
  talos: { title: 'Talos Linux', isShellless: true },
  bottlerocket: { title: 'Bottlerocket', isShellless: true },
} as const satisfies Record<string, Distribution>

export type DistributionName = keyof typeof distributions

export function isDistributionName(name: string): name is DistributionName {
  return Object.hasOwn(distributions, name)
}

export function describeDistribution(name: DistributionName): Distribution {
  return distributions[name]
}
