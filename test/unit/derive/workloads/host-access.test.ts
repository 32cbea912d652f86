import { describe, expect, it } from 'vitest'
import { deriveHostAccess } from '../../../../src/derive/workloads/host-access.ts'
import { container, spec } from './evidence-builder.ts'

const nothing = { hostNetwork: false, hostPID: false, hostIPC: false, privilegedContainers: [], hostPaths: [] }

it.each([
  ['nothing', spec(), nothing],
  [
    'namespaces',
    spec({ hostNetwork: true, hostPID: true, hostIPC: true }),
    { ...nothing, hostNetwork: true, hostPID: true, hostIPC: true },
  ],
  [
    'privileged containers of all kinds',
    spec({
      containers: [
        container({ name: 'a', kind: 'init', securityContext: { privileged: true } }),
        container({ name: 'b', securityContext: { privileged: false } }),
        container({ name: 'c', securityContext: { privileged: true } }),
        container({ name: 'd', kind: 'ephemeral', securityContext: { privileged: true } }),
      ],
    }),
    {
      ...nothing,
      privilegedContainers: [
        { name: 'a', kind: 'init' },
        { name: 'c', kind: 'container' },
        { name: 'd', kind: 'ephemeral' },
      ],
    },
  ],
])('sees %s', (_, pod, expected) => {
  expect(deriveHostAccess(pod)).toEqual(expected)
})

describe('path sensitivity', () => {
  it.each([
    ['/', '/', 'critical'],
    ['//', '/', 'critical'],
    ['', '/', 'critical'],
    ['/etc', '/etc', 'critical'],
    ['/etc/', '/etc', 'critical'],
    ['/etc/../etc/./kubernetes//', '/etc/kubernetes', 'critical'],
    ['/tmp/../root', '/root', 'critical'],
    ['/../..', '/', 'critical'],
    ['/etc/kubernetes/pki/ca.key', '/etc/kubernetes/pki/ca.key', 'critical'],
    ['/etc/kubernetesque', '/etc/kubernetesque', 'other'],
    ['/etc/localtime', '/etc/localtime', 'other'],
    ['/etc/default/kubelet', '/etc/default/kubelet', 'critical'],
    ['/etc/sysconfig', '/etc/sysconfig', 'critical'],
    ['/etc/NetworkManager/dispatcher.d', '/etc/NetworkManager/dispatcher.d', 'critical'],
    ['/var/snap/microk8s/current/credentials', '/var/snap/microk8s/current/credentials', 'critical'],
    ['/var/snap/microk8s/common/default-storage/pvc-1', '/var/snap/microk8s/common/default-storage/pvc-1', 'other'],
    ['/var', '/var', 'critical'],
    ['/etc/ssl/certs', '/etc/ssl/certs', 'other'],
    ['/etc/ssl', '/etc/ssl', 'sensitive'],
    ['/var', '/var', 'critical'],
    ['/var/lib', '/var/lib', 'critical'],
    ['/var/lib/kubelet', '/var/lib/kubelet', 'critical'],
    ['/var/lib/kubelet/pods', '/var/lib/kubelet/pods', 'critical'],
    ['/var/lib/kubelet/plugins/csi.example.com', '/var/lib/kubelet/plugins/csi.example.com', 'sensitive'],
    ['/var/lib/kubelet/device-plugins', '/var/lib/kubelet/device-plugins', 'other'],
    ['/var/lib/etcd', '/var/lib/etcd', 'critical'],
    ['/var/lib/docker/containers', '/var/lib/docker/containers', 'critical'],
    ['/var/lib/app', '/var/lib/app', 'other'],
    ['/var/log', '/var/log', 'sensitive'],
    ['/var/log/pods', '/var/log/pods', 'sensitive'],
    ['/var/log/app', '/var/log/app', 'other'],
    ['/run', '/run', 'critical'],
    ['/var/run', '/var/run', 'critical'],
    ['/var/run/docker.sock', '/var/run/docker.sock', 'critical'],
    ['/var/runner', '/var/runner', 'other'],
    ['/run/flannel', '/run/flannel', 'other'],
    ['/var/lock', '/var/lock', 'other'],
    ['/proc/sys/net', '/proc/sys/net', 'critical'],
    ['/sys', '/sys', 'critical'],
    ['/dev', '/dev', 'critical'],
    ['/dev/nvme0n1p1', '/dev/nvme0n1p1', 'critical'],
    ['/dev/shm', '/dev/shm', 'other'],
    ['/usr/share/zoneinfo', '/usr/share/zoneinfo', 'other'],
    ['/usr/bin', '/usr/bin', 'critical'],
    ['/opt', '/opt', 'critical'],
    ['/home/user/data', '/home/user/data', 'critical'],
    ['/data', '/data', 'other'],
    ['data', '/data', 'other'],
    ['C:\\', 'C:\\', 'critical'],
    ['c:\\etc\\kubernetes', 'c:\\etc\\kubernetes', 'critical'],
    ['\\\\.\\pipe\\containerd-containerd', '\\\\.\\pipe\\containerd-containerd', 'critical'],
    ['C:/data', 'C:/data', 'other'],
  ])('%j', (written, path, sensitivity) => {
    const pod = spec({ volumes: [{ name: 'v', type: 'hostPath', hostPath: { path: written } }] })
    expect(deriveHostAccess(pod).hostPaths).toEqual([
      { volume: 'v', path, sensitivity, writable: false, containers: [] },
    ])
  })
})

describe('mounts of a hostPath', () => {
  const mounting = (name: string, readOnly?: boolean) =>
    container({ name, volumeMounts: [{ name: 'v', mountPath: '/v', ...(readOnly === undefined ? {} : { readOnly }) }] })
  it.each([
    ['none', '/data', [container()], false, []],
    ['writable by default', '/data', [mounting('a')], true, ['a']],
    ['explicitly writable', '/data', [mounting('a', false)], true, ['a']],
    ['read-only', '/data', [mounting('a', true)], false, ['a']],
    [
      'one of several writable',
      '/data',
      [mounting('a', true), mounting('b'), container({ name: 'c' })],
      true,
      ['a', 'b'],
    ],
    [
      'twice in a container',
      '/data',
      [
        container({
          volumeMounts: [
            { name: 'v', mountPath: '/a', readOnly: true },
            { name: 'v', mountPath: '/b' },
          ],
        }),
      ],
      true,
      ['app'],
    ],
    ['a socket, which read-only does not close', '/run/containerd/containerd.sock', [mounting('a', true)], true, ['a']],
    ['a socket nobody mounts', '/run/containerd/containerd.sock', [container()], false, []],
    ['some other socket, read-only', '/data/app.sock', [mounting('a', true)], false, ['a']],
  ])('%s', (_, path, containers, writable, names) => {
    const pod = spec({
      containers,
      volumes: [
        { name: 'v', type: 'hostPath', hostPath: { path } },
        { name: 'w', type: 'emptyDir' },
      ],
    })
    expect(deriveHostAccess(pod).hostPaths).toMatchObject([{ volume: 'v', path, writable, containers: names }])
  })
})
