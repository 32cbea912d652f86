// What a check of the Pod Security Standards is: versions of one condition, each of which finds the fields that break it.
// May not: know the table of checks, or judge by anything but the pod's own template.
import type { FactValue } from '../../model/facts.ts'
import type { Container, PodSpec, PodTemplate } from '../../model/pod.ts'

/** One field of a template that a check does not allow. */
export type Violation = FactValue<'podSecurity'>['violations'][number]

export type PodSecurityLevel = 'baseline' | 'restricted'

/** A violation before it is known which check found it. */
export type Breach = Pick<Violation, 'container' | 'kind' | 'path' | 'value' | 'wanted' | 'message'>

export type FindBreaches = (template: PodTemplate) => Breach[]

export interface PodSecurityCheck {
  /** Kubernetes' own id of the check. */
  readonly id: string
  readonly level: PodSecurityLevel
  /** Ids of baseline checks that this check replaces at level restricted. */
  readonly overrides?: readonly string[]
  /** Oldest first. `since`: first minor version of Kubernetes 1 for which it holds. */
  readonly versions: readonly { readonly since: number; readonly find: FindBreaches }[]
}

/** The same condition in words: what stands there, what may stand there, and a sentence that says what is wrong. */
interface Words {
  readonly value: string
  readonly wanted: string
  readonly message: string
}

/** `field`: below the pod's spec. */
export function podBreach(field: string, words: Words): Breach {
  return { container: '', kind: '', path: `spec.${field}`, ...words }
}

export function annotationBreach(name: string, words: Words): Breach {
  return { container: '', kind: '', path: `metadata.annotations[${name}]`, ...words }
}

const lists = { init: 'initContainers', container: 'containers', ephemeral: 'ephemeralContainers' } as const

/** `field`: below the container. */
export function containerBreach({ name, kind }: Container, field: string, words: Words): Breach {
  return { container: name, kind, path: `spec.${lists[kind]}[${name}].${field}`, ...words }
}

/** "The init container migrate". */
export function naming({ name, kind }: Container): string {
  return `The ${kind === 'container' ? '' : `${kind} `}container ${name}`
}

export function isWindows(spec: PodSpec): boolean {
  return spec.os === 'windows'
}

/** Root in a user namespace of the pod's own is nobody on the node, so that some conditions are relaxed from 1.35 on. */
export function hasOwnUserNamespace(spec: PodSpec): boolean {
  return spec.hostUsers === false
}

/** As `find`, for pods that `isExempt` does not say yes to. */
export function except(isExempt: (spec: PodSpec) => boolean, find: FindBreaches): FindBreaches {
  return (template) => (isExempt(template.spec) ? [] : find(template))
}
