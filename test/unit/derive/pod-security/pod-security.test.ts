import { describe, expect, it } from 'vitest'
import { derivePodSecurity, evaluatePodSecurity } from '../../../../src/derive/pod-security/index.ts'
import { unavailable } from '../../../../src/model/fact.ts'
import type { PodTemplate } from '../../../../src/model/pod.ts'
import { container, spec } from '../workloads/evidence-builder.ts'

function templateWith(parts: Parameters<typeof spec>[0], annotations?: Record<string, string>): PodTemplate {
  return { id: 't', spec: spec(parts), ...(annotations === undefined ? {} : { annotations }) }
}

/** Meets level restricted of every version. */
const hardened = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
}
const meeting = templateWith({ containers: [container({ securityContext: hardened })] })

function found(template: PodTemplate, level: 'baseline' | 'restricted', minor: number): string[] {
  return evaluatePodSecurity(template, level, minor).map(({ check, path, value }) => `${check}: ${path}: ${value}`)
}

describe('a violation', () => {
  it('names field, value, what is wanted and what is wrong', () => {
    const template = templateWith({
      hostPID: true,
      containers: [
        container({ name: 'setup', kind: 'init', securityContext: { ...hardened, privileged: true } }),
        container({ securityContext: hardened }),
      ],
    })
    const ofPod = { container: '', kind: '', path: 'spec.hostPID', message: "The pod sees the node's processes" }
    const ofContainer = {
      container: 'setup',
      kind: 'init',
      path: 'spec.initContainers[setup].securityContext.privileged',
      message: 'The init container setup runs privileged',
    }
    const both = { level: 'baseline', isOverridden: false, value: 'true', wanted: 'false or not set' }
    expect(evaluatePodSecurity(template, 'baseline', 36)).toEqual([
      { check: 'hostNamespaces', ...both, ...ofPod },
      { check: 'privileged', ...both, ...ofContainer },
    ])
  })
})

describe('values that the conformance cases leave out', () => {
  const debugger_ = container({
    name: 'debug',
    kind: 'ephemeral',
    securityContext: { capabilities: { add: ['SYS_PTRACE'] } },
  })
  it.each<[string, PodTemplate, 'baseline' | 'restricted', number, string[]]>([
    ['a pod that meets all', meeting, 'restricted', 37, []],
    [
      'ephemeral containers',
      templateWith({ containers: [container({ securityContext: hardened }), debugger_] }),
      'baseline',
      36,
      ['capabilities_baseline: spec.ephemeralContainers[debug].securityContext.capabilities.add: SYS_PTRACE'],
    ],
    [
      'sysctls of 1.37 in 1.36',
      templateWith({ securityContext: { sysctls: [{ name: 'net.ipv4.tcp_notsent_lowat', value: '1' }] } }),
      'baseline',
      36,
      ['sysctls: spec.securityContext.sysctls[net.ipv4.tcp_notsent_lowat]: 1'],
    ],
    [
      'sysctls of 1.37 in 1.37',
      templateWith({ securityContext: { sysctls: [{ name: 'net.ipv4.tcp_notsent_lowat', value: '1' }] } }),
      'baseline',
      37,
      [],
    ],
    [
      'a safe sysctl written with slashes, which only the kubelet understands',
      templateWith({ securityContext: { sysctls: [{ name: 'net/ipv4/tcp_syncookies', value: '1' }] } }),
      'baseline',
      37,
      ['sysctls: spec.securityContext.sysctls[net/ipv4/tcp_syncookies]: 1'],
    ],
    [
      'a drop that is not spelled ALL',
      templateWith({ containers: [container({ securityContext: { ...hardened, capabilities: { drop: ['all'] } } })] }),
      'restricted',
      36,
      ['capabilities_restricted: spec.containers[app].securityContext.capabilities.drop: all'],
    ],
    [
      'a default of the pod that says no, once for all containers',
      templateWith({
        securityContext: { runAsNonRoot: false, seccompProfile: { type: 'Unconfined' } },
        containers: [
          container({ securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }),
        ],
      }),
      'restricted',
      36,
      [
        'runAsNonRoot: spec.securityContext.runAsNonRoot: false',
        'seccompProfile_restricted: spec.securityContext.seccompProfile.type: Unconfined',
      ],
    ],
    [
      'the seccomp annotation of a container that is not there',
      templateWith({}, { 'container.seccomp.security.alpha.kubernetes.io/gone': 'unconfined' }),
      'baseline',
      18,
      [],
    ],
    [
      'the AppArmor annotation of a container that is not there',
      templateWith({}, { 'container.apparmor.security.beta.kubernetes.io/gone': 'unconfined' }),
      'baseline',
      36,
      ['appArmorProfile: metadata.annotations[container.apparmor.security.beta.kubernetes.io/gone]: unconfined'],
    ],
    [
      'a kind of volume nobody knows yet',
      templateWith({
        containers: [container({ securityContext: hardened })],
        volumes: [{ name: 'v', type: 'quantum' }],
      }),
      'restricted',
      36,
      ['restrictedVolumes: spec.volumes[v].quantum: quantum'],
    ],
    [
      'a HostProcess container whose pod is none',
      templateWith({ containers: [container({ securityContext: { windowsOptions: { hostProcess: true } } })] }),
      'baseline',
      36,
      ['windowsHostProcess: spec.containers[app].securityContext.windowsOptions.hostProcess: true'],
    ],
    [
      'Linux settings for Windows',
      templateWith({ os: 'windows' }),
      'restricted',
      36,
      ['runAsNonRoot: spec.containers[app].securityContext.runAsNonRoot: not set'],
    ],
    [
      'a user namespace from 1.35 on, for users and baseline only',
      templateWith({
        hostUsers: false,
        containers: [
          container({ securityContext: { ...hardened, runAsNonRoot: false, runAsUser: 0, procMount: 'Unmasked' } }),
        ],
      }),
      'restricted',
      35,
      ['procMount_restricted: spec.containers[app].securityContext.procMount: Unmasked'],
    ],
  ])('%s', (_, template, level, minor, expected) => {
    expect(found(template, level, minor)).toEqual(expected)
  })
})

describe('the fact', () => {
  const privileged = templateWith({ containers: [container({ securityContext: { ...hardened, privileged: true } })] })
  const violations = evaluatePodSecurity(privileged, 'restricted', 37)
  const baselineChange = '{"spec":{"containers":[{"name":"app","securityContext":{"privileged":false}}]}}'

  it.each([
    [
      'of the cluster’s version',
      { gitVersion: 'v1.36.2', major: 1, minor: 36 },
      { version: '1.36', note: '', violations, baselineChange },
    ],
    [
      'of the newest version known, for a newer cluster',
      { gitVersion: 'v1.41.0', major: 1, minor: 41 },
      {
        version: '1.37',
        note: 'The cluster runs 1.41; 1.37 is the newest version of the standards known here.',
        violations,
        baselineChange,
      },
    ],
    [
      'of no version that is not known',
      unavailable('forbidden', 'The API server refused to tell.'),
      unavailable(
        'forbidden',
        "The Pod Security Standards depend on the cluster's version: The API server refused to tell.",
      ),
    ],
  ])('%s', (_, version, expected) => {
    expect(derivePodSecurity(privileged, version)).toEqual(expected)
  })

  it('keeps what a stricter check says again at level restricted apart', () => {
    const template = templateWith({
      containers: [container({ securityContext: hardened })],
      volumes: [{ name: 'logs', type: 'hostPath', hostPath: { path: '/var/log' } }],
    })
    const fact = derivePodSecurity(template, { gitVersion: 'v1.36.2', major: 1, minor: 36 })
    const told = 'violations' in fact ? fact.violations.map((one) => [one.check, one.level, one.isOverridden]) : fact
    expect(told).toEqual([
      ['hostPathVolumes', 'baseline', true],
      ['restrictedVolumes', 'restricted', false],
    ])
  })
})

describe('the change to level baseline', () => {
  const changeOf = (template: PodTemplate) => {
    const fact = derivePodSecurity(template, { gitVersion: 'v1.36.2', major: 1, minor: 36 })
    return 'violations' in fact && fact.baselineChange !== '' ? JSON.parse(fact.baselineChange) : undefined
  }
  it('is one for all, and only for what is forbidden', () => {
    const template = templateWith(
      {
        hostPID: true,
        hostNetwork: false,
        securityContext: {
          seccompProfile: { type: 'Unconfined' },
          sysctls: [
            { name: 'kernel.shmmax', value: '1' },
            { name: 'net.ipv4.tcp_syncookies', value: '1' },
            { name: 'net.core.somaxconn', value: '9' },
          ],
        },
        containers: [
          container({ name: 'setup', kind: 'init', securityContext: { privileged: true, procMount: 'Unmasked' } }),
          container({
            ports: [{ containerPort: 80, hostPort: 8080 }, { containerPort: 90 }],
            securityContext: {
              capabilities: { add: ['CHOWN', 'SYS_ADMIN', 'NET_RAW'] },
              seLinuxOptions: { type: 'spc_t', user: 'u', level: 's0' },
              appArmorProfile: { type: 'Unconfined' },
            },
            livenessProbe: { handler: 'tcpSocket', port: '80', host: '10.0.0.1' },
            lifecycle: { preStop: { handler: 'httpGet', port: '80', host: '10.0.0.2' } },
          }),
          container({ name: 'debugger', kind: 'ephemeral', securityContext: { privileged: true } }),
          container({ name: 'proxy' }),
        ],
        volumes: [
          { name: 'a', type: 'hostPath', hostPath: { path: '/a' } },
          { name: 'b', type: 'emptyDir' },
          { name: 'c', type: 'hostPath', hostPath: { path: '/c' } },
        ],
      },
      { 'container.apparmor.security.beta.kubernetes.io/app': 'unconfined' },
    )
    const emptied = (name: string) => ({ name, $retainKeys: ['name', 'emptyDir'], emptyDir: {} })
    expect(changeOf(template)).toEqual({
      metadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/app': null } },
      spec: {
        hostPID: false,
        securityContext: {
          seccompProfile: { type: 'RuntimeDefault', localhostProfile: null },
          sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }],
        },
        initContainers: [{ name: 'setup', securityContext: { privileged: false, procMount: null } }],
        containers: [
          {
            name: 'app',
            ports: [{ containerPort: 80, protocol: 'TCP', hostPort: null }],
            securityContext: {
              capabilities: { add: ['CHOWN'] },
              seLinuxOptions: { type: null, user: null },
              appArmorProfile: null,
            },
            livenessProbe: { tcpSocket: { host: null } },
            lifecycle: { preStop: { httpGet: { host: null } } },
          },
        ],
        volumes: [emptied('a'), emptied('c')],
      },
    })
  })
  it('writes ports anew where one number stands twice', () => {
    const ports = [
      { name: 'dns', containerPort: 53, hostPort: 53, protocol: 'UDP' },
      { containerPort: 53, hostPort: 53, protocol: 'TCP' },
    ]
    expect(changeOf(templateWith({ containers: [container({ ports })] }))).toEqual({
      spec: {
        containers: [
          {
            name: 'app',
            ports: [
              { $patch: 'replace' },
              { name: 'dns', containerPort: 53, protocol: 'UDP' },
              { containerPort: 53, protocol: 'TCP' },
            ],
          },
        ],
      },
    })
  })
  it('is none for a template that meets it', () => {
    expect(changeOf(meeting)).toBeUndefined()
  })
})
