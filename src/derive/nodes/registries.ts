// The nodeRegistries fact, row E2: which registries the runtime that the kubelet uses asks without TLS or without looking at
// their certificate. May not: take a file that was not read for one that names none.
import { type Fact, isUnavailable, type Observed, type Unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { containerdRegistries } from './registries-containerd.ts'
import { crioRegistries } from './registries-crio.ts'
import { dockerRegistries } from './registries-docker.ts'
import type { InsecureRegistry, Registries } from './registry-endpoint.ts'
import type { Runtime } from './runtime.ts'

export function deriveNodeRegistries(host: HostEvidence, runtime: Runtime): Fact<FactValue<'nodeRegistries'>> {
  const registries = read(host, runtime)
  if (isUnavailable(registries)) return registries
  return { insecure: withoutRepetition(registries.insecure), searched: registries.searched }
}

function read(host: HostEvidence, { name, version, process }: Runtime): Registries | Unavailable {
  if (isUnavailable(name)) return name
  // The daemon's options name its files.
  if (isUnavailable(process)) return process
  switch (name.value) {
    case 'containerd':
      return containerdRegistries(host, process, version)
    case 'cri-o':
      return crioRegistries(host, process)
    case 'docker':
      return dockerRegistries(host, process)
  }
}

/** Of two that say the same the first stays: k3s writes containerd's files from its own. */
function withoutRepetition(all: readonly Observed<InsecureRegistry>[]): Observed<InsecureRegistry>[] {
  const seen = new Set<string>()
  return all.filter((one) => {
    const key = isUnavailable(one)
      ? one.unavailable.detail
      : `${one.value.registry} ${withoutVersion(one.value.endpoint)} ${one.value.how}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

function withoutVersion(endpoint: string): string {
  return endpoint.replace(/\/v2\/?$/, '').replace(/\/$/, '')
}
