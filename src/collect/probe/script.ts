// The probe's text and the nonce of a run. The script itself is templates/probe/probe.sh, which ships with the package.
// May not: build shell text from anything a cluster, a host or a user supplies.
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'

const scriptFile = new URL('../../../templates/probe/probe.sh', import.meta.url)
let text: string | undefined

/** The exact text that is sent to every node, after one line with the run's nonce. */
export function probeScript(): string {
  text ??= readFileSync(scriptFile, 'utf8')
  return text
}

/** A fresh nonce: the host cannot know it in advance, so nothing it holds can look like a frame of this run. */
export function createNonce(): string {
  return randomBytes(16).toString('hex')
}

/** What goes to the shell's standard input. */
export function renderProbe(nonce: string): string {
  if (!/^[0-9a-f]{32}$/.test(nonce)) throw new Error('A nonce has 32 hexadecimal digits.')
  return `nonce='${nonce}'\n${probeScript()}`
}

const forcedCommandFile = new URL('../../../templates/probe/forced-command.sh', import.meta.url)

/** SHA-256 of the probe's text, in hexadecimal: by it an installed copy tells which probe it is. */
export function probeDigest(): string {
  return createHash('sha256').update(probeScript()).digest('hex')
}

/** The copy that root installs on a node where the login may run this and nothing else. It takes the nonce from its input. */
export function renderForcedCommand(): string {
  const [first = '', ...rest] = readFileSync(forcedCommandFile, 'utf8').split('\n')
  return `${first}\ndigest=${probeDigest()}\n${rest.join('\n')}${probeScript()}`
}
