// The kubeletService fact, row E4: what the running kubelet was started with against what its unit would start now.
// May not: take a setting that was edited for one that runs.
import { type Fact, isUnavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { compareText } from '../family-gap.ts'
import { type FlagOccurrence, parseCommandLine } from './flags.ts'
import { type EffectiveKubelet, kubeletArguments } from './kubelet-effective.ts'
import { flagValue } from './kubelet-flag-values.ts'
import { kubeletFlagSyntax, kubeletFlags } from './kubelet-flags.ts'
import { describeProgram, readServiceCommand, type ServiceCommand, startsProgram } from './service-command.ts'
import { readUnit } from './systemd-unit.ts'

type KubeletService = FactValue<'kubeletService'>
type Difference = KubeletService['differences'][number]

const notSet = 'not set'

export function deriveKubeletService(host: HostEvidence, kubelet: EffectiveKubelet): Fact<KubeletService> {
  const { process } = kubelet
  const unit = readUnit(host, 'kubelet.service')
  if (isUnavailable(unit)) return unit
  if (unit === undefined && kubelet.startedBy !== undefined) return withoutUnit(kubelet)
  if (unit === undefined) {
    return unavailable(
      'unsupported',
      'No systemd unit named kubelet.service is on this host, so what would start is not known.',
    )
  }
  const command = readServiceCommand(host, unit)
  if (isUnavailable(command)) return command
  const argv = command.arguments.map((argument) => argument.text)
  // hyperkube kubelet …, kubenswrapper /usr/bin/kubelet …
  const first = startsProgram(command, 'kubelet') ? 0 : /^(?:\/.*\/)?kubelet$/.test(argv[0] ?? '') ? 1 : undefined
  if (first === undefined) {
    return unavailable(
      'unsupported',
      `kubelet.service starts ${describeProgram(command)}, whose arguments for the kubelet are not known.`,
    )
  }
  if (kubelet.unread) return kubelet.unread
  const changedSinceStart = findChanges(kubelet)
  if (changedSinceStart === undefined) {
    return unavailable('unsupported', 'When the kubelet started, or when its configuration changed, could not be read.')
  }
  return {
    pid: process.pid,
    unitFiles: [...unit.files],
    environmentFiles: [...command.environmentFiles],
    differences: [
      ...missingFiles(command),
      ...compare({ ...command, arguments: command.arguments.slice(first) }, process),
    ],
    changedSinceStart,
  }
}

/** A kubelet that its distribution starts has no unit that could differ; its files may have changed. */
function withoutUnit(kubelet: EffectiveKubelet): Fact<KubeletService> {
  if (kubelet.unread) return kubelet.unread
  const changed = findChanges(kubelet)
  if (changed === undefined) {
    return unavailable('unsupported', 'When the kubelet started, or when its configuration changed, could not be read.')
  }
  const started = timeText(kubelet.process.startedAt ?? 0)
  const settings = (kubelet.changedSettings ?? []).map((path) => `${path} (changed since ${started}, when it started)`)
  return {
    pid: kubelet.process.pid,
    unitFiles: [],
    environmentFiles: [],
    differences: [],
    changedSinceStart: [...changed, ...settings],
  }
}

function missingFiles({ missingFiles: settings }: ServiceCommand): readonly Difference[] {
  return settings.map(({ value, file }) => ({
    flag: 'EnvironmentFile',
    configured: `${value} (does not exist, so the unit cannot start)`,
    running: notSet,
    source: file,
  }))
}

function compare(command: ServiceCommand, process: ProcessEvidence): readonly Difference[] {
  const configured = byFlag(command.arguments.map((argument) => argument.text))
  const running = byFlag(kubeletArguments(process.arguments))
  const names = [...new Set([...configured.keys(), ...running.keys()])].sort(compareText)
  return names.flatMap((name) => {
    const wanted = configured.get(name)
    const actual = running.get(name)
    if (isSame(name, wanted, actual)) return []
    const last = wanted?.at(-1)
    const origin = last === undefined ? undefined : command.arguments[last.index]?.file
    return [
      {
        flag: `--${name}`,
        configured: show(name, wanted),
        running: show(name, actual),
        source: origin ?? command.file,
      },
    ]
  })
}

function byFlag(arguments_: readonly string[]): ReadonlyMap<string, readonly FlagOccurrence[]> {
  return Map.groupBy(parseCommandLine(arguments_, kubeletFlagSyntax).occurrences, (occurrence) => occurrence.name)
}

function isSame(
  name: string,
  a: readonly FlagOccurrence[] | undefined,
  b: readonly FlagOccurrence[] | undefined,
): boolean {
  return a !== undefined && b !== undefined && canonical(name, a) === canonical(name, b)
}

/** Two ways of writing one value are no difference: "--x" and "--x=true", "1m" and "60s". */
function canonical(name: string, occurrences: readonly FlagOccurrence[]): string {
  const type = kubeletFlags.get(name)?.type
  const value = type === undefined ? undefined : flagValue(type, occurrences)
  return value === undefined ? show(name, occurrences) : JSON.stringify(value)
}

/** Values of flags that collect are shown all, of the others only the one that holds. */
function show(name: string, occurrences: readonly FlagOccurrence[] | undefined): string {
  if (occurrences === undefined) return notSet
  const type = kubeletFlags.get(name)?.type
  const collects = type === 'strings' || type?.endsWith('Map') || type === 'stringMapNoSplit'
  return (collects ? occurrences : occurrences.slice(-1)).map((occurrence) => occurrence.value).join(',')
}

function findChanges(kubelet: EffectiveKubelet): string[] | undefined {
  if (kubelet.files.length === 0) return []
  const { startedAt } = kubelet.process
  if (startedAt === undefined || kubelet.files.some((file) => file.modifiedAt === undefined)) return undefined
  return kubelet.editedFiles.map(
    (file) => `${file.path} (changed ${timeText(file.modifiedAt ?? 0)}, kubelet started ${timeText(startedAt)})`,
  )
}

function timeText(seconds: number): string {
  const time = new Date(seconds * 1000)
  return Number.isNaN(time.getTime()) ? `${seconds} s after 1970` : time.toISOString().replace('.000Z', 'Z')
}
