// Reads every family of API objects into evidence records, several lists at a time, each object projected while its page is in hand.
// May not: know rules, hold a family in memory, or throw for what a cluster answers.
import pLimit from 'p-limit'
import { type Fact, isUnavailable, type Unavailable, type UnavailableReason, unavailable } from '../model/fact.ts'
import { type Family, families, familyNames } from '../model/objects.ts'
import type { EvidenceRecord, FamilyStatus } from '../model/snapshot.ts'
import type { ListOutcome, ObjectSource } from '../transport/contracts.ts'
import { oneLine } from '../util/one-line.ts'
import { type KnownTemplates, projectObject } from './projection/index.ts'

export interface CollectObjectsOptions {
  readonly source: ObjectSource
  /** Lists at a time. */
  readonly concurrency: number
  /** Ends the collection: lists that have not ended are reported as interrupted, what they gave is kept. */
  readonly signal: AbortSignal
  readonly emit: (record: EvidenceRecord) => void
  /** Awaited after each page, so that a slow disk slows the lists down. */
  readonly drained?: () => Promise<void>
  readonly onProgress?: (progress: ObjectProgress) => void
  /** Default: all. */
  readonly families?: readonly Family[]
  readonly now?: () => Date
  /** The server's minor version, where it is known: lists that it cannot have are not asked for. */
  readonly serverMinor?: number | undefined
}

export interface ObjectProgress {
  /** Lists that have ended, however they ended. */
  readonly families: number
  readonly total: number
  /** Objects kept so far. */
  readonly objects: number
}

/** Emits all records and resolves with the status of every family, in the order asked. */
export async function collectObjects(options: CollectObjectsOptions): Promise<readonly FamilyStatus[]> {
  const wanted = options.families ?? familyNames
  const limit = pLimit(options.concurrency)
  const known: KnownTemplates = new Set()
  const counts = new Map<Family, number>()
  let ended = 0
  const report = () => {
    const objects = [...counts.values()].reduce((sum, count) => sum + count, 0)
    options.onProgress?.({ families: ended, total: wanted.length, objects })
  }
  const collectOne = async (family: Family): Promise<FamilyStatus> => {
    const status = await collectFamily(family, options, known, (count) => {
      counts.set(family, count)
      report()
    })
    ended += 1
    report()
    return status
  }
  return Promise.all(wanted.map((family) => limit(collectOne, family)))
}

async function collectFamily(
  family: Family,
  { source, signal, emit, drained, serverMinor, now = () => new Date() }: CollectObjectsOptions,
  known: KnownTemplates,
  onCount: (count: number) => void,
): Promise<FamilyStatus> {
  const startedAt = now().toISOString()
  let tally = { count: 0, unreadable: 0, first: '' }
  const handlers = {
    onObject(raw: unknown) {
      const problem = projectObject(family, raw, known, emit)
      if (problem === undefined) tally.count += 1
      else if (tally.unreadable++ === 0) tally.first = problem
    },
    onRestart() {
      // The snapshot only grows; this record says that the family's objects so far are void.
      emit({ record: 'restart', family })
      tally = { count: 0, unreadable: 0, first: '' }
    },
    async onPage() {
      onCount(tally.count)
      await drained?.()
    },
  }
  const outcome: ListOutcome = signal.aborted
    ? { complete: false, ...unavailable('interrupted', 'The audit was stopped before this list was asked for.') }
    : isGone(family, serverMinor)
      ? { complete: true }
      : await source.list(family, handlers, signal)
  const notServed = isGone(family, serverMinor) || (tally.count === 0 && isNotServed(family, outcome))
  onCount(tally.count)
  const status: FamilyStatus = {
    record: 'family',
    family,
    count: tally.count,
    source: source.describe(family),
    startedAt,
    finishedAt: now().toISOString(),
    ...(notServed ? { notServed } : incompleteness(outcome, tally)),
  }
  emit(status)
  return status
}

/** A resource that the server's version no longer has. */
function isGone(family: Family, serverMinor: number | undefined): boolean {
  const { lastMinor }: (typeof families)[Family] = families[family]
  return lastMinor !== undefined && serverMinor !== undefined && serverMinor > lastMinor
}

/** What a server does not know, it has no objects of; only an optional resource may be unknown to it. */
function isNotServed(family: Family, outcome: ListOutcome): boolean {
  return families[family].isOptional === true && !outcome.complete && outcome.unavailable.reason === 'not-found'
}

/** Why the family is not whole: how the list ended, and objects that could not be read. */
function incompleteness(
  outcome: ListOutcome,
  { unreadable, first }: { readonly unreadable: number; readonly first: string },
): Partial<Unavailable> {
  const skipped =
    unreadable === 0
      ? ''
      : `${unreadable} ${unreadable === 1 ? 'object' : 'objects'} could not be read and ${unreadable === 1 ? 'is' : 'are'} left out, first ${oneLine(first, 200)}.`
  if (!outcome.complete) {
    const { reason, detail } = outcome.unavailable
    return unavailable(reason, skipped === '' ? detail : `${detail} ${skipped}`)
  }
  return skipped === '' ? {} : unavailable('malformed', skipped)
}

/** The cluster's version and its identity across names. */
export interface ClusterIdentity {
  /** gitVersion of the API server. */
  readonly version: Fact<string>
  /** UID of the kube-system namespace. */
  readonly uid: Fact<string>
}

/** Asks /version and, by the list permission the audit needs anyway, for the kube-system namespace. */
export async function readClusterIdentity(source: ObjectSource, signal: AbortSignal): Promise<ClusterIdentity> {
  const version = await source.get('/version', signal)
  const versionFact = isUnavailable(version)
    ? version
    : readText(version.body, ['gitVersion'], 'GET /version was answered without a gitVersion.')
  if (isUnavailable(version) && isHopeless(version.unavailable.reason)) return { version, uid: version }
  const path = families.namespaces.path
  const list = await source.get(`${path}?fieldSelector=metadata.name%3Dkube-system`, signal)
  const uid = isUnavailable(list)
    ? list
    : readText(list.body, ['items', 0, 'metadata', 'uid'], `GET ${path} shows no namespace kube-system.`)
  return { version: versionFact, uid }
}

/** Nobody is there to answer a second question. */
function isHopeless(reason: UnavailableReason): boolean {
  return reason === 'unreachable' || reason === 'tls-error' || reason === 'timeout' || reason === 'interrupted'
}

function readText(body: unknown, path: readonly (string | number)[], missing: string): Fact<string> {
  let value = body
  for (const key of path) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
  }
  return typeof value === 'string' && value !== '' ? oneLine(value, 200) : unavailable('malformed', missing)
}
