// The doors from a template to its node: privileged containers, host namespaces, hostPath volumes. Row F1, as far as the pod tells.
import type { FactValue } from '../../model/facts.ts'
import type { PodSpec } from '../../model/pod.ts'
import { hostPathSensitivity, isControlSocket, normalizeHostPath } from './host-paths.ts'

type HostAccess = FactValue<'hostAccess'>

export function deriveHostAccess(spec: PodSpec): HostAccess {
  return {
    hostNetwork: spec.hostNetwork === true,
    hostPID: spec.hostPID === true,
    hostIPC: spec.hostIPC === true,
    privilegedContainers: spec.containers
      .filter((container) => container.securityContext?.privileged === true)
      .map(({ name, kind }) => ({ name, kind })),
    hostPaths: hostPathsOf(spec),
  }
}

/** A volume that no container mounts is listed too: the next change of the template may use it. */
function hostPathsOf(spec: PodSpec): HostAccess['hostPaths'] {
  const found: HostAccess['hostPaths'] = []
  for (const { name, hostPath } of spec.volumes ?? []) {
    if (hostPath === undefined) continue
    const path = normalizeHostPath(hostPath.path)
    const mounts = spec.containers.flatMap((container) =>
      (container.volumeMounts ?? []).filter((mount) => mount.name === name).map((mount) => ({ container, mount })),
    )
    found.push({
      volume: name,
      path,
      sensitivity: hostPathSensitivity(path),
      writable: mounts.length > 0 && (isControlSocket(path) || mounts.some(({ mount }) => mount.readOnly !== true)),
      containers: [...new Set(mounts.map(({ container }) => container.name))],
    })
  }
  return found
}
