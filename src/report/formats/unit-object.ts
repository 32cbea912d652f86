// The Kubernetes object that a unit stands for, read from its stable id.
import type { Finding } from '../../model/result.ts'

export interface UnitObject {
  readonly apiVersion?: string
  readonly kind: string
  readonly name: string
  readonly namespace?: string
}

const apiVersions: Readonly<Record<string, string>> = {
  Namespace: 'v1',
  Node: 'v1',
  Pod: 'v1',
  ReplicationController: 'v1',
  ServiceAccount: 'v1',
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  ReplicaSet: 'apps/v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
  Role: 'rbac.authorization.k8s.io/v1',
  ClusterRole: 'rbac.authorization.k8s.io/v1',
  RoleBinding: 'rbac.authorization.k8s.io/v1',
  ClusterRoleBinding: 'rbac.authorization.k8s.io/v1',
  User: 'rbac.authorization.k8s.io/v1',
  Group: 'rbac.authorization.k8s.io/v1',
}

export function unitObject(unit: Finding['unit'], cluster: string): UnitObject {
  if (unit.kind === 'cluster') return { kind: 'Cluster', name: cluster }
  if (unit.kind === 'nodes') return withVersion('Node', unit.node ?? afterSlash(unit.id))
  if (unit.kind === 'namespaces') return withVersion('Namespace', unit.namespace ?? afterSlash(unit.id))
  const parts = unit.id.split('/')
  const [first = '', second = ''] = parts
  if (unit.namespace === undefined || first !== unit.namespace || parts.length < 3) {
    return withVersion(first, parts.slice(1).join('/'))
  }
  const name = parts.slice(2).join('/')
  // The kubelet names the mirror pod <name>-<node>.
  if (second === 'StaticPod') return { ...withVersion('Pod', name.replace(/@([^@]*)$/, '-$1')), namespace: first }
  return { ...withVersion(second, name), namespace: first }
}

function withVersion(kind: string, name: string): UnitObject {
  const apiVersion = Object.hasOwn(apiVersions, kind) ? apiVersions[kind] : undefined
  return { ...(apiVersion === undefined ? {} : { apiVersion }), kind, name }
}

function afterSlash(id: string): string {
  return id.slice(id.indexOf('/') + 1)
}
