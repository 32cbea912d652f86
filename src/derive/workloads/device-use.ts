// Row F1: pods that hand devices of the node to others, and pods that ask for devices.
// May not: take huge pages or storage for devices.
import type { FactValue } from '../../model/facts.ts'
import type { PodSpec } from '../../model/pod.ts'
import { normalizeHostPath } from './host-paths.ts'

type DeviceUse = FactValue<'deviceUse'>

/** Where the kubelet takes the registrations of device plug-ins. Storage drivers register elsewhere. */
const registry = '/var/lib/kubelet/device-plugins'

/** Resources that are no devices. */
const notDevices = /^(cpu|memory|ephemeral-storage|hugepages-.*|pods|storage)$/

export function deriveDeviceUse(spec: PodSpec): DeviceUse {
  const paths = (spec.volumes ?? []).flatMap(({ hostPath }) =>
    hostPath === undefined ? [] : [normalizeHostPath(hostPath.path)],
  )
  return {
    registers: paths.filter((path) => path === registry || path.startsWith(`${registry}/`)),
    requests: spec.containers.flatMap(({ name, kind, resources }) => {
      const asked = { ...resources?.requests, ...resources?.limits }
      return Object.entries(asked)
        .filter(([resource, quantity]) => !notDevices.test(resource) && quantity !== '0')
        .map(([resource, quantity]) => ({ container: name, kind, resource, quantity }))
    }),
    claims: [...(spec.resourceClaims ?? [])],
  }
}
