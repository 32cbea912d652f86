// Names of bindings, roles and subjects as evidence shows them, and as maps tell them apart.
import type { BindingObject } from '../../model/objects.ts'

type WrittenSubject = BindingObject['subjects'][number]

export interface SubjectName {
  readonly kind: string
  readonly name: string
  /** Of a ServiceAccount, else "". */
  readonly namespace: string
}

const accountUser = /^system:serviceaccount:([^:]+):([^:]+)$/

/** The subject itself: the user name of a ServiceAccount is that ServiceAccount. */
export function subjectOf({ kind, name, namespace = '' }: WrittenSubject): SubjectName {
  const [, ofNamespace, account] = (kind === 'User' && accountUser.exec(name)) || []
  if (ofNamespace !== undefined && account !== undefined) {
    return { kind: 'ServiceAccount', name: account, namespace: ofNamespace }
  }
  return { kind, name, namespace: kind === 'ServiceAccount' ? namespace : '' }
}

/** "ServiceAccount shop/cart", "User jane". */
export function subjectInWords({ kind, name, namespace }: SubjectName): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`
}

/** The unit's id: "shop/ServiceAccount/cart", "User/jane". */
export function subjectId({ kind, name, namespace }: SubjectName): string {
  return `${namespace === '' ? '' : `${namespace}/`}${kind}/${name}`
}

/** "Role shop/reader", "ClusterRole view", "RoleBinding shop/readers". */
export function inWords(kind: string, namespace: string, name: string): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`
}

const everyCaller: ReadonlySet<string> = new Set([
  'system:serviceaccounts',
  'system:authenticated',
  'system:unauthenticated',
])

/** Whether the subject, as a binding writes it, stands for pods or callers in general rather than for one that was meant. */
export function isShared(kind: string, name: string): boolean {
  switch (kind) {
    case 'ServiceAccount':
      return name === 'default'
    case 'Group':
      return everyCaller.has(name) || name.startsWith('system:serviceaccounts:')
    case 'User':
      return name === 'system:anonymous' || /^system:serviceaccount:[^:]+:default$/.test(name)
    default:
      return false
  }
}

/** A user or group that only a bootstrap token gives. */
export function isBootstrapToken(name: string): boolean {
  return /^system:(bootstrappers$|bootstrappers:|bootstrap:)/.test(name)
}

/** The groups that Kubernetes itself puts a subject into. */
export function groupsOf({ kind, name, namespace }: SubjectName): readonly string[] {
  switch (kind) {
    case 'ServiceAccount':
      return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
    case 'User':
      return [name === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated']
    case 'Group':
      if (name === 'system:authenticated' || name === 'system:unauthenticated') return []
      return [...(name.startsWith('system:serviceaccounts:') ? ['system:serviceaccounts'] : []), 'system:authenticated']
    default:
      return []
  }
}
