// Reads a file of a host once for the several facts that rest on it: a host may send one that takes long to parse.
// May not: remember anything across hosts.
import type { HostEvidence } from '../../model/node-evidence.ts'

export function oncePerHost<T>(read: (host: HostEvidence, path: string) => T): (host: HostEvidence, path: string) => T {
  const known = new WeakMap<HostEvidence, Map<string, { readonly value: T }>>()
  return (host, path) => {
    const ofHost = known.get(host) ?? new Map<string, { readonly value: T }>()
    known.set(host, ofHost)
    const found = ofHost.get(path) ?? { value: read(host, path) }
    ofHost.set(path, found)
    return found.value
  }
}
