// Builds evidence of API objects for derive tests: only what a case is about; lists are complete unless a case says otherwise.
import type { Evidence, FamilyEvidence } from '../../../../src/model/evidence.ts'
import type { Unavailable } from '../../../../src/model/fact.ts'
import type { ControllerObject, Family, FamilyObjects, PodObject } from '../../../../src/model/objects.ts'
import type { Container, PodSpec, PodTemplate } from '../../../../src/model/pod.ts'
import type { SnapshotHeader } from '../../../../src/model/snapshot.ts'

export interface EvidenceParts {
  readonly objects?: { readonly [F in Family]?: readonly FamilyObjects[F][] }
  /** Families whose list is missing or partial, or was never asked for. */
  readonly gaps?: { readonly [F in Family]?: Unavailable | 'not asked' }
  readonly templates?: readonly PodTemplate[]
  readonly source?: SnapshotHeader['source']
}

const time = '2026-11-20T10:00:00Z'
export const manifests: SnapshotHeader['source'] = { kind: 'manifests', paths: ['deploy/'] }
export const forbidden: Unavailable = { unavailable: { reason: 'forbidden', detail: 'The API server refused it.' } }
export const version = { gitVersion: 'v1.36.2', major: 1, minor: 36 }

export function buildEvidence(parts: EvidenceParts): Evidence {
  const family = <F extends Family>(name: F): FamilyEvidence<F> => {
    const objects = parts.objects?.[name] ?? []
    const gap = parts.gaps?.[name]
    if (gap === 'not asked') return { objects }
    const status = {
      record: 'family',
      family: name,
      count: objects.length,
      source: name,
      startedAt: time,
      finishedAt: time,
    } as const
    return { objects, status: { ...status, ...gap } }
  }
  return {
    header: {
      record: 'header',
      schemaVersion: '1.0',
      tool: { name: 'kube-assay', version: '0' },
      cluster: { name: 'test', uid: 'u', version: version.gitVersion },
      source: parts.source ?? { kind: 'live', server: 'https://127.0.0.1:6443' },
      startedAt: time,
    },
    trailer: { record: 'trailer', finishedAt: time, counts: {}, sha256: '' },
    families: {
      namespaces: family('namespaces'),
      nodes: family('nodes'),
      pods: family('pods'),
      deployments: family('deployments'),
      replicasets: family('replicasets'),
      statefulsets: family('statefulsets'),
      daemonsets: family('daemonsets'),
      jobs: family('jobs'),
      cronjobs: family('cronjobs'),
      replicationcontrollers: family('replicationcontrollers'),
      serviceaccounts: family('serviceaccounts'),
      clusterroles: family('clusterroles'),
      roles: family('roles'),
      clusterrolebindings: family('clusterrolebindings'),
      rolebindings: family('rolebindings'),
      limitranges: family('limitranges'),
      resourcequotas: family('resourcequotas'),
      services: family('services'),
      networkpolicies: family('networkpolicies'),
      secrets: family('secrets'),
      bootstraptokens: family('bootstraptokens'),
      validatingwebhookconfigurations: family('validatingwebhookconfigurations'),
      mutatingwebhookconfigurations: family('mutatingwebhookconfigurations'),
      validatingadmissionpolicies: family('validatingadmissionpolicies'),
      validatingadmissionpolicybindings: family('validatingadmissionpolicybindings'),
      podsecuritypolicies: family('podsecuritypolicies'),
      persistentvolumes: family('persistentvolumes'),
      persistentvolumeclaims: family('persistentvolumeclaims'),
      customresourcedefinitions: family('customresourcedefinitions'),
      horizontalpodautoscalers: family('horizontalpodautoscalers'),
      poddisruptionbudgets: family('poddisruptionbudgets'),
      ingresses: family('ingresses'),
      ingressclasses: family('ingressclasses'),
      servicecidrs: family('servicecidrs'),
      flowschemas: family('flowschemas'),
      prioritylevelconfigurations: family('prioritylevelconfigurations'),
      priorityclasses: family('priorityclasses'),
      runtimeclasses: family('runtimeclasses'),
      storageclasses: family('storageclasses'),
      csidrivers: family('csidrivers'),
      volumeattributesclasses: family('volumeattributesclasses'),
      deviceclasses: family('deviceclasses'),
      resourceclaimtemplates: family('resourceclaimtemplates'),
      mutatingadmissionpolicies: family('mutatingadmissionpolicies'),
      mutatingadmissionpolicybindings: family('mutatingadmissionpolicybindings'),
    },
    templates: new Map((parts.templates ?? []).map((template) => [template.id, template])),
    nodes: [],
  }
}

export function container(parts: Partial<Container> = {}): Container {
  return { name: 'app', kind: 'container', ...parts }
}

export function spec(parts: Partial<PodSpec> = {}): PodSpec {
  return { containers: [container()], ...parts }
}

export function template(id: string, image = 'app:1', parts: Partial<PodTemplate> = {}): PodTemplate {
  return { id, spec: spec({ containers: [container({ image })] }), ...parts }
}

export function pod(name: string, templateId: string, parts: Partial<PodObject> = {}): PodObject {
  return {
    name,
    namespace: 'shop',
    template: templateId,
    nodeName: 'n1',
    phase: 'Running',
    qosClass: 'BestEffort',
    ...parts,
  }
}

export function controller(
  kind: string,
  name: string,
  templateId: string,
  parts: Partial<ControllerObject> = {},
): ControllerObject {
  return { kind, name, namespace: 'shop', template: templateId, ...parts }
}
