import { expect, it } from 'vitest'
import { deriveContainerSecurity } from '../../../../src/derive/workloads/container-security.ts'
import type { Container, PodSpec } from '../../../../src/model/pod.ts'
import { container, spec } from './evidence-builder.ts'

type Own = NonNullable<Container['securityContext']>
type OfPod = NonNullable<PodSpec['securityContext']>

const unset = {
  name: 'app',
  kind: 'container',
  privileged: false,
  allowPrivilegeEscalation: 'not set',
  rootCause: 'runAsNonRoot: not set, runAsUser: not set',
  addedCapabilities: [],
  droppedCapabilities: [],
  dropsAllCapabilities: false,
  hasNetRaw: true,
  seccompProfile: '',
  hostProcess: false,
}
const dropping = (drop: string[], add: string[] = []): Own => ({ capabilities: { drop, add } })

it.each<[string, Own, OfPod, object]>([
  ['nothing set', {}, {}, {}],
  ['escalation refused', { allowPrivilegeEscalation: false }, {}, { allowPrivilegeEscalation: 'false' }],
  ['escalation allowed', { allowPrivilegeEscalation: true }, {}, { allowPrivilegeEscalation: 'true' }],
  ['a user', { runAsUser: 1000 }, {}, { rootCause: '' }],
  ['root', { runAsUser: 0 }, {}, { rootCause: 'runAsUser: 0' }],
  ['root by the pod', {}, { runAsUser: 0 }, { rootCause: 'runAsUser: 0' }],
  ['root of the pod, another user of its own', { runAsUser: 7 }, { runAsUser: 0 }, { rootCause: '' }],
  ['root, which the kubelet refuses', { runAsUser: 0 }, { runAsNonRoot: true }, { rootCause: '' }],
  ['not root by the pod', {}, { runAsNonRoot: true }, { rootCause: '' }],
  [
    'root allowed again',
    { runAsNonRoot: false },
    { runAsNonRoot: true },
    { rootCause: 'runAsNonRoot: false, runAsUser: not set' },
  ],
  ['a user, root allowed', { runAsNonRoot: false, runAsUser: 1 }, {}, { rootCause: '' }],
  [
    'all dropped',
    dropping(['ALL']),
    {},
    { droppedCapabilities: ['ALL'], dropsAllCapabilities: true, hasNetRaw: false },
  ],
  [
    'all dropped, in lower case',
    dropping(['all']),
    {},
    { droppedCapabilities: ['all'], dropsAllCapabilities: true, hasNetRaw: false },
  ],
  [
    'all dropped, NET_RAW added again',
    dropping(['ALL'], ['NET_RAW']),
    {},
    {
      droppedCapabilities: ['ALL'],
      addedCapabilities: ['NET_RAW'],
      dropsAllCapabilities: true,
      hasNetRaw: true,
    },
  ],
  [
    'NET_RAW dropped, all added',
    dropping(['NET_RAW'], ['ALL']),
    {},
    { droppedCapabilities: ['NET_RAW'], addedCapabilities: ['ALL'], hasNetRaw: false },
  ],
  ['another dropped', dropping(['MKNOD']), {}, { droppedCapabilities: ['MKNOD'] }],
  [
    'all dropped, and privileged',
    { ...dropping(['ALL']), privileged: true },
    {},
    { privileged: true, droppedCapabilities: ['ALL'] },
  ],
  ['a seccomp profile', { seccompProfile: { type: 'Localhost' } }, {}, { seccompProfile: 'Localhost' }],
  [
    "the pod's seccomp profile",
    {},
    { seccompProfile: { type: 'RuntimeDefault' } },
    { seccompProfile: 'RuntimeDefault' },
  ],
  [
    "its own before the pod's",
    { seccompProfile: { type: 'Unconfined' } },
    { seccompProfile: { type: 'RuntimeDefault' } },
    { seccompProfile: 'Unconfined' },
  ],
  ['HostProcess', { windowsOptions: { hostProcess: true } }, {}, { hostProcess: true }],
  ['HostProcess by the pod', {}, { windowsOptions: { hostProcess: true } }, { hostProcess: true }],
  [
    'not HostProcess, against the pod',
    { windowsOptions: { hostProcess: false } },
    { windowsOptions: { hostProcess: true } },
    {},
  ],
])('%s', (_, own, ofPod, differing) => {
  const derived = deriveContainerSecurity(
    spec({ securityContext: ofPod, containers: [container({ securityContext: own })] }),
  )
  expect(derived).toEqual({ os: '', containers: [{ ...unset, ...differing }], hostPorts: [] })
})

it('keeps ports of the node, with what Kubernetes fills in, and containers of every kind', () => {
  const ports = [{ containerPort: 80 }, { containerPort: 53, hostPort: 5353, protocol: 'UDP' }, { hostPort: 9100 }]
  const containers = [
    container({ name: 'setup', kind: 'init' }),
    container({ ports }),
    container({ name: 'debug', kind: 'ephemeral' }),
  ]
  const hostPorts = [
    { container: 'app', kind: 'container', hostPort: 5353, containerPort: 53, protocol: 'UDP' },
    { container: 'app', kind: 'container', hostPort: 9100, containerPort: 9100, protocol: 'TCP' },
  ]
  expect(deriveContainerSecurity(spec({ os: 'linux', containers }))).toEqual({
    os: 'linux',
    containers: [{ ...unset, name: 'setup', kind: 'init' }, unset, { ...unset, name: 'debug', kind: 'ephemeral' }],
    hostPorts,
  })
})
