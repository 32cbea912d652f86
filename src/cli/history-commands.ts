// The commands `diff` and `history`, and the flags of gates, baseline and retention. Actions are loaded when they run.
import { type Command, Option } from 'commander'
import { severities } from '../model/outcome.ts'
import type { DiffFlags } from './commands/diff.ts'
import type { HistoryFlags } from './commands/history.ts'
import { identityOption } from './selection-options.ts'
import type { Terminal } from './terminal.ts'

type Action = <A extends unknown[]>(
  body: (run: { readonly terminal: Terminal }, ...args: A) => Promise<number>,
) => (...args: A) => Promise<void>

/** Flags that decide the exit code, the same for every command that evaluates. */
export function gateOptions(command: Command): Command {
  const bySeverity = (flag: string, text: string) => new Option(`${flag} <severity>`, text).choices(severities)
  return command
    .option('--baseline <run>', 'compare with an earlier run: latest, its folder, run.json or result.json')
    .addOption(bySeverity('--fail-on', 'exit 1 when a rule of this severity or above fails'))
    .addOption(bySeverity('--fail-on-new', 'exit 1 for failures that the baseline does not have'))
    .addOption(bySeverity('--fail-on-unknown', 'exit 3 when a rule of this severity or above is unknown somewhere'))
    .option('--min-score <points>', 'exit 1 below this score, every unknown counted as fail; 0 to 100')
    .option('--min-coverage <share>', 'exit 3 below this share of answered units, 0 to 1')
}

export function retentionOptions(command: Command): Command {
  return command
    .option('--keep <n>', 'runs to keep in reports/<cluster>, this one included (default: all)')
    .option('--keep-days <days>', 'remove older runs from reports/<cluster>')
}

export function historyCommands(program: Command, action: Action): void {
  program
    .command('diff')
    .description('what changed between two runs of a cluster')
    .argument('<before>', 'folder of a run, its run.json or result.json')
    .argument('<after>', 'the later run')
    .addOption(new Option('--format <format>').choices(['table', 'json', 'markdown']).default('table'))
    .addOption(identityOption())
    .action(
      action(async ({ terminal }, before: string, after: string, flags: DiffFlags) =>
        (await import('./commands/diff.ts')).diff(before, after, flags, terminal),
      ),
    )
  program
    .command('history')
    .description('the runs that are kept of a cluster: scores, findings, and what changed from one to the next')
    .argument('[cluster]', 'name of its folder under reports; default: the only one, else all')
    .option('--reports <folder>', 'where runs are kept', 'reports')
    .option('--limit <n>', 'newest runs to show', '30')
    .addOption(new Option('--format <format>').choices(['table', 'json']).default('table'))
    .addOption(identityOption())
    .action(
      action(async ({ terminal }, cluster: string | undefined, flags: HistoryFlags) =>
        (await import('./commands/history.ts')).history(cluster, flags, terminal),
      ),
    )
}
