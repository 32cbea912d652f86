import { expect, it } from 'vitest'
import { deriveDeviceUse } from '../../../../src/derive/workloads/device-use.ts'
import type { PodSpec } from '../../../../src/model/pod.ts'
import { container, spec } from './evidence-builder.ts'

const hostPath = (path: string) => spec({ volumes: [{ name: 'v', type: 'hostPath', hostPath: { path } }] })
const asks = (resources: Record<string, string>) =>
  spec({ containers: [container({ resources: { limits: resources } })] })

it.each<[string, PodSpec, string[]]>([
  ['a device plug-in', hostPath('/var/lib/kubelet/device-plugins/'), ['registers /var/lib/kubelet/device-plugins']],
  ['a storage driver', hostPath('/var/lib/kubelet/plugins_registry'), []],
  ['a folder with a like name', hostPath('/var/lib/kubelet/device-plugins-old'), []],
  ['a GPU', asks({ 'nvidia.com/gpu': '2', cpu: '1' }), ['app nvidia.com/gpu 2']],
  ['huge pages and storage', asks({ 'hugepages-2Mi': '4Mi', 'ephemeral-storage': '1Gi', memory: '1Gi' }), []],
  ['none of a device', asks({ 'nvidia.com/gpu': '0' }), []],
  ['a resource claim', spec({ resourceClaims: ['gpu'] }), ['claim gpu']],
])('%s', (_, of, expected) => {
  const { registers, requests, claims } = deriveDeviceUse(of)
  expect([
    ...registers.map((path) => `registers ${path}`),
    ...requests.map(({ container: name, resource, quantity }) => `${name} ${resource} ${quantity}`),
    ...claims.map((name) => `claim ${name}`),
  ]).toEqual(expected)
})
