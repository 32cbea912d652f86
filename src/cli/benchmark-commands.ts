// The command groups `benchmarks` and `frameworks`. Its actions are loaded when they run.
import { type Command, Option } from 'commander'
import type { Terminal } from './terminal.ts'

type Action = <A extends unknown[]>(
  body: (run: { readonly terminal: Terminal }, ...args: A) => Promise<number>,
) => (...args: A) => Promise<void>

interface FormatFlags {
  readonly format: 'table' | 'json'
}

function formatOption(): Option {
  return new Option('--format <format>', 'table or json').choices(['table', 'json']).default('table')
}

export function benchmarkCommands(program: Command, action: Action): void {
  const benchmarks = program.command('benchmarks').description('benchmarks, their controls, and what answers them')
  benchmarks
    .command('list')
    .description('all benchmarks with their coverage')
    .addOption(formatOption())
    .action(
      action(async ({ terminal }, flags: FormatFlags) =>
        (await import('./commands/benchmarks.ts')).listBenchmarks(flags.format, terminal),
      ),
    )
  benchmarks
    .command('show')
    .description('every control of a benchmark, with its rules or the reason why there is none')
    .argument('<name@version>', 'such as cis-kubernetes@2.0; 2.0 alone is CIS Kubernetes')
    .addOption(formatOption())
    .action(
      action(async ({ terminal }, name: string, flags: FormatFlags) =>
        (await import('./commands/benchmarks.ts')).showBenchmark(name, flags.format, terminal),
      ),
    )

  const frameworks = program
    .command('frameworks')
    .description('requirements of frameworks, and the rules that say something about them')
  frameworks
    .command('list')
    .description('all frameworks')
    .addOption(formatOption())
    .action(
      action(async ({ terminal }, flags: FormatFlags) =>
        (await import('./commands/frameworks.ts')).listFrameworks(flags.format, terminal),
      ),
    )
  frameworks
    .command('show')
    .description('every requirement with its rules and their strength, or the reason why there is none')
    .argument('<name>')
    .addOption(formatOption())
    .action(
      action(async ({ terminal }, name: string, flags: FormatFlags) =>
        (await import('./commands/frameworks.ts')).showFramework(name, flags.format, terminal),
      ),
    )
}
