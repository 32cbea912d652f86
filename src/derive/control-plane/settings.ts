// Reads single settings off a component's command line: repeated flags as pflag has them, defaults with the version they belong to.
// May not: judge a value, or give a default where the command line could not be read.
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import { parseGoBool, parseGoDuration } from '../nodes/go-values.ts'
import { isObject, short } from '../nodes/kubelet-document.ts'
import type { Json } from '../nodes/kubelet-fields.ts'
import { flagValue } from '../nodes/kubelet-flag-values.ts'
import type { KubeletFlagType } from '../nodes/kubelet-flags.ts'
import type { Running } from './running.ts'

export interface Settings {
  readonly running: Running
  readonly has: (name: string) => boolean
  readonly text: (name: string, otherwise?: string) => Observed<string>
  readonly bool: (name: string, otherwise: boolean) => Observed<boolean>
  readonly int: (name: string, otherwise: number | Unavailable) => Observed<number>
  /** In seconds, rounded up. */
  readonly seconds: (name: string, otherwise: number) => Observed<number>
  /** Comma-separated, repetitions append. */
  readonly texts: (name: string, otherwise?: readonly string[]) => Observed<string[]>
  /** One value an occurrence, commas kept. */
  readonly each: (name: string) => Observed<string[]>
  /** A gate as --feature-gates sets it; also in the form "kube:Gate=value". */
  readonly gate: (name: string, otherwise: boolean) => Observed<boolean>
  /** "default of kube-apiserver 1.34". */
  readonly defaultSource: string
  readonly flagSource: (name: string) => string
}

export function readSettings(running: Running): Settings {
  const { commandLine, name: component, place, minor } = running
  const byName = Map.groupBy(commandLine.occurrences, (occurrence) => occurrence.name)
  const broken = findBreakage(running)
  const defaultSource = `default of ${component}${minor === undefined || component === 'etcd' ? '' : ` 1.${minor}`}`
  const flagSource = (name: string): string =>
    running.origin === undefined ? `--${name} of ${place}` : `--${name} (${running.origin(name)})`
  const pick = <T>(
    name: string,
    type: KubeletFlagType,
    convert: (value: Json) => T | undefined,
    otherwise: T | Unavailable,
  ): Observed<T> => {
    if (broken !== undefined) return broken
    const occurrences = byName.get(name)
    if (occurrences === undefined)
      return isUnavailable(otherwise) ? otherwise : { value: otherwise, source: defaultSource }
    const parsed = flagValue(type, occurrences)
    const value = parsed === undefined ? undefined : convert(parsed)
    if (value === undefined) {
      const text = short(occurrences.at(-1)?.value ?? '')
      return unavailable('malformed', `--${name}=${text} of ${place} is not of its type.`)
    }
    return { value, source: flagSource(name) }
  }
  return {
    running,
    has: (name) => byName.has(name),
    text: (name, otherwise = '') => pick(name, 'string', asText, otherwise),
    bool: (name, otherwise) =>
      pick(name, 'bool', (value) => (typeof value === 'boolean' ? value : undefined), otherwise),
    int: (name, otherwise) =>
      pick(name, 'int64', (value) => (typeof value === 'number' ? value : undefined), otherwise),
    seconds: (name, otherwise) => pick(name, 'duration', asSeconds, otherwise),
    texts: (name, otherwise = []) => pick(name, 'strings', asTexts, [...otherwise]),
    each: (name) => {
      if (broken !== undefined) return broken
      const values = (byName.get(name) ?? []).map((occurrence) => occurrence.value)
      return { value: values, source: values.length === 0 ? defaultSource : flagSource(name) }
    },
    gate: (name, otherwise) => {
      if (broken !== undefined) return broken
      const set = (byName.get('feature-gates') ?? [])
        .flatMap((occurrence) => occurrence.value.split(','))
        .map((pair) => /^(?:[^:=]*:)?\s*([A-Za-z0-9]+)\s*=\s*(\w+)\s*$/.exec(pair))
        .findLast((match) => match?.[1] === name)
      const value = set === undefined || set === null ? undefined : parseGoBool(set[2] ?? '')
      return value === undefined
        ? { value: otherwise, source: defaultSource }
        : { value, source: flagSource('feature-gates') }
    },
    defaultSource,
    flagSource,
  }
}

/** What a process that runs cannot have been started with, so that it was not read as the component reads it. */
function findBreakage({ commandLine, place, name, unread }: Running): Unavailable | undefined {
  const [error] = commandLine.errors
  if (error !== undefined) return unavailable('malformed', `The arguments of ${place} do not parse: ${short(error)}.`)
  const [word] = commandLine.positional
  if (word !== undefined) {
    return unavailable('malformed', `The arguments of ${place} hold "${short(word)}", which ${name} does not take.`)
  }
  return unread
}

function asText(value: Json): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function asTexts(value: Json): string[] | undefined {
  return Array.isArray(value) && !isObject(value) ? value.filter((item) => typeof item === 'string') : undefined
}

function asSeconds(value: Json): number | undefined {
  const nanoseconds = typeof value === 'string' ? parseGoDuration(value) : undefined
  return nanoseconds === undefined ? undefined : Math.ceil(nanoseconds / 1e9)
}
