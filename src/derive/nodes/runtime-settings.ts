// What is read of any container runtime's own configuration, and how its process' options are found.
// May not: know one runtime's keys.
import type { Observed } from '../../model/fact.ts'
import type { ProcessEvidence } from '../../model/node-evidence.ts'

export const runtimeNames = ['containerd', 'cri-o', 'docker'] as const
export type RuntimeName = (typeof runtimeNames)[number]

export interface RuntimeSettings {
  /** Files that exist and were read, lowest precedence first. */
  readonly configurationFiles: readonly string[]
  readonly rootDirectory: Observed<string>
  /** "systemd" or "cgroupfs". */
  readonly cgroupDriver: Observed<string>
}

/** Values of an option, given as --name value, --name=value or -n value, in order. */
export function optionValues(process: ProcessEvidence | undefined, ...names: readonly string[]): readonly string[] {
  const arguments_ = process?.arguments.slice(1) ?? []
  return arguments_.flatMap((argument, index) => {
    const match = /^--?([A-Za-z][A-Za-z0-9-]*)(?:=(.*))?$/s.exec(argument)
    if (!match || !names.includes(match[1] ?? '')) return []
    const value = match[2] ?? arguments_[index + 1]
    return value === undefined ? [] : [value]
  })
}
