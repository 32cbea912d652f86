// The API server's own word on its flags, /flagz: which node it speaks for, and its values as a command line.
// May not: guess the node where the address that it advertises does not tell.
import type { Evidence } from '../../model/evidence.ts'
import { isUnavailable } from '../../model/fact.ts'

export interface Flagz {
  /** "GET /flagz". */
  readonly source: string
  /** Every flag with a value, lists one item an argument, as the process could have been started. */
  readonly arguments: readonly string[]
  /** Names of all flags it has. */
  readonly names: ReadonlySet<string>
}

/** By node: at most one, because the request reached one of the API servers. */
export function flagzByNode({ components = [], families }: Evidence): ReadonlyMap<string, Flagz> {
  const asked = components.find(({ endpoint, component }) => endpoint === 'flagz' && component === 'kube-apiserver')
  if (asked === undefined || isUnavailable(asked.answer)) return new Map()
  const { values } = asked.answer
  const address = values['advertise-address']
  const nodes = families.nodes.objects.filter(({ addresses }) => addresses.some((entry) => entry.address === address))
  const [node] = nodes
  if (typeof address !== 'string' || node === undefined || nodes.length > 1) return new Map()
  return new Map([[node.name, toFlagz(asked.source, values)]])
}

function toFlagz(source: string, values: Readonly<Record<string, unknown>>): Flagz {
  const entries = Object.entries(values).flatMap(([name, value]) =>
    typeof value === 'string' && value !== hidden ? [[name, value] as const] : [],
  )
  return {
    source,
    arguments: ['kube-apiserver', ...entries.flatMap(([name, value]) => toArguments(name, value))],
    names: new Set(entries.map(([name]) => name)),
  }
}

/** What component-base prints for flags that are marked as secret. */
const hidden = 'CLASSIFIED'

/** pflag prints lists in brackets. Empty is not set. */
function toArguments(name: string, value: string): readonly string[] {
  const list = /^\[(.*)\]$/s.exec(value)?.[1]
  const items = list === undefined ? [value] : list.split(',')
  return items.filter((item) => item !== '').map((item) => `--${name}=${item}`)
}
