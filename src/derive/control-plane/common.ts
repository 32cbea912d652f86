// What every component's fact begins with.
// May not: know a component.
import { type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { ComponentName } from './components.ts'
import type { Running } from './running.ts'

export interface Common {
  readonly runs: Observed<boolean>
  readonly version: Observed<string>
  readonly manifest: Running['manifest']
}

export function commonFields(running: Running): Common {
  return { runs: { value: true, source: running.place }, version: running.version, manifest: running.manifest }
}

/** For a component that was seen not to run. */
export function absence(
  name: ComponentName,
  source = 'processes of the node',
): { readonly common: Common; readonly reason: Unavailable } {
  const reason = unavailable('not-running', `${name} does not run on this node.`)
  const runs = { value: false, source }
  return { common: { runs, version: reason, manifest: reason }, reason }
}
