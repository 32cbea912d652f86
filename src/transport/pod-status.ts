// What a pod's object says of how far it is, and, where it will not run, why, in one sentence.
// May not: pass on more of an object than its trimmed reasons and messages.
import { trimMessage } from './kube-errors.ts'
import { isRecord } from './kube-page.ts'

export type PodState =
  /** `hint`: what it waits for, as far as the cluster says. */
  | { readonly kind: 'waiting'; readonly hint: string }
  | { readonly kind: 'running' }
  /** Its container ended; `why` where that was not its own doing. */
  | { readonly kind: 'ended'; readonly why?: string }
  /** Somebody deletes it; `why` as far as the cluster says, with a colon before it. */
  | { readonly kind: 'deleting'; readonly why: string }
  /** It will never run. */
  | { readonly kind: 'failed'; readonly detail: string }

/** Waiting reasons that no time heals, or that the kubelet has already tried twice. */
const hopeless: ReadonlySet<string> = new Set([
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerError',
  'RunContainerError',
])

/** What a pod waits for that no kubelet has looked at: nothing can have warned of it. */
export const notTaken = 'the node’s kubelet has not taken it'

/** `pod`: as the API gives it. */
export function readPodState(pod: unknown): PodState {
  const status = recordAt(pod, 'status')
  const containers = status['containerStatuses']
  const state = recordAt(Array.isArray(containers) ? containers[0] : undefined, 'state')
  const terminated = isRecord(state['terminated']) ? state['terminated'] : undefined
  const phase = textAt(status, 'phase')
  if (terminated !== undefined && (phase === 'Succeeded' || phase === 'Failed')) return ended(terminated, status)
  if (phase === 'Failed') return { kind: 'failed', detail: `The pod was refused or ended by the node${said(status)}.` }
  if (recordAt(pod, 'metadata')['deletionTimestamp'] !== undefined) return { kind: 'deleting', why: disruption(pod) }
  if (phase === 'Running') return { kind: 'running' }
  const waiting = recordAt(state, 'waiting')
  const reason = textAt(waiting, 'reason')
  if (hopeless.has(reason)) return { kind: 'failed', detail: `The pod cannot start${said(waiting)}.` }
  if (reason !== '' && reason !== 'ContainerCreating')
    return { kind: 'waiting', hint: said(waiting).replace(/^: /, '') }
  return { kind: 'waiting', hint: conditionHint(status) }
}

function ended(terminated: Record<string, unknown>, status: Record<string, unknown>): PodState {
  const code = terminated['exitCode']
  if (code === 0) return { kind: 'ended' }
  const why = textAt(status, 'reason') !== '' ? said(status) : said({ reason: terminated['reason'] })
  return {
    kind: 'ended',
    why: `The pod was ended before the probe was done${why}, exit code ${trimMessage(String(code))}.`,
  }
}

/** Why a pod is being deleted, where the cluster says: a taint manager, an eviction, a shutdown. */
function disruption(pod: unknown): string {
  const found = conditions(recordAt(pod, 'status')).find((condition) => condition['type'] === 'DisruptionTarget')
  return found === undefined ? '' : said(found)
}

function conditionHint(status: Record<string, unknown>): string {
  const unscheduled = conditions(status).find(
    (condition) => condition['type'] === 'PodScheduled' && condition['status'] === 'False',
  )
  if (unscheduled !== undefined) return said(unscheduled).replace(/^: /, '')
  return Array.isArray(status['containerStatuses']) || status['startTime'] !== undefined
    ? 'its container is being created'
    : notTaken
}

function conditions(status: Record<string, unknown>): readonly Record<string, unknown>[] {
  const list = status['conditions']
  return Array.isArray(list) ? list.filter(isRecord) : []
}

/** ": Evicted: The node was low on memory", of what is there. */
function said(object: Record<string, unknown>): string {
  const parts = [textAt(object, 'reason'), textAt(object, 'message')].filter((part) => part !== '')
  return parts.map((part) => `: ${trimMessage(part).replace(/\.$/, '')}`).join('')
}

function textAt(object: Record<string, unknown>, key: string): string {
  const value = object[key]
  return typeof value === 'string' ? value : ''
}

function recordAt(value: unknown, key: string): Record<string, unknown> {
  const found = isRecord(value) ? value[key] : undefined
  return isRecord(found) ? found : {}
}
