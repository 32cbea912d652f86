// Pods as the API server stores them: what admission and defaulting add to a template, and the status a kubelet reports.
// May not: decide anything about a pod; the description says what happened to it.
import type { ContainerInput, KubeObject, OwnerInput, PodInput, Resources, Strings } from './build.ts'
import { digest, meta, suffix } from './build.ts'

/** What became of one pod; default: all containers run. */
export interface PodState {
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed'
  /** Of a pod the kubelet refused to run, such as SysctlForbidden. */
  readonly rejected?: { readonly reason: string; readonly message: string }
  /** By container name: fields of core/v1 ContainerStatus that differ from a running one. */
  readonly containers?: Readonly<Record<string, KubeObject>>
}

export interface PodDescription {
  readonly namespace: string
  readonly name: string
  readonly generateName?: string
  readonly labels: Strings
  readonly annotations?: Strings
  readonly owner?: OwnerInput
  readonly node: string
  readonly spec: PodInput
  readonly state?: PodState
}

const startedAt = '2026-11-02T07:15:00Z'
const tokenMountPath = '/var/run/secrets/kubernetes.io/serviceaccount'

export function podObject(pod: PodDescription): KubeObject {
  const { namespace, name, labels, owner, generateName, annotations } = pod
  return {
    metadata: meta('Pod', {
      name,
      namespace,
      labels,
      creationTimestamp: startedAt,
      ...(generateName === undefined ? {} : { generateName }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(owner === undefined ? {} : { owner }),
    }),
    spec: podSpec(pod),
    status: podStatus(pod),
  }
}

function podSpec({ spec, name, namespace, node }: PodDescription): KubeObject {
  const token =
    spec.automountServiceAccountToken === false ? undefined : `kube-api-access-${suffix(`${namespace}/${name}`, 5)}`
  const container = (input: ContainerInput) => defaultedContainer(input, token)
  const serviceAccount = spec.serviceAccountName ?? 'default'
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    enableServiceLinks: true,
    preemptionPolicy: 'PreemptLowerPriority',
    priority: 0,
    ...spec,
    serviceAccountName: serviceAccount,
    serviceAccount,
    nodeName: node,
    containers: spec.containers.map(container),
    ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(container) }),
    tolerations: [
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
    ],
    volumes: [...(spec.volumes ?? []), ...(token === undefined ? [] : [tokenVolume(token)])],
  }
}

function defaultedContainer(input: ContainerInput, token: string | undefined): KubeObject {
  const mounts = input.volumeMounts ?? []
  const tokenMount = { name: token, readOnly: true, mountPath: tokenMountPath }
  return {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: /:(?!latest$)[^/]+$/.test(input.image) ? 'IfNotPresent' : 'Always',
    ...input,
    resources: defaultedResources(input.resources ?? {}),
    volumeMounts: token === undefined ? mounts : [...mounts, tokenMount],
  }
}

/** Kubernetes takes a limit for the request where only the limit is given. */
function defaultedResources(resources: Resources): KubeObject {
  if (resources.limits === undefined) return { ...resources }
  return { ...resources, requests: { ...resources.limits, ...resources.requests } }
}

function tokenVolume(name: string): KubeObject {
  const namespaceItem = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [namespaceItem] } },
      ],
      defaultMode: 420,
    },
  }
}

function podStatus({ spec, state = {}, namespace, name }: PodDescription): KubeObject {
  const qosClass = quality(spec)
  if (state.rejected !== undefined) {
    return { phase: 'Failed', ...state.rejected, startTime: startedAt, qosClass }
  }
  const phase = state.phase ?? 'Running'
  const condition = (type: string) => ({
    type,
    status: phase === 'Running' ? 'True' : 'False',
    lastProbeTime: null,
    lastTransitionTime: startedAt,
  })
  const statuses = (containers: readonly ContainerInput[]) =>
    containers.map((container) => containerStatus(container, `${namespace}/${name}`, state))
  return {
    phase,
    conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(condition),
    startTime: startedAt,
    containerStatuses: statuses(spec.containers),
    ...(spec.initContainers === undefined ? {} : { initContainerStatuses: initStatuses(spec.initContainers) }),
    qosClass,
  }
}

function containerStatus(container: ContainerInput, pod: string, state: PodState): KubeObject {
  return {
    name: container.name,
    image: container.image,
    imageID: `${container.image}@sha256:${suffix(container.image, 12)}`,
    containerID: `containerd://${digest(`${pod}/${container.name}`)}`,
    state: { running: { startedAt } },
    lastState: {},
    ready: true,
    started: true,
    restartCount: 0,
    ...state.containers?.[container.name],
  }
}

function initStatuses(containers: readonly ContainerInput[]): readonly KubeObject[] {
  return containers.map(({ name, image }) => ({
    name,
    image,
    imageID: '',
    state: { terminated: { exitCode: 0, reason: 'Completed', startedAt, finishedAt: startedAt } },
    lastState: {},
    ready: true,
    restartCount: 0,
  }))
}

/** The class the API server stores: requests equal to limits everywhere, something set, or nothing set. */
function quality(spec: PodInput): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const all = [...spec.containers, ...(spec.initContainers ?? [])].map((container) => container.resources ?? {})
  const isSet = (values: Strings | undefined) => values?.['cpu'] !== undefined || values?.['memory'] !== undefined
  if (all.every(({ requests, limits }) => !isSet(requests) && !isSet(limits))) return 'BestEffort'
  const isEqual = ({ requests, limits }: Resources) =>
    ['cpu', 'memory'].every(
      (name) => limits?.[name] !== undefined && (requests?.[name] ?? limits[name]) === limits[name],
    )
  return all.every(isEqual) ? 'Guaranteed' : 'Burstable'
}
