// Which make of Kubernetes a node runs, as far as anything observed says so. May not: know how it is derived.
import { z } from 'zod'
import { observed } from './fact.ts'

const text = z.string()

/** Every sign with its place. Signs that contradict each other leave the name unavailable, with both of them in the reason. */
export const distributionSchema = z.strictObject({
  /** kubeadm, k3s, rke2, microk8s, k0s, openshift, eks, gke, aks, talos, bottlerocket. */
  name: observed(text),
  /** "Amazon EKS". */
  title: observed(text),
  /** Whether its provider runs the control plane, on machines that are no nodes of the cluster. */
  isManaged: observed(z.boolean()),
  /** Whether its hosts let a shell in over SSH. Talos and Bottlerocket do not. */
  hasShell: observed(z.boolean()),
  signs: z.array(z.strictObject({ name: text, sign: text, source: text })),
})

/** What the nodes say together. */
export const distributionsSchema = z.strictObject({
  /** Titles, sorted; several where the nodes differ. */
  titles: observed(z.array(text)),
  /** Title of the provider that runs the control plane; "" where a node of the cluster does. */
  managedBy: observed(text),
  /** Nodes of which no sign tells, or which contradict themselves. */
  unknownNodes: z.array(text),
})
