// Reads every node: chooses addresses, runs the probe by one way after the other, and gives one record per node, whatever
// happens on the way.
// May not: leave a node out because it did not answer, or keep a node's output after its record is emitted.
import pLimit from 'p-limit'
import type { SshGroup } from '../model/config.ts'
import { isUnavailable, type Unavailable, unavailable } from '../model/fact.ts'
import type { NodeEvidence } from '../model/node-evidence.ts'
import type { NodeObject } from '../model/objects.ts'
import type { EvidenceRecord } from '../model/snapshot.ts'
import type { NodeAccess, NodeTarget, ProbeLimits } from '../transport/contracts.ts'
import { parseProbe } from './probe/parse.ts'
import { createNonce, renderProbe } from './probe/script.ts'
import { withoutShell } from './shell-less.ts'

export type NodeRecord = Extract<EvidenceRecord, { record: 'node' }>

export interface TargetOptions {
  /** Node names; `*` stands for any characters. Absent: all nodes. */
  readonly selectors?: readonly string[]
  /** Node name → address or address:port. */
  readonly addresses?: Readonly<Record<string, string>>
  /** The node that this machine is said to be. */
  readonly localNode?: string
  readonly port?: number
  readonly user?: string
  /** Logins of their own for some nodes; the first that matches. */
  readonly groups?: readonly SshGroup[]
}

export interface NodeTargets {
  readonly targets: readonly NodeTarget[]
  /** Records of the nodes that will not be probed, with the reason: not selected, or not Linux. */
  readonly skipped: readonly NodeRecord[]
  /** Selectors and overrides that match no node: for the caller to report as an error. */
  readonly unmatched: readonly string[]
}

/** Whom to probe, and where: the override, else InternalIP, Hostname and the name, in that order. Sorted by name. */
export function nodeTargets(nodes: readonly NodeObject[], options: TargetOptions = {}): NodeTargets {
  const targets: NodeTarget[] = []
  const skipped: NodeRecord[] = []
  const patterns = options.selectors?.map((selector) => ({ selector, pattern: selectorPattern(selector) }))
  const matched = new Set<string>()
  for (const node of nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const selectors = patterns?.filter(({ pattern }) => pattern.test(node.name))
    for (const { selector } of selectors ?? []) matched.add(selector)
    const system = node.nodeInfo.operatingSystem
    if (selectors?.length === 0) {
      skipped.push(record(node.name, unavailable('not-collected', 'The node is outside the chosen scope.')))
    } else if (system !== undefined && system !== '' && system !== 'linux') {
      skipped.push(record(node.name, unavailable('unsupported', `Nodes that run ${system} cannot be probed.`)))
    } else {
      targets.push(toTarget(node, options))
    }
  }
  const names = new Set(nodes.map((node) => node.name))
  const unmatched = [
    ...(options.selectors ?? []).filter((selector) => !matched.has(selector)),
    ...[
      ...Object.keys(options.addresses ?? {}),
      ...(options.localNode === undefined ? [] : [options.localNode]),
    ].filter((name) => !names.has(name)),
  ]
  return { targets, skipped, unmatched }
}

function selectorPattern(selector: string): RegExp {
  // Runs of stars are one star: "a***b" must not make the expression backtrack.
  const parts = selector.split(/\*+/).map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`)
}

function toTarget(node: NodeObject, options: TargetOptions): NodeTarget {
  const shellless = withoutShell(node)
  const override = Object.hasOwn(options.addresses ?? {}, node.name) ? options.addresses?.[node.name] : undefined
  const { addresses, port } =
    override === undefined ? { addresses: addressesOf(node), port: undefined } : split(override)
  const group = options.groups?.find((candidate) => isMember(node, candidate)) ?? {}
  const usedPort = port ?? group.port ?? options.port
  const user = group.user ?? options.user
  return {
    node: node.name,
    addresses,
    ...(usedPort === undefined ? {} : { port: usedPort }),
    ...(user === undefined ? {} : { user }),
    ...(group.identityFiles === undefined ? {} : { identityFiles: group.identityFiles }),
    ...(group.jump === undefined ? {} : { jump: group.jump }),
    ...(group.sudo === undefined ? {} : { sudo: group.sudo }),
    ...(node.nodeInfo.bootID === undefined ? {} : { bootID: node.nodeInfo.bootID }),
    ...(shellless === undefined ? {} : { noSsh: shellless.unavailable.detail }),
  }
}

/** By name and by labels, where the group has both. */
function isMember(node: NodeObject, { nodes, labels }: SshGroup): boolean {
  const isNamed = nodes === undefined || nodes.some((pattern) => selectorPattern(pattern).test(node.name))
  const has = (key: string, value: string): boolean => {
    const own = Object.hasOwn(node.labels ?? {}, key) ? node.labels?.[key] : undefined
    return own !== undefined && (value === '*' || own === value)
  }
  return isNamed && Object.entries(labels ?? {}).every(([key, value]) => has(key, value))
}

function addressesOf(node: NodeObject): string[] {
  const ofType = (type: string): string[] =>
    node.addresses.flatMap((entry) => (entry.type === type && entry.address !== '' ? [entry.address] : []))
  return [...new Set([...ofType('InternalIP'), ...ofType('Hostname'), node.name])]
}

/** `host`, `host:port`, `[v6]:port`, or an IPv6 address without a port. */
function split(override: string): { addresses: string[]; port: number | undefined } {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(override)
  if (!match) return { addresses: [override], port: undefined }
  return { addresses: [match[1] ?? match[2] ?? override], port: match[3] === undefined ? undefined : Number(match[3]) }
}

export interface NodeProgress {
  readonly done: number
  readonly total: number
  readonly node: string
  /** Whether host facts arrived, whole or in part. */
  readonly isReached: boolean
}

export interface CollectNodesOptions {
  /** Tried in this order on every node. */
  readonly ways: readonly NodeAccess[]
  readonly targets: readonly NodeTarget[]
  readonly concurrency: number
  readonly limits: ProbeLimits
  /** Budget of all nodes together. What is not read by then is `timeout`, what came until then is kept. */
  readonly totalTimeoutMs?: number
  readonly signal: AbortSignal
  readonly emit: (record: NodeRecord) => void | Promise<void>
  readonly onProgress?: (progress: NodeProgress) => void
}

/** Output of one probe is some ten to a few hundred KiB; the script itself stops at 6 MiB. */
export const defaultProbeLimits: ProbeLimits = {
  timeoutMs: 60_000,
  connectTimeoutMs: 10_000,
  maxBytes: 8 * 1024 * 1024,
}

/** Emits one record for every target, in the order in which nodes finish. After an abort the rest is `interrupted`. */
export async function collectNodes(options: CollectNodesOptions): Promise<void> {
  const { targets, emit, onProgress } = options
  const limit = pLimit(options.concurrency)
  const budget = startBudget(options)
  let done = 0
  const readAndEmit = async (target: NodeTarget): Promise<void> => {
    const { host, tried } = await readNode(target, { ...options, signal: budget.signal })
    await emit(record(target.node, budget.explain(host), tried))
    done += 1
    onProgress?.({ done, total: targets.length, node: target.node, isReached: 'run' in host })
  }
  await Promise.all(targets.map((target) => limit(readAndEmit, target)))
}

interface Budget {
  /** Aborted when the audit is stopped or the budget is used up. */
  readonly signal: AbortSignal
  /** Names the budget where it, and not a Ctrl-C, ended a node. */
  readonly explain: (host: Host) => Host
}

function startBudget({ totalTimeoutMs, signal }: CollectNodesOptions): Budget {
  if (totalTimeoutMs === undefined) return { signal, explain: (host) => host }
  const total = AbortSignal.timeout(totalTimeoutMs)
  const seconds = Math.round(totalTimeoutMs / 100) / 10
  const reword = (detail: string): Unavailable['unavailable'] => ({
    reason: 'timeout',
    detail: `The budget of ${seconds} s for all nodes (--total-timeout) was used up${detail}`,
  })
  const explain = (host: Host): Host => {
    if (!total.aborted || signal.aborted) return host
    if (isUnavailable(host)) {
      return host.unavailable.reason === 'interrupted' ? { unavailable: reword(' before this node was read.') } : host
    }
    if (host.incomplete?.reason !== 'interrupted') return host
    const { unavailable: processes } = isUnavailable(host.processes) ? host.processes : {}
    const incomplete = reword('. What this node had sent until then is kept.')
    return {
      ...host,
      incomplete,
      ...(processes?.reason === 'interrupted' ? { processes: { unavailable: incomplete } } : {}),
    }
  }
  return { signal: AbortSignal.any([signal, total]), explain }
}

type Host = NodeEvidence['host']
type Tried = NonNullable<NodeEvidence['tried']>

/** By the first way that gives the whole; else what the most telling one gave, with the others' reasons beside it. */
async function readNode(target: NodeTarget, options: CollectNodesOptions): Promise<{ host: Host; tried: Tried }> {
  const results: { way: string; host: Host; gap: Unavailable['unavailable'] | undefined }[] = []
  for (const way of options.ways) {
    if (options.signal.aborted && results.length > 0) break
    const host = await runWay(way, target, options)
    const gap = gapOf(host, target)
    results.push({ way: way.transport, host, gap })
    if (gap === undefined) break
  }
  // Of ways that all fell short, one that brought something back; else the first, whose reason is that of the way wanted most.
  const best =
    results.find(({ gap }) => gap === undefined) ??
    results.find(({ host, gap }) => !isUnavailable(host) && gap?.reason !== 'wrong-host') ??
    results.find(({ host }) => !isUnavailable(host)) ??
    results[0]
  if (best === undefined) return { host: unavailable('not-collected', 'There is no way to this node.'), tried: [] }
  const isRead = !isUnavailable(best.host)
  const tried = results.flatMap((result) =>
    result.gap === undefined || (isRead && result === best) ? [] : [{ way: result.way, ...result.gap }],
  )
  return isUnavailable(best.host)
    ? { host: nameWays(results, best.host), tried: results.length < 2 ? [] : tried }
    : { host: best.host, tried }
}

/** Why the next way is to be tried: nothing came back, it broke off, or another machine answered. */
function gapOf(host: Host, { bootID }: NodeTarget): Unavailable['unavailable'] | undefined {
  if (isUnavailable(host)) return host.unavailable
  if (host.incomplete !== undefined) return host.incomplete
  const file = host.files['/proc/sys/kernel/random/boot_id']
  const seen = file !== undefined && 'content' in file ? file.content.trim() : ''
  const wanted = bootID?.trim() ?? ''
  if (seen === '' || wanted === '' || seen === wanted) return undefined
  const detail = `Another machine answered: its boot id is ${seen.slice(0, 36)}, the API says ${wanted.slice(0, 36)}.`
  return { reason: 'wrong-host', detail }
}

/** Where several ways failed, the reason is the first one's and the sentence tells of all. */
function nameWays(
  results: readonly { way: string; gap: Unavailable['unavailable'] | undefined }[],
  { unavailable: { reason, detail } }: Unavailable,
): Unavailable {
  if (results.length < 2) return unavailable(reason, detail)
  return unavailable(reason, results.map(({ way, gap }) => `${way}: ${gap?.detail ?? ''}`).join(' '))
}

async function runWay(way: NodeAccess, target: NodeTarget, options: CollectNodesOptions): Promise<Host> {
  const { limits, signal } = options
  if (signal.aborted) return unavailable('interrupted', 'The audit was stopped before this node was read.')
  if (way.transport === 'ssh' && target.noSsh !== undefined) return unavailable('unsupported', target.noSsh)
  const nonce = createNonce()
  const startedAt = new Date().toISOString()
  const output = await way.runProbe(target, renderProbe(nonce), limits, signal)
  if ('unavailable' in output) return output
  const { stdout, address, user, durationMs, interrupted } = output
  try {
    return parseProbe(stdout, nonce, {
      transport: way.transport,
      address,
      user,
      startedAt,
      durationMs,
      ...(interrupted ? { interrupted } : {}),
    })
  } catch (error) {
    // What one host sends may not end the audit of the others.
    const name = error instanceof Error ? error.name : 'error'
    return unavailable('malformed', `The node's answer could not be taken apart (${name}).`)
  }
}

/** The way that asks no host: what the API tells of a node is collected beside it. */
export const apiWay: NodeAccess = {
  transport: 'api',
  runProbe: async () =>
    unavailable(
      'not-collected',
      'The way chosen for this node (api) asks the API alone and gives no access to the host.',
    ),
  close: async () => undefined,
}

function record(node: string, host: Host, tried: Tried = []): NodeRecord {
  return { record: 'node', evidence: { node, host, ...(tried.length === 0 ? {} : { tried }) } }
}
