// Which kind of cluster this is, as far as choosing a benchmark goes: from the server's version and the nodes' provider and system.
// May not: guess from names. What says nothing is plain Kubernetes.
import type { Distribution } from '../model/benchmark.ts'

export interface ClusterTraits {
  /** The API server's gitVersion; undefined when it could not be read. */
  readonly serverVersion: string | undefined
  readonly nodes: readonly { readonly providerID?: string | undefined; readonly osImage?: string | undefined }[]
}

/**
 * Suffixes are those that the distributions build into gitVersion: v1.31.4-eks-ae9a62a, v1.31.4-gke.1006000, v1.33.2+k3s1,
 * v1.33.2+rke2r1. AKS builds none: its nodes are scale set machines of Azure with an AKS image. OpenShift's nodes run its own system.
 */
export function distributionOf({ serverVersion, nodes }: ClusterTraits): Distribution | undefined {
  const suffix = serverVersion === undefined ? '' : (/^v?\d+\.\d+\.\d+([-+].*)$/.exec(serverVersion)?.[1] ?? '')
  if (/^-eks-/.test(suffix)) return 'eks'
  if (/^-gke\./.test(suffix)) return 'gke'
  if (/\+k3s\d/.test(suffix)) return 'k3s'
  if (/\+rke2r\d/.test(suffix)) return 'rke2'
  const isAks = ({ providerID = '' }: ClusterTraits['nodes'][number]) =>
    /^azure:\/\/\/.*\/virtualMachineScaleSets\/aks-/i.test(providerID)
  const isOpenShift = ({ osImage = '' }: ClusterTraits['nodes'][number]) =>
    /^Red Hat Enterprise Linux CoreOS\b/.test(osImage)
  if (nodes.some(isAks)) return 'aks'
  return nodes.some(isOpenShift) ? 'openshift' : undefined
}
