// Which process is a component, where its files are, and what is known without the host.
import { describe, expect, it } from 'vitest'
import type { MirrorPod } from '../../../../src/derive/control-plane/index.ts'
import { describeMirror } from '../../../../src/derive/control-plane/running.ts'
import { isUnavailable } from '../../../../src/model/fact.ts'
import type { Container } from '../../../../src/model/pod.ts'
import { apiServer, component, deriveNode, manifests, type NodeParts, tell } from './support.ts'

const manifest = (command: readonly string[], more = '') =>
  [
    'apiVersion: v1',
    'kind: Pod',
    'metadata: {name: kube-apiserver, namespace: kube-system}',
    'spec:',
    '  containers:',
    `  - command: ${JSON.stringify(command)}`,
    '    image: registry.k8s.io/kube-apiserver:v1.33.5',
    '    name: kube-apiserver',
    '    volumeMounts:',
    '    - {mountPath: /etc/kubernetes/pki, name: pki, readOnly: true}',
    '    - {mountPath: /etc/audit/, name: audit, subPath: policies}',
    '    - {mountPath: /tmp, name: scratch}',
    '  volumes:',
    '  - {name: pki, hostPath: {path: /etc/kubernetes/pki}}',
    '  - {name: audit, hostPath: {path: /srv/audit/}}',
    '  - {name: scratch, emptyDir: {}}',
    more,
  ].join('\n')
const path = `${manifests}/kube-apiserver.yaml`
const policy = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n'
const mirror: MirrorPod = {
  component: 'kube-apiserver',
  name: 'kube-system/kube-apiserver-cp-1',
  arguments: ['kube-apiserver', '--anonymous-auth=false'],
  image: 'registry.k8s.io/kube-apiserver:v1.36.0',
  mounts: [],
}
const runs = (parts: NodeParts) => {
  const { apiServer: fact } = deriveNode(parts)
  return isUnavailable(fact) ? tell(fact) : tell(fact.runs)
}

describe('the API server', () => {
  it.each<[name: string, parts: NodeParts, runs: string]>([
    ['runs', { processes: [apiServer()] }, 'true from pid 1544'],
    ['runs by its path', { processes: [component(7, '/usr/local/bin/kube-apiserver')] }, 'true from pid 7'],
    ['runs as hyperkube', { processes: [component(7, 'hyperkube', 'kube-apiserver')] }, 'true from pid 7'],
    ['does not run', {}, 'false from processes of the node'],
    [
      'is due by its manifest',
      { files: { [path]: manifest(['kube-apiserver']) } },
      `not-running: kube-apiserver should run here by ${path}, but had no process when the node was read.`,
    ],
    [
      'is due by its mirror pod',
      { mirrorPods: [mirror] },
      'not-running: kube-apiserver should run here by mirror pod kube-system/kube-apiserver-cp-1, but had no process when the node was read.',
    ],
    [
      'is inside k3s',
      { processes: [{ ...component(9, '/usr/local/bin/k3s', 'server'), name: 'k3s-server' }] },
      'not-collected: /etc/systemd/system/k3s.service was not read by the probe.',
    ],
    [
      'is not on a k3s agent',
      {
        processes: [{ ...component(9, 'k3s', 'agent', '--node-name=a'), name: 'k3s', environment: {} }],
        files: { '/etc/rancher/k3s/config.yaml': { absent: true } },
        directories: { '/etc/rancher/k3s/config.yaml.d': { absent: true } },
      },
      'false from processes of the node',
    ],
    [
      'is one of two',
      { processes: [apiServer('--a=1'), component(77, 'kube-apiserver', '--a=2')] },
      'unsupported: Several processes of kube-apiserver run (pids 77, 1544), and which one is the cluster’s is not to be told.',
    ],
    [
      'is the one of the manifest, beside a virtual cluster’s',
      {
        processes: [apiServer('--a=1'), component(77, 'kube-apiserver', '--a=2')],
        files: { [path]: manifest(['kube-apiserver', '--a=1']) },
      },
      'true from pid 1544',
    ],
    [
      'is told by the mirror pod',
      { host: { unavailable: { reason: 'unreachable', detail: 'x' } }, mirrorPods: [mirror] },
      'true from mirror pod kube-system/kube-apiserver-cp-1',
    ],
    ['is not told at all', { host: { unavailable: { reason: 'unreachable', detail: 'x' } } }, 'unreachable: x'],
  ])('%s', (_name, parts, expected) => expect(runs(parts)).toBe(expected))

  it('of a mirror pod has its flags, its version and no files', () => {
    const { apiServer: fact } = deriveNode({
      host: { unavailable: { reason: 'unreachable', detail: 'Connection refused.' } },
      mirrorPods: [{ ...mirror, arguments: [...mirror.arguments, '--audit-policy-file=/p'] }],
    })
    if (isUnavailable(fact)) throw new Error('unavailable')
    expect(
      [fact.version, fact.anonymousAuthentication, fact.profiling, fact.auditLogMaxAge, fact.auditLevels].map(tell),
    ).toEqual([
      '"1.36.0" from image in mirror pod kube-system/kube-apiserver-cp-1',
      'false from --anonymous-auth of mirror pod kube-system/kube-apiserver-cp-1',
      'true from default of kube-apiserver 1.36',
      '366 from default of kube-apiserver 1.36',
      'unreachable: /p: Connection refused.',
    ])
  })

  it.each<[policy: string, host: string, found: string]>([
    ['/etc/audit/policy.yaml', '/srv/audit/policies/policy.yaml', '10'],
    ['/etc/kubernetes/pki/policy.yaml', '/etc/kubernetes/pki/policy.yaml', '10'],
    [
      '/tmp/policy.yaml',
      '/tmp/policy.yaml',
      'unsupported: /tmp/policy.yaml: /tmp/policy.yaml is inside the container, and no volume of its pod brings it from the host.',
    ],
    [
      '/etc/auditing/policy.yaml',
      '/etc/auditing/policy.yaml',
      'unsupported: /etc/auditing/policy.yaml: /etc/auditing/policy.yaml is inside the container, and no volume of its pod brings it from the host.',
    ],
    ['policy.yaml', '/policy.yaml', 'unsupported: policy.yaml: policy.yaml is relative to a folder that is not known.'],
  ])('reads %s through its mounts', (inside, onHost, found) => {
    const command = ['kube-apiserver', `--audit-policy-file=${inside}`]
    const { apiServer: fact } = deriveNode({
      processes: [component(1544, ...command)],
      files: { [path]: manifest(command), [onHost]: policy },
    })
    if (isUnavailable(fact)) throw new Error('unavailable')
    const { auditLevels } = fact
    expect('unavailable' in auditLevels ? tell(auditLevels) : String(auditLevels.value.length)).toBe(found)
  })
})

it('knows a controller manager from Calico’s controllers, whose names the kernel cuts alike', () => {
  const calico = {
    ...component(20, '/usr/bin/kube-controllers'),
    name: 'kube-controller',
    executable: '/usr/bin/kube-controllers',
  }
  const own = component(
    21,
    'kube-controller-manager',
    '--bind-address=127.0.0.1',
    '--feature-gates=kube:RotateKubeletServerCertificate=false,B=true',
  )
  const facts = [deriveNode({ processes: [calico] }), deriveNode({ processes: [calico, own] })].map(
    ({ controllerManager }) =>
      isUnavailable(controllerManager)
        ? []
        : [controllerManager.runs, controllerManager.bindAddress, controllerManager.rotateKubeletServerCertificate].map(
            tell,
          ),
  )
  expect(facts).toEqual([
    [
      'false from processes of the node',
      'not-running: kube-controller-manager does not run on this node.',
      'not-running: kube-controller-manager does not run on this node.',
    ],
    ['true from pid 21', '"127.0.0.1" from --bind-address of pid 21', 'false from --feature-gates of pid 21'],
  ])
})

describe('scheduler profiling', () => {
  const file = (line: string) =>
    `apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n${line}\n`
  it.each<[name: string, flags: string[], content: string, profiling: string]>([
    ['default', [], '', 'true from default of kube-scheduler 1.34'],
    ['flag', ['--profiling=false'], '', 'false from --profiling of pid 30'],
    ['file above the flag', ['--profiling=false', '--config=/s'], file('enableProfiling: true'), 'true from /s'],
    [
      'file without it',
      ['--profiling=false', '--config=/s'],
      file(''),
      'true from default of kube-scheduler 1.34: /s does not set enableProfiling',
    ],
    [
      'file of another type',
      ['--config=/s'],
      file('enableProfiling: "no"'),
      'malformed: enableProfiling in /s is neither true nor false.',
    ],
  ])('%s', (_name, flags, content, profiling) => {
    const { scheduler } = deriveNode({
      processes: [component(30, 'kube-scheduler', ...flags)],
      files: { '/s': content },
    })
    expect(isUnavailable(scheduler) ? '' : tell(scheduler.profiling)).toBe(profiling)
  })
})

describe('a mirror pod', () => {
  const mounts = new Map([
    ['pki', '/srv/pki'],
    ['scratch', undefined],
  ])
  it.each<[name: string, container: Partial<Container>, expected: unknown]>([
    [
      'whose flags are arguments of its image’s program, as RKE2 writes it',
      { command: ['kube-apiserver'], args: ['--profiling=false'], image: 'rancher/hardened-kubernetes:v1.33.5-rke2r1' },
      {
        component: 'kube-apiserver',
        name: 'kube-system/a',
        arguments: ['kube-apiserver', '--profiling=false'],
        image: 'rancher/hardened-kubernetes:v1.33.5-rke2r1',
        mounts: [],
      },
    ],
    [
      'with volumes',
      {
        command: ['etcd'],
        volumeMounts: [
          { name: 'pki', mountPath: '/pki' },
          { name: 'scratch', mountPath: '/tmp' },
        ],
      },
      {
        component: 'etcd',
        name: 'kube-system/a',
        arguments: ['etcd'],
        image: '',
        mounts: [
          { at: '/pki', hostPath: '/srv/pki' },
          { at: '/tmp', hostPath: undefined },
        ],
      },
    ],
    ['of something else', { command: ['/usr/local/bin/kube-vip'], args: ['kube-apiserver'] }, undefined],
    ['without a command', {}, undefined],
  ])('%s', (_name, container, expected) => {
    expect(describeMirror('kube-system/a', { name: 'a', kind: 'container', ...container }, mounts)).toEqual(expected)
  })
})

describe('what runs against what is written', () => {
  const differences = (parts: NodeParts) => {
    const { staticPods } = deriveNode(parts)
    return isUnavailable(staticPods) ? tell(staticPods) : staticPods
  }
  it('is the same whatever the order and way of writing', () => {
    const parts: NodeParts = {
      processes: [apiServer('--b=$(IP)', '--profiling=true', '--a=2')],
      files: { [path]: manifest(['kube-apiserver', '--a', '2', '--profiling', '--b=10.0.0.1']) },
    }
    expect(differences(parts)).toEqual({ folder: manifests, components: ['kube-apiserver'], differences: [] })
  })
  it('differs from the process and from the mirror pod', () => {
    const parts: NodeParts = {
      processes: [apiServer('--a=1')],
      files: { [path]: manifest(['kube-apiserver', '--a=1', '--audit-log-path=/x']) },
      mirrorPods: [mirror],
    }
    const difference = { component: 'kube-apiserver', source: path }
    expect(differences(parts)).toEqual({
      folder: manifests,
      components: ['kube-apiserver'],
      differences: [
        {
          ...difference,
          flag: '--audit-log-path',
          configured: '/x',
          running: 'not set (pid 1544, mirror pod kube-system/kube-apiserver-cp-1)',
        },
        {
          ...difference,
          flag: '--a',
          configured: '1',
          running: 'not set (mirror pod kube-system/kube-apiserver-cp-1)',
        },
        {
          ...difference,
          flag: '--anonymous-auth',
          configured: 'not set',
          running: 'false (mirror pod kube-system/kube-apiserver-cp-1)',
        },
      ],
    })
  })
  it.each<[name: string, parts: NodeParts, expected: unknown]>([
    ['no static pods', {}, { folder: manifests, components: [], differences: [] }],
    ['a manifest that does not parse', { files: { [path]: '{' } }, expect.stringMatching(/^malformed: /)],
    [
      'two manifests of one component',
      {
        processes: [apiServer()],
        files: { [path]: manifest(['kube-apiserver']), [`${manifests}/old.yaml`]: manifest(['kube-apiserver']) },
      },
      `unsupported: Both ${path} and ${manifests}/old.yaml start kube-apiserver.`,
    ],
    [
      'a folder that was not read',
      { directories: { [manifests]: { unavailable: { reason: 'sudo-denied', detail: 'No.' } } } },
      'sudo-denied: No.',
    ],
  ])('%s', (_name, parts, expected) => expect(differences(parts)).toEqual(expected))
})

describe('outdated flags', () => {
  const flags = (parts: NodeParts) => {
    const { componentFlags: fact } = deriveNode(parts)
    if (isUnavailable(fact)) return tell(fact)
    const list = (one: typeof fact.kubelet) =>
      isUnavailable(one)
        ? tell(one)
        : one.value.map(({ component: name, flag, status }) => `${name} ${flag}: ${status}`)
    return [list(fact.kubelet), list(fact.controlPlane)]
  }
  it.each<[name: string, parts: NodeParts, expected: unknown]>([
    ['none', { processes: [apiServer('--profiling=false')] }, [[], []]],
    [
      'of the kubelet, by its version',
      { kubeletFlags: ['--pod-infra-container-image=pause', '--network_plugin', 'cni', '--v=2'], kubeletMinor: 34 },
      [
        [
          'kubelet --pod-infra-container-image: deprecated since 1.27, gone in 1.35',
          'kubelet --network-plugin: removed in 1.24',
        ],
        [],
      ],
    ],
    ['not yet outdated', { kubeletFlags: ['--pod-infra-container-image=pause'], kubeletMinor: 26 }, [[], []]],
    [
      'of the control plane',
      {
        processes: [
          apiServer('--insecure-port=0'),
          component(30, 'kube-scheduler', '--port=0', '--kube-api-qps=9', '--profiling=false'),
        ],
        clusterVersion: 'v1.23.17',
      },
      [
        [],
        [
          'kube-apiserver --insecure-port: deprecated since 1.10, gone in 1.24',
          'kube-scheduler --port: deprecated since 1.13, gone in 1.24',
          'kube-scheduler --kube-api-qps: deprecated',
        ],
      ],
    ],
    [
      'of a version that is not known',
      { processes: [apiServer()], clusterVersion: 'x' },
      [[], 'unsupported: The version of kube-apiserver (pid 1544) is not known.'],
    ],
  ])('%s', (_name, parts, expected) => expect(flags(parts)).toEqual(expected))
})
