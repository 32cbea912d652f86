// The command line that a systemd unit would start now, every argument with the file that gave it.
// May not: know the flags of the program.
import { isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { compareText } from '../family-gap.ts'
import { isGlob, matchesGlob } from './glob.ts'
import { type PresentFile, readFile } from './host.ts'
import { short } from './kubelet-document.ts'
import type { Setting, Unit } from './systemd-unit.ts'
import { readEnvironmentFile, splitWords, type Word } from './systemd-words.ts'

interface ConfiguredArgument {
  readonly text: string
  /** The unit, drop-in or environment file that it comes from. */
  readonly file: string
}

export interface ServiceCommand {
  /** Path of the program. */
  readonly program: string
  readonly arguments: readonly ConfiguredArgument[]
  readonly environmentFiles: readonly string[]
  /** Environment files that must be there and are not: the unit cannot start. */
  readonly missingFiles: readonly Setting[]
  /** The file that has the ExecStart in force. */
  readonly file: string
}

interface Variable {
  readonly value: string
  readonly file: string
}

export function readServiceCommand(host: HostEvidence, unit: Unit): ServiceCommand | Unavailable {
  const start = unit.settings('ExecStart').at(-1)
  if (start === undefined) return unavailable('unsupported', `${unit.files[0]} and its drop-ins have no ExecStart.`)
  const environment = readEnvironment(host, unit)
  if (isUnavailable(environment)) return environment
  const prefix = /^[@\-:+!|]*/.exec(start.value)?.[0] ?? ''
  const [program, ...words] = splitWords(start.value.slice(prefix.length))
  if (program === undefined) return unavailable('malformed', `ExecStart in ${start.file} names no program.`)
  // "@" gives argv[0] as the first word; ":" switches variables off.
  const given = prefix.includes('@') ? words.slice(1) : words
  const expand = (word: Word) =>
    prefix.includes(':') ? [{ text: word.text, file: start.file }] : expandWord(word, start.file, environment.variables)
  return {
    program: program.text,
    arguments: given.flatMap(expand),
    environmentFiles: environment.files,
    missingFiles: environment.missing,
    file: start.file,
  }
}

interface Environment {
  readonly variables: ReadonlyMap<string, Variable>
  readonly files: readonly string[]
  readonly missing: readonly Setting[]
}

/** Files override Environment= lines, later files override earlier ones. */
function readEnvironment(host: HostEvidence, unit: Unit): Environment | Unavailable {
  const variables = new Map<string, Variable>()
  for (const { value, file } of unit.settings('Environment')) {
    for (const { text } of splitWords(value)) {
      const at = text.indexOf('=')
      if (at > 0) variables.set(text.slice(0, at), { value: text.slice(at + 1), file })
    }
  }
  const files: string[] = []
  const missing: Setting[] = []
  for (const setting of unit.settings('EnvironmentFile')) {
    const isOptional = setting.value.startsWith('-')
    const found = readPattern(host, isOptional ? setting.value.slice(1) : setting.value)
    if (isUnavailable(found)) return found
    for (const file of found) {
      files.push(file.path)
      for (const [name, value] of readEnvironmentFile(file.content)) variables.set(name, { value, file: file.path })
    }
    if (found.length === 0 && !isOptional) missing.push(setting)
  }
  return { variables, files, missing }
}

/** The file, or those that were read and match a pattern; none when there is none. */
function readPattern(host: HostEvidence, pattern: string): readonly PresentFile[] | Unavailable {
  const paths = isGlob(pattern) ? Object.keys(host.files).filter((key) => matchesGlob(pattern, key)) : [pattern]
  const found: PresentFile[] = []
  for (const path of paths.sort(compareText)) {
    const file = readFile(host, path)
    if (isUnavailable(file)) return file
    if (file !== undefined) found.push(file)
  }
  return found
}

function expandWord(
  { text, isQuoted }: Word,
  file: string,
  variables: ReadonlyMap<string, Variable>,
): readonly ConfiguredArgument[] {
  const bare = isQuoted ? null : /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(text)
  if (bare) {
    const variable = variables.get(bare[1] ?? '')
    return variable ? splitWords(variable.value).map((word) => ({ text: word.text, file: variable.file })) : []
  }
  let origin = file
  const expanded = text.replaceAll(/\$\$|%%|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name?: string) => {
    if (name === undefined) return whole.charAt(0)
    const variable = variables.get(name)
    if (variable) origin = variable.file
    return variable?.value ?? ''
  })
  return [{ text: expanded, file: origin }]
}

/** Whether the unit starts the program itself, not a script around it. */
export function startsProgram(command: ServiceCommand, name: string): boolean {
  return command.program.split('/').at(-1) === name
}

/** For people: the program a unit starts, bounded. */
export function describeProgram(command: ServiceCommand): string {
  return `${short(command.program)} (ExecStart in ${command.file})`
}
