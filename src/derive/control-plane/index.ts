// Facts of the control plane and etcd on one node, from its processes, manifests and files, else from the API's mirror pods.
// May not: take a node for one without a control plane because its processes could not be read.
import type { Evidence } from '../../model/evidence.ts'
import { type Fact, isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { NodeEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import type { UnitFacts } from '../../model/unit.ts'
import type { Holder } from '../distribution/holder.ts'
import { deriveApiServerNames } from '../files/api-server-names.ts'
import { deriveCertificates } from '../files/certificates.ts'
import { deriveControlPlaneFiles } from '../files/control-plane-files.ts'
import { pickText } from '../nodes/kubelet-configuration.ts'
import type { EffectiveKubelet } from '../nodes/kubelet-effective.ts'
import { absentApiServer, deriveApiServer } from './api-server.ts'
import { absence, type Common } from './common.ts'
import { type ComponentName, componentNames } from './components.ts'
import { absentControllerManager, absentScheduler, deriveControllerManager, deriveScheduler } from './controllers.ts'
import { deriveStaticPods } from './drift.ts'
import { absentEtcd, type ClusterCA, deriveEtcd } from './etcd.ts'
import { deriveFeatureGates } from './feature-gates.ts'
import type { Flagz } from './flagz.ts'
import { readStaticPods, type StaticPods } from './manifests.ts'
import { controlPlaneOutdatedFlags, kubeletOutdatedFlags } from './outdated-flags.ts'
import { type ControlPlaneInput, describeMirror, findRunning, type MirrorPod, type Running } from './running.ts'

export { type Flagz, flagzByNode } from './flagz.ts'
export type { MirrorPod } from './running.ts'

export interface NodeControlPlane {
  readonly node: string
  readonly host: NodeEvidence['host']
  readonly mirrorPods: readonly MirrorPod[]
  readonly clusterVersion: Observed<string>
  readonly flagz?: Flagz | undefined
  readonly kubelet: EffectiveKubelet | Unavailable
  readonly kubeletProcess: ProcessEvidence | Unavailable
  readonly kubeletMinor: Observed<number>
  /** The process that runs components inside itself, where there is one. */
  readonly holder: Holder | undefined
  /** Where the control plane is instead, of a node of a service that runs it: counts where the host was not read. */
  readonly elsewhere?: string | undefined
}

export type ControlPlaneFacts = Required<
  Pick<
    UnitFacts,
    | 'apiServer'
    | 'controllerManager'
    | 'scheduler'
    | 'etcd'
    | 'staticPods'
    | 'componentFlags'
    | 'featureGates'
    | 'controlPlaneFiles'
    | 'certificates'
    | 'apiServerNames'
  >
>

export function deriveControlPlane(node: NodeControlPlane): ControlPlaneFacts {
  const input: ControlPlaneInput = { ...node, staticPods: findStaticPods(node) }
  const elsewhere = isUnavailable(node.host) || isUnavailable(node.host.processes) ? node.elsewhere : undefined
  const states = new Map(
    componentNames.map((name) => {
      const state = findRunning(name, input)
      return [name, elsewhere !== undefined && isUnavailable(state) ? undefined : state] as const
    }),
  )
  const apiServer = states.get('kube-apiserver')
  const clusterCA = findClusterCA(apiServer)
  return {
    apiServer: factOf('kube-apiserver', apiServer, deriveApiServer, absentApiServer, elsewhere),
    controllerManager: factOf(
      'kube-controller-manager',
      states.get('kube-controller-manager'),
      deriveControllerManager,
      absentControllerManager,
      elsewhere,
    ),
    scheduler: factOf('kube-scheduler', states.get('kube-scheduler'), deriveScheduler, absentScheduler, elsewhere),
    etcd: factOf('etcd', states.get('etcd'), (running) => deriveEtcd(running, clusterCA), absentEtcd, elsewhere),
    staticPods: deriveStaticPods(input, states),
    componentFlags: deriveFlags(node, states),
    featureGates: deriveFeatureGates(node.kubelet, states),
    ...deriveFiles(node, input, states),
  }
}

function deriveFiles(
  { host, kubelet }: NodeControlPlane,
  { staticPods }: ControlPlaneInput,
  states: ReadonlyMap<ComponentName, Running | undefined | Unavailable>,
): Pick<ControlPlaneFacts, 'controlPlaneFiles' | 'certificates' | 'apiServerNames'> {
  if (isUnavailable(host)) return { controlPlaneFiles: host, certificates: host, apiServerNames: host }
  return {
    controlPlaneFiles: deriveControlPlaneFiles({ host, states, staticPods }),
    certificates: deriveCertificates(host, states, kubelet),
    apiServerNames: deriveApiServerNames(host, states),
  }
}

function deriveFlags(
  node: NodeControlPlane,
  states: ReadonlyMap<ComponentName, Running | undefined | Unavailable>,
): ControlPlaneFacts['componentFlags'] {
  const version = isUnavailable(node.kubelet) ? node.kubeletMinor : node.kubelet.version
  const kubelet = kubeletOutdatedFlags(
    node.kubeletProcess,
    'value' in version ? { minor: version.value, isDistributionBuild: true } : version,
  )
  const controlPlane = controlPlaneOutdatedFlags(states)
  return isUnavailable(kubelet) && isUnavailable(controlPlane) ? kubelet : { kubelet, controlPlane }
}

function factOf<T>(
  name: ComponentName,
  state: Running | undefined | Unavailable,
  derive: (running: Running) => T,
  absent: (common: Common, reason: Unavailable) => T,
  elsewhere: string | undefined,
): Fact<T> {
  if (isUnavailable(state)) return state
  if (state !== undefined) return derive(state)
  const { common, reason } = absence(name, elsewhere)
  return absent(common, reason)
}

/** The kubelet's own folder; none is set on many nodes without static pods. */
function findStaticPods({ host, kubelet }: NodeControlPlane): StaticPods | Unavailable {
  if (isUnavailable(host)) return host
  if (isUnavailable(kubelet)) return kubelet
  const folder = pickText(kubelet, 'staticPodPath')
  if (isUnavailable(folder)) return folder
  if (folder.value === '') return { folder: 'no folder of static pods', pods: [], unread: undefined }
  return readStaticPods(host, folder.value.replace(/(?<=.)\/+$/, ''))
}

function findClusterCA(apiServer: Running | undefined | Unavailable): ClusterCA {
  if (isUnavailable(apiServer)) return apiServer
  if (apiServer === undefined) {
    return unavailable('not-running', 'No API server runs on this node, whose authority could be compared.')
  }
  const path = apiServer.commandLine.occurrences.findLast(({ name }) => name === 'client-ca-file')?.value ?? ''
  if (path === '') return unavailable('not-found', 'The API server on this node names no --client-ca-file.')
  const certificates = apiServer.certificates(path)
  return isUnavailable(certificates) ? certificates : { path, certificates }
}

/** Mirror pods of components, by node. */
export function mirrorPodsByNode(evidence: Evidence): ReadonlyMap<string, readonly MirrorPod[]> {
  const byNode = new Map<string, MirrorPod[]>()
  for (const pod of evidence.families.pods.objects) {
    if (pod.isMirror !== true || pod.nodeName === undefined) continue
    const spec = evidence.templates.get(pod.template)?.spec
    const volumes = new Map(spec?.volumes?.map((volume) => [volume.name, volume.hostPath?.path]))
    for (const container of spec?.containers ?? []) {
      const mirror = describeMirror(`${pod.namespace ?? ''}/${pod.name}`, container, volumes)
      if (mirror === undefined) continue
      const list = byNode.get(pod.nodeName) ?? []
      list.push(mirror)
      byNode.set(pod.nodeName, list)
    }
  }
  return byNode
}
