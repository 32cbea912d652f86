import { describe, expect, it } from 'vitest'
import { derivePodSysctls } from '../../../../src/derive/workloads/pod-sysctls.ts'
import { unavailable } from '../../../../src/model/fact.ts'
import type { PodSpec } from '../../../../src/model/pod.ts'
import { spec } from './evidence-builder.ts'

const minor = (number: number) => ({ gitVersion: `v1.${number}.0`, major: 1, minor: number })
const unknown = unavailable('forbidden', 'Reading /version was refused.')
const withSysctl = (name: string, parts: Partial<PodSpec> = {}) =>
  spec({ securityContext: { sysctls: [{ name, value: '1' }] }, ...parts })

const notListed = 'namespaced, but refused by a kubelet that does not list it in allowedUnsafeSysctls'
const notNamespaced = 'not namespaced: it is a setting of the whole node, which no pod can have for itself'

describe('category and reason by version', () => {
  it.each([
    [25, 'kernel.shm_rmid_forced', 'safe', 'allowed by default'],
    [25, 'net.ipv4.tcp_syncookies', 'safe', 'allowed by default'],
    [25, 'net/ipv4/tcp_syncookies', 'safe', 'allowed by default'],
    [25, 'net.ipv4.ping_group_range', 'safe', 'allowed by default since Kubernetes 1.18'],
    [21, 'net.ipv4.ip_unprivileged_port_start', 'unsafe', 'allowed by default only from Kubernetes 1.22 on'],
    [26, 'net.ipv4.ip_local_reserved_ports', 'unsafe', 'allowed by default only from Kubernetes 1.27 on'],
    [
      27,
      'net.ipv4.ip_local_reserved_ports',
      'safe',
      'allowed by default since Kubernetes 1.27, on nodes with kernel 3.16 or newer',
    ],
    [28, 'net.ipv4.tcp_keepalive_time', 'unsafe', 'allowed by default only from Kubernetes 1.29 on'],
    [
      29,
      'net.ipv4.tcp_keepalive_time',
      'safe',
      'allowed by default since Kubernetes 1.29, on nodes with kernel 4.5 or newer',
    ],
    [
      29,
      'net.ipv4.tcp_fin_timeout',
      'safe',
      'allowed by default since Kubernetes 1.29, on nodes with kernel 4.6 or newer',
    ],
    [31, 'net.ipv4.tcp_rmem', 'unsafe', 'allowed by default only from Kubernetes 1.32 on'],
    [32, 'net.ipv4.tcp_wmem', 'safe', 'allowed by default since Kubernetes 1.32, on nodes with kernel 4.15 or newer'],
    [36, 'net.ipv4.tcp_notsent_lowat', 'unsafe', 'allowed by default only from Kubernetes 1.37 on'],
    [
      37,
      'net.ipv4.tcp_slow_start_after_idle',
      'safe',
      'allowed by default since Kubernetes 1.37, on nodes with kernel 4.15 or newer',
    ],
    [36, 'net.core.somaxconn', 'unsafe', notListed],
    [36, 'kernel.sem', 'unsafe', notListed],
    [36, 'kernel/msgmax', 'unsafe', notListed],
    [36, 'fs.mqueue.msg_max', 'unsafe', notListed],
    [36, 'vm.max_map_count', 'node', notNamespaced],
    [36, 'kernel.panic', 'node', notNamespaced],
    [36, 'fs.mqueue', 'node', notNamespaced],
    [36, 'netfilter.x', 'node', notNamespaced],
    // By prefix until 1.28, by name since.
    [28, 'kernel.shm_next_id', 'unsafe', notListed],
    [29, 'kernel.shm_next_id', 'node', notNamespaced],
  ])('1.%i %s is %s', (number, name, category, reason) => {
    expect(derivePodSysctls(withSysctl(name), minor(number))).toEqual({
      requested: [{ name, value: '1', category, conflict: '', reason }],
    })
  })

  it('takes the newest table for a later major version', () => {
    const facts = derivePodSysctls(withSysctl('net.ipv4.tcp_notsent_lowat'), {
      gitVersion: 'v2.0.0',
      major: 2,
      minor: 0,
    })
    expect(facts).toMatchObject({ requested: [{ category: 'safe' }] })
  })
})

describe('conflict with namespaces of the node', () => {
  const network = "not allowed with hostNetwork: it would set the node's own network namespace"
  const ipc = "not allowed with hostIPC: it would set the node's own IPC namespace"
  it.each([
    ['net.core.somaxconn', { hostNetwork: true }, network],
    ['net.ipv4.tcp_syncookies', { hostNetwork: true }, network],
    ['net.core.somaxconn', { hostIPC: true }, ''],
    ['kernel.sem', { hostIPC: true }, ipc],
    ['kernel.shm_rmid_forced', { hostIPC: true, hostNetwork: true }, ipc],
    ['fs/mqueue/msg_max', { hostIPC: true }, ipc],
    ['kernel.sem', { hostNetwork: true }, ''],
    ['vm.swappiness', { hostNetwork: true, hostIPC: true }, ''],
  ])('%s with %j', (name, parts, conflict) => {
    expect(derivePodSysctls(withSysctl(name, parts), minor(36))).toMatchObject({ requested: [{ name, conflict }] })
  })
})

describe('cluster version unknown', () => {
  it.each([
    [
      'kernel.shm_rmid_forced',
      {
        requested: [
          { name: 'kernel.shm_rmid_forced', value: '1', category: 'safe', conflict: '', reason: 'allowed by default' },
        ],
      },
    ],
    [
      'kernel.sem',
      { requested: [{ name: 'kernel.sem', value: '1', category: 'unsafe', conflict: '', reason: notListed }] },
    ],
    [
      'vm.swappiness',
      { requested: [{ name: 'vm.swappiness', value: '1', category: 'node', conflict: '', reason: notNamespaced }] },
    ],
    [
      'net.ipv4.tcp_rmem',
      unavailable(
        'forbidden',
        "Whether sysctl net.ipv4.tcp_rmem is safe depends on the cluster's version: Reading /version was refused.",
      ),
    ],
    [
      'kernel.msg_next_id',
      unavailable(
        'forbidden',
        "Whether sysctl kernel.msg_next_id is safe depends on the cluster's version: Reading /version was refused.",
      ),
    ],
  ])('%s', (name, expected) => {
    expect(derivePodSysctls(withSysctl(name), unknown)).toEqual(expected)
  })

  it('does not matter to a pod without sysctls', () => {
    expect(derivePodSysctls(spec(), unknown)).toEqual({ requested: [] })
  })
})
