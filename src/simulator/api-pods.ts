// The part of a simulated API server that can be written to: namespaces, ConfigMaps and pods with their logs, as the way `pod`
// uses them. Owned objects go with their owner, and a namespace takes all in it along.
// May not: know what kube-assay sends; it answers as a real API server with Pod Security admission would.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { isObject } from './api-provider.ts'
import { type PodFault, type PodHost, readPodSpec, removeVolume, type Started, startContainer } from './pod-node.ts'

export type WritableKind = 'namespaces' | 'configmaps' | 'pods'

export interface WriteAnswer {
  readonly status: number
  /** An object is sent as JSON; a message becomes a Status. */
  readonly body: object | Buffer | string
}

interface Entry {
  readonly kind: WritableKind
  readonly namespace: string
  readonly object: Record<string, unknown>
  container?: Started
}

export interface PodCluster {
  /** Undefined: not a path of these objects. */
  handle(method: string, url: URL, body: string): Promise<WriteAnswer | undefined>
  /** Puts an object there as another client would have; namespaces and ConfigMaps, or pods that never run. */
  put(kind: WritableKind, namespace: string, object: Record<string, unknown>): void
  remove(kind: WritableKind, namespace: string, name: string): void
  /** Names of what is there, "namespace/name", sorted. */
  names(kind: WritableKind): string[]
  /** Pods made so far, whether they are still there or not. */
  readonly created: readonly Record<string, unknown>[]
  /** Called after a pod was made. */
  onCreate: ((name: string) => void) | undefined
  close(): Promise<void>
}

export interface PodClusterOptions {
  readonly folder: string
  readonly hostOf: (node: string) => PodHost | undefined
  readonly faults: Readonly<Record<string, PodFault>>
}

const path = /^\/api\/v1\/namespaces(?:\/([^/]+)(?:\/(pods|configmaps|events)(?:\/([^/]+)(\/log)?)?)?)?$/

export function createPodCluster(options: PodClusterOptions): PodCluster {
  const entries = new Map<string, Entry>()
  const created: Record<string, unknown>[] = []
  const key = (kind: WritableKind, namespace: string, name: string) => `${kind} ${namespace}/${name}`
  const remove = (entry: Entry) => {
    const { name, uid } = metadataOf(entry.object)
    entries.delete(key(entry.kind, entry.namespace, String(name)))
    entry.container?.kill()
    for (const other of [...entries.values()]) {
      const isInside = entry.kind === 'namespaces' && other.namespace === name && other.kind !== 'namespaces'
      if (isInside || ownerUids(other.object).includes(uid)) remove(other)
    }
  }
  const cluster: PodCluster = {
    created,
    onCreate: undefined,
    async handle(method, url, body) {
      const match = path.exec(url.pathname)
      if (match === null) return undefined
      if (match[2] === 'events') return eventsOf(match[1] ?? '', url)
      const { kind, namespace, wanted, log } = readPath(match)
      if (method === 'POST' && wanted === undefined) return create(kind, namespace, body)
      if (wanted === undefined) return listOf(kind, namespace, url)
      const entry = entries.get(key(kind, namespace, wanted))
      if (entry === undefined) return { status: 404, body: `${kind} "${wanted}" not found` }
      if (log !== undefined) return logOf(entry, url)
      if (method === 'DELETE') remove(entry)
      return { status: 200, body: entry.object }
    },
    put(kind, namespace, object) {
      entries.set(key(kind, namespace, String(metadataOf(object)['name'])), { kind, namespace, object })
    },
    remove(kind, namespace, name) {
      const entry = entries.get(key(kind, namespace, name))
      if (entry !== undefined) remove(entry)
    },
    names: (kind) =>
      [...entries.values()]
        .filter((entry) => entry.kind === kind)
        .map(({ namespace, object }) => `${namespace}/${String(metadataOf(object)['name'])}`)
        .sort(),
    async close() {
      for (const entry of [...entries.values()]) remove(entry)
      await removeVolume(options.folder)
    },
  }

  function listOf(kind: WritableKind, namespace: string, url: URL): WriteAnswer | undefined {
    const selector = url.searchParams.get('labelSelector')
    // Without one it is the audit's list, which the cluster's own objects answer.
    if (selector === null) return undefined
    const items = [...entries.values()]
      .filter((entry) => entry.kind === kind && entry.namespace === namespace && matches(entry.object, selector))
      .map(({ object }) => object)
    return { status: 200, body: { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items } }
  }

  /** Of a pod whose sandbox cannot be made; in the order in which a server may give them, not that of their times. */
  function eventsOf(namespace: string, url: URL): WriteAnswer {
    const name = /involvedObject\.name=([^,]+)/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1] ?? ''
    const pod = entries.get(key('pods', namespace, name))
    const fault = pod === undefined ? undefined : options.faults[String(specOf(pod.object)['nodeName'])]
    const event = (minute: number, reason: string, message: string) => ({
      type: 'Warning',
      reason,
      message,
      lastTimestamp: `2026-11-20T10:0${minute}:00Z`,
      involvedObject: { kind: 'Pod', name },
    })
    const items = [
      event(
        2,
        'FailedCreatePodSandBox',
        'Failed to create pod sandbox: plugin type="calico" failed (add): no address.',
      ),
      event(1, 'FailedMount', 'MountVolume.SetUp failed for volume "script"'),
    ]
    const body = { kind: 'EventList', apiVersion: 'v1', metadata: {}, items: fault === 'no-sandbox' ? items : [] }
    return { status: 200, body }
  }

  function create(kind: WritableKind, namespace: string, body: string): WriteAnswer {
    const given: unknown = JSON.parse(body)
    if (!isObject(given)) return { status: 400, body: 'no object' }
    const name = String(metadataOf(given)['name'])
    const room = entries.get(key('namespaces', '', namespace))
    if (kind !== 'namespaces' && room === undefined) {
      return { status: 404, body: `namespaces "${namespace}" not found` }
    }
    if (entries.has(key(kind, namespace, name))) return { status: 409, body: `${kind} "${name}" already exists` }
    // A controller makes the ServiceAccount a moment after the namespace.
    const age = Date.now() - Date.parse(String(metadataOf(room?.object ?? {})['creationTimestamp']))
    if (kind === 'pods' && age < 200) {
      const message = `pods "${name}" is forbidden: error looking up service account ${namespace}/default: serviceaccount "default" not found`
      return { status: 403, body: message }
    }
    if (kind === 'pods' && labelsOf(room?.object ?? {})['pod-security.kubernetes.io/enforce'] !== 'privileged') {
      const message = `pods "${name}" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true), hostPath volumes (volume "host"), seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t")`
      return { status: 403, body: message }
    }
    const metadata = { ...metadataOf(given), uid: randomUUID(), creationTimestamp: new Date().toISOString() }
    const entry: Entry = { kind, namespace, object: { ...given, metadata } }
    entries.set(key(kind, namespace, name), entry)
    if (kind === 'pods') {
      const node = String(specOf(entry.object)['nodeName'])
      if (options.faults[node] === 'tolerations-stripped') specOf(entry.object)['tolerations'] = []
      created.push(entry.object)
      runPod(entry).catch(() => undefined)
      cluster.onCreate?.(name)
    }
    return { status: 201, body: entry.object }
  }

  async function runPod(entry: Entry): Promise<void> {
    const node = String(specOf(entry.object)['nodeName'])
    const fault = options.faults[node]
    const host = options.hostOf(node)
    entry.object['status'] = { phase: 'Pending' }
    if (host === undefined || fault === 'never-starts') return
    await pause()
    const isTainted = fault === 'no-execute' || fault === 'tolerations-stripped'
    if (isTainted && !toleratesEverything(entry.object)) {
      remove(entry)
      return
    }
    if (fault === 'image-pull') {
      const waiting = {
        reason: 'ImagePullBackOff',
        message: 'Back-off pulling image "example": ErrImagePull: 403 Forbidden',
      }
      entry.object['status'] = { phase: 'Pending', containerStatuses: [{ name: 'probe', state: { waiting } }] }
      return
    }
    if (fault === 'no-sandbox') {
      const waiting = { reason: 'ContainerCreating' }
      entry.object['status'] = { phase: 'Pending', containerStatuses: [{ name: 'probe', state: { waiting } }] }
      return
    }
    if (fault === 'evicted') {
      entry.object['status'] = {
        phase: 'Failed',
        reason: 'Evicted',
        message: 'The node was low on resource: ephemeral-storage.',
      }
      return
    }
    entry.object['status'] = { phase: 'Running', containerStatuses: [{ name: 'probe', state: { running: {} } }] }
    await runContainer(entry, host, fault)
  }

  async function runContainer(entry: Entry, host: PodHost, fault: PodFault | undefined): Promise<void> {
    const folder = join(options.folder, String(metadataOf(entry.object)['uid']))
    const configMap = (name: string) => entries.get(key('configmaps', entry.namespace, name))?.object['data']
    const spec = await readPodSpec(specOf(entry.object), { host, folder, configMap })
    const hanging = ['/bin/sh', '-c', `printf '0 #%s H 1 0 none base64 ~\\n' "$nonce"; sleep 600`]
    const started = startContainer(fault === 'hangs' ? { ...spec, command: hanging } : spec, host)
    entry.container = { ...started, log: logUnder(fault, started.log) }
    const exitCode = fault === 'out-of-memory' ? 137 : await started.exited
    const terminated = { exitCode, reason: exitReasons[exitCode] ?? 'Error' }
    entry.object['status'] = {
      phase: exitCode === 0 ? 'Succeeded' : 'Failed',
      containerStatuses: [{ name: 'probe', state: { terminated } }],
    }
    await removeVolume(folder)
  }
  return cluster
}

const exitReasons: Readonly<Record<number, string>> = { 0: 'Completed', 137: 'OOMKilled' }

function readPath([, first, sub, name, log]: RegExpExecArray) {
  if (sub !== 'pods' && sub !== 'configmaps') return { kind: 'namespaces' as const, namespace: '', wanted: first, log }
  return { kind: sub, namespace: first ?? '', wanted: name, log } as const
}

function logUnder(fault: PodFault | undefined, log: () => Buffer): () => Buffer {
  if (fault === 'log-rotated') return () => cutHead(log())
  return fault === 'out-of-memory' ? () => Buffer.alloc(0) : log
}

function logOf({ container }: Entry, url: URL): WriteAnswer {
  if (container === undefined) return { status: 400, body: 'container "probe" in pod is waiting to start' }
  const limit = Number(url.searchParams.get('limitBytes') ?? Number.POSITIVE_INFINITY)
  return { status: 200, body: container.log().subarray(0, limit) }
}

function cutHead(log: Buffer): Buffer {
  const middle = log.indexOf('\n', log.length / 2)
  return log.subarray(middle + 1)
}

function matches(object: Record<string, unknown>, selector: string): boolean {
  const labels = labelsOf(object)
  return selector.split(',').every((term) => {
    const [name = '', value = ''] = term.split('=')
    return labels[name] === value
  })
}

function toleratesEverything(pod: Record<string, unknown>): boolean {
  const { tolerations } = specOf(pod)
  return (
    Array.isArray(tolerations) &&
    tolerations.some((one) => isObject(one) && one['operator'] === 'Exists' && one['key'] === undefined)
  )
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20))
}

function metadataOf(object: Record<string, unknown>): Record<string, unknown> {
  return isObject(object['metadata']) ? object['metadata'] : {}
}

function labelsOf(object: Record<string, unknown>): Record<string, unknown> {
  const { labels } = metadataOf(object)
  return isObject(labels) ? labels : {}
}

function ownerUids(object: Record<string, unknown>): unknown[] {
  const { ownerReferences } = metadataOf(object)
  return Array.isArray(ownerReferences) ? ownerReferences.filter(isObject).map(({ uid }) => uid) : []
}

function specOf(object: Record<string, unknown>): Record<string, unknown> {
  return isObject(object['spec']) ? object['spec'] : {}
}
