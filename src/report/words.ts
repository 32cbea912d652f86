// The words a reader sees for the model's terms. One table each, so that the same thing has one name in every section.
// May not: decide anything.
import type { UnavailableReason } from '../model/fact.ts'
import { facts, type UnitKind } from '../model/facts.ts'
import type { Outcome, Severity } from '../model/outcome.ts'

/** Shapes in templates/marks.hbs; each is always printed beside its word or a legend. */
export type MarkKind = Severity | Exclude<Outcome, 'fail'> | 'open'

export interface Mark {
  readonly kind: MarkKind
  readonly word: string
}

export const severityMarks: Record<Severity, Mark> = {
  critical: { kind: 'critical', word: 'Critical' },
  high: { kind: 'high', word: 'High' },
  medium: { kind: 'medium', word: 'Medium' },
  low: { kind: 'low', word: 'Low' },
  info: { kind: 'info', word: 'Info' },
}

export const outcomeMarks: Record<Exclude<Outcome, 'fail'>, Mark> = {
  error: { kind: 'error', word: 'Error' },
  unknown: { kind: 'unknown', word: 'Unknown' },
  manual: { kind: 'manual', word: 'Needs a person' },
  pass: { kind: 'pass', word: 'Passed' },
  notApplicable: { kind: 'notApplicable', word: 'Not applicable' },
}

/** A failing rule where its severity is not at issue. */
export const findingMark: Mark = { kind: 'critical', word: 'Finding' }

export const outcomeWords: Record<Outcome, string> = {
  fail: 'Finding',
  error: outcomeMarks.error.word,
  unknown: outcomeMarks.unknown.word,
  manual: outcomeMarks.manual.word,
  pass: outcomeMarks.pass.word,
  notApplicable: outcomeMarks.notApplicable.word,
}

/** From most to least pressing, with what each means for the reader. */
export const outcomeDefinitions: readonly { readonly outcome: Outcome; readonly text: string }[] = [
  {
    outcome: 'fail',
    text: 'The evidence shows that the rule does not hold. Each finding names the value and where it was read.',
  },
  {
    outcome: 'error',
    text: 'The rule itself could not be evaluated. This is a fault of the audit, not of the cluster, and never a pass.',
  },
  {
    outcome: 'unknown',
    text: 'Evidence the rule needs could not be read, for the reason given. Unknown is never counted as passed.',
  },
  { outcome: 'manual', text: 'A person has to judge: the facts alone cannot decide it.' },
  { outcome: 'pass', text: 'The evidence was read and the rule holds.' },
  {
    outcome: 'notApplicable',
    text: 'The rule does not concern this unit, for example because the feature is not in use.',
  },
]

interface UnitWords {
  readonly one: string
  readonly many: string
  /** Joins a place to a statement: "on 2 of 6 nodes". */
  readonly on: string
}
export const unitWords: Record<UnitKind, UnitWords> = {
  cluster: { one: 'cluster', many: 'clusters', on: 'in' },
  nodes: { one: 'node', many: 'nodes', on: 'on' },
  workloads: { one: 'workload', many: 'workloads', on: 'in' },
  namespaces: { one: 'namespace', many: 'namespaces', on: 'in' },
  bindings: { one: 'binding', many: 'bindings', on: 'through' },
  roles: { one: 'role', many: 'roles', on: 'in' },
  subjects: { one: 'subject', many: 'subjects', on: 'by' },
}

interface ReasonWords {
  /** For a table cell. */
  readonly short: string
  /** For a sentence. */
  readonly long: string
}
export const reasonWords: Record<UnavailableReason, ReasonWords> = {
  forbidden: { short: 'forbidden', long: 'access forbidden' },
  unauthorized: { short: 'no login', long: 'credentials missing, expired or rejected' },
  'not-found': { short: 'not served', long: 'not found' },
  'permission-denied': { short: 'no access', long: 'permission denied' },
  'sudo-denied': { short: 'sudo', long: 'sudo refused' },
  timeout: { short: 'timed out', long: 'no answer in time' },
  unreachable: { short: 'no route', long: 'unreachable' },
  'host-key-mismatch': { short: 'host key', long: 'host key differs from the known one' },
  'host-key-unknown': { short: 'host key', long: 'host key not known' },
  'wrong-host': { short: 'wrong host', long: 'another machine answered' },
  'auth-failed': { short: 'no login', long: 'login refused' },
  'pod-failed': { short: 'pod failed', long: 'the pod on the node did not run' },
  'tls-error': { short: 'TLS', long: 'certificate not trusted' },
  'server-error': { short: 'server', long: 'server error' },
  'connection-lost': { short: 'broke off', long: 'the answer broke off' },
  'too-large': { short: 'too large', long: 'answer larger than the bound' },
  malformed: { short: 'malformed', long: 'answer does not parse' },
  'not-running': { short: 'stopped', long: 'process not running' },
  unsupported: { short: 'cannot tell', long: 'not supported there' },
  interrupted: { short: 'cut short', long: 'audit stopped before this was read' },
  'not-collected': { short: 'not read', long: 'not collected' },
}

const factLabels = new Map<string, string>(Object.entries(facts).map(([name, fact]) => [name, fact.label]))

/**
 * "Kubelet: authorization mode" for kubeletConfiguration.authorizationMode, "Kernel: kernel.panic running" for
 * kernelParameters.required[kernel.panic].running. What is no fact's path stays as it is.
 */
export function factWords(path: string): string {
  const fields = [...path.matchAll(/([^.[\]]+)(?:\[(.*?)\](?=\.|$))?/g)]
  const label = factLabels.get(fields[0]?.[1] ?? '')
  if (label === undefined) return path
  const words = fields.slice(1).map(([, field = '', entry]) => (isName(entry) ? entry : fieldWords(field)))
  return words.length === 0 ? label : `${label}: ${words.join(' ')}`
}

/** An entry of a list is known by its name, or by its place, which tells a reader nothing. */
function isName(entry: string | undefined): entry is string {
  return entry !== undefined && !/^\d+$/.test(entry)
}

const abbreviations = new Set(['tls', 'os', 'id'])

/** Words of a field's name: "client CA file". */
function fieldWords(field: string): string {
  const words = field.match(/[A-Z]+\d*(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? [field]
  return words
    .map((word) => (/^[A-Z][a-z]/.test(word) ? word.toLowerCase() : word))
    .map((word) => (abbreviations.has(word) ? word.toUpperCase() : word))
    .join(' ')
}

const sectionNames = new Map([
  ['admission', 'Admission'],
  ['authentication', 'Logins and tokens'],
  ['certificates', 'Certificates'],
  ['cgroups', 'Control groups'],
  ['control-plane', 'Control plane'],
  ['etcd', 'etcd'],
  ['files', 'Files and their owners'],
  ['isolation', 'Host isolation'],
  ['kernel', 'Kernel'],
  ['kubelet', 'Kubelet'],
  ['network', 'Network'],
  ['pods', 'Pods'],
  ['rbac', 'Access rights (RBAC)'],
  ['resources', 'Requests and limits'],
  ['runtime', 'Container runtime'],
  ['storage', 'Storage'],
  ['swap', 'Swap'],
])

/** A section of the catalogue for people; one of a rule pack keeps its own name. */
export function sectionWords(section: string): string {
  return sectionNames.get(section) ?? section
}

const shortNames: readonly (readonly [RegExp, string])[] = [
  [/^CIS Kubernetes (\S+) · /, 'CIS $1 · '],
  [/^NSA\/CISA Kubernetes Hardening Guidance (\S+) · /, 'NSA/CISA · '],
  [/^Pod Security Standards: /, 'PSS · '],
  [/^DISA STIG /, 'STIG '],
  [/^Documents /, 'Doc. '],
]

/** "CIS 2.0 · 4.2.6" for "CIS Kubernetes 2.0 · 4.2.6": the chapter of controls has the full names. */
export function shortReference(reference: string): string {
  return shortNames.reduce((text, [pattern, short]) => text.replace(pattern, short), reference)
}
