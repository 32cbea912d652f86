// What a container's command line really runs: wrappers (env, nsenter, busybox, timeout …) peeled off, shells' scripts opened.
// May not: guess at programs whose entry point only the image knows.
import { parseShellScript, type Redirection } from './shell-script.ts'

export interface Invocation {
  /** Program without its folder, then its arguments; empty for a bare redirection. */
  readonly words: readonly string[]
  readonly redirections: readonly Redirection[]
  /** As written, wrappers included, for evidence. */
  readonly text: string
  /** Run in namespaces of the node, entered with nsenter. */
  readonly entersHostNetwork: boolean
  readonly entersHostIPC: boolean
}

interface Entered {
  readonly network: boolean
  readonly ipc: boolean
}

const maxDepth = 8
/** More wrappers around one command than anybody needs; each costs a pass over the words. */
const maxWrappers = 16
const nowhere: Entered = { network: false, ipc: false }
const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'ash', 'dash', 'ksh', 'zsh'])
const keywords: ReadonlySet<string> = new Set('if then elif else do while until ! { time coproc'.split(' '))
const assignment = /^[A-Za-z_]\w*\+?=/
const number = /^\d+(\.\d+)?[smhd]?$/

/** Programs that run the rest of their arguments, with the options that take a separate value. */
const wrappers: ReadonlyMap<string, string> = new Map([
  ['busybox', ''],
  ['toybox', ''],
  ['env', 'uCS'],
  ['sudo', 'ughpCrtU'],
  ['doas', 'uC'],
  ['xargs', 'InPLsdEa'],
  ['timeout', 'ks'],
  ['nice', 'n'],
  ['ionice', 'cnp'],
  ['stdbuf', 'ioe'],
  ['chrt', 'TPD'],
  ['exec', 'a'],
  ['setpriv', ''],
  ['command', ''],
  ['builtin', ''],
  ['nohup', ''],
  ['setsid', ''],
  ['tini', 'pe'],
  ['dumb-init', 'r'],
  ['catatonit', ''],
  ['time', 'fo'],
])

/** Everything that an argument vector runs, in order. `command` and `args` of a container joined are such a vector. */
export function invocationsOf(argv: readonly string[]): readonly Invocation[] {
  return unwrap(argv, [], nowhere, 0)
}

function unwrap(
  argv: readonly string[],
  redirections: readonly Redirection[],
  entered: Entered,
  depth: number,
): readonly Invocation[] {
  if (depth > maxDepth) return []
  const whole = withoutPrefixes(argv)
  const text = textOf(whole, redirections)
  const { words, where } = withoutWrappers(whole, entered)
  const script = scriptOf(words)
  const own = {
    words: [baseName(words[0]), ...words.slice(1)],
    redirections,
    text,
    entersHostNetwork: where.network,
    entersHostIPC: where.ipc,
  }
  return script === undefined ? [own] : [...inScript(script, where, depth + 1), { ...own, words: [] }]
}

interface Located {
  readonly words: readonly string[]
  readonly where: Entered
}

function withoutWrappers(argv: readonly string[], entered: Entered): Located {
  let inner: Located = { words: argv, where: entered }
  for (let peeled = 0; peeled < maxWrappers; peeled++) {
    const next = withoutWrapper(inner)
    if (next === undefined) break
    inner = next
  }
  return inner
}

/** Undefined when the command is no wrapper. */
function withoutWrapper({ words, where }: Located): Located | undefined {
  const program = baseName(words[0])
  if (program === 'nsenter') {
    const rest = afterOptions(words, 'tSGW')
    return { words: rest, where: enteredBy(words.slice(1, words.length - rest.length), where) }
  }
  if (program === 'chroot') return { words: afterOptions(words, '').slice(1), where }
  const options = wrappers.get(program)
  if (options === undefined || words.length < 2) return undefined
  const rest = afterOptions(words, options)
  const start = rest.findIndex((word) => !assignment.test(word) && !number.test(word))
  return { words: start === -1 ? [] : rest.slice(start), where }
}

function inScript(script: string, where: Entered, depth: number): readonly Invocation[] {
  return parseShellScript(script).flatMap((command) => unwrap(command.words, command.redirections, where, depth))
}

function withoutPrefixes(words: readonly string[]): readonly string[] {
  const start = words.findIndex((word) => !keywords.has(word) && !assignment.test(word))
  return start === -1 ? [] : words.slice(start)
}

/** The words behind a program's own options; `--` ends them, and `withValue` names the short options whose value is a word. */
function afterOptions(words: readonly string[], withValue: string): readonly string[] {
  let index = 1
  while (index < words.length) {
    const word = words[index] ?? ''
    if (word === '--') return words.slice(index + 1)
    if (!word.startsWith('-')) break
    index += takesNextWord(word, withValue) || /^--(target|setuid|setgid|user|group)$/.test(word) ? 2 : 1
  }
  return words.slice(index)
}

/** `-u root` and `-mt 1` do, `-uroot` and `-t1` hold their value themselves. */
function takesNextWord(option: string, withValue: string): boolean {
  const cluster = /^-([A-Za-z]+)$/.exec(option)?.[1] ?? ''
  const first = [...cluster].findIndex((letter) => withValue.includes(letter))
  return first !== -1 && first === cluster.length - 1
}

function enteredBy(options: readonly string[], before: Entered): Entered {
  const has = (long: string, short: string) =>
    options.some((option) => option === '--all' || option.split('=')[0] === `--${long}` || shortOptions(option, short))
  return { network: before.network || has('net', 'n'), ipc: before.ipc || has('ipc', 'i') }
}

/** A cluster such as `-mnip` or `-n/proc/1/ns/net`; the value after `-t` is no option. */
function shortOptions(option: string, wanted: string): boolean {
  const cluster = /^-([A-Za-z]+)/.exec(option)?.[1] ?? ''
  return cluster.includes(wanted) || cluster.includes('a')
}

/** The script that a shell, `su` or `eval` is given as text. */
function scriptOf(words: readonly string[]): string | undefined {
  const program = baseName(words[0])
  if (program === 'eval') return words.slice(1).join(' ')
  if (program === 'su') {
    const flag = words.findIndex((word) => word === '-c' || word === '--command')
    return flag === -1 ? undefined : words[flag + 1]
  }
  // A container without `command` whose arguments start with -c hands them to its image's shell.
  const isShell = shells.has(program)
  if (!isShell && !/^-[a-z]*c$/.test(words[0] ?? '')) return undefined
  return shellScriptArgument(isShell ? words.slice(1) : words)
}

function shellScriptArgument(options: readonly string[]): string | undefined {
  let isCommand = false
  for (let index = 0; index < options.length; index++) {
    const word = options[index] ?? ''
    if (word === '--') continue
    if (!/^[-+]./.test(word)) return isCommand ? word : undefined
    if (word.startsWith('--')) continue
    if (word.startsWith('-') && word.includes('c')) isCommand = true
    if (/[oO]$/.test(word)) index++
  }
  return undefined
}

function baseName(word: string | undefined): string {
  return word === undefined ? '' : word.slice(word.lastIndexOf('/') + 1)
}

function textOf(words: readonly string[], redirections: readonly Redirection[]): string {
  return [...words.map(quoted), ...redirections.map(({ operator, target }) => `${operator} ${quoted(target)}`)].join(
    ' ',
  )
}

function quoted(word: string): string {
  return /^[^\s'"\\;&|<>()#`]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
