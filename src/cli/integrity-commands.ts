// The command `verify`, and the flags of signing. Actions are loaded when they run.
import { type Command, Option } from 'commander'
import type { VerifyFlags } from './commands/verify.ts'
import { encryptOption, identityOption } from './selection-options.ts'
import type { Terminal } from './terminal.ts'

type Action = <A extends unknown[]>(
  body: (run: { readonly terminal: Terminal }, ...args: A) => Promise<number>,
) => (...args: A) => Promise<void>

export function signingOptions(command: Command): Command {
  return command
    .addOption(encryptOption())
    .addOption(identityOption())
    .option('--sign-key <file>', 'sign the manifest: private key in PEM, Ed25519 or ECDSA P-256')
    .option('--sign-passphrase-env <name>', 'environment variable that holds the key’s passphrase')
}

const verifyHelp = `
Exit codes:
  0  every file is as the run wrote it, and signed with the key that is given
  1  a file is missing, changed or extra, or the signature is bad or missing
  2  usage error, or a key that cannot be read
  3  cannot be told: there is no manifest, or a file cannot be read
`

export function integrityCommands(program: Command, action: Action): void {
  program
    .command('verify')
    .description('check a run against its manifest, and who signed it')
    .argument('<run>', 'folder of a run, or latest')
    .option('--key <file>', 'public key in PEM: the run must be signed with it')
    .addOption(identityOption())
    .option('--allow-extra', 'tell files that the manifest does not name, but do not fail for them')
    .addOption(new Option('--format <format>').choices(['table', 'json']).default('table'))
    .addHelpText('after', verifyHelp)
    .action(
      action(async ({ terminal }, run: string, flags: VerifyFlags) =>
        (await import('./commands/verify.ts')).verify(run, flags, terminal),
      ),
    )
}
