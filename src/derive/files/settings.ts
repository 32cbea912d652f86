// Which files the arguments of the control plane's components name, and where they are on the host.
// May not: read anything of them.
import { isUnavailable, type Unavailable } from '../../model/fact.ts'
import type { ComponentName } from '../control-plane/components.ts'
import type { StaticPods } from '../control-plane/manifests.ts'
import type { Running } from '../control-plane/running.ts'

/** `undefined`: seen not to run on this node. */
export type ComponentStates = ReadonlyMap<ComponentName, Running | undefined | Unavailable>

export interface NamedFile {
  readonly path: string | Unavailable
  /** "--tls-cert-file of pid 1544". */
  readonly source: string
}

/** Values of the flags whose name matches, the last of each; each path once. */
export function namedFiles({ commandLine, place, hostPath }: Running, flags: RegExp): NamedFile[] {
  const last = new Map(commandLine.occurrences.map(({ name, value }) => [name, value]))
  const found = new Map<string, NamedFile>()
  for (const [name, value] of last) {
    if (value === '' || !flags.test(name) || found.has(value)) continue
    found.set(value, { path: hostPath(value), source: `--${name} of ${place}` })
  }
  return [...found.values()]
}

export function runningComponents(states: ComponentStates): Running[] {
  return [...states.values()].flatMap((state) => (state === undefined || isUnavailable(state) ? [] : [state]))
}

/** Whether anything of a control plane is on this node; why not, where that cannot be told. */
export function hasControlPlane(input: {
  readonly states: ComponentStates
  readonly staticPods: StaticPods | Unavailable
}): boolean | Unavailable {
  if (runningComponents(input.states).length > 0) return true
  if (!isUnavailable(input.staticPods) && input.staticPods.pods.length > 0) return true
  return [...input.states.values()].find(isUnavailable) ?? false
}
