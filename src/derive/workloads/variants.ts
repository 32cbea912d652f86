// Tells apart the templates that one owner's pods have right now, and names them so that a name survives the next run.
//
// - One template (the usual case): the unit has the owner's plain id.
// - Several (a roll-out, a debugging container, changed admission): the plain id belongs to the template that matches the
//   owner's own; where none or several match, to the one with most pods, or, with none matching, the newest pods.
//   The others are `#2`, `#3` … by content digest, so neither pod names nor the order of the list matter.
// - Several owners of one name, as folders of manifests have them: `#2` … too.
// - Static pods have no owner object, each node has its own file: the template of more than half of the pods has the plain id, the others
//   are `@<first node>` each. So one node that differs, or that is replaced, gives no other a new name.
import type { PodObject } from '../../model/objects.ts'
import type { PodTemplate } from '../../model/pod.ts'
import { compareText } from '../family-gap.ts'
import type { WorkloadGroup } from './owners.ts'

export interface Variant {
  readonly id: string
  /** For people, behind the owner's name: "" or " (older template #2)". */
  readonly label: string
  readonly templateId: string
  readonly pods: readonly PodObject[]
}

type Templates = ReadonlyMap<string, PodTemplate>

export function variantsOf(group: WorkloadGroup, templates: Templates): readonly Variant[] {
  const first = ofPods(group, templates)
  const known = new Set(first.map(({ templateId }) => templateId))
  const others = [...group.otherTemplates].filter((templateId) => !known.has(templateId)).sort(compareText)
  const defined = others.map((templateId, index): Variant => {
    const number = `#${first.length + index + 1}`
    return { id: `${group.id}${number}`, label: ` (defined again ${number})`, templateId, pods: [] }
  })
  return [...first, ...defined]
}

function ofPods(group: WorkloadGroup, templates: Templates): readonly Variant[] {
  const made = [...group.pods].map(([templateId, pods]) => ({ templateId, pods }))
  const [only] = made
  if (only === undefined) {
    const own = (group.controller ?? group.child)?.template
    return own === undefined ? [] : [{ id: group.id, label: '', templateId: own, pods: [] }]
  }
  if (made.length === 1) return [{ id: group.id, label: '', ...only }]
  const nodes = made.map(({ pods }) => firstNode(pods))
  const areTellingNodes = group.isStaticPod && new Set(nodes).size === made.length
  return areTellingNodes ? perNode(group, made) : ranked(group, made, templates)
}

interface Made {
  readonly templateId: string
  readonly pods: readonly PodObject[]
}

function perNode(group: WorkloadGroup, made: readonly Made[]): readonly Variant[] {
  const all = made.reduce((sum, { pods }) => sum + pods.length, 0)
  return made.map((variant) => {
    if (2 * variant.pods.length > all) return { id: group.id, label: '', ...variant }
    const node = firstNode(variant.pods)
    return { id: `${group.id}@${node}`, label: ` on ${node}`, ...variant }
  })
}

function firstNode(pods: readonly PodObject[]): string {
  return pods.map((pod) => pod.nodeName ?? '').reduce((a, b) => (a < b ? a : b))
}

function ranked(group: WorkloadGroup, made: readonly Made[], templates: Templates): readonly Variant[] {
  const own = templates.get(group.controller?.template ?? '')
  const rated = made.map((variant) => ({
    ...variant,
    matches: own !== undefined && contains(templates.get(variant.templateId)?.spec, own.spec),
    newest: variant.pods.map((pod) => pod.creationTimestamp ?? '').reduce((a, b) => (a > b ? a : b)),
  }))
  const current = rated.reduce((best, next) => (isMoreCurrent(next, best) ? next : best))
  const others = rated.filter((variant) => variant !== current).sort((a, b) => compareText(a.templateId, b.templateId))
  const labelled = others.map((variant, index): Variant => {
    const isOlder = current.matches && !variant.matches && variant.newest <= current.newest
    const number = `#${index + 2}`
    const label = ` (${isOlder ? 'older' : 'other'} template ${number})`
    return { id: `${group.id}${number}`, label, templateId: variant.templateId, pods: variant.pods }
  })
  return [{ id: group.id, label: '', templateId: current.templateId, pods: current.pods }, ...labelled]
}

interface Rated extends Made {
  readonly matches: boolean
  readonly newest: string
}

function isMoreCurrent(a: Rated, b: Rated): boolean {
  if (a.matches !== b.matches) return a.matches
  if (!a.matches && a.newest !== b.newest) return a.newest > b.newest
  if (a.pods.length !== b.pods.length) return a.pods.length > b.pods.length
  return a.templateId < b.templateId
}

/** Whether everything in `wanted` is in `actual` too: admission adds to a pod (token volumes, defaults), seldom alters. */
function contains(actual: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(actual)) return false
    if (wanted.every((element) => typeof element !== 'object')) return sameElements(actual, wanted)
    return wanted.every((element) => actual.some((candidate) => contains(candidate, element)))
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof actual !== 'object' || actual === null) return false
    const values = new Map<string, unknown>(Object.entries(actual))
    return Object.entries(wanted).every(([key, value]) => contains(values.get(key), value))
  }
  return actual === wanted
}

function sameElements(actual: readonly unknown[], wanted: readonly unknown[]): boolean {
  return actual.length === wanted.length && wanted.every((element, index) => actual[index] === element)
}
