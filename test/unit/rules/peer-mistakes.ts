// Wrong verdicts that other tools give on the questions of this catalogue, by an id of ours, and which tests show the right one.
// A mistake without a test makes `untested` name it.

/** P: scanners of objects and clusters. K: the tool that runs on each node. */
export const mistakes = {
  P1: 'octal modes are compared as decimal numbers, so that 0444 and 0577 are no looser than 0600',
  P2: 'a control without results passes',
  P3: 'a key of the kubelet’s configuration is mapped under a wrong name, and its value never seen',
  P4: 'a role is reported whether anybody is bound to it or not, and no subject is named',
  P5: 'a control is mapped to a check that nobody tests',
  P6: 'the resource is looked for as “secret”, and of namespaced roles another role’s rules are judged',
  P7: 'anonymous requests pass unless a flag allows them, and settings inside another binary are not seen',
  P8: 'a mode is read as text and compared with a number, and the finding is lost',
  P9: 'a retention longer than the one asked for fails',
  P10: 'a namespace’s label answers for its pods, any label or webhook for enforcement',
  P11: 'flags are looked for as parts of the command line, the first of two counts, a value behind a space does not',
  P12: 'a list that is forbidden, and hosts that were not or partly read, count as nothing found',
  K1: 'the first kubelet configuration file of a list is read, not the one that the process names, and no drop-ins',
  K2: 'a component that does not run on a node fails or passes there',
  K3: 'the mode of a file is judged without that of the folders above it',
  K4: 'etcd’s settings in environment variables are not seen',
  K5: 'durations and numbers are compared as text, and a setting counts whatever its value',
  K6: 'authorization and anonymous access by configuration files are not seen',
  K7: 'several verbs are taken for one',
  K8: 'the control about wildcards can never pass, and Kubernetes’ and kubeadm’s own bindings are reported',
  K9: 'a pod that opts out of the token is reported for its ServiceAccount, which does not',
  K10: 'init and ephemeral containers are passed over, and a setting that is left out passes',
  K11: 'the first bad line ends the check, and which one it was is not said',
  K12: 'an unknown version gets an older benchmark without a word',
  K13: 'evidence holds whole command lines',
} as const
export type Mistake = keyof typeof mistakes

const tested = new Set<Mistake>()

/** The name of a test or of a group of tests, which counts as a test of these mistakes. */
export function about(ids: readonly Mistake[], name: string): string {
  for (const id of ids) tested.add(id)
  return `${ids.join(', ')}: ${name}`
}

export function untested(): string[] {
  return Object.keys(mistakes).filter((id) => ![...tested].some((one) => one === id))
}
