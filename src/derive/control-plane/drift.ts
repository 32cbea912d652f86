// The staticPods fact: where manifest, process and mirror pod of one component disagree about its arguments. Edited, but not running.
// May not: report an order or a way of writing as a difference.
import { type Fact, isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import { compareText } from '../family-gap.ts'
import { type FlagOccurrence, parseCommandLine } from '../nodes/flags.ts'
import { parseGoBool, parseGoDuration } from '../nodes/go-values.ts'
import { type ComponentName, componentNames, componentSyntax, flagArguments } from './components.ts'
import type { Flagz } from './flagz.ts'
import type { ControlPlaneInput, Running } from './running.ts'

type StaticPodsFact = FactValue<'staticPods'>
type Difference = StaticPodsFact['differences'][number]
/** Before its place is part of what runs. */
type Found = Difference & { readonly place: string }

export function deriveStaticPods(
  input: ControlPlaneInput,
  states: ReadonlyMap<ComponentName, Running | undefined | Unavailable>,
): Fact<StaticPodsFact> {
  const { staticPods } = input
  if (isUnavailable(staticPods)) return staticPods
  if (staticPods.unread !== undefined) return staticPods.unread
  const components = componentNames.filter((name) => staticPods.pods.some((pod) => pod.component === name))
  const differences: Found[] = []
  for (const name of components) {
    const [manifest, second] = staticPods.pods.filter((pod) => pod.component === name)
    if (manifest === undefined) continue
    if (second !== undefined) {
      return unavailable('unsupported', `Both ${manifest.path} and ${second.path} start ${name}.`)
    }
    const state = states.get(name)
    if (isUnavailable(state)) return state
    // What a script's variables stand for is not known.
    if (manifest.isScript) continue
    if (state?.isProcess)
      differences.push(...compare(name, manifest.arguments, state.arguments, manifest.path, state.place))
    const mirror = input.mirrorPods.find((pod) => pod.component === name)
    if (mirror !== undefined) {
      differences.push(
        ...compare(name, manifest.arguments, mirror.arguments, manifest.path, `mirror pod ${mirror.name}`),
      )
    }
    if (name === 'kube-apiserver' && input.flagz !== undefined) {
      differences.push(...compareFlagz(manifest.arguments, input.flagz, manifest.path))
    }
  }
  return { folder: staticPods.folder, components, differences: merge(differences) }
}

/** What process and mirror pod say alike is one difference. */
function merge(differences: readonly Found[]): Difference[] {
  const byContent = Map.groupBy(differences, ({ component, flag, running }) => [component, flag, running].join('\0'))
  return [...byContent.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return []
    const { place, ...difference } = first
    const places = [place, ...others.map((other) => other.place)].join(', ')
    return [{ ...difference, running: `${difference.running} (${places})` }]
  })
}

const notSet = 'not set'

function compare(
  component: ComponentName,
  configured: readonly string[],
  running: readonly string[],
  source: string,
  place: string,
): readonly Found[] {
  const wanted = byFlag(component, configured)
  const actual = byFlag(component, running)
  const names = [...new Set([...wanted.keys(), ...actual.keys()])].sort(compareText)
  return names.flatMap((name) => {
    const left = show(wanted.get(name))
    const right = show(actual.get(name))
    // The kubelet replaces $(NAME) before it starts the process.
    if (left === right || left.includes('$(') || right.includes('$(')) return []
    return [{ component, flag: `--${name}`, configured: left, running: right, place, source }]
  })
}

/** Only what the manifest sets and /flagz shows: the rest of what it shows are defaults. */
function compareFlagz(configured: readonly string[], { arguments: argv, names, source }: Flagz, path: string): Found[] {
  const found = compare('kube-apiserver', configured, argv, path, source)
  return found.filter((difference) => {
    const name = difference.flag.slice(2)
    if (difference.configured === notSet || !names.has(name)) return false
    return canonical(name, difference.configured) !== canonical(name, difference.running)
  })
}

/** "60s" and "1m0s" are one; maps have no order; an empty value is one that is not set. */
function canonical(name: string, text: string): string {
  const value = text.replace(/^"|"$/g, '')
  if (value === '' || value === notSet) return notSet
  if (name === 'feature-gates' || name === 'runtime-config') return value.split(',').sort(compareText).join(',')
  const duration = /[a-z]$/.test(value) ? parseGoDuration(value) : undefined
  return duration === undefined ? value : `${duration} ns`
}

function byFlag(component: ComponentName, argv: readonly string[]): ReadonlyMap<string, readonly FlagOccurrence[]> {
  const { occurrences } = parseCommandLine(flagArguments(component, argv), componentSyntax)
  return Map.groupBy(occurrences, (occurrence) => occurrence.name)
}

/** All occurrences, because lists add up; "--x" and "--x=true" are one. */
function show(occurrences: readonly FlagOccurrence[] | undefined): string {
  if (occurrences === undefined) return notSet
  return occurrences
    .map(({ value }) => (/^(?:t|f|true|false)$/i.test(value) ? String(parseGoBool(value)) : value))
    .join(',')
}
