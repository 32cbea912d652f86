// Builds evidence of API objects for derive tests: only what a case is about; lists are complete unless a case says otherwise.
import type { Evidence } from '../../../../src/model/evidence.ts'
import type { Unavailable } from '../../../../src/model/fact.ts'
import type { ControllerObject, Family, FamilyObjects, PodObject } from '../../../../src/model/objects.ts'
import type { Container, PodSpec, PodTemplate } from '../../../../src/model/pod.ts'
import type { SnapshotHeader } from '../../../../src/model/snapshot.ts'
import { forEachFamily } from '../../../../src/snapshot/families.ts'

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
  const family = <F extends Family>(name: F) => {
    const given: readonly FamilyObjects[F][] = parts.objects?.[name] ?? []
    const objects = [...given]
    const gap: Unavailable | 'not asked' | undefined = parts.gaps?.[name]
    if (gap === 'not asked') return { objects }
    const status = {
      record: 'family',
      family: name,
      count: objects.length,
      source: name,
      startedAt: time,
      finishedAt: time,
    } as const
    return { objects, status: gap === undefined ? status : { ...status, ...gap } }
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
    families: forEachFamily(family),
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
