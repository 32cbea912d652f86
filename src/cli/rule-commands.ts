// `rules` and its subcommands: what is checked, and packs of one's own.
import { type Command, Option } from 'commander'
import { severities } from '../model/outcome.ts'
import type { ListFlags, ShowFlags } from './commands/rules.ts'
import { benchmarkOption, packOption, tagOption } from './selection-options.ts'
import type { Terminal } from './terminal.ts'

type Action = <A extends unknown[]>(
  body: (run: { readonly terminal: Terminal }, ...args: A) => Promise<number>,
) => (...args: A) => Promise<void>

export function ruleCommands(program: Command, action: Action): void {
  const rules = program.command('rules').description('what is checked, and rules of your own')
  rules
    .command('list')
    .description('all rules')
    .addOption(new Option('--format <format>', 'table or json').choices(['table', 'json']).default('table'))
    .addOption(benchmarkOption('only rules that answer a control of this benchmark (repeatable)'))
    .addOption(new Option('--severity <severity>', 'only rules of this severity or above').choices([...severities]))
    .addOption(tagOption())
    .addOption(packOption())
    .action(
      action(async ({ terminal }, flags: ListFlags) =>
        (await import('./commands/rules.ts')).listRules(flags, terminal),
      ),
    )
  rules
    .command('show')
    .description('one rule, with its reasons, remediation and references')
    .argument('<id>')
    .addOption(
      new Option('--format <format>', 'text, markdown or json').choices(['text', 'markdown', 'json']).default('text'),
    )
    .addOption(packOption())
    .action(
      action(async ({ terminal }, id: string, flags: ShowFlags) =>
        (await import('./commands/rules.ts')).showRule(id, flags, terminal),
      ),
    )
  rules
    .command('lint')
    .description('check packs of your own as an audit would')
    .argument('<folder...>')
    .action(
      action(async ({ terminal }, folders: string[]) =>
        (await import('./commands/rule-packs.ts')).lintPacks(folders, terminal),
      ),
    )
  rules
    .command('test')
    .description('run the cases of packs of your own; exit 1 when one is wrong')
    .argument('<folder...>')
    .action(
      action(async ({ terminal }, folders: string[]) =>
        (await import('./commands/rule-packs.ts')).testPacks(folders, terminal),
      ),
    )
  rules
    .command('new')
    .description('write a rule and its cases as skeletons into a pack')
    .argument('<folder>', 'the pack; it is made where it is not there')
    .argument('<section>')
    .argument('<id>')
    .action(
      action(async ({ terminal }, folder: string, section: string, id: string) =>
        (await import('./commands/rule-packs.ts')).newPackRule(folder, section, id, terminal),
      ),
    )
}
