// The featureGates fact, row F3: the gates that kubelet and control plane set, and what becomes of each.
// May not: pass over a component whose gates or version could not be read.
import { type Fact, isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import { type ComponentVersion, fateOf } from '../feature-gates/gates.ts'
import { parseGoBool } from '../nodes/go-values.ts'
import { isObject, short } from '../nodes/kubelet-document.ts'
import type { EffectiveKubelet } from '../nodes/kubelet-effective.ts'
import type { ComponentName } from './components.ts'
import type { Running } from './running.ts'
import { readSettings } from './settings.ts'

type Gates = FactValue<'featureGates'>['kubelet']
type State = Running | undefined | Unavailable

export function deriveFeatureGates(
  kubelet: EffectiveKubelet | Unavailable,
  states: ReadonlyMap<ComponentName, State>,
): Fact<FactValue<'featureGates'>> {
  const gates = {
    kubelet: kubeletGates(kubelet),
    apiServer: componentGates('kube-apiserver', states.get('kube-apiserver')),
    controllerManager: componentGates('kube-controller-manager', states.get('kube-controller-manager')),
    scheduler: componentGates('kube-scheduler', states.get('kube-scheduler')),
  }
  const { apiServer, controllerManager, scheduler } = gates
  const isNothingKnown = [gates.kubelet, apiServer, controllerManager, scheduler].every((one) => isUnavailable(one))
  return isNothingKnown && isUnavailable(gates.kubelet) ? gates.kubelet : gates
}

function kubeletGates(kubelet: EffectiveKubelet | Unavailable): Gates {
  if (isUnavailable(kubelet)) return kubelet
  const read = kubelet.value('featureGates')
  if (isUnavailable(read)) return read
  const set = isObject(read.value) ? Object.entries(read.value) : []
  const gates = set.flatMap(([gate, value]) => (typeof value === 'boolean' ? [[gate, value] as const] : []))
  return judge('kubelet', gates, kubelet.version, read.source)
}

function componentGates(name: ComponentName, running: State): Gates {
  if (isUnavailable(running)) return running
  if (running === undefined) return { value: [], source: `${name} does not run on this node` }
  const read = readSettings(running).each('feature-gates')
  if (isUnavailable(read)) return read
  const gates = new Map<string, boolean>()
  for (const pair of read.value.flatMap((text) => text.split(',')).filter((text) => text.trim() !== '')) {
    const [key = '', text = ''] = pair.split('=', 2)
    const [gate = '', component = 'kube'] = key.split(':').reverse()
    const value = parseGoBool(text.trim())
    if (gate.trim() === '' || value === undefined) {
      return unavailable('malformed', `--feature-gates of ${running.place} holds "${short(pair)}".`)
    }
    if (['kube', ''].includes(component.trim())) gates.set(gate.trim(), value)
  }
  return judge(name, [...gates], versionOf(running), read.source)
}

function versionOf({ minor, version, name, place }: Running): ComponentVersion | Unavailable {
  if (minor === undefined) return unavailable('unsupported', `The version of ${name} (${place}) is not known.`)
  return { minor, isDistributionBuild: !isUnavailable(version) && /[+-]/.test(version.value) }
}

function judge(
  component: string,
  gates: readonly (readonly [name: string, value: boolean])[],
  version: ComponentVersion | Unavailable,
  source: string,
): Observed<Extract<Gates, { value: unknown }>['value']> {
  if (gates.length === 0) return { value: [], source }
  if (isUnavailable(version)) return version
  const value = gates.map(([gate, isOn]) => ({
    component,
    gate: `${gate}=${isOn}`,
    ...fateOf(gate, isOn, version),
    source,
  }))
  return { value, source }
}
