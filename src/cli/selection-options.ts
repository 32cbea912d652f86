// Flags that choose benchmarks and rules, the same for every command that evaluates.
import { type Command, Option } from 'commander'

/** A flag that may be repeated, each with one value, so that it never swallows an argument after it. */
export function repeated(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, before: string[] | undefined) => [
    ...(before ?? []),
    value,
  ])
}

export function benchmarkOption(description: string): Option {
  return repeated('--benchmark <name>', description)
}

export function tagOption(): Option {
  return repeated('--tag <tag>', 'only rules with one of these tags: section, severity, unit, row (repeatable)')
}

export function packOption(): Option {
  return repeated('--rules <folder>', 'a pack of rules of your own, beside the built-in ones (repeatable)')
}

export function waiversOption(description = 'file with accepted risks (repeatable)'): Option {
  return repeated('--waivers <file>', description)
}

/** Of every command that reads what may be encrypted. */
export function identityOption(): Option {
  return repeated('--identity <file>', 'age identity that opens encrypted input (repeatable)')
}

export function encryptOption(): Option {
  return repeated('--encrypt-to <recipient>', 'encrypt what is written, for age1… or a file of recipients (repeatable)')
}

export function selectionOptions(command: Command): Command {
  return ruleOptions(command).addOption(waiversOption())
}

/** Without waivers: they change no right and no list. */
export function ruleOptions(command: Command): Command {
  return command
    .addOption(benchmarkOption('benchmark to report: auto, <name>@<version>, or a CIS Kubernetes version (repeatable)'))
    .addOption(repeated('--framework <name>', 'map results to a framework’s requirements: name or all (repeatable)'))
    .addOption(new Option('--level <level>', 'CIS profile: 1 leaves out what is level 2 only').choices(['1', '2']))
    .addOption(repeated('--include <pattern>', 'only these rules: id, section/*, or control number (repeatable)'))
    .addOption(repeated('--exclude <pattern>', 'without these rules; the result lists them (repeatable)'))
    .addOption(tagOption())
    .addOption(packOption())
}
