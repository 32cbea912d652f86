// Row E4: the options of a running daemon against those that its systemd unit, with drop-ins and environment files, would give it now.
// May not: know what an option means.
import { isUnavailable, type Observed, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { compareText } from '../family-gap.ts'
import { describeProgram, readServiceCommand, startsProgram } from './service-command.ts'
import { readUnit } from './systemd-unit.ts'

type Differences = FactValue<'runtimeDaemon'>['differences']
type Difference = Extract<Differences, { value: unknown }>['value'][number]

const units: Readonly<Record<string, string>> = {
  containerd: 'containerd.service',
  crio: 'crio.service',
  dockerd: 'docker.service',
}

export function compareWithUnit(host: HostEvidence, name: string, process: ProcessEvidence): Differences {
  const distribution = /\/(k3s|rke2)\/agent\/etc\/containerd\//.exec(process.arguments.join('\n'))?.[1]
  if (distribution !== undefined) return { value: [], source: `started by ${distribution}, by no unit of its own` }
  const unitName = units[name] ?? `${name}.service`
  const unit = readUnit(host, unitName)
  if (isUnavailable(unit)) return unit
  if (unit === undefined) return unavailable('unsupported', `No systemd unit named ${unitName} is on this host.`)
  const command = readServiceCommand(host, unit)
  if (isUnavailable(command)) return command
  if (!startsProgram(command, name)) {
    return unavailable('unsupported', `${unitName} starts ${describeProgram(command)}, not ${name} itself.`)
  }
  const wanted = optionsOf(command.arguments.map(({ text }) => text))
  const running = optionsOf(process.arguments.slice(1))
  const names = [...new Set([...wanted.keys(), ...running.keys()])].sort(compareText)
  const differences = names.flatMap((option): Difference[] => {
    const configured = show(wanted.get(option))
    const actual = show(running.get(option))
    if (configured === actual) return []
    const index = wanted.get(option)?.at(-1)?.index
    const source = index === undefined ? command.file : (command.arguments[index]?.file ?? command.file)
    return [{ option, configured, running: actual, source }]
  })
  return observedDifferences(differences, unit.files[0] ?? unitName)
}

function observedDifferences(value: Difference[], source: string): Observed<Difference[]> {
  return { value, source }
}

interface Given {
  readonly value: string
  readonly index: number
}

/** "-H fd://", "-H=fd://" and "--host fd://" are read alike but for the name; a word behind an option is its value. */
function optionsOf(words: readonly string[]): ReadonlyMap<string, readonly Given[]> {
  const options = new Map<string, Given[]>()
  let pending: string | undefined
  const add = (name: string, value: string, index: number): void => {
    options.set(name, [...(options.get(name) ?? []), { value, index }])
  }
  words.forEach((word, index) => {
    const match = /^(--?[A-Za-z][A-Za-z0-9-]*)(?:=(.*))?$/s.exec(word)
    if (match === null) {
      if (pending === undefined) add('argument', word, index)
      else add(pending, word, index)
      pending = undefined
      return
    }
    if (pending !== undefined) add(pending, '', index)
    const [, name = '', value] = match
    pending = value === undefined ? name : undefined
    if (value !== undefined) add(name, value, index)
  })
  if (pending !== undefined) add(pending, '', words.length - 1)
  return options
}

function show(given: readonly Given[] | undefined): string {
  if (given === undefined) return 'not set'
  return given.map(({ value }) => (value === '' ? 'set' : value)).join(', ')
}
