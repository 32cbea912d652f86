// Flags of the documents for people, the same for every command that makes them. May not: know what they do.
import { type Command, Option } from 'commander'
import { languages } from '../model/language.ts'
import { editions } from '../model/split.ts'
import { repeated } from './selection-options.ts'

export function documentOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--edition <name...>',
        'for whom: everything, a few pages, or what fails by owner (default: auditor)',
      ).choices(editions),
    )
    .option('--split-by <owner>', 'also one report per namespace, node-pool, control or team-label=<label key>')
    .option('--classification <text>', 'line in the page header, such as CONFIDENTIAL')
    .option('--prepared-by <name>', 'who made the audit, for document control')
    .option('--prepared-for <name>', 'who asked for it')
    .addOption(repeated('--distribution <name>', 'who gets the report (repeatable)'))
    .addOption(new Option('--paper <size>', 'paper of the PDF').choices(['a4', 'letter']))
    .addOption(languageOption())
}

export function languageOption(): Option {
  return new Option('--lang <language>', 'of HTML and PDF (default: en)').choices(languages)
}
