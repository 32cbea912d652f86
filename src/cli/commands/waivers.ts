// `waivers check`, `list` and `add`: accepted risks without an audit.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { checkWaiverBook, type WaiversInput } from '../../evaluate/index.ts'
import type { Config } from '../../model/config.ts'
import { type Waiver, type WaiverIssue, waiverSchema } from '../../model/waiver.ts'
import { InputError } from '../../util/input-error.ts'
import { visibleText } from '../../util/visible-text.ts'
import { appendWaiver } from '../append-waiver.ts'
import { evaluateSnapshot } from '../evaluate-snapshot.ts'
import { exitCodes } from '../exit.ts'
import { loadRules } from '../load-rules.ts'
import { loadWaivers } from '../load-waivers.ts'
import { writeWhole } from '../output.ts'
import { openFileWith } from '../sealed-input.ts'
import { readSettings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { wrap } from '../wrap.ts'

interface CommonFlags {
  readonly config?: string
  readonly rules?: string[]
  readonly format?: 'table' | 'json'
}
export type ListFlags = CommonFlags
export interface CheckFlags extends CommonFlags {
  readonly against?: string
  readonly identity?: string[]
}
export interface AddFlags extends CommonFlags {
  readonly rule: string
  readonly owner: string
  readonly approver: string
  readonly reason: string
  readonly expires: string
  readonly ticket?: string
  readonly id?: string
  readonly cluster?: string
  readonly node?: string
  readonly namespace?: string
  readonly kind?: string
  readonly name?: string
  readonly label?: string[]
  readonly fingerprint?: string[]
}

/** Issues that say that a waiver does nothing, or more than it should. About to expire is no defect. */
const defects: ReadonlySet<WaiverIssue['id']> = new Set([
  'waiver-expired',
  'waiver-never-matching',
  'waiver-too-broad',
  'waiver-too-long',
  'waiver-not-started',
  'waiver-retired-rule',
  'waiver-malformed',
])

export async function checkWaivers(files: readonly string[], flags: CheckFlags, terminal: Terminal): Promise<number> {
  const { settings, input } = await given(files, flags)
  const open = await openFileWith({ identities: flags.identity ?? settings.identities })
  const catalogue = await loadRules(settings)
  const now = new Date()
  const issues =
    flags.against === undefined
      ? checkWaiverBook(input, catalogue, now.toISOString())
      : ((await evaluateSnapshot(flags.against, catalogue, settings, now, input, open)).waivers?.issues ?? [])
  if (flags.format === 'json') terminal.print(JSON.stringify(issues, null, 2))
  else terminal.print(checkText(input, issues, terminal))
  return issues.some(({ id }) => defects.has(id)) ? exitCodes.findings : exitCodes.done
}

function checkText({ waivers }: WaiversInput, issues: readonly WaiverIssue[], { columns, style }: Terminal): string {
  const lines = issues.map(({ severity, waiver, message, remedy }) => {
    const head = `${style(severity, severity.padEnd(8))} ${style('bold', visibleText(waiver))}`
    return [
      head,
      wrap(visibleText(message), columns, '         '),
      wrap(visibleText(remedy), columns, '         '),
    ].join('\n')
  })
  const total = `${waivers.length} ${waivers.length === 1 ? 'waiver' : 'waivers'}, ${issues.length === 0 ? 'nothing wrong with them' : `${issues.length} to look at`}.`
  return [...lines, total].join('\n')
}

export async function listWaivers(files: readonly string[], flags: ListFlags, terminal: Terminal): Promise<number> {
  const { input } = await given(files, flags)
  const sorted = input.waivers.toSorted((a, b) => (a.expires < b.expires ? -1 : a.expires > b.expires ? 1 : 0))
  if (flags.format === 'json') {
    terminal.print(JSON.stringify(sorted, null, 2))
    return exitCodes.done
  }
  const today = new Date().toISOString().slice(0, 10)
  const blocks = sorted.map((waiver) => listed(waiver, today, terminal))
  terminal.print(blocks.length === 0 ? 'No waivers.' : blocks.join('\n\n'))
  return exitCodes.done
}

function listed(waiver: Waiver & { readonly source: string }, today: string, { style, columns }: Terminal): string {
  const { id, rule, control, match, owner, approver, reason, ticket, created, expires, source } = waiver
  const isOver = expires < today
  const selector = Object.entries(match ?? {}).map(([key, value]) =>
    typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value)
          .map(([label, one]) => `label ${label}=${one}`)
          .join(', ')
      : `${key} ${[value].flat().join(' or ')}`,
  )
  const line = (label: string, text: string) =>
    `  ${label.padEnd(9)} ${wrap(visibleText(text), columns, ' '.repeat(12)).trimStart()}`
  const until = `${isOver ? 'ended' : 'until'} ${expires}`
  const gap = visibleText(id).length + 2 + until.length > columns ? '\n  ' : '  '
  return [
    `${style('bold', visibleText(id))}${gap}${style(isOver ? 'fail' : 'dim', until)}`,
    line('accepts', `${[rule ?? [], control ?? []].flat().join(', ')} on ${selector.join(', ') || 'every unit'}`),
    line('by', `${approver} on ${created}, for ${owner}${ticket === undefined ? '' : `; ${ticket}`}`),
    line('because', reason),
    line('in', source),
  ].join('\n')
}

async function given(files: readonly string[], flags: CommonFlags): Promise<{ settings: Config; input: WaiversInput }> {
  const settings = await readSettings({
    ...(flags.config !== undefined && { config: flags.config }),
    ...(flags.rules !== undefined && { rules: flags.rules }),
    ...(files.length > 0 && { waivers: [...files] }),
  })
  const input = await loadWaivers(settings)
  if (input === undefined || input.files.length === 0)
    throw new InputError('Which waivers? Name a file, or set waivers.files in kube-assay.yaml.')
  return { settings, input }
}

export async function addWaiver(file: string, flags: AddFlags, terminal: Terminal): Promise<number> {
  const settings = await readSettings({
    ...(flags.config !== undefined && { config: flags.config }),
    ...(flags.rules !== undefined && { rules: flags.rules }),
  })
  const catalogue = await loadRules(settings)
  const now = new Date()
  const before = existsSync(file) ? await readFile(file, 'utf8') : ''
  const waiver = waiverFrom(flags, now)
  const content = appendWaiver(file, before, waiver)
  const input = { files: [], waivers: [{ ...waiver, source: file }], config: settings.waivers ?? {} }
  const issues = checkWaiverBook(input, catalogue, now.toISOString()).filter(({ id }) => id !== 'waiver-expiring')
  const refused = issues.filter(({ id }) => defects.has(id) && id !== 'waiver-too-broad')
  if (refused.length > 0) throw new InputError(refused.map(({ message, remedy }) => `${message} ${remedy}`).join('\n'))
  await writeWhole(file, content)
  for (const { message, remedy } of issues) terminal.warn(`note: ${visibleText(message)} ${visibleText(remedy)}`)
  terminal.print(`Added ${waiver.id} to ${file}; it counts until ${waiver.expires}.`)
  return exitCodes.done
}

function waiverFrom(flags: AddFlags, now: Date): Waiver {
  const { rule, owner, approver, reason, ticket, cluster, node, namespace, kind, name, fingerprint } = flags
  const named = {
    cluster,
    node,
    namespace,
    kind,
    name,
    fingerprint: fingerprint?.length === 1 ? fingerprint[0] : fingerprint,
  }
  const match = {
    ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)),
    ...(flags.label !== undefined && { labels: labelsOf(flags.label) }),
  }
  const place = [rule, namespace, name, node].filter((part) => part !== undefined).join('-')
  const parsed = waiverSchema.safeParse({
    id:
      flags.id ??
      place
        .replaceAll(/[^A-Za-z0-9._]+/g, '-')
        .replaceAll(/^[^A-Za-z0-9]+|-+$/g, '')
        .slice(0, 63),
    rule,
    ...(Object.keys(match).length > 0 && { match }),
    owner,
    approver,
    reason,
    ...(ticket !== undefined && { ticket }),
    created: now.toISOString().slice(0, 10),
    expires: expiryOf(flags.expires, now),
  })
  if (parsed.success) return parsed.data
  throw new InputError(parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n'))
}

function labelsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new InputError(`--label ${pair}: expected <key>=<value>.`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

/** "90d" is 90 days from today. */
function expiryOf(text: string, now: Date): string {
  const days = /^(\d{1,4})d$/.exec(text)?.[1]
  return days === undefined ? text : new Date(now.getTime() + Number(days) * 86_400_000).toISOString().slice(0, 10)
}
