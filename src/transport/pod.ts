// Runs the node probe in one short-lived pod per node and reads its log. Everything made is removed again: after each node, at
// the end, on Ctrl-C, and what a killed run left by the next one.
// May not: give the pod a right that docs/node-access.md does not explain, or throw for what a cluster or node does.
import { isUnavailable, type Unavailable, unavailable } from '../model/fact.ts'
import { beforeForcedExit } from '../util/before-exit.ts'
import type { NodeAccess, NodeTarget, ProbeLimits, ProbeOutput } from './contracts.ts'
import type { KubeRequest } from './kube.ts'
import { isRecord } from './kube-page.ts'
import { createPodApi, type PodApi } from './pod-api.ts'
import { configMapManifest, configMapName, defaultPodImage, namespaceManifest, podManifest } from './pod-manifest.ts'
import { readPodLog } from './pod-output.ts'
import { createRoom, type PodRoom } from './pod-room.ts'
import { notTaken } from './pod-status.ts'
import { createPodWatch, type PodEnd, type PodWatch } from './pod-watch.ts'

export interface PodOptions {
  readonly request: KubeRequest
  readonly namespace?: string | undefined
  readonly image?: string | undefined
  readonly pullSecret?: string | undefined
  readonly timeoutSeconds?: number | undefined
  /** How many nodes there may be to read, and how many at once: bounds how long a run can last. */
  readonly nodes: number
  readonly concurrency: number
  /** Hears what could not be removed, and what of earlier runs was. */
  readonly onNote: (note: string) => void
  /** Between looks at the pods; default 1000. */
  readonly intervalMs?: number
}

/** Image pull included. */
const defaultPodTimeoutSeconds = 120

/** Connects to nothing yet; the namespace is made when the first node needs it. */
export function openPodAccess(options: PodOptions): NodeAccess {
  const timeoutSeconds = options.timeoutSeconds ?? defaultPodTimeoutSeconds
  const api = createPodApi(options.request)
  const room = createRoom({
    api,
    namespace: options.namespace,
    image: options.image ?? defaultPodImage,
    pullSecret: options.pullSecret,
    deadlineSeconds: timeoutSeconds,
    longestMs: Math.ceil(options.nodes / options.concurrency) * (timeoutSeconds + 60) * 1000,
    onNote: options.onNote,
  })
  const selector = `kube-assay.io/run=${room.run.id}`
  const watch = createPodWatch(
    (signal) => api.list('pods', room.run.namespace, selector, signal),
    options.intervalMs ?? 1000,
  )
  const forget = beforeForcedExit(() => room.clear())
  let count = 0
  return {
    transport: 'pod',
    async runProbe(target, script, limits, signal) {
      count += 1
      const name = `kube-assay-${room.run.id}-${count}`
      return runProbe({ api, room, watch, timeoutSeconds }, { target, name, script, limits, signal })
    },
    async close() {
      watch.close()
      await room.clear()
      forget()
    },
  }
}

/** What a run makes in a cluster, with placeholders for what only the cluster knows. For people to read. */
export function podObjects(
  options: Pick<PodOptions, 'namespace' | 'image' | 'pullSecret' | 'timeoutSeconds'>,
  script: string,
): readonly object[] {
  const [line = '', nonce = ''] = nonceLine.exec(script) ?? []
  const run = {
    id: '<run>',
    namespace: options.namespace ?? configMapName('<run>'),
    image: options.image ?? defaultPodImage,
    pullSecret: options.pullSecret,
    deadlineSeconds: options.timeoutSeconds ?? defaultPodTimeoutSeconds,
    expires: '<when no run of this size can last any longer>',
  }
  const place = { node: '<node>', name: 'kube-assay-<run>-1', nonce, ownerUid: '<uid of the ConfigMap>' }
  return [
    ...(options.namespace === undefined ? [namespaceManifest(run)] : []),
    configMapManifest(run, script.slice(line.length)),
    podManifest(run, place),
  ]
}

interface Means {
  readonly api: PodApi
  readonly room: PodRoom
  readonly watch: PodWatch
  readonly timeoutSeconds: number
}

interface Job {
  readonly target: NodeTarget
  readonly name: string
  readonly script: string
  readonly limits: ProbeLimits
  readonly signal: AbortSignal
}

/** The script's first line holds the nonce of the run; the rest is the same for all pods. */
const nonceLine = /^nonce='([0-9a-f]{32})'\n/

async function runProbe(means: Means, job: Job): Promise<ProbeOutput> {
  const { api, room, timeoutSeconds } = means
  const started = performance.now()
  const nonce = nonceLine.exec(job.script)
  if (nonce === null) throw new Error('the script does not begin with its nonce')
  const ownerUid = await room.prepare(job.script.slice(nonce[0].length))
  if (typeof ownerUid !== 'string') return ownerUid
  if (job.signal.aborted) return interrupted
  const { namespace } = room.run
  const place = { node: job.target.node, name: job.name, nonce: nonce[1] ?? '', ownerUid }
  const pod = await createPod(api, podManifest(room.run, place), namespace, job.signal)
  if (isUnavailable(pod)) return pod
  const budget = AbortSignal.timeout(timeoutSeconds * 1000)
  try {
    const end = await means.watch.wait(job.name, pod, AbortSignal.any([job.signal, budget]))
    const output = await readEnd(means, job, end)
    if (isUnavailable(output)) return output
    return { ...output, address: `${namespace}/${job.name}`, user: 'root', durationMs: performance.now() - started }
  } finally {
    await api.remove('pods', job.name, namespace)
  }
}

/** A new namespace has no ServiceAccount until a controller has made it; until then the API server takes no pods. */
async function createPod(api: PodApi, manifest: object, namespace: string, signal: AbortSignal) {
  for (let tries = 1; ; tries += 1) {
    const pod = await api.create('pods', manifest, namespace)
    if (!isUnavailable(pod) || tries === 20 || signal.aborted) return pod
    if (!/serviceaccount "[^"]*" not found/.test(pod.unavailable.detail)) return pod
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

const interrupted = unavailable('interrupted', 'The audit was stopped before this node was read.')

type Output = Pick<Exclude<ProbeOutput, Unavailable>, 'stdout' | 'interrupted'>

async function readEnd(means: Means, job: Job, end: PodEnd): Promise<Output | Unavailable> {
  switch (end.kind) {
    case 'ended': {
      const output = await readLog(means, job)
      if (isUnavailable(output) || output.interrupted === undefined || end.why === undefined) return output
      return { ...output, interrupted: { reason: 'pod-failed', detail: end.why } }
    }
    case 'failed':
      return unavailable('pod-failed', end.detail)
    case 'unknown':
      return end
    case 'gone':
      return unavailable('pod-failed', await explainGone(means, end))
    case 'stopped':
      return job.signal.aborted ? readStopped(means, job, end) : readLate(means, job, end)
    default:
      return end satisfies never
  }
}

async function readStopped(
  means: Means,
  job: Job,
  { last }: Extract<PodEnd, { kind: 'stopped' }>,
): Promise<Output | Unavailable> {
  if (last.kind !== 'running') return interrupted
  const output = await readLog(means, job)
  if (isUnavailable(output)) return interrupted
  const detail = 'The audit was stopped while this node was read.'
  return { stdout: output.stdout, interrupted: { reason: 'interrupted', detail } }
}

/** The budget is used up: what a running probe has said by then is evidence. */
async function readLate(
  means: Means,
  job: Job,
  { last }: Extract<PodEnd, { kind: 'stopped' }>,
): Promise<Output | Unavailable> {
  const seconds = means.timeoutSeconds
  if (last.kind !== 'running') {
    const hint = last.kind === 'waiting' ? last.hint : 'it was not seen again'
    const why = `${hint}${await warning(means, job.name, hint)}${await readiness(means, job.target.node)}`
    const detail = `The pod did not start within ${seconds} s: ${why}.`
    return unavailable('timeout', detail)
  }
  const detail = `The probe did not end within the ${seconds} s of --pod-timeout.`
  const output = await readLog(means, job)
  if (isUnavailable(output)) return unavailable('timeout', detail)
  return output.interrupted === undefined
    ? output
    : { stdout: output.stdout, interrupted: { reason: 'timeout', detail } }
}

const logTries = 3

/** A log that broke off on the way is asked for again; so is one whose last lines the runtime has not written yet. */
async function readLog({ api, room }: Means, { name, limits, signal }: Job): Promise<Output | Unavailable> {
  // The numbers before the lines.
  const limit = limits.maxBytes + 262_144
  let best: Output | Unavailable = unavailable('connection-lost', 'The pod’s log could not be read.')
  for (let tries = 1; tries <= logTries; tries += 1) {
    const log = await api.log(room.run.namespace, name, limit)
    const output: Output | Unavailable = isUnavailable(log) ? log : bound(readPodLog(log), log.length, limit)
    if (!isUnavailable(output) && output.interrupted === undefined) return output
    if (!isUnavailable(output) || isUnavailable(best)) best = output
    if (signal.aborted) break
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  return best
}

function bound(output: Output, bytes: number, limit: number): Output {
  if (output.interrupted === undefined || bytes < limit) return output
  const detail = `The pod’s log is longer than ${limit} bytes; what came before is kept.`
  return { stdout: output.stdout, interrupted: { reason: 'too-large', detail } }
}

async function explainGone({ api, room }: Means, { why, seen }: Extract<PodEnd, { kind: 'gone' }>): Promise<string> {
  const namespace = await api.get('namespaces', room.run.namespace)
  const isGone = 'transient' in namespace ? namespace.status === 404 : isTerminating(namespace)
  if (isGone) return 'The namespace of the pods was deleted while the node was read.'
  const detail = `The pod was deleted by somebody else before it had read the node${why}`
  return toleratesAll(seen)
    ? `${detail}.`
    : `${detail}; admission had taken its tolerations, so that a NoExecute taint evicts it.`
}

function isTerminating(namespace: Readonly<Record<string, unknown>>): boolean {
  const { metadata } = namespace
  return isRecord(metadata) && metadata['deletionTimestamp'] !== undefined
}

function toleratesAll(pod: Readonly<Record<string, unknown>>): boolean {
  const { spec } = pod
  const tolerations = isRecord(spec) ? spec['tolerations'] : undefined
  return (
    Array.isArray(tolerations) &&
    tolerations.some((one) => isRecord(one) && one['operator'] === 'Exists' && (one['key'] ?? '') === '')
  )
}

/** Why a sandbox or a volume cannot be made stands in the pod's events alone, which not everybody may list. */
async function warning({ api, room }: Means, name: string, hint: string): Promise<string> {
  if (hint === notTaken) return ''
  const found = await api.lastWarning(room.run.namespace, name)
  if (found === undefined) return ''
  if (typeof found === 'string') return ` (last warning: ${found.replace(/\.$/, '')})`
  return ` (its events could not be read: ${found.reason})`
}

/** ", and the node is not Ready (KubeletNotReady)", as far as the API tells. */
async function readiness({ api }: Means, node: string): Promise<string> {
  const condition = await api.nodeReady(node)
  if (condition === 'gone') return ', and the API server lists this node no more'
  return condition === undefined || condition.status === 'True'
    ? ''
    : `, and the node is not Ready (${condition.reason})`
}
