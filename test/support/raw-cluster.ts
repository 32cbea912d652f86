// A small cluster as an API server tells it, through the real projection, derivation and catalogue: for tests of what stays the
// same when its objects change. May not: skip a stage of the audit.
import { join } from 'node:path'
import { type Catalogue, loadCatalogue } from '../../src/catalog/index.ts'
import { projectObject } from '../../src/collect/projection/index.ts'
import { deriveFacts } from '../../src/derive/index.ts'
import { type EvaluateInput, evaluate } from '../../src/evaluate/index.ts'
import type { Evidence } from '../../src/model/evidence.ts'
import type { Unavailable } from '../../src/model/fact.ts'
import { type Family, familyNames } from '../../src/model/objects.ts'
import type { PodTemplate } from '../../src/model/pod.ts'
import type { Result } from '../../src/model/result.ts'
import { buildEvidence } from '../unit/derive/workloads/evidence-builder.ts'

export type RawObject = Readonly<Record<string, unknown>>
export interface RawCluster {
  readonly objects: { readonly [F in Family]?: readonly RawObject[] }
  readonly gaps?: { readonly [F in Family]?: Unavailable }
  readonly uid?: string
  readonly name?: string
}

const catalogue = loadCatalogue(join(import.meta.dirname, '../../rules'), '0.1.0')

/** Some rules over workloads, nodes, namespaces and bindings. */
export async function smallCatalogue(rules: readonly string[]): Promise<Catalogue> {
  const all = await catalogue
  return { ...all, rules: all.rules.filter(({ rule }) => rules.includes(rule.id)) }
}

export function evidenceOfRaw({ objects, gaps = {}, uid = 'cluster-1', name = 'prod' }: RawCluster): Evidence {
  const templates: PodTemplate[] = []
  const known = new Set<string>()
  const byFamily: Record<string, unknown[]> = {}
  for (const family of familyNames) {
    const projected: unknown[] = []
    byFamily[family] = projected
    for (const raw of objects[family] ?? []) {
      const problem = projectObject(family, raw, known, (record) => {
        if (record.record === 'template') templates.push(record.template)
        if (record.record !== 'object') return
        projected.push(record.object)
      })
      if (problem !== undefined) throw new Error(problem)
    }
  }
  const evidence = buildEvidence({ objects: byFamily, gaps, templates })
  return { ...evidence, header: { ...evidence.header, cluster: { ...evidence.header.cluster, name, uid } } }
}

export async function evaluateRaw(
  cluster: RawCluster,
  rules: readonly string[],
  parts: Partial<EvaluateInput> = {},
): Promise<Result> {
  const evidence = evidenceOfRaw(cluster)
  return evaluate({
    evidence,
    facts: deriveFacts(evidence),
    catalogue: await smallCatalogue(rules),
    benchmark: { key: 'cis-kubernetes', name: 'CIS Kubernetes', version: '1.24' },
    now: '2026-11-20T09:00:00Z',
    tool: { name: 'kube-assay', version: '0.1.0' },
    findingsCap: 1000,
    ...parts,
  })
}

const privileged = { containers: [{ name: 'app', image: 'shop/app:1', securityContext: { privileged: true } }] }

export function deployment(name: string, namespace = 'shop', labels: RawObject = {}): RawObject {
  return {
    metadata: { name, namespace, uid: `deployment-${name}`, labels },
    spec: { replicas: 1, template: { metadata: { labels: { app: name } }, spec: privileged } },
  }
}

export function replicaSet(owner: string, hash: string, namespace = 'shop'): RawObject {
  return {
    metadata: {
      name: `${owner}-${hash}`,
      namespace,
      uid: `rs-${owner}-${hash}`,
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'Deployment', name: owner, uid: `d-${owner}`, controller: true },
      ],
    },
    spec: {
      replicas: 1,
      template: { metadata: { labels: { app: owner, 'pod-template-hash': hash } }, spec: privileged },
    },
  }
}

export function podOf(owner: string, hash: string, suffix: string, namespace = 'shop'): RawObject {
  return {
    metadata: {
      name: `${owner}-${hash}-${suffix}`,
      generateName: `${owner}-${hash}-`,
      namespace,
      uid: `pod-${owner}-${hash}-${suffix}`,
      labels: { app: owner, 'pod-template-hash': hash },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${owner}-${hash}`, uid: `rs-${owner}`, controller: true },
      ],
    },
    spec: { nodeName: 'worker-1', ...privileged },
    status: { phase: 'Running' },
  }
}

/** A pod that a person or tool made without an owner. */
export function barePod(name: string, metadata: RawObject = {}): RawObject {
  return {
    metadata: { name, namespace: 'shop', uid: `pod-${name}`, ...metadata },
    spec: { nodeName: 'worker-1', ...privileged },
    status: { phase: 'Running' },
  }
}

/** A pod of a Job, which a CronJob made. */
export function jobPod(job: string, suffix: string): RawObject {
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: job, uid: `job-${job}`, controller: true }
  return barePod(`${job}-${suffix}`, { generateName: `${job}-`, ownerReferences: [owner] })
}

export function nodeObject(name: string, info: RawObject = {}, uid = `node-${name}`): RawObject {
  return {
    metadata: { name, uid, labels: { 'node-role.kubernetes.io/worker': '', pool: 'blue' } },
    spec: {},
    status: {
      addresses: [],
      nodeInfo: { kubeletVersion: 'v1.36.2', machineID: `m-${name}`, systemUUID: `s-${name}`, ...info },
    },
  }
}
