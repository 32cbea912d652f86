// The facts about a node's container runtime beside its name and version, together.
// May not: derive any of them itself.
import { type Fact, isUnavailable, type Unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import type { Holder } from '../distribution/holder.ts'
import { deriveContainerLogs } from './container-logs.ts'
import { deriveKubeProxy } from './kube-proxy.ts'
import type { EffectiveKubelet } from './kubelet-effective.ts'
import { deriveNodeStorage } from './node-storage.ts'
import { deriveNodeRegistries } from './registries.ts'
import type { Runtime } from './runtime.ts'
import { deriveRuntimeDaemon } from './runtime-daemon.ts'
import { deriveRuntimeSockets } from './runtime-sockets.ts'

type RuntimeFactName =
  | 'nodeRegistries'
  | 'runtimeDaemon'
  | 'runtimeSockets'
  | 'containerLogs'
  | 'kubeProxy'
  | 'nodeStorage'
type RuntimeFacts = { readonly [N in RuntimeFactName]: Fact<FactValue<N>> }

export interface RuntimeFactsInput {
  readonly host: HostEvidence
  readonly kubelet: EffectiveKubelet | Unavailable
  readonly runtime: Runtime
  /** The process that holds components inside itself, where there is one. */
  readonly holder?: Holder | undefined
  readonly controlPlaneFiles: Fact<FactValue<'controlPlaneFiles'>>
}

export function deriveRuntimeFacts(input: RuntimeFactsInput): RuntimeFacts {
  const { host, kubelet, runtime, controlPlaneFiles, holder } = input
  return {
    nodeRegistries: deriveNodeRegistries(host, runtime),
    runtimeDaemon: deriveRuntimeDaemon(host, runtime),
    runtimeSockets: deriveRuntimeSockets(host),
    kubeProxy: deriveKubeProxy(host, holder),
    containerLogs: deriveContainerLogs(host, kubelet, runtime),
    nodeStorage: deriveNodeStorage({
      host,
      kubelet,
      runtimeRoot: runtime.settings.rootDirectory,
      etcdData: isUnavailable(controlPlaneFiles) ? controlPlaneFiles : controlPlaneFiles.etcdData,
    }),
  }
}

export function unreadRuntimeFacts(reason: Unavailable): RuntimeFacts {
  return {
    nodeRegistries: reason,
    runtimeDaemon: reason,
    runtimeSockets: reason,
    kubeProxy: reason,
    containerLogs: reason,
    nodeStorage: reason,
  }
}
