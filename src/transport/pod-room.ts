// The place of a run's pods: its namespace and ConfigMap, made once, and removed at the end with all that is left in it.
// Finds what an earlier run could not remove. May not: remove what belongs to a run that may still be alive, or a namespace
// that it was given.
import { randomBytes } from 'node:crypto'
import { isUnavailable, type Unavailable } from '../model/fact.ts'
import { isRecord } from './kube-page.ts'
import { type Kind, nameOf, ours, type PodApi, type Raw } from './pod-api.ts'
import {
  configMapManifest,
  configMapName,
  expiresAnnotation,
  namespaceManifest,
  type PodRun,
  runLabel,
} from './pod-manifest.ts'

export interface RoomOptions {
  readonly api: PodApi
  readonly namespace?: string | undefined
  readonly image: string
  readonly pullSecret?: string | undefined
  readonly deadlineSeconds: number
  /** No run of this size lasts longer, in milliseconds. */
  readonly longestMs: number
  readonly onNote: (note: string) => void
}

export interface PodRoom {
  readonly run: PodRun
  /** UID of the ConfigMap that owns the pods; why there is no room. Made on the first call. */
  prepare(probe: string): Promise<string | Unavailable>
  /** Removes all that this run made, and says what it could not. */
  clear(): Promise<void>
}

/** Clocks differ between those who audit one cluster. */
const slackMs = 10 * 60_000

export function createRoom(options: RoomOptions): PodRoom {
  const { api, onNote } = options
  const id = randomBytes(4).toString('hex')
  const run: PodRun = {
    id,
    namespace: options.namespace ?? configMapName(id),
    image: options.image,
    pullSecret: options.pullSecret,
    deadlineSeconds: options.deadlineSeconds,
    expires: new Date(Date.now() + options.longestMs + slackMs).toISOString(),
  }
  const isOwn = options.namespace === undefined
  let made: Promise<string | Unavailable> | undefined

  const make = async (probe: string): Promise<string | Unavailable> => {
    await removeLeftovers(api, isOwn ? undefined : run.namespace, onNote)
    if (isOwn) {
      const namespace = await api.create('namespaces', namespaceManifest(run))
      if (isUnavailable(namespace)) return namespace
    }
    const configMap = await api.create('configmaps', configMapManifest(run, probe), run.namespace)
    return isUnavailable(configMap) ? configMap : metadataText(configMap, 'uid')
  }
  return {
    run,
    prepare(probe) {
      made ??= make(probe)
      return made
    },
    async clear() {
      if (made === undefined) return
      await made
      await removeRun(api, run, isOwn, onNote)
    },
  }
}

/** What holds the rest goes last, so that a refusal in the middle leaves something for the next run to find. */
async function removeRun(api: PodApi, run: PodRun, isOwn: boolean, onNote: (note: string) => void): Promise<void> {
  const { namespace } = run
  const pods = await api.list('pods', namespace, `${ours},${runLabel}=${run.id}`, AbortSignal.timeout(10_000))
  const names = isUnavailable(pods) ? [] : pods.map(nameOf)
  await Promise.all(names.map((name) => removeOrTell(api, 'pods', name, namespace, onNote)))
  await removeOrTell(api, 'configmaps', configMapName(run.id), namespace, onNote)
  if (isOwn) await removeOrTell(api, 'namespaces', namespace, undefined, onNote)
}

async function removeOrTell(
  api: PodApi,
  kind: Kind,
  name: string,
  namespace: string | undefined,
  onNote: (note: string) => void,
): Promise<void> {
  const failure = await api.remove(kind, name, namespace)
  if (failure === undefined) return
  const where = namespace === undefined ? '' : ` -n ${namespace}`
  onNote(`${failure.detail} Remove it by hand: kubectl delete ${kind}${where} ${name}`)
}

/** Of runs that ended without a chance to clean up: marked as ours, and past the time that any living run could need them. */
async function removeLeftovers(
  api: PodApi,
  namespace: string | undefined,
  onNote: (note: string) => void,
): Promise<void> {
  const kinds: readonly Kind[] = namespace === undefined ? ['namespaces'] : ['pods', 'configmaps']
  for (const kind of kinds) {
    const found = await api.list(kind, namespace, ours, AbortSignal.timeout(20_000))
    if (isUnavailable(found)) {
      onNote(`Leftovers of earlier runs could not be looked for: ${found.unavailable.detail}`)
      continue
    }
    const names = found.filter(isExpired).map(nameOf)
    await Promise.all(names.map((name) => removeOrTell(api, kind, name, namespace, onNote)))
    if (names.length > 0) onNote(`Removed ${kind} that an earlier run had left: ${names.join(', ')}`)
  }
}

function isExpired(object: Raw): boolean {
  const annotations = metadataOf(object)['annotations']
  const expires = isRecord(annotations) ? annotations[expiresAnnotation] : undefined
  const time = typeof expires === 'string' ? Date.parse(expires) : Number.NaN
  return time < Date.now()
}

function metadataOf(object: Raw): Record<string, unknown> {
  const metadata = object['metadata']
  return isRecord(metadata) ? metadata : {}
}

function metadataText(object: Raw, key: string): string {
  const value = metadataOf(object)[key]
  return typeof value === 'string' ? value : ''
}
