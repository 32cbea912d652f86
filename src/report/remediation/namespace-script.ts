// The patches of one namespace, and the script that shows, applies and takes them back.
// May not: write a value into a patch other than through the YAML library, or into the script other than as a quoted word.
import { readFileSync } from 'node:fs'
import type { Result } from '../../model/result.ts'
import { shellWord } from '../../util/shell-word.ts'
import type { Remedy } from './gather.ts'
import { shownWord } from './node-script.ts'
import { mergedPatch, type ObjectChange, patchable } from './objects.ts'
import { fileName, type PackFile } from './pack-file.ts'

const template = new URL('../../../templates/remediation/namespace.sh', import.meta.url)

/** One object with everything that findings want of it. */
export interface TargetChange {
  /** "Deployment/cart". */
  readonly label: string
  readonly changes: readonly ObjectChange[]
  readonly rules: readonly string[]
  readonly isOptIn: boolean
}

export function* namespaceFiles(
  result: Result,
  namespace: string,
  remedies: readonly Remedy[],
  folder: string,
): Generator<PackFile> {
  const calls: string[] = []
  for (const target of targetsOf(remedies)) {
    const { label, changes, rules } = target
    const [first] = changes
    if (first === undefined) continue
    const file = `${fileName(label)}${target.isOptIn ? '.opt-in' : ''}.yaml`
    const closes = `# Closes: ${rules.map((id) => id.replaceAll(/[^a-z0-9-]/g, '-')).join(', ')}\n`
    yield { path: `${folder}/${file}`, content: closes + contentOf(changes), isScript: false }
    const words = wordsOf(first, target, file)
    // A name that cannot be seen cannot be a name in a cluster; the patch stays for who wants to look.
    if (words !== undefined) calls.push(words)
  }
  const head = [
    '#!/bin/sh',
    '# Made by kube-assay. Shows what it would change; --apply changes it, --rollback puts it back. sh <this file> --help',
    '# Read ../../plan.md first: order, risks, and what a person has to do.',
    `# Report ${result.reportId.replaceAll(/[^A-Za-z0-9-]/g, '-')}`,
    `namespace=${shownWord(namespace)}`,
    '',
  ]
  const content = [...head, readFileSync(template, 'utf8').trimEnd(), '', ...calls, 'finish', ''].join('\n')
  yield { path: `${folder}/apply.sh`, content, isScript: true }
}

/** By object, in the order of the rules, patches before objects to create. */
export function targetsOf(remedies: readonly Remedy[]): TargetChange[] {
  const targets = new Map<string, { label: string; changes: ObjectChange[]; rules: string[]; isOptIn: boolean }>()
  for (const { rule, way } of remedies) {
    if (way.kind !== 'object' && way.kind !== 'managed') continue
    if (way.change === undefined) continue
    const { kind, name } = way.change.kind === 'patch' ? way.change.owner : way.change.object
    const label = `${kind}/${name}`
    const isOptIn = way.kind === 'object' && way.isOptIn
    const target = targets.get(`${label} ${isOptIn}`) ?? { label, changes: [], rules: [], isOptIn }
    target.changes.push(way.change)
    if (!target.rules.includes(rule.id)) target.rules.push(rule.id)
    targets.set(`${label} ${isOptIn}`, target)
  }
  return [...targets].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, target]) => target)
}

/** The patches as one; of an object to create, the first text, since two of one name would be one object. */
export function contentOf(changes: readonly ObjectChange[]): string {
  const patches = changes.flatMap((change) => (change.kind === 'patch' ? change.patches : []))
  if (patches.length > 0) return mergedPatch(patches)
  const created = changes.find((change) => change.kind === 'apply')
  return created?.kind === 'apply' ? `${created.text.trimEnd()}\n` : ''
}

function wordsOf(change: ObjectChange, { label, isOptIn }: TargetChange, file: string): string | undefined {
  const words = (function_: string, ...texts: readonly string[]) => {
    const quoted = texts.map(shellWord)
    return quoted.includes(undefined) ? undefined : [function_, ...quoted].join(' ')
  }
  const lead = isOptIn ? 'if_asked ' : ''
  if (change.kind === 'apply') return words(`${lead}create_object`, label, change.object.kind, change.object.name, file)
  const target = patchable[change.owner.kind]
  if (target === undefined) return undefined
  return words(`${lead}change_workload`, label, target.resource, change.owner.name, target.template, file)
}
