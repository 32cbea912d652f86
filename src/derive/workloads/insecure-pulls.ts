// The insecurePulls fact, row E2: images of a workload whose registry is asked without TLS, or without looking at its certificate,
// by the nodes that its pods run on, and that no digest protects. May not: take a node whose registries are not known for one that is secure.
import { type Fact, isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { Unit } from '../../model/unit.ts'
import { compareText } from '../family-gap.ts'

type NodeRegistries = FactValue<'nodeRegistries'>
type Insecure = Extract<NodeRegistries['insecure'][number], { value: unknown }>['value']
type Images = FactValue<'images'>['images']
type Pull = FactValue<'insecurePulls'>['pulls'][number]

const namesKept = 5

interface KnownNode {
  readonly entries: readonly { readonly value: Insecure; readonly source: string }[]
  readonly gap: Unavailable | undefined
  readonly searched: readonly string[]
}

export class RegistriesByNode {
  readonly #nodes: ReadonlyMap<string, KnownNode>

  constructor(nodes: readonly Unit[]) {
    this.#nodes = new Map(nodes.map(({ identity, facts }) => [identity.name, knownNode(facts.nodeRegistries)]))
  }

  pullsOf(all: Images, nodeNames: ReadonlySet<string>): FactValue<'insecurePulls'> {
    // The runtime checks what it pulls against the digest, whoever answers.
    const images = all.filter(({ digest }) => !/^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/.test(digest))
    if (images.length === 0) return { pulls: [] }
    const groups = new Map<string, Group>()
    const unknown: { readonly node: string; readonly gap: Unavailable }[] = []
    for (const node of [...nodeNames].sort(compareText)) {
      const known = this.#nodes.get(node)
      const gap = known === undefined ? notListed(node) : known.gap
      if (gap !== undefined) unknown.push({ node, gap })
      for (const pull of known === undefined || known.entries.length === 0 ? [] : matching(images, known)) {
        const key = [pull.container, pull.image, pull.entry.registry, pull.entry.endpoint, pull.entry.how].join('\n')
        const group: Group = groups.get(key) ?? { pull, nodes: [], sources: new Map() }
        group.nodes.push(node)
        group.sources.set(pull.source, [...(group.sources.get(pull.source) ?? []), node])
        groups.set(key, group)
      }
    }
    return { pulls: [...[...groups.values()].map(describe), ...describeUnknown(unknown)] }
  }
}

interface Held {
  readonly container: string
  readonly image: string
  readonly entry: Insecure
  readonly source: string
}

/** One image and entry, with the nodes for which it holds, also by the file that says so. */
interface Group {
  readonly pull: Held
  readonly nodes: string[]
  readonly sources: Map<string, readonly string[]>
}

function knownNode(fact: Fact<NodeRegistries> | undefined): KnownNode {
  if (fact === undefined || isUnavailable(fact)) {
    const gap = fact ?? unavailable('not-collected', 'The registries of this node were not read.')
    return { entries: [], gap, searched: [] }
  }
  return {
    entries: fact.insecure.flatMap((entry) => (isUnavailable(entry) ? [] : [entry])),
    gap: fact.insecure.find(isUnavailable),
    searched: isUnavailable(fact.searched) ? [] : fact.searched.value,
  }
}

function matching(images: Images, { entries, searched }: KnownNode): Held[] {
  return images.flatMap(({ container, reference, registry, repository }) => {
    const hosts = registry === '' ? searched : [registry]
    return entries.flatMap(({ value, source }) =>
      hosts.some((host) => isMeant(value.registry, host, repository))
        ? [{ container, image: reference, entry: value, source }]
        : [],
    )
  })
}

/** Whether an entry is for the images of a registry: by its name, `*`, `*.domain`, a path in it, or a block of addresses. */
function isMeant(entry: string, registry: string, repository: string): boolean {
  if (entry === '*' || entry === registry) return true
  if (entry.startsWith('*.')) return registry.endsWith(entry.slice(1))
  const block = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/.exec(entry)
  if (block) return isInBlock(registry, block[1] ?? '', Number(block[2]))
  return entry.includes('/') && `${registry}/${repository}/`.startsWith(`${entry.replace(/\/+$/, '')}/`)
}

function isInBlock(registry: string, network: string, bits: number): boolean {
  const address = addressOf(registry.replace(/:\d+$/, ''))
  const base = addressOf(network)
  if (address === undefined || base === undefined || bits > 32) return false
  const size = 2 ** (32 - bits)
  return Math.floor(address / size) === Math.floor(base / size)
}

function addressOf(text: string): number | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return undefined
  const parts = text.split('.').map(Number)
  return parts.some((part) => part > 255) ? undefined : parts.reduce((sum, part) => sum * 256 + part, 0)
}

function describe({ pull, nodes, sources }: Group): Pull {
  const { container, image, entry } = pull
  return {
    value: { container, image, ...entry, nodes: nodes.slice(0, namesKept), nodeCount: nodes.length },
    source: [...sources].map(([source, holders]) => `${source} on ${firstOf(holders)}`).join('; '),
  }
}

function firstOf(nodes: readonly string[]): string {
  const others = nodes.length > namesKept ? ` and ${nodes.length - namesKept} more` : ''
  return `${nodes.slice(0, namesKept).join(', ')}${others}`
}

/** One element for all nodes that are not known, with the reason of the first. */
function describeUnknown(unknown: readonly { readonly node: string; readonly gap: Unavailable }[]): Pull[] {
  const [first] = unknown
  if (first === undefined) return []
  const { reason, detail } = first.gap.unavailable
  const others = unknown.length === 1 ? '' : ` and of ${unknown.length - 1} more`
  return [unavailable(reason, `The registries of ${first.node}${others} are not known: ${detail}`)]
}

function notListed(node: string): Unavailable {
  return unavailable('not-found', `The API server lists no node named ${node}.`)
}
