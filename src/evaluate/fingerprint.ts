// What a finding is called in every audit of its cluster, so that it can be accepted, tracked and compared.
// May not: depend on words, severity, evidence, order, or a name that Kubernetes generates.
import { hash } from 'node:crypto'
import type { UnitIdentity } from '../model/unit.ts'

/** Changes only together with what goes into a fingerprint; fingerprints of different versions never match. */
const version = 'fp1'

export interface ClusterIdentity {
  readonly name: string
  /** Of the namespace kube-system; files have none, and the name then stands in. */
  readonly uid?: string | undefined
}

/**
 * The fingerprint of one rule on one unit: "fp1:" and 32 hex digits of SHA-256 over cluster, rule and unit. Two findings of one
 * result never share one, because a rule judges a unit once.
 */
export function fingerprintOf(
  cluster: ClusterIdentity,
  rule: string,
  unit: Pick<UnitIdentity, 'kind' | 'id' | 'lasting'>,
): string {
  const place = cluster.uid === undefined ? ['name', cluster.name] : ['uid', cluster.uid]
  const digest = hash('sha256', JSON.stringify([version, ...place, rule, unit.kind, unit.lasting ?? unit.id]))
  return `${version}:${digest.slice(0, 32)}`
}
