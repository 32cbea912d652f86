// What tells a node's distribution: the kubelet's version, labels, the system's own name, processes, files. Each with its place.
// May not: decide between signs that contradict each other, or take a label that anybody may set for enough where a version tells.
import { isUnavailable, type Unavailable } from '../../model/fact.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import type { NodeObject } from '../../model/objects.ts'
import { readFile } from '../nodes/host.ts'
import { short } from '../nodes/kubelet-document.ts'
import type { DistributionName } from './names.ts'

export interface Sign {
  readonly name: DistributionName
  /** What was seen: "v1.33.4+k3s1". */
  readonly sign: string
  readonly source: string
  /** Of the system below, which more than one distribution runs on: says nothing against another sign. */
  readonly isSystem?: boolean
}

export function findSigns(object: NodeObject | Unavailable, host: HostEvidence | Unavailable): readonly Sign[] {
  return [
    ...(isUnavailable(object)
      ? []
      : [...versionSigns(object), ...labelSigns(object), ...machineSigns(object), ...imageSigns(object)]),
    ...(isUnavailable(host) ? [] : [...systemSigns(host), ...processSigns(host), ...fileSigns(host)]),
  ]
}

/** Vendors mark their builds: the part behind the version. OpenShift's is a commit alone, which others may have too. */
const suffixes: readonly (readonly [RegExp, DistributionName])[] = [
  [/\+k3s\d/, 'k3s'],
  [/\+rke2r\d/, 'rke2'],
  [/\+k0s(?:\.|$)/, 'k0s'],
  [/-eks-[0-9a-f]{5,}/, 'eks'],
  [/-gke\.\d/, 'gke'],
]

/** By the mark that a vendor leaves in the version of its kubelet or API server: v1.31.4-eks-ae9a62a, v1.33.2+k3s1. */
export function nameByVersion(version: string): DistributionName | undefined {
  const build = /^v?\d+\.\d+\.\d+([-+].*)$/.exec(version)?.[1] ?? ''
  return suffixes.find(([pattern]) => pattern.test(build))?.[1]
}

function versionSigns({ name, nodeInfo }: NodeObject): readonly Sign[] {
  const version = nodeInfo.kubeletVersion ?? ''
  const found = nameByVersion(version)
  return found === undefined
    ? []
    : [{ name: found, sign: short(version), source: `status.nodeInfo.kubeletVersion of node ${name}` }]
}

/** Labels that the distribution itself puts on its nodes. AKS builds carry no suffix: the label counts with the machine's id. */
const labels: readonly (readonly [string, DistributionName, (object: NodeObject, value: string) => boolean])[] = [
  ['microk8s.io/cluster', 'microk8s', (_object, value) => value === 'true'],
  ['node.k0sproject.io/role', 'k0s', () => true],
  ['node.openshift.io/os_id', 'openshift', () => true],
  ['kubernetes.azure.com/cluster', 'aks', ({ providerID }) => providerID?.startsWith('azure://') === true],
]

function labelSigns(object: NodeObject): readonly Sign[] {
  return labels.flatMap(([label, name, holds]) => {
    const value = object.labels !== undefined && Object.hasOwn(object.labels, label) ? object.labels[label] : undefined
    if (value === undefined || !holds(object, value)) return []
    return [{ name, sign: short(`${label}=${value}`), source: `label of node ${object.name}` }]
  })
}

/** AKS makes its nodes as scale sets of its own name; the cloud's controller writes the id. */
function machineSigns({ name, providerID = '' }: NodeObject): readonly Sign[] {
  if (!/^azure:\/\/\/.*\/virtualMachineScaleSets\/aks-/i.test(providerID)) return []
  return [{ name: 'aks', sign: short(providerID), source: `spec.providerID of node ${name}` }]
}

function imageSigns({ name, nodeInfo }: NodeObject): readonly Sign[] {
  const image = nodeInfo.osImage ?? ''
  const source = `status.nodeInfo.osImage of node ${name}`
  if (image.startsWith('Talos ')) return [{ name: 'talos', sign: short(image), source }]
  if (image.startsWith('Bottlerocket OS')) return [{ name: 'bottlerocket', sign: short(image), source, isSystem: true }]
  return image.startsWith('Red Hat Enterprise Linux CoreOS') ? [{ name: 'openshift', sign: short(image), source }] : []
}

const systems: readonly (readonly [string, DistributionName, boolean])[] = [
  ['talos', 'talos', false],
  ['bottlerocket', 'bottlerocket', true],
  ['rhcos', 'openshift', false],
  ['scos', 'openshift', false],
]

function systemSigns(host: HostEvidence): readonly Sign[] {
  for (const path of ['/etc/os-release', '/usr/lib/os-release']) {
    const file = readFile(host, path)
    if (file === undefined || isUnavailable(file)) continue
    const id = /^ID=["']?([\w.-]+)["']?$/m.exec(file.content)?.[1] ?? ''
    return systems.flatMap(([wanted, name, isSystem]) =>
      id === wanted ? [{ name, sign: `ID=${id}`, source: path, ...(isSystem && { isSystem }) }] : [],
    )
  }
  return []
}

/** Programs that only one distribution has, by the name that the kernel shows; a kubelet by where it or its configuration lies. */
const programs: Readonly<Record<string, DistributionName>> = {
  k3s: 'k3s',
  'k3s-server': 'k3s',
  'k3s-agent': 'k3s',
  rke2: 'rke2',
  k0s: 'k0s',
  kubelite: 'microk8s',
}

const kubeletPlaces: readonly (readonly [RegExp, DistributionName])[] = [
  [/^\/var\/lib\/rancher\/rke2\//, 'rke2'],
  [/^\/var\/lib\/k0s\/bin\//, 'k0s'],
  [/^--config=\/(?:run|var\/lib)\/k0s\//, 'k0s'],
  [/^--config=\/etc\/kubernetes\/kubelet\/config\.json$/, 'eks'],
  [/^--config=\/home\/kubernetes\/kubelet-config\.yaml$/, 'gke'],
  [/^--node-labels=(?:.*,)?kubernetes\.azure\.com\/cluster=/, 'aks'],
  [/^--node-labels=(?:.*,)?node\.openshift\.io\/os_id=/, 'openshift'],
]

function processSigns(host: HostEvidence): readonly Sign[] {
  if (isUnavailable(host.processes)) return []
  return host.processes.flatMap((process): readonly Sign[] => {
    const source = `pid ${process.pid}`
    const known = Object.hasOwn(programs, process.name) ? programs[process.name] : undefined
    if (known !== undefined) return [{ name: known, sign: `process ${process.name}`, source }]
    return process.name === 'kubelet' ? kubeletSigns(process, source) : []
  })
}

function kubeletSigns(process: ProcessEvidence, source: string): readonly Sign[] {
  const words = [process.executable ?? '', ...process.arguments]
  const found = kubeletPlaces.flatMap(([pattern, name]) => {
    const word = words.find((one) => pattern.test(one))
    return word === undefined ? [] : [{ name, sign: short(word), source }]
  })
  return found.filter(({ name }, index) => found.findIndex((other) => other.name === name) === index)
}

/** kubeadm leaves its flags beside the kubelet's configuration on every node that it makes. */
function fileSigns(host: HostEvidence): readonly Sign[] {
  const path = '/var/lib/kubelet/kubeadm-flags.env'
  const evidence = Object.hasOwn(host.files, path) ? host.files[path] : undefined
  if (evidence === undefined || isUnavailable(evidence) || 'absent' in evidence) return []
  return [{ name: 'kubeadm', sign: 'kubeadm’s file of flags', source: path }]
}
