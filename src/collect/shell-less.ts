// Nodes whose system lets nobody in: said before anything is tried, with the ways that do work.
// May not: take a system for one of these by anything but its own name for itself.
import { type Unavailable, unavailable } from '../model/fact.ts'
import type { NodeObject } from '../model/objects.ts'

const systems: readonly (readonly [prefix: string, name: string, why: string])[] = [
  ['Talos ', 'Talos Linux', 'has neither a shell nor an SSH server'],
  ['Bottlerocket OS', 'Bottlerocket', 'has no shell on its host, and no SSH server outside a container of its own'],
]

/** Why SSH cannot read this node; `undefined` for all others. */
export function withoutShell({ name, nodeInfo }: NodeObject): Unavailable | undefined {
  const found = systems.find(([prefix]) => nodeInfo.osImage?.startsWith(prefix))
  if (found === undefined) return undefined
  const [, system, why] = found
  return unavailable(
    'unsupported',
    `${name} runs ${system}, which ${why}. Read it through the API (--node-access api), or by a pod (--node-access pod).`,
  )
}
