// Which units a waiver is about. All that a selector names must hold; of a list, one.
// May not: read facts or outcomes; a waiver is about a thing, not about what was found on it.
import type { UnitIdentity } from '../model/unit.ts'
import type { WaiverSelector } from '../model/waiver.ts'
import { starPattern } from '../util/star-pattern.ts'
import type { ClusterIdentity } from './fingerprint.ts'

type Test = (text: string) => boolean

export interface Selector {
  /** Whether the waiver is meant for this cluster. */
  readonly isHere: boolean
  /** Nothing narrows it but the cluster. */
  readonly isEverything: boolean
  /** Nothing narrows it but labels, which the owner of an object sets. */
  readonly isLabelsOnly: boolean
  readonly inWords: string
  readonly matches: (unit: UnitIdentity, fingerprint: () => string) => boolean
}

export function selectorOf(selector: WaiverSelector | undefined, cluster: ClusterIdentity): Selector {
  const { labels, fingerprint, ...named } = selector ?? {}
  const clusterTest = anyOf(named.cluster)
  const node = anyOf(named.node)
  const namespace = anyOf(named.namespace)
  const kind = anyOf(named.kind)
  const name = anyOf(named.name)
  const labelTests = Object.entries(labels ?? {}).map(([key, value]) => ({ key, test: starPattern(value) }))
  const prints = fingerprint === undefined ? undefined : new Set([fingerprint].flat())
  const isNarrowed = [named.node, named.namespace, named.kind, named.name].some(narrows) || prints !== undefined
  return {
    isHere: clusterTest === undefined || clusterTest(cluster.name) || clusterTest(cluster.uid ?? ''),
    isEverything: !isNarrowed && labelTests.length === 0,
    isLabelsOnly: !isNarrowed && labelTests.length > 0,
    inWords: wordsOf(selector),
    matches: (unit, print) =>
      holds(node, unit.node) &&
      holds(namespace, unit.namespace) &&
      (kind === undefined || kind(objectOf(unit).kind)) &&
      (name === undefined || name(objectOf(unit).name)) &&
      labelTests.every(({ key, test }) => {
        const value = unit.labels !== undefined && Object.hasOwn(unit.labels, key) ? unit.labels[key] : undefined
        return value !== undefined && test(value)
      }) &&
      (prints === undefined || prints.has(print())),
  }
}

function anyOf(given: string | string[] | undefined): Test | undefined {
  if (given === undefined) return undefined
  const tests = [given].flat().map(starPattern)
  return (text) => tests.some((test) => test(text))
}

function holds(test: Test | undefined, value: string | undefined): boolean {
  return test === undefined || (value !== undefined && test(value))
}

/** Stars alone let everything through. */
function narrows(given: string | string[] | undefined): boolean {
  return given !== undefined && [given].flat().every((pattern) => /[^*]/.test(pattern))
}

const plainKinds = { cluster: 'Cluster', nodes: 'Node', namespaces: 'Namespace' } as const

/** Kind and name of the object that a unit is or stands for. */
function objectOf(unit: UnitIdentity): { kind: string; name: string } {
  if (unit.owner !== undefined) return unit.owner
  switch (unit.kind) {
    case 'cluster':
      return { kind: plainKinds.cluster, name: unit.name }
    case 'nodes':
      return { kind: plainKinds.nodes, name: unit.node ?? unit.name }
    case 'namespaces':
      return { kind: plainKinds.namespaces, name: unit.namespace ?? unit.name }
    case 'workloads':
    case 'bindings':
    case 'roles':
    case 'subjects': {
      const { namespace = '', id } = unit
      const own = namespace !== '' && id.startsWith(`${namespace}/`) ? id.slice(namespace.length + 1) : id
      const slash = own.indexOf('/')
      return { kind: own.slice(0, Math.max(slash, 0)), name: own.slice(slash + 1) }
    }
  }
}

function wordsOf(selector: WaiverSelector | undefined): string {
  const { labels, ...named } = selector ?? {}
  const parts = [
    ...Object.entries(named).map(([key, value]) => `${key} ${[value].flat().join(' or ')}`),
    ...Object.entries(labels ?? {}).map(([key, value]) => `label ${key}=${value}`),
  ]
  return parts.length === 0 ? 'every unit' : parts.join(', ')
}
