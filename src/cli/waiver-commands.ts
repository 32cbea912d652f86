// `waivers` and its subcommands: accepted risks, checked, listed and added.
import { type Command, Option } from 'commander'
import type { AddFlags, CheckFlags, ListFlags } from './commands/waivers.ts'
import { identityOption, packOption, waiversOption } from './selection-options.ts'
import type { Terminal } from './terminal.ts'

type Action = <A extends unknown[]>(
  body: (run: { readonly terminal: Terminal }, ...args: A) => Promise<number>,
) => (...args: A) => Promise<void>

export function waiverCommands(program: Command, action: Action): void {
  const waivers = program.command('waivers').description('accepted risks: who accepted what, and until when')
  const config = () => new Option('--config <file>', 'configuration file (default: kube-assay.yaml when it is here)')
  const format = () => new Option('--format <format>', 'table or json').choices(['table', 'json']).default('table')
  waivers
    .command('check')
    .description('say what is wrong with waivers; exit 1 when one does not count or matches nothing')
    .argument('[file...]', 'files with waivers (default: those of the configuration)')
    .addOption(new Option('--against <snapshot>', 'also apply them to a snapshot, and tell idle and broad ones'))
    .addOption(identityOption())
    .addOption(config())
    .addOption(packOption())
    .addOption(format())
    .action(
      action(async ({ terminal }, files: string[], flags: CheckFlags) =>
        (await import('./commands/waivers.ts')).checkWaivers(files, flags, terminal),
      ),
    )
  waivers
    .command('list')
    .description('all waivers, those that end first at the top')
    .argument('[file...]', 'files with waivers (default: those of the configuration)')
    .addOption(config())
    .addOption(format())
    .action(
      action(async ({ terminal }, files: string[], flags: ListFlags) =>
        (await import('./commands/waivers.ts')).listWaivers(files, flags, terminal),
      ),
    )
  waivers
    .command('add')
    .description('append a waiver to a file; comments and order stay')
    .argument('<file>', 'made where it is not there')
    .requiredOption('--rule <id>', 'rule id, or section/*')
    .requiredOption('--owner <name>', 'who carries the risk')
    .requiredOption('--approver <name>', 'who accepted it')
    .requiredOption('--reason <text>')
    .requiredOption('--expires <day>', 'last day, as YYYY-MM-DD, or a number of days such as 90d')
    .option('--ticket <id>')
    .option('--id <id>', 'default: made from rule and selector')
    .option('--cluster <pattern>')
    .option('--node <pattern>')
    .option('--namespace <pattern>')
    .option('--kind <kind>')
    .option('--name <pattern>')
    .option('--label <key=value...>')
    .option('--fingerprint <fingerprint...>', 'exactly these findings')
    .addOption(config())
    .addOption(packOption())
    .action(
      action(async ({ terminal }, file: string, flags: AddFlags) =>
        (await import('./commands/waivers.ts')).addWaiver(file, flags, terminal),
      ),
    )
  // The option of audit and evaluate, so that the help of this command tells where files go.
  waivers.addHelpText('after', `\nUsed by: kube-assay audit|evaluate ${waiversOption().flags}`)
}
