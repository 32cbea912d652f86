// What was and was not seen: per API family, and per node and fact.
// May not: call a fact known while a part of it is unavailable.

import { visibleText } from '../catalog/index.ts'
import type { Evidence } from '../model/evidence.ts'
import { isUnavailable, type UnavailableReason, unavailable } from '../model/fact.ts'
import { factNames, facts } from '../model/facts.ts'
import type { TriedWay } from '../model/node-evidence.ts'
import { type Family, familyNames } from '../model/objects.ts'
import type { Result } from '../model/result.ts'
import type { FactSet } from '../model/unit.ts'

type Coverage = Result['coverage']
type Reason = NonNullable<Coverage['nodes'][number]['facts'][number]>

/** Lower comes first where parts of a fact are missing for several reasons: what explains the most of a node's gaps. */
const rank: { readonly [R in UnavailableReason]: number } = {
  interrupted: 0,
  unreachable: 1,
  'host-key-mismatch': 2,
  'host-key-unknown': 3,
  'wrong-host': 4,
  'auth-failed': 5,
  'pod-failed': 6,
  'tls-error': 6,
  unauthorized: 7,
  forbidden: 8,
  timeout: 9,
  'connection-lost': 10,
  'server-error': 11,
  'sudo-denied': 12,
  'permission-denied': 13,
  'not-running': 14,
  'too-large': 15,
  malformed: 16,
  'not-found': 17,
  unsupported: 18,
  'not-collected': 19,
}

/** Why a fact, or a part of it, is unavailable: the reason that explains most, the first of its kind. Null: all of it is known. */
export function firstUnavailable(value: unknown): Reason | null {
  let found: Reason | null = null
  const walk = (part: unknown): void => {
    if (typeof part !== 'object' || part === null || isAbsentComponent(part)) return
    if (isUnavailable(part)) {
      const { reason, detail } = part.unavailable
      if (found === null || rank[reason] < rank[found.reason]) found = { reason, detail: visibleText(detail) }
      return
    }
    for (const below of Object.values(part)) walk(below)
  }
  walk(value)
  return found
}

/** A component that was seen not to run has no settings, and nothing of it is missing. */
function isAbsentComponent(part: object): boolean {
  const runs: unknown = 'runs' in part ? part.runs : undefined
  return typeof runs === 'object' && runs !== null && 'value' in runs && runs.value === false
}

const columns = factNames.filter((name) => facts[name].each === 'nodes' && facts[name].host)

/** The coverage part of a result. A list that neither was read nor is needed by a rule is not a gap, and left out. */
export function coverageOf(evidence: Evidence, factSet: FactSet, needed: readonly Family[]): Coverage {
  const hosts = new Map(evidence.nodes.map((node) => [node.node, node]))
  return {
    families: familyNames
      .filter((family) => needed.includes(family) || evidence.families[family].status !== undefined)
      .map((family) => familyCoverage(evidence, family)),
    columns: columns.map((fact) => ({ fact, label: facts[fact].label })),
    nodes: factSet.units.nodes.map((unit) => {
      const node = unit.identity.node ?? unit.identity.name
      const roles = unit.facts.node
      const evidenceOf = hosts.get(node)
      const access = accessOf(evidenceOf?.host)
      return {
        node,
        roles: roles === undefined || isUnavailable(roles) ? [] : [...roles.roles],
        facts: columns.map((name) =>
          firstUnavailable(unit.facts[name] ?? unavailable('not-collected', `Nothing was derived for ${name}.`)),
        ),
        ...readTime(evidenceOf?.host),
        ...(access && { access }),
        ...(evidenceOf?.tried && { tried: evidenceOf.tried.map(visibleTried) }),
      }
    }),
  }
}

function visibleTried({ way, reason, detail }: TriedWay): TriedWay {
  return { way: visibleText(way), reason, detail: visibleText(detail) }
}

function familyCoverage(evidence: Evidence, family: keyof Evidence['families']): Coverage['families'][number] {
  const { objects, status } = evidence.families[family]
  if (status === undefined) {
    const detail = 'The snapshot does not hold this list.'
    return { family, count: objects.length, source: '', unavailable: { reason: 'not-collected', detail } }
  }
  const { count, source, startedAt } = status
  return { family, count, source, readAt: startedAt, ...(status.unavailable && { unavailable: status.unavailable }) }
}

function readTime(host: Evidence['nodes'][number]['host'] | undefined): { readAt?: string } {
  return host === undefined || isUnavailable(host) ? {} : { readAt: host.run.startedAt }
}

function accessOf(host: Evidence['nodes'][number]['host'] | undefined): Coverage['nodes'][number]['access'] {
  if (host === undefined || isUnavailable(host)) return undefined
  const { transport, address, user, privilege, durationMs, bytes } = host.run
  return {
    transport,
    ...(address !== undefined && { address }),
    ...(user !== undefined && { user }),
    privilege,
    durationMs,
    bytes,
  }
}
