// Components that have no process of their own: k3s and MicroK8s run kubelet and control plane inside one. What each was given.
// May not: give a component an argument that neither a file of the host, the API nor the distribution's own source accounts for.
import { isUnavailable } from '../../model/fact.ts'
import type { ProcessEvidence } from '../../model/node-evidence.ts'
import type { Holder, HolderInput } from './holder.ts'
import { readK3s } from './k3s.ts'
import { readMicroK8s } from './microk8s.ts'

/** The process that holds the node's components; `undefined` where none does. */
export function findHolder(input: HolderInput): Holder | undefined {
  const { processes } = input.host
  if (isUnavailable(processes)) return undefined
  // "k3s kubectl …" is no server; one that calls itself after its role goes first.
  const holders = processes.filter(({ name }) => Object.hasOwn(readers, name))
  const holder = holders.find(({ name }) => name !== 'k3s') ?? holders.find(isRole) ?? undefined
  return holder === undefined ? undefined : readers[holder.name]?.(holder, input)
}

function isRole({ arguments: argv }: ProcessEvidence): boolean {
  return /^\S*k3s\s+(?:server|agent)\b/.test(argv.join(' '))
}

const readers: Readonly<Record<string, (process: ProcessEvidence, input: HolderInput) => Holder>> = {
  k3s: readK3s,
  'k3s-server': readK3s,
  'k3s-agent': readK3s,
  kubelite: readMicroK8s,
}
