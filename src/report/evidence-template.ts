// A line of evidence with places for what only one unit calls so: its own name, a container, a volume, a process, an object in it.
// May not: lose a character; with the name and the value put back, it is the line of the result again.
import type { Evidence, Finding } from '../model/result.ts'
import type { Language } from './lang/language.ts'

/** The same line, from what the result says to what it shares with lines of other units. */
export interface EvidenceTemplate {
  readonly variants: readonly Evidence[]
  /** What its last variant leaves out and its other units call by another name: "runner", "pid 912"; '' for nothing. */
  readonly value: string
}

type Unit = Finding['unit']

/** Variants: without the unit's name at the head of its source, with ‹node› for it elsewhere, with ‹pod spec›, with ‹container›. */
export function evidenceTemplate(unit: Unit, evidence: Evidence, lang: Language): EvidenceTemplate {
  const own = mapped(evidence, (text) => text, sourceOf(unit, evidence, lang))
  const unnamed = withoutName(unit, own, lang)
  const placed = { ...unnamed, source: withoutPath(unit, unnamed.source, lang) }
  const { line, value } = withoutValue(placed, lang)
  return { variants: [own, unnamed, placed, line], value }
}

/** Where a line was read from, as it is for all units of its kind: "‹pod spec›.containers[‹container›].image". */
export function placeOfEvidence(unit: Unit, source: string, lang: Language): string {
  const line = { message: '', observed: '', expected: '', source: sourceWithin(unit, source) }
  const unnamed = withoutName(unit, line, lang).source
  return withoutValue({ ...line, source: withoutPath(unit, unnamed, lang) }, lang).line.source
}

function withoutName({ kind, name, node, namespace }: Unit, line: Evidence, { say }: Language): Evidence {
  const place = `‹${say(`unit.${kind}`)}›`
  const names = kind === 'namespaces' && namespace !== undefined ? [name, `namespace ${namespace}`] : [node ?? name]
  return names
    .filter((one) => one.length >= shortest)
    .reduce((made, one) => mapped(made, (text) => replaceName(text, one, place)), line)
}

/** Where a pod's own fields are follows from the kind of its workload. */
function withoutPath(unit: Unit, source: string, lang: Language): string {
  const field = fieldOfPod(unit, source)
  return field === '' ? source : `${podSpec(lang)}.${field}`
}

const podSpec = ({ say }: Language) => `‹${say('unit.podSpec')}›`

/** "hostPID" of "spec.template.spec.hostPID"; '' for any other place. */
function fieldOfPod({ kind, name }: Unit, source: string): string {
  const path = podPaths[name.split(' ', 1)[0] ?? ''] ?? 'spec.template.spec.'
  return kind === 'workloads' && source.startsWith(path) ? source.slice(path.length) : ''
}

const podPaths: Readonly<Record<string, string>> = {
  Pod: 'spec.',
  StaticPod: 'spec.',
  CronJob: 'spec.jobTemplate.spec.template.spec.',
}

function mapped({ message, observed, expected, source }: Evidence, change: (text: string) => string, from = source) {
  return { message: change(message), observed: change(observed), expected: change(expected), source: change(from) }
}

/** Where a line that names its field was read from: the pod's fields begin at one place, which its kind tells. */
function sourceOf(unit: Unit, { observed, source }: Evidence, lang: Language): string {
  const within = sourceWithin(unit, source)
  const field = fieldOfPod(unit, within)
  return field !== '' && observed.startsWith(`${field}: `) ? podSpec(lang) : within
}

/** "spec.hostPID" of "DaemonSet monitoring/node-exporter: spec.hostPID". */
function sourceWithin({ name, node }: Unit, source: string): string {
  const onNode = node !== undefined && name.endsWith(` on ${node}`) ? name.slice(0, -` on ${node}`.length) : name
  const head = [name, onNode].find(
    (one) => one !== '' && source.startsWith(`${one}: `) && source.length > one.length + 2,
  )
  return head === undefined ? source : source.slice(head.length + 2)
}

/** Shorter names are too often a part of something else. */
const shortest = 3

const inBrackets = /(?:\b|init)(containers|volumes)\[([\w.-]+)\]/i

function withoutValue(line: Evidence, { say }: Language): { readonly line: Evidence; readonly value: string } {
  const [, kind = '', named = ''] = inBrackets.exec(line.source) ?? inBrackets.exec(line.observed) ?? []
  if (named.length >= shortest) {
    const place = `‹${say(kind.toLowerCase() === 'volumes' ? 'unit.volume' : 'unit.container')}›`
    return { line: mapped(line, (text) => replaceName(text, named, place)), value: named }
  }
  const [value = ''] = /\bpid \d+\b/.exec(line.source) ?? []
  if (value !== '') {
    return { line: mapped(line, (text) => replaceName(text, value, `‹${say('unit.process')}›`)), value }
  }
  // "Deployment runner: no NetworkPolicy selects the pods" of a namespace, "cleanup: no securityContext" of a workload.
  const [, object = ''] = /^((?:[A-Z]\w+ )?[\w.-]{3,}(?: on [\w.-]+)?): /.exec(line.observed) ?? []
  if (object === '' || !line.message.includes(object)) return { line, value }
  return { line: mapped(line, (text) => replaceName(text, object, `‹${say('unit.object')}›`)), value: object }
}

/** Whole names only: "node-1" is no part of "node-10". */
function replaceName(text: string, name: string, place: string): string {
  const isPart = (character: string | undefined) => character !== undefined && /[\w.-]/.test(character)
  const pieces = text.split(name)
  return pieces.slice(1).reduce((made, piece) => {
    const isWhole = !isPart(made.at(-1)) && !/^[\w-]|^\.\w/.test(piece)
    return `${made}${isWhole ? place : name}${piece}`
  }, pieces[0] ?? '')
}
