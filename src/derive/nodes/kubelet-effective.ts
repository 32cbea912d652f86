// The effective configuration of a running kubelet, every value with the layer that gave it: defaults < --config < drop-ins < flags.
// May not: judge a value. Never throws for what a host holds.
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import type { Embedded } from '../distribution/holder.ts'
import { type CommandLine, type FlagOccurrence, parseCommandLine } from './flags.ts'
import { isWrittenAfter, type PresentFile } from './host.ts'
import { isObject, short } from './kubelet-document.ts'
import type { Json } from './kubelet-fields.ts'
import { flagValue } from './kubelet-flag-values.ts'
import { kubeletFlagSyntax, kubeletFlags } from './kubelet-flags.ts'
import { type Layers, type Refusal, readLayers } from './kubelet-layers.ts'
import { findRefusal, type KubeletVersion } from './kubelet-validate.ts'

export interface KubeletInput {
  readonly host: HostEvidence
  readonly process: ProcessEvidence
  /** From the API's node status. */
  readonly version: KubeletVersion | Unavailable
  /** For a kubelet inside another process: where its flags came from, and those whose value is not known. */
  readonly embedded?: Pick<Embedded, 'origin' | 'undetermined' | 'changed'>
  /** What starts the kubelet where no unit of its own does: "k3s-server", "rke2". */
  readonly startedBy?: string | undefined
}

export interface EffectiveKubelet {
  /** What starts it where no unit of its own does. */
  readonly startedBy?: string | undefined
  /** Files of that which changed since. */
  readonly changedSettings?: readonly string[] | undefined
  readonly pid: number
  readonly process: ProcessEvidence
  readonly version: KubeletVersion | Unavailable
  /** As --config gives it; absent without the flag. */
  readonly configurationFile: string | undefined
  /** Configuration files that were read, lowest precedence first. */
  readonly files: readonly PresentFile[]
  /** Of those, the ones changed after the kubelet had read them. */
  readonly editedFiles: readonly PresentFile[]
  /** Why not all of them could be read. */
  readonly unread: Unavailable | undefined
  /** Why the files' values do not hold: the kubelet would not start on them. */
  readonly refused: string | undefined
  /** Effective value of a leaf, such as "authentication.anonymous.enabled". */
  readonly value: (path: string) => Observed<Json>
  /** Value of a flag that sets no field, such as "hostname-override"; `undefined` when it is not given. */
  readonly flag: (name: string) => string | undefined
}

interface FlagValue {
  readonly value: Json
  readonly source: string
}

export function resolveKubelet(input: KubeletInput): EffectiveKubelet {
  const { process, version } = input
  const commandLine = parseCommandLine(kubeletArguments(process.arguments), kubeletFlagSyntax)
  const byName = Map.groupBy(commandLine.occurrences, (occurrence) => occurrence.name)
  const flag = (name: string): string | undefined => byName.get(name)?.at(-1)?.value
  const configurationFile = flag('config') || undefined
  const files: PresentFile[] = []
  const layers = gateDropIns(input, flag) ?? readFiles(input, configurationFile, flag('config-dir') || undefined, files)
  const place = (name: string): string =>
    input.embedded === undefined ? `--${name} of pid ${process.pid}` : `--${name} (${input.embedded.origin(name)})`
  const fields = fieldFlags(byName, place)
  const undetermined = undeterminedFields(input.embedded?.undetermined)
  const outcome = combine(layers, fields, commandLine, isUnavailable(version) ? undefined : version)
  return {
    startedBy: input.startedBy,
    changedSettings: input.embedded?.changed,
    pid: process.pid,
    process,
    version,
    configurationFile,
    files,
    editedFiles: files.filter((file) => isWrittenAfter(file, process)),
    unread: isUnavailable(layers) ? { unavailable: layers.unavailable } : undefined,
    refused: outcome.refused,
    value: (path) => undetermined.get(path) ?? outcome.value(path, version),
    flag,
  }
}

/** argv without the program, and without "kubelet" where one binary holds several components. */
export function kubeletArguments(argv: readonly string[]): readonly string[] {
  return argv[1] === 'kubelet' ? argv.slice(2) : argv.slice(1)
}

function isLayers(layers: Layers | Refusal | Unavailable): layers is Layers {
  return 'values' in layers
}

function readFiles(
  { host, process, version }: KubeletInput,
  configurationFile: string | undefined,
  dropInFolder: string | undefined,
  files: PresentFile[],
): Layers | Refusal | Unavailable {
  const minor = isUnavailable(version) ? undefined : version.minor
  return readLayers({
    host,
    configurationFile,
    dropInFolder,
    minor,
    defaultText: minor === undefined ? 'default of the kubelet' : `default of kubelet 1.${minor}`,
    onRead: (file) => files.push(file),
    describe: (file) => (isWrittenAfter(file, process) ? `${file.path} (edited after the kubelet started)` : file.path),
  })
}

/**
 * --config-dir came with 1.28. Until 1.29 a kubelet does not start with it unless a variable of any value is in its environment:
 * one that runs shows that the variable was there, unless its environment was read and says otherwise.
 */
function gateDropIns(
  { process, version }: KubeletInput,
  flag: (name: string) => string | undefined,
): Refusal | undefined {
  if (!flag('config-dir') || isUnavailable(version) || version.minor >= 30) return undefined
  if (version.minor < 28) return { refused: `kubelet 1.${version.minor} has no flag --config-dir` }
  const variable = 'KUBELET_CONFIG_DROPIN_DIR_ALPHA'
  if (process.environment === undefined || Object.hasOwn(process.environment, variable)) return undefined
  return { refused: `--config-dir needs the variable ${variable} in kubelet 1.${version.minor}` }
}

function fieldFlags(
  byName: ReadonlyMap<string, readonly FlagOccurrence[]>,
  place: (name: string) => string,
): ReadonlyMap<string, FlagValue> | Refusal {
  const values = new Map<string, FlagValue>()
  for (const [name, occurrences] of byName) {
    const definition = kubeletFlags.get(name)
    if (definition === undefined) continue
    const value = flagValue(definition.type, occurrences)
    if (value === undefined)
      return { refused: `--${name}=${short(occurrences.at(-1)?.value ?? '')} is not of its type` }
    if (definition.path !== undefined) values.set(definition.path, { value, source: place(name) })
    // --seccomp-default is a flag beside the field: either of them switches it on.
    if (name === 'seccomp-default' && value === true) {
      values.set('seccompDefault', { value, source: place(name) })
    }
  }
  return values
}

function undeterminedFields(flags: ReadonlyMap<string, Unavailable> | undefined): ReadonlyMap<string, Unavailable> {
  const fields = [...(flags ?? [])].flatMap(([name, reason]): [string, Unavailable][] => {
    const path = kubeletFlags.get(name)?.path
    return path === undefined ? [] : [[path, reason]]
  })
  return new Map(fields)
}

interface Outcome {
  readonly refused: string | undefined
  readonly value: (path: string, version: KubeletVersion | Unavailable) => Observed<Json>
}

function combine(
  layers: Layers | Refusal | Unavailable,
  flags: ReadonlyMap<string, FlagValue> | Refusal,
  commandLine: CommandLine,
  version: KubeletVersion | undefined,
): Outcome {
  const badCommandLine = commandLineRefusal(flags, commandLine)
  if (badCommandLine !== undefined) return allRefused(badCommandLine)
  if ('refused' in flags) return allRefused(flags.refused)
  if (!isLayers(layers)) return flagsOnly(flags, 'refused' in layers ? refusal(layers.refused) : layers)
  const values = new Map(layers.values)
  const sources = new Map(layers.sources)
  for (const [path, { value, source }] of flags) {
    const isMerged = path === 'featureGates'
    values.set(path, isMerged ? mergeGates(values.get(path) ?? null, value) : value)
    const earlier = sources.get(path)
    sources.set(path, isMerged && earlier?.startsWith('/') ? `${source}, ${earlier}` : source)
  }
  const refused = findRefusal(values, version)
  if (refused !== undefined) return flagsOnly(flags, refusal(refused))
  return {
    refused: undefined,
    value: (path, known) => {
      if (layers.undetermined.has(path) && !flags.has(path)) return undeterminedDefault(path, known)
      const value = values.get(path)
      if (value === undefined) throw new Error(`${path} is no field of KubeletConfiguration`)
      return { value, source: sources.get(path) ?? '' }
    },
  }
}

function commandLineRefusal(
  flags: ReadonlyMap<string, FlagValue> | Refusal,
  { errors, positional }: CommandLine,
): string | undefined {
  if ('refused' in flags) return flags.refused
  if (errors[0] !== undefined) return short(errors[0])
  return positional[0] === undefined ? undefined : `unknown command ${short(positional[0])}`
}

function mergeGates(files: Json, flags: Json): Json {
  return isObject(files) && isObject(flags) ? { ...files, ...flags } : flags
}

function refusal(what: string): Unavailable & { readonly why: string } {
  return {
    ...unavailable(
      'malformed',
      `The kubelet refuses its configuration (${what}), so the running one is not what the files say.`,
    ),
    why: what,
  }
}

function allRefused(what: string): Outcome {
  return { refused: what, value: () => ({ unavailable: refusal(what).unavailable }) }
}

/** The files' values are not known; a flag's value holds whatever they say. */
function flagsOnly(flags: ReadonlyMap<string, FlagValue>, reason: Unavailable & { readonly why?: string }): Outcome {
  return {
    refused: reason.why,
    value: (path) => {
      const flag = path === 'featureGates' ? undefined : flags.get(path)
      return flag ?? { unavailable: reason.unavailable }
    },
  }
}

function undeterminedDefault(path: string, version: KubeletVersion | Unavailable): Unavailable {
  const reason = isUnavailable(version) ? version.unavailable : { reason: 'unsupported' as const, detail: '' }
  return unavailable(
    reason.reason,
    `Nothing sets ${path}, and its default depends on the kubelet's version, which is not known: ${reason.detail}`,
  )
}
