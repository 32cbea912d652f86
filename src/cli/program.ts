// The command line: which commands and flags there are. Every action is loaded when it runs, so that `--help` is instant.
import { basename } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { reportFormats } from '../model/report-format.ts'
import { benchmarkCommands } from './benchmark-commands.ts'
import type { DemoCluster } from './commands/demo.ts'
import type { PrintedWay } from './commands/probe.ts'
import { documentOptions, languageOption } from './document-options.ts'
import { exitCodes, explain } from './exit.ts'
import { gateOptions, historyCommands, retentionOptions } from './history-commands.ts'
import { integrityCommands, signingOptions } from './integrity-commands.ts'
import { withInterrupt } from './interrupt.ts'
import { toolIdentity } from './paths.ts'
import { ruleCommands } from './rule-commands.ts'
import { encryptOption, identityOption, packOption, selectionOptions } from './selection-options.ts'
import type { Flags } from './settings.ts'
import { setupCommands } from './setup-commands.ts'
import { openTerminal, type Terminal } from './terminal.ts'
import { waiverCommands } from './waiver-commands.ts'

interface GlobalFlags {
  quiet?: boolean
  verbose?: boolean
  color?: boolean
}

const formatList = `${reportFormats.join(', ')}, separated by commas`

const exitCodeHelp = `
Exit codes:
  0  done
  1  findings at or above --fail-on or --fail-on-new, or a score below
     --min-score; verify: a run is not as it was written
  2  usage or configuration error
  3  audit incomplete: cluster not reached, coverage below --min-coverage,
     unknown at or above --fail-on-unknown, or --fail-on-new and a baseline that
     cannot be compared; doctor found something to mend; verify cannot tell
  4  internal error, or a report that could not be written
  130  stopped by Ctrl-C; what was read is kept in the snapshot
`

/** Parses argv and runs the command. Resolves to the exit code; prints errors itself. */
export async function run(argv: readonly string[]): Promise<number> {
  const state: { code: number; terminal?: Terminal } = { code: exitCodes.done }
  const program = createProgram(state, isPlugin(argv) ? 'kubectl assay' : 'kube-assay')
  const output = watchOutput()
  try {
    await program.parseAsync([...argv])
    // A failed write is told in the next turn.
    await setImmediate()
    return output.failure === undefined ? state.code : sayFailure(output.failure)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
    state.terminal?.progress.stop()
    const { visibleText } = await import('../util/visible-text.ts')
    const { code, message } = explain(error, program.opts<GlobalFlags>().verbose === true)
    process.stderr.write(`kube-assay: ${message.split('\n').map(visibleText).join('\n')}\n`)
    return code
  }
}

/**
 * A reader that goes away (`… | head -1`) ends no audit: what it no longer reads is dropped. Any other failure of stdout is one
 * of the run, because what was asked for did not arrive.
 */
function watchOutput(): { failure?: Error } {
  const watched: { failure?: Error } = {}
  const isGone = (error: Error) => 'code' in error && error.code === 'EPIPE'
  process.stdout.on('error', (error) => {
    if (!isGone(error)) watched.failure ??= error
  })
  // Nobody is left to tell when stderr fails.
  process.stderr.on('error', () => undefined)
  return watched
}

function sayFailure({ message }: Error): number {
  process.stderr.write(`kube-assay: standard output could not be written: ${message}\n`)
  return exitCodes.internal
}

/** kubectl runs what is called kubectl-assay for `kubectl assay`. */
function isPlugin([, script = '']: readonly string[]): boolean {
  return basename(script).startsWith('kubectl-')
}

/** What every command runs with. */
export interface Run {
  readonly terminal: Terminal
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal
}

function createProgram(state: { code: number; terminal?: Terminal }, name: string): Command {
  const program = new Command(name)
    .description(
      'Audits a Kubernetes cluster: API objects and every node’s host facts, with evidence for each verdict.',
    )
    .version(toolIdentity().version)
    .option('-q, --quiet', 'no progress and no summary')
    .option('-v, --verbose', 'say more on stderr')
    .option('--no-color', 'plain text (NO_COLOR does the same)')
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText('after', exitCodeHelp)

  /** Wraps an action: opens the terminal, runs, keeps the exit code. */
  const action =
    <A extends unknown[]>(body: (run: Run, ...args: A) => Promise<number>) =>
    async (...args: A) => {
      const { quiet = false, verbose = false, color = true } = program.opts<GlobalFlags>()
      const terminal = await openTerminal({ quiet, verbose, color })
      state.terminal = terminal
      state.code = await withInterrupt((signal) => body({ terminal, signal }, ...args))
    }

  const audited = retentionOptions(gateOptions(selectionOptions(sourceOptions(program.command('audit')))))
  documentOptions(signingOptions(audited))
    .description('collect, evaluate and render in one run')
    .addHelpText('after', auditExamples)
    .option('-o, --output <folder>', 'where reports go (default: reports/<cluster>/<time>)')
    .option('--format <list>', `${formatList} (default: html,pdf,json)`)
    .option('--aws-account <number>', 'account of the format asff')
    .option('--aws-region <name>', 'region of the format asff')
    .option('--metrics-dir <folder>', 'also write metrics there, for node_exporter’s textfile collector')
    .option('--findings-cap <n>', 'findings kept per rule and outcome; totals stay exact (default: 1000)')
    .action(
      action(async (run, flags: Flags) => (await import('./commands/audit.ts')).audit(flags, run.terminal, run.signal)),
    )

  sourceOptions(program.command('collect'))
    .addOption(encryptOption())
    .description('read the cluster into a snapshot')
    .addOption(packOption())
    .option('-o, --output <file>', 'snapshot to write (default: reports/<cluster>/<time>/snapshot.ndjson.zst)')
    .action(
      action(async (run, flags: Flags) =>
        (await import('./commands/collect.ts')).collect(flags, run.terminal, run.signal),
      ),
    )

  gateOptions(selectionOptions(program.command('evaluate')))
    .description('score a snapshot; prints the result as JSON')
    .argument('<snapshot>', 'file written by collect or audit')
    .addOption(identityOption())
    .addOption(encryptOption())
    .option('--config <file>', 'configuration file (default: kube-assay.yaml when it is here)')
    .option('-o, --output <file>', 'write the result there instead of stdout')
    .option('--findings-cap <n>', 'findings kept per rule and outcome; totals stay exact (default: 1000)')
    .action(
      action(async (run, snapshot: string, flags: Flags) =>
        (await import('./commands/evaluate.ts')).evaluateCommand(snapshot, flags, run.terminal, run.signal),
      ),
    )

  documentOptions(program.command('render'))
    .description('make reports from a result')
    .argument('<result>', 'result.json written by evaluate or audit')
    .addOption(identityOption())
    .addOption(encryptOption())
    .option('--config <file>', 'configuration file (default: kube-assay.yaml when it is here)')
    .option('-o, --output <folder>', 'where reports go (default: beside the result)')
    .option('--format <list>', `${formatList} (default: html,pdf)`)
    .option('--aws-account <number>', 'account of the format asff')
    .option('--aws-region <name>', 'region of the format asff')
    .option('--apply', 'also write openreports or policyreport into the cluster that the result is of')
    .option('--kubeconfig <file>', 'for --apply')
    .option('--context <name>', 'for --apply')
    .action(
      action(async (run, result: string, flags: Flags) =>
        (await import('./commands/render.ts')).render(result, flags, run.terminal, run.signal),
      ),
    )

  ruleCommands(program, action)
  benchmarkCommands(program, action)
  historyCommands(program, action)
  waiverCommands(program, action)
  integrityCommands(program, action)
  setupCommands(program, action, sourceOptions)

  program
    .command('schema')
    .description('print a JSON Schema')
    .addArgument(schemaArgument())
    .action(action(async ({ terminal }, name: string) => (await import('./commands/schema.ts')).schema(name, terminal)))

  program
    .command('probe')
    .description('the script that reads a node')
    .requiredOption('--print', 'print exactly what is sent to a node')
    .addOption(
      new Option('--way <way>', 'as this way sends it')
        .choices(['ssh', 'pod', 'local', 'forced-command'])
        .default('ssh'),
    )
    .option('--config <file>', 'configuration file (default: kube-assay.yaml when it is here)')
    .option('--pod-namespace <name>', 'existing namespace for the pods')
    .option('--pod-image <image>', 'image of the pods')
    .option('--pod-pull-secret <name>', 'pull secret in that namespace')
    .option('--host-root <folder>', 'where the host’s / is mounted')
    .action(
      action(async ({ terminal }, flags: Flags & { way: PrintedWay }) =>
        (await import('./commands/probe.ts')).printProbe(flags.way, flags, terminal),
      ),
    )

  program
    .command('demo')
    .description('audit a simulated cluster on loopback')
    .addOption(
      new Option('--cluster <which>', 'six nodes of a small company, or a node of every distribution')
        .choices(['company', 'distributions'])
        .default('company'),
    )
    .option('-o, --output <folder>', 'where reports go (default: reports/demo or reports/distributions)')
    .addOption(languageOption())
    .action(
      action(async (run, flags: Flags & { cluster: DemoCluster }) =>
        (await import('./commands/demo.ts')).demo(flags, run.terminal, run.signal),
      ),
    )

  return program
}

const auditExamples = `
Examples:
  kube-assay audit                      current context, its nodes over SSH
  kube-assay audit --context prod --ssh-user audit --ssh-key ~/.ssh/audit
  kube-assay audit --node-access pod    a short-lived pod per node, not SSH
  kube-assay audit --node-access none   API objects only
  kube-assay audit --manifests deploy/  files instead of a cluster
  kube-assay audit --fail-on high --min-coverage 0.9
  kubectl assay audit --nodes 'worker-*'
${exitCodeHelp}`

function sourceOptions(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file (default: kube-assay.yaml when it is here)')
    .option('--cluster-name <name>', 'name on the report (default: the kubeconfig’s)')
    .option('--kubeconfig <file>', 'default: $KUBECONFIG, ~/.kube/config, or the pod’s ServiceAccount')
    .option('--context <name>', 'kubeconfig context')
    .option('--manifests <path...>', 'audit YAML or JSON files and folders instead of a cluster')
    .option('--nodes <pattern...>', 'only these nodes; * matches any characters')
    .option(
      '--node-access <ways>',
      'how host facts are read, tried in order: ssh, pod, local, api; or none (default: ssh)',
    )
    .option('--pod-namespace <name>', 'existing namespace for the pods (default: one made for the run)')
    .option('--pod-image <image>', 'image of the pods, with sh, awk, base64, sed and stat (default: busybox)')
    .option('--pod-pull-secret <name>', 'pull secret in that namespace')
    .option('--pod-timeout <seconds>', 'per pod, image pull included (default: 120)')
    .option('--local-node <name>', 'the node that this machine is (default: by its boot id)')
    .option('--host-root <folder>', 'where the host’s / is mounted, for the way local in a container')
    .option('--kubelet-configz', 'also ask each kubelet what it runs with (needs get on nodes/proxy)')
    .option('--api-server-flagz', 'also ask the API server for its flags (/flagz)')
    .option('--ssh-user <name>', 'login name')
    .option('--ssh-port <port>', 'port')
    .option('--ssh-key <file...>', 'private keys to try')
    .option('--ssh-passphrase-env <name>', 'environment variable that holds the key’s passphrase')
    .option('--ssh-config <file>', 'OpenSSH client configuration (default: ~/.ssh/config)')
    .option('--ssh-known-hosts <file...>', 'host keys (default: ~/.ssh/known_hosts)')
    .option('--ssh-accept-new', 'record the keys of hosts never seen before')
    .option('--ssh-jump <host>', 'jump host, as user@host:port')
    .option('--ssh-address <node=address...>', 'where a node listens, if the API tells another address')
    .option('--no-bootstrap-tokens', 'do not list names and ages of bootstrap-token Secrets')
    .option('--no-sudo', 'read as the login user only')
    .option('--connect-timeout <seconds>', 'per node (default: 10)')
    .option('--node-timeout <seconds>', 'per node, connection included (default: 60)')
    .option('--total-timeout <seconds>', 'all nodes together; those not read by then are unknown (default: none)')
    .option('--parallel-lists <n>', 'API lists at once (default: 4)')
    .option('--parallel-nodes <n>', 'nodes at once (default: 32)')
}

function schemaArgument() {
  const names = ['result', 'ndjson', 'config', 'waivers', 'rule', 'snapshot', 'manifest']
  return new Command().createArgument('<name>', names.join(', ')).argParser((value: string) => {
    if (!names.includes(value)) throw new InvalidArgumentError(`Allowed: ${names.join(', ')}.`)
    return value
  })
}
