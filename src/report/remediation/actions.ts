// Which steps of a finding a script may do, as lines for the functions of templates/remediation/node.sh. A finding is done by
// the script as a whole or not at all: half a remediation would look like one.
// May not: quote by hand, or pass on a line of a rule that is not one of the few forms read here.
import { parse } from 'yaml'
import type { Finding } from '../../model/result.ts'
import { shellWord } from '../../util/shell-word.ts'

type Step = NonNullable<Finding['remediation']>[number]

/** What changes on a node, in the order in which it is safe. */
export const stages = ['kernel', 'access', 'kubelet', 'static-pods'] as const
export type Stage = (typeof stages)[number]

export interface HostChange {
  readonly stage: Stage
  /** Calls of functions of the script, each word quoted. */
  readonly lines: readonly string[]
  /** Files whose content changes. */
  readonly files: readonly string[]
}

/** The changes of a finding, or why a person has to make them. */
export type HostPlan = { readonly changes: readonly HostChange[] } | { readonly byHand: string }

class NotScriptable extends Error {
  override readonly name = 'NotScriptable'
}

export function hostPlan(steps: readonly Step[]): HostPlan {
  if (steps.some(({ action }) => action === 'by-hand')) return { byHand: 'One of its steps needs a person.' }
  try {
    const changes = steps.flatMap((step) => hostChange(step) ?? [])
    return changes.length === 0 ? { byHand: 'Its steps need a person.' } : { changes }
  } catch (error) {
    if (error instanceof NotScriptable) return { byHand: error.message }
    throw error
  }
}

function hostChange(step: Step): HostChange | undefined {
  const { action, file = '', content = '' } = step
  switch (action) {
    case 'access':
      return { stage: 'access', lines: accessLines(content), files: [] }
    case 'kernel-parameters':
      return { stage: 'kernel', lines: kernelLines(step, plainPath(file)), files: [file] }
    case 'kubelet-settings':
      return { stage: 'kubelet', lines: kubeletLines(step, plainPath(file)), files: [file] }
    case 'static-pod-arguments':
      return { stage: 'static-pods', lines: argumentLines(step, plainPath(file)), files: [file] }
    case 'by-hand':
    case 'patch':
    case 'apply':
    case undefined:
      return undefined
  }
}

const path = String.raw`(?:/[\w./:@%+,=-]*|'/[^']*'(?:\\''[^']*')*)`
const accessLine = new RegExp(`^(?:(?:chmod|chown) [\\w+=,:-]+|setfacl --remove-all)(?: ${path})+$`)

/** Lines of a rule that change modes and owners, which the script's own functions of these names take. */
function accessLines(content: string): string[] {
  const lines = content.split('\n').filter((line) => line !== '')
  const other = lines.find((line) => !accessLine.test(line) || / -/.test(line.replace('--remove-all', '')))
  if (other !== undefined || lines.length === 0)
    throw new NotScriptable('Its commands are not ones that the script can undo.')
  return lines
}

function kernelLines({ seen, content = '' }: Step, file: string): string[] {
  return content
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, name, value] = /^([\w./*-]+) = (-?[\w.]+)$/.exec(line) ?? []
      if (name === undefined || value === undefined)
        throw new NotScriptable('A line of its sysctl file has another form.')
      return call('kernel_parameter', file, name, value, ...seenWords(seen))
    })
}

function kubeletLines({ seen, content = '' }: Step, file: string): string[] {
  const settings = leaves(parseYaml(content))
  if (settings.length === 0) throw new NotScriptable('Its setting is not a map of settings.')
  const guard = settings.some(([path, value]) => path === 'protectKernelDefaults' && value === 'true')
  return [
    ...(guard ? ['check_kernel_defaults'] : []),
    ...settings.map(([path, value]) => call('kubelet_setting', file, path, value, ...seenWords(seen))),
  ]
}

/** Dotted paths with their value as one line of YAML. */
function leaves(value: unknown, path: readonly string[] = []): [path: string, value: string][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, below]) => {
      if (!/^[A-Za-z0-9_/-]+$/.test(key)) throw new NotScriptable('A key of its setting has other characters.')
      return leaves(below, [...path, key])
    })
  }
  const isList = Array.isArray(value) && value.every((item) => typeof item === 'string' || typeof item === 'number')
  if (path.length === 0 || !(isList || ['string', 'number', 'boolean'].includes(typeof value)))
    throw new NotScriptable('Its setting is not one of plain values.')
  const text =
    typeof value === 'string' && /^[A-Za-z][A-Za-z0-9_./-]*$/.test(value) && !isYamlWord(value) ? value : flow(value)
  return [[path.join('.'), text]]
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
  return JSON.stringify(value)
}

function isYamlWord(value: string): boolean {
  return /^(?:true|false|null|yes|no|on|off|y|n)$/i.test(value)
}

const programs = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']

function argumentLines({ seen, content = '' }: Step, file: string): string[] {
  const program = programs.find((name) => file.endsWith(`/${name}.yaml`))
  if (program === undefined) throw new NotScriptable('Its manifest is not named after a component.')
  const items = parseYaml(content)
  if (!Array.isArray(items)) throw new NotScriptable('Its arguments are not a list.')
  return items.map((item: unknown) => {
    const [, flag, value] = (typeof item === 'string' && /^--([a-z0-9-]+)=([^\n]*)$/.exec(item)) || []
    if (flag === undefined || value === undefined) throw new NotScriptable('An argument of it has another form.')
    if (value.includes('/')) throw new NotScriptable('An argument names a file, which must be there and mounted first.')
    return call('static_pod_argument', file, program, flag, value, ...seenWords(seen))
  })
}

function parseYaml(content: string): unknown {
  try {
    return parse(content)
  } catch {
    throw new NotScriptable('Its content does not parse.')
  }
}

function plainPath(path: string): string {
  if (path.startsWith('/') && !/(?:^|\/)\.{1,2}(?:\/|$)|\/\/|\/$/.test(path)) return path
  throw new NotScriptable('It names no file by a plain path.')
}

function seenWords(seen: Step['seen']): [digest: string, modifiedAt: string] {
  const digest = seen?.absent === true ? 'absent' : (seen?.sha256 ?? 'unknown')
  return [digest, seen?.modifiedAt === undefined ? '' : String(seen.modifiedAt)]
}

function call(name: string, ...words: readonly string[]): string {
  const quoted = words.map((one) => {
    const safe = shellWord(one)
    if (safe === undefined) throw new NotScriptable('A value holds characters that cannot be seen.')
    return safe
  })
  return [name, ...quoted].join(' ')
}
