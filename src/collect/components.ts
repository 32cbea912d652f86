// Asks components of Kubernetes for their own settings over the API: each kubelet's /configz, and the API server's /flagz.
// May not: ask anything else of a kubelet (the right to do so reaches further than reading), or let an unredacted value through.
import pLimit from 'p-limit'
import type { ComponentEvidence } from '../model/component-evidence.ts'
import { isUnavailable, type Unavailable, unavailable } from '../model/fact.ts'
import type { EvidenceRecord } from '../model/snapshot.ts'
import type { ObjectSource } from '../transport/contracts.ts'
import { redactArguments } from './redact.ts'
import { redactConfiguration } from './redact-configuration.ts'

export interface CollectComponentsOptions {
  readonly source: ObjectSource
  /** Nodes whose kubelets are asked. */
  readonly kubelets: readonly string[]
  readonly apiServer: boolean
  readonly concurrency: number
  readonly signal: AbortSignal
  readonly emit: (record: EvidenceRecord) => void
  readonly now?: () => Date
}

/** Newest first. Servers without structured answers give the text for people. */
const flagzTypes = [
  'application/json;v=v1beta1;g=config.k8s.io;as=Flagz',
  'application/json;v=v1alpha1;g=config.k8s.io;as=Flagz',
  'text/plain;q=0.5',
].join(', ')

/** A configuration has some 10 KiB. */
const maxCharacters = 1_048_576

/** Emits one record for every component asked, answered or not. */
export async function collectComponents(options: CollectComponentsOptions): Promise<void> {
  const { source, kubelets, apiServer, signal, emit, now = () => new Date() } = options
  const limit = pLimit(options.concurrency)
  const ask = async (
    asked: Pick<ComponentEvidence, 'component' | 'endpoint' | 'node'>,
    path: string,
    accept: string,
    read: (text: string) => ComponentEvidence['answer'],
  ) => {
    const text = await getText(source, path, accept, signal)
    const answer = typeof text === 'string' ? readSafely(text, path, read) : text
    emit({
      record: 'component',
      evidence: { ...asked, source: `GET ${path}`, observedAt: now().toISOString(), answer },
    })
    return !isUnavailable(answer)
  }
  const askKubelet = async (node: string): Promise<void> => {
    const proxy = `/api/v1/nodes/${encodeURIComponent(node)}/proxy`
    const asked = { component: 'kubelet', node } as const
    const hasAnswered = await ask(
      { ...asked, endpoint: 'configz' },
      `${proxy}/configz`,
      'application/json',
      readConfigz,
    )
    // Flags that set no field of the configuration; kubelets without the gate ComponentFlagz do not have it.
    if (hasAnswered) await ask({ ...asked, endpoint: 'flagz' }, `${proxy}/flagz`, flagzTypes, readFlagz)
  }
  await Promise.all([
    ...(apiServer ? [ask({ component: 'kube-apiserver', endpoint: 'flagz' }, '/flagz', flagzTypes, readFlagz)] : []),
    ...kubelets.map((node) => limit(askKubelet, node)),
  ])
}

async function getText(
  source: ObjectSource,
  path: string,
  accept: string,
  signal: AbortSignal,
): Promise<string | Unavailable> {
  if (source.getText === undefined) return unavailable('not-collected', 'Files were audited, not a cluster.')
  if (signal.aborted) return unavailable('interrupted', `GET ${path} was not sent: the audit was stopped.`)
  const answer = await source.getText(path, accept, signal)
  if (!isUnavailable(answer)) return answer.text
  const { reason, detail } = answer.unavailable
  if (reason !== 'forbidden' || !path.endsWith('/configz')) return answer
  return unavailable(reason, `${detail} It needs "get" on nodes/proxy, a right that reaches further than reading.`)
}

function readSafely(text: string, path: string, read: (text: string) => ComponentEvidence['answer']) {
  if (text.length > maxCharacters) {
    return unavailable('too-large', `GET ${path} was answered with more than ${maxCharacters} characters.`)
  }
  try {
    return read(text)
  } catch {
    // A parser's message quotes what it read.
    return unavailable('malformed', `GET ${path} was answered with something that is not what it should be.`)
  }
}

/** `{"kubeletconfig": {…}}`, with its secrets taken out as from a file of the same content. */
function readConfigz(text: string): ComponentEvidence['answer'] {
  const body = asRecord(JSON.parse(text))
  const configuration = asRecord(body['kubeletconfig'])
  if (!isShallow(configuration, maxDepth)) throw new Error('nested too deeply')
  const clean = redactConfiguration('/configz', JSON.stringify(configuration, null, 1))
  return { values: asRecord(JSON.parse(clean)) }
}

function readFlagz(text: string): ComponentEvidence['answer'] {
  const pairs = text.trimStart().startsWith('{') ? structuredFlags(text) : printedFlags(text)
  if (pairs.length === 0) throw new Error('no flags')
  return { values: Object.fromEntries(pairs.map(([name, value]) => [name, redactFlag(name, value)])) }
}

const flagName = /^[a-z0-9][A-Za-z0-9_.-]{0,100}$/

function structuredFlags(text: string): (readonly [string, string])[] {
  return Object.entries(asRecord(asRecord(JSON.parse(text))['flags'])).flatMap(([name, value]) =>
    flagName.test(name) && typeof value === 'string' ? [[name, value] as const] : [],
  )
}

/** The text begins with a title and a warning; then a line a flag, with one of four delimiters that the server draws at its start. */
function printedFlags(text: string): (readonly [string, string])[] {
  const lines = text
    .split('\n')
    .filter((line) => /^[a-z0-9][A-Za-z0-9_.-]*(?:[:= ]|$)/.test(line) && !/ flagz$/.test(line))
  const delimiter = [': ', ':', '=', ' '].find((mark) => lines.every((line) => nameBefore(line, mark) !== undefined))
  if (delimiter === undefined) return []
  return lines.map((line) => {
    const name = nameBefore(line, delimiter) ?? ''
    return [name, line.slice(name.length + delimiter.length)] as const
  })
}

function nameBefore(line: string, delimiter: string): string | undefined {
  const at = line.indexOf(delimiter)
  return at > 0 && flagName.test(line.slice(0, at)) ? line.slice(0, at) : undefined
}

function redactFlag(name: string, value: string): string {
  const [clean = ''] = redactArguments([`--${name}=${value}`])
  return clean.slice(name.length + 3)
}

/** Deeper than any configuration. Whoever reads the snapshot later walks through it. */
const maxDepth = 20

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return depth > 0 && Object.values(value).every((item) => isShallow(item, depth - 1))
}

type Json = ReturnType<typeof JSON.parse>
function asRecord(value: unknown): Record<string, Json> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('no object')
  return Object.fromEntries(Object.entries(value))
}
