// The script of one node: the functions of templates/remediation/node.sh, and the calls of this node between its head and end.
// May not: put anything of a result into the script but rule ids and quoted words.
import { readFileSync } from 'node:fs'
import type { Result } from '../../model/result.ts'
import { shellWord } from '../../util/shell-word.ts'
import { visibleText } from '../../util/visible-text.ts'
import { type HostChange, stages } from './actions.ts'
import type { Remedy } from './gather.ts'

const template = new URL('../../../templates/remediation/node.sh', import.meta.url)

/** A text for people: what cannot be seen is written out, so that it is always a word. */
export function shownWord(text: string): string {
  return shellWord(visibleText(text).replaceAll(/\s+/g, ' ')) ?? "''"
}

export function nodeScript(result: Result, node: string, remedies: readonly Remedy[]): string {
  const files = remedies.flatMap(({ way }) => (way.kind === 'node' ? way.changes : []))
  const kubeletFiles = files.flatMap((change) => (change.stage === 'kubelet' ? change.files : []))
  const head = [
    '#!/bin/sh',
    '# Made by kube-assay. Shows what it would change; --apply changes it, --rollback puts it back. sh <this file> --help',
    '# Read ../plan.md first: order, risks, and what a person has to do.',
    `report=${shownWord(result.reportId.replaceAll(/[^A-Za-z0-9-]/g, '-'))}`,
    `node=${shownWord(node)}`,
    `rules=${shownWord([...new Set(remedies.map(({ rule }) => plainId(rule.id)))].join(' '))}`,
    `kubelet_files=${shellWord([...new Set(kubeletFiles)].join(':')) ?? "''"}`,
    '',
  ]
  return [...head, readFileSync(template, 'utf8').trimEnd(), '', ...remedies.flatMap(ruleLines), 'finish', ''].join(
    '\n',
  )
}

/** Ids are checked when a rule is loaded; a result from elsewhere could hold anything. */
function plainId(id: string): string {
  return id.replaceAll(/[^a-z0-9-]/g, '-')
}

function ruleLines({ rule, finding, way }: Remedy): string[] {
  if (way.kind !== 'node') return []
  const seen = finding.evidence.map(({ observed, expected }) => `${observed} (wanted: ${expected})`)
  return [
    `if is_wanted ${shownWord(plainId(rule.id))}; then`,
    `  begin ${[plainId(rule.id), rule.severity, rule.problem].map(shownWord).join(' ')}`,
    ...seen.slice(0, 10).map((line) => `  say ${shownWord(`  seen: ${line}`.slice(0, 500))}`),
    ...(rule.risk === undefined ? [] : [`  say ${shownWord(`risk: ${rule.risk}`)}`]),
    ...way.changes.flatMap(changeLines),
    'fi',
    '',
  ]
}

function changeLines({ stage, lines }: HostChange): string[] {
  switch (stage) {
    case 'kernel':
    case 'access':
      return lines.map((line) => `  ${line}`)
    case 'kubelet':
    case 'static-pods':
      return [...lines.map((line) => `  ${line}`), `  after_${stages[stages.indexOf(stage)]?.replace('-', '_')}`]
  }
}
