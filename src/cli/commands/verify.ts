// `verify`: whether a run still is what it was when it was written.
import { realpath, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import {
  digestOf,
  type Opener,
  OthersError,
  type Problem,
  readPublicKey,
  sealedSuffix,
  type Verification,
  type VerifyOptions,
  verifyFolder,
} from '../../integrity/index.ts'
import { InputError } from '../../util/input-error.ts'
import { visibleText } from '../../util/visible-text.ts'
import { ExitError, exitCodes } from '../exit.ts'
import { latestName, latestRun } from '../run-store.ts'
import { loadOpener } from '../sealed-input.ts'
import type { Terminal } from '../terminal.ts'
import { wrap } from '../wrap.ts'

export interface VerifyFlags {
  readonly key?: string
  readonly identity?: string[]
  readonly allowExtra?: boolean
  readonly format: 'table' | 'json'
}

export async function verify(path: string, flags: VerifyFlags, terminal: Terminal): Promise<number> {
  const key = flags.key === undefined ? undefined : await readPublicKey(flags.key)
  const folder = await folderOf(path)
  const opener = await loadOpener(flags.identity)
  const inspect = opener === undefined ? undefined : inspectWith(opener)
  const verification = await verifyFolder(folder, { key, inspect })
  const failing = verification.problems.filter(({ kind }) => kind !== 'extra' || flags.allowExtra !== true)
  if (flags.format === 'json') terminal.print(JSON.stringify(asJson(folder, verification, failing), null, 2))
  else terminal.print(tableOf(folder, verification, terminal))
  if (failing.length === 0) return exitCodes.done
  // Nobody can tell: as opposed to what is known to be wrong.
  const isOpen = failing.every(({ kind }) => kind === 'unreadable' || kind === 'absent')
  const code = isOpen ? exitCodes.incomplete : exitCodes.findings
  throw new ExitError(code, `exit ${code}: ${isOpen ? 'cannot be verified' : 'does not verify'}: ${countsOf(failing)}`)
}

/** A run's folder, and `latest` also where that is a file. */
async function folderOf(path: string): Promise<string> {
  if ((await stat(path)).isDirectory()) return realpath(path)
  const named = basename(path) === latestName ? await latestRun(dirname(path)) : undefined
  if (named === undefined) throw new InputError(`${visibleText(path)} is no folder. Give the folder of a run.`)
  return named.folder
}

/** Decrypts each file to its end, and holds the result against the digest that reports print. */
function inspectWith(opener: Opener): VerifyOptions['inspect'] {
  return async (name, bytes, { result }) => {
    if (!name.endsWith(sealedSuffix)) return undefined
    try {
      const { sha256 } = await digestOf(opener.open(bytes, 'it'))
      const isResult = name === `result.json${sealedSuffix}`
      if (!isResult || sha256 === result.sha256) return undefined
      return { kind: 'changed', detail: 'holds another result than the reports are of' }
    } catch (error) {
      if (error instanceof OthersError) return { kind: 'unreadable', detail: 'is encrypted for others' }
      if (error instanceof InputError) return { kind: 'changed', detail: 'cannot be decrypted' }
      throw error
    }
  }
}

const kinds: readonly Problem['kind'][] = [
  'absent',
  'manifest',
  'signature',
  'changed',
  'missing',
  'unreadable',
  'extra',
]

const countWords: Partial<Record<Problem['kind'], string>> = {
  absent: 'no manifest',
  manifest: 'the manifest is none of kube-assay',
  signature: 'the signature',
}

function countsOf(problems: readonly Problem[]): string {
  return kinds
    .map((kind) => ({ kind, count: problems.filter((one) => one.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => countWords[kind] ?? `${count} ${kind}`)
    .join(', ')
}

/** Lines for people; the rest of very many is counted. */
const shownProblems = 50

function tableOf(folder: string, { manifest, problems, signature, signers }: Verification, terminal: Terminal): string {
  const { style, columns } = terminal
  const sorted = kinds.flatMap((kind) => problems.filter((one) => one.kind === kind))
  const lines = sorted.slice(0, shownProblems).map(({ kind, name, detail }) => {
    const text = wrap(`${name}${detail === '' ? '' : ` ${detail}`}`, columns, ' '.repeat(14)).trimStart()
    return `  ${style(kind === 'extra' ? 'unknown' : 'fail', kind.padEnd(12))}${text}`
  })
  const more = sorted.length - shownProblems
  const head = [
    style('bold', visibleText(folder)),
    ...(manifest === undefined
      ? []
      : [
          `  Report      ${visibleText(manifest.reportId)}, cluster ${visibleText(manifest.cluster.name)}`,
          `  Written     ${visibleText(manifest.writtenAt)} by ${visibleText(`${manifest.tool.name} ${manifest.tool.version}`)}`,
          `  Result      ${manifest.result.sha256}`,
          ...(manifest.encryption === undefined
            ? []
            : [`  Encrypted   with age, recipients: ${manifest.encryption.recipients}`]),
          `  Signature   ${signatureText(signature, signers)}`,
          `  Files       ${filesText(manifest.files.length, problems, style)}`,
        ]),
  ]
  const shown = [...lines, ...(more > 0 ? [`  … ${more} more: --format json has all`] : [])]
  return [...head, ...(shown.length === 0 ? [] : ['', ...shown])].join('\n')
}

function filesText(count: number, problems: readonly Problem[], style: Terminal['style']): string {
  const wrong = problems.filter(({ kind }) => kind !== 'extra' && kind !== 'signature').length
  if (wrong > 0) return style('fail', `${count} named, ${wrong} not as they were`)
  return style('pass', `${count}, each as it was written`)
}

function signatureText(state: Verification['signature'], signers: readonly string[]): string {
  const by = signers.length === 0 ? '' : ` ${visibleText(signers[0] ?? '').slice(0, 40)}…`
  switch (state) {
    case 'none':
      return 'none: who wrote this is not proven'
    case 'unchecked':
      return `there is one, not checked: give --key`
    case 'valid':
      return `valid, key${by}`
    case 'bad':
      return 'bad'
    default:
      return state satisfies never
  }
}

function asJson(folder: string, { manifest, signature, problems }: Verification, failing: readonly Problem[]): object {
  return {
    folder,
    verified: failing.length === 0,
    signature,
    ...(manifest !== undefined && {
      reportId: manifest.reportId,
      result: manifest.result,
      files: manifest.files.length,
    }),
    problems,
  }
}
