// Applies the kubelet's defaulting to decoded values, as SetDefaults_KubeletConfiguration does.
// May not: know where a value came from.

import type { KubeletValues } from './kubelet-decode.ts'
import { kubeletLeaves } from './kubelet-decode.ts'
import { isObject, own } from './kubelet-document.ts'
import { defaultFor, type Json, type LeafField, zeroOf } from './kubelet-fields.ts'

export interface Defaulted {
  /** Leaves that got their default. */
  readonly defaulted: ReadonlySet<string>
  /** Leaves whose default depends on a version that is not known. */
  readonly undetermined: ReadonlySet<string>
}

/** Changes `values` in place. */
export function applyDefaults(values: KubeletValues, minor: number | undefined): Defaulted {
  const defaulted = new Set<string>()
  const undetermined = new Set<string>()
  const related = relatedDefaults(values)
  for (const [path, field] of kubeletLeaves) {
    if (!isUnset(path, field, values.get(path) ?? null)) continue
    if (field.gate !== undefined && isGateOff(values, field.gate)) continue
    const value = related.get(path) ?? defaultFor(field, minor)
    if (value === undefined) undetermined.add(path)
    else {
      values.set(path, value)
      defaulted.add(path)
    }
  }
  return { defaulted, undetermined }
}

/** A pointer is unset when nothing was written; anything else also when what was written is Go's zero value. */
function isUnset(path: string, field: LeafField, value: Json): boolean {
  if (value === null) return true
  if (path === 'podPidsLimit') return typeof value === 'number' && value < 0
  if (field.optional || Array.isArray(value) || isObject(value)) return false
  return value === zeroOf(field)
}

/** Defaults that follow another field as it was written. */
function relatedDefaults(values: KubeletValues): ReadonlyMap<string, Json> {
  const related = new Map<string, Json>()
  const updateFrequency = values.get('nodeStatusUpdateFrequency')
  if (updateFrequency !== undefined && updateFrequency !== '0s')
    related.set('nodeStatusReportFrequency', updateFrequency)
  const pulls = values.get('maxParallelImagePulls')
  if (typeof pulls === 'number' && pulls >= 2) related.set('serializeImagePulls', false)
  return related
}

function isGateOff(values: KubeletValues, gate: string): boolean {
  return featureGate(values, gate) === false
}

/** What the configuration says of a gate; `undefined` when nothing. */
export function featureGate(values: KubeletValues, gate: string): boolean | undefined {
  const gates = values.get('featureGates') ?? null
  const value = isObject(gates) ? own(gates, gate) : undefined
  return typeof value === 'boolean' ? value : undefined
}
