// The commands `doctor` and `rbac`: what an audit needs before it runs. Actions are loaded when they run.
import { type Command, Option } from 'commander'
import { ruleOptions, selectionOptions } from './selection-options.ts'
import type { Flags } from './settings.ts'
import type { Terminal } from './terminal.ts'

type Action = <A extends unknown[]>(
  body: (run: { readonly terminal: Terminal; readonly signal: AbortSignal }, ...args: A) => Promise<number>,
) => (...args: A) => Promise<void>

/** `sourceOptions` adds the flags that say which cluster and how its nodes are reached. */
export function setupCommands(program: Command, action: Action, sourceOptions: (command: Command) => Command): void {
  selectionOptions(sourceOptions(program.command('doctor')))
    .description('check credentials, rights, ways to the nodes, clock, browser and disk, and say how to mend each')
    .option('-o, --output <folder>', 'where reports would go')
    .addOption(new Option('--format <format>').choices(['table', 'json']).default('table'))
    .action(
      action(async ({ terminal, signal }, flags: Omit<Flags, 'format'> & { format: 'table' | 'json' }) =>
        (await import('./commands/doctor.ts')).doctor(flags, terminal, signal),
      ),
    )
  ruleOptions(program.command('rbac'))
    .description('print the least rights for the chosen rules and ways to the nodes')
    .option('--config <file>', 'configuration file (default: kube-assay.yaml when it is here)')
    .option('--node-access <ways>', 'ssh, pod, local, api; or none (default: ssh)')
    .option('--pod-namespace <name>', 'existing namespace for the pods')
    .option('--kubelet-configz', 'with the right to ask each kubelet')
    .option('--api-server-flagz', 'with the right to ask the API server for its flags')
    .option('--no-bootstrap-tokens', 'without the optional right about bootstrap tokens')
    .option('--name <name>', 'name of the objects', 'kube-assay')
    .option('--subject <subject>', 'also the binding: User:<name>, Group:<name> or ServiceAccount:<namespace>/<name>')
    .action(
      action(async ({ terminal }, flags: Flags & { name: string; subject?: string }) =>
        (await import('./commands/rbac.ts')).rbac(flags, terminal),
      ),
    )
}
