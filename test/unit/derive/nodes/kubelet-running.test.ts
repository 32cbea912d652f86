// The kubelet's own word (/configz) against what its flags and files give, and in their place.
import { describe, expect, it } from 'vitest'
import { deriveNodeUnit } from '../../../../src/derive/nodes/node.ts'
import type { ComponentEvidence } from '../../../../src/model/component-evidence.ts'
import type { NodeEvidence } from '../../../../src/model/node-evidence.ts'
import { demoComponentBodies } from '../../../../src/simulator/component-endpoints.ts'
import { buildHost, buildProcess } from '../host-builder.ts'
import { buildNode } from '../node-builder.ts'

const endpoint = 'GET /api/v1/nodes/n/proxy/configz'
const flagz = 'GET /api/v1/nodes/n/proxy/flagz'
const file = '/var/lib/kubelet/config.yaml'
const unreachable = { unavailable: { reason: 'unreachable', detail: 'Connection refused.' } } as const

/** A kubelet's answer: the demo's, with these fields. */
function configz(own: object = {}, without: readonly string[] = []): ComponentEvidence {
  const body = demoComponentBodies()['/api/v1/nodes/cp-3/proxy/configz']
  const base = body !== undefined && 'kubeletconfig' in body ? body.kubeletconfig : undefined
  const values = JSON.parse(JSON.stringify({ ...Object(base), ...own }))
  for (const name of without) delete values[name]
  return answered({ values })
}
function answered(answer: ComponentEvidence['answer']): ComponentEvidence {
  return { component: 'kubelet', endpoint: 'configz', node: 'n', source: endpoint, observedAt: 'now', answer }
}

interface Parts {
  readonly lines?: readonly string[]
  readonly flags?: readonly string[]
  readonly host?: NodeEvidence['host']
  readonly configz?: ComponentEvidence
  /** The file was changed after the kubelet started. */
  readonly isEdited?: boolean
  /** What its /flagz shows. */
  readonly shown?: Record<string, string>
}
function factsOf({ lines = [], flags = [], host, configz: asked, shown: given, isEdited = false }: Parts) {
  const content = ['apiVersion: kubelet.config.k8s.io/v1beta1', 'kind: KubeletConfiguration', ...lines, ''].join('\n')
  const { facts } = deriveNodeUnit({
    name: 'n',
    object: buildNode('n', { kubeletVersion: 'v1.34.2' }),
    host:
      host ??
      buildHost({
        processes: [buildProcess('kubelet', `--config=${file}`, ...flags)],
        files: {
          [file]: isEdited ? { content, stat: { mode: '0600', uid: 0, gid: 0, modifiedAt: 1_800_000_000 } } : content,
        },
      }),
    configz: asked,
    kubeletFlagz:
      given === undefined
        ? undefined
        : {
            component: 'kubelet',
            endpoint: 'flagz',
            node: 'n',
            source: flagz,
            observedAt: 'now',
            answer: { values: given },
          },
  })
  const { kubeletConfiguration: configuration, kubeletRunning: running } = facts
  if (configuration === undefined || running === undefined) throw new Error('a fact is missing')
  return { configuration, running }
}
function configurationOf(parts: Parts) {
  const { configuration } = factsOf(parts)
  if ('unavailable' in configuration) throw new Error(configuration.unavailable.detail)
  return configuration
}
function differencesOf(parts: Parts) {
  const { running } = factsOf(parts)
  if ('unavailable' in running) throw new Error(running.unavailable.detail)
  return running.differences
}

/** What the demo's kubelet runs with beyond the defaults. */
const kubeadm = [
  'staticPodPath: /etc/kubernetes/manifests',
  'rotateCertificates: true',
  'authentication: {x509: {clientCAFile: /etc/kubernetes/pki/ca.crt}, webhook: {cacheTTL: 0s}}',
  'clusterDomain: cluster.local',
  'clusterDNS: [10.96.0.10]',
  'streamingConnectionIdleTimeout: 0s',
]

describe('configured against running', () => {
  it.each([
    ['nothing was edited', { lines: kubeadm, configz: configz() }, []],
    [
      'a line of the file does not run',
      { lines: [...kubeadm, 'readOnlyPort: 0', 'podPidsLimit: 100'], configz: configz() },
      [{ field: 'podPidsLimit', configured: '100', running: '-1', source: file }],
    ],
    [
      'a line was removed and still runs, in a field that a verdict stands on',
      { lines: kubeadm, configz: configz({ protectKernelDefaults: true, maxPods: 250 }) },
      [
        {
          field: 'protectKernelDefaults',
          configured: 'false',
          running: 'true',
          source: 'default of kubelet 1.34',
        },
      ],
    ],
    [
      'a flag wins over the file on both sides',
      { lines: [...kubeadm, 'podPidsLimit: 100'], flags: ['--pod-max-pids=7'], configz: configz({ podPidsLimit: 7 }) },
      [],
    ],
    [
      'durations and key order are no differences, a list is',
      {
        lines: [
          ...kubeadm,
          'syncFrequency: 60s',
          'evictionHard: {nodefs.available: 1%, memory.available: 1Mi}',
          'allowedUnsafeSysctls: [net.*]',
        ],
        configz: configz({ evictionHard: { 'memory.available': '1Mi', 'nodefs.available': '1%' } }),
      },
      [{ field: 'allowedUnsafeSysctls', configured: '["net.*"]', running: 'not set', source: file }],
    ],
    [
      'what the kubelet changes by itself is no edit',
      {
        lines: [...kubeadm, 'cgroupDriver: cgroupfs', 'systemReserved: {cpu: "1"}'],
        configz: configz({ cgroupDriver: 'systemd' }),
      },
      [],
    ],
    [
      '--seccomp-default is not shown by /configz',
      { lines: kubeadm, flags: ['--seccomp-default'], configz: configz() },
      [],
    ],
  ] satisfies [string, Parts, unknown][])('%s', (_name, parts, expected) => {
    expect(differencesOf(parts)).toEqual(expected)
  })

  it('says that what is on disk would be refused, where it was changed since the start', () => {
    const { running } = factsOf({ lines: ['readOnlyPort: x'], isEdited: true, configz: configz() })
    expect(running).toEqual({
      endpoint,
      compared: 0,
      differences: [],
      refused: `${file}: readOnlyPort is "x", and a number of type int32 is wanted`,
    })
  })

  it('does not call refused what the running kubelet took', () => {
    const { running } = factsOf({ lines: ['readOnlyPort: x'], configz: configz() })
    expect(running).toMatchObject({ unavailable: { reason: 'unsupported' } })
  })

  it.each([
    ['not asked', undefined, 'not-collected'],
    ['forbidden', answered({ unavailable: { reason: 'forbidden', detail: 'no' } }), 'forbidden'],
    ['no configuration', answered({ values: { readOnlyPort: 'x' } }), 'malformed'],
    ['an empty configuration, which would look safe', answered({ values: {} }), 'malformed'],
    ['a part of one', answered({ values: { readOnlyPort: 0, syncFrequency: '1m0s' } }), 'malformed'],
  ] as const)('%s: unknown, and the configured values stand alone', (_name, asked, reason) => {
    const parts: Parts = { lines: ['readOnlyPort: 10255'], ...(asked === undefined ? {} : { configz: asked }) }
    expect(factsOf(parts).running).toMatchObject({ unavailable: { reason } })
    expect(configurationOf(parts).readOnlyPort).toEqual({ value: 10255, source: file })
  })

  it('a host that was not read leaves nothing to compare', () => {
    expect(factsOf({ host: unreachable, configz: configz() }).running).toEqual(unreachable)
  })
})

describe('the verdict stands on what runs', () => {
  it('where file and kubelet disagree, naming both', () => {
    const configuration = configurationOf({ lines: ['seccompDefault: true', 'podPidsLimit: 9'], configz: configz() })
    expect(configuration.seccompDefault).toEqual({
      value: false,
      source: `${endpoint} (${file} says true, not running)`,
    })
    expect(configuration.configurationFile).toEqual({ value: file, source: '--config of pid 812' })
  })
  it('where the file would be refused, or cannot be read', () => {
    expect(configurationOf({ lines: ['readOnlyPort: x'], configz: configz() }).readOnlyPort).toEqual({
      value: 0,
      source: endpoint,
    })
    const host = buildHost({ processes: [buildProcess('kubelet', `--config=${file}`)] })
    expect(configurationOf({ host, configz: configz({ readOnlyPort: 10255 }) }).readOnlyPort).toEqual({
      value: 10255,
      source: endpoint,
    })
  })
})

describe('the API alone', () => {
  it('gives the kubelet’s configuration, and says what it cannot tell', () => {
    const asked = configz({ protectKernelDefaults: true, tlsMinVersion: 'VersionTLS13' })
    const configuration = configurationOf({ host: unreachable, configz: asked })
    expect(configuration).toMatchObject({
      protectKernelDefaults: { value: true, source: endpoint },
      authorizationMode: { value: 'Webhook', source: endpoint },
      anonymousAuthentication: { value: false, source: endpoint },
      clientCAFile: { value: '/etc/kubernetes/pki/ca.crt', source: endpoint },
      streamingConnectionIdleTimeoutSeconds: { value: 14_400, source: endpoint },
      tlsCipherSuites: { value: [], source: endpoint },
      swapBehavior: { value: 'NoSwap', source: endpoint },
      readOnlyPort: { value: 0, source: endpoint },
      configurationFile: { unavailable: { reason: 'not-collected' } },
      hostnameOverride: { unavailable: { reason: 'not-collected' } },
      seccompDefault: { unavailable: { reason: 'not-collected' } },
    })
    expect(configurationOf({ host: unreachable, configz: configz({ seccompDefault: true }) }).seccompDefault).toEqual({
      value: true,
      source: endpoint,
    })
  })
  it('does not take a certificate that the kubelet made itself for one that was set', () => {
    const configuration = configurationOf({ host: unreachable, configz: configz() })
    expect(configuration.tlsCertFile).toHaveProperty('unavailable.reason', 'unsupported')
    expect(configuration.tlsPrivateKeyFile).toHaveProperty('unavailable.reason', 'unsupported')
    const own = configz({ tlsCertFile: '/etc/kubelet/serving.crt', tlsPrivateKeyFile: '/etc/kubelet/serving.key' })
    expect(configurationOf({ host: unreachable, configz: own })).toMatchObject({
      tlsCertFile: { value: '/etc/kubelet/serving.crt', source: endpoint },
      tlsPrivateKeyFile: { value: '/etc/kubelet/serving.key', source: endpoint },
    })
    const rotated = configz({ serverTLSBootstrap: true }, ['tlsCertFile', 'tlsPrivateKeyFile'])
    expect(configurationOf({ host: unreachable, configz: rotated })).toMatchObject({
      tlsCertFile: { value: '', source: endpoint },
      serverTLSBootstrap: { value: true, source: endpoint },
    })
    // The host says more: nothing sets one.
    expect(configurationOf({ lines: kubeadm, configz: configz() }).tlsCertFile).toMatchObject({ value: '' })
  })
  it('with /flagz also of flags that set no field', () => {
    const shown = { config: '/etc/kubelet.yaml', 'hostname-override': '', 'seccomp-default': 'true' }
    expect(configurationOf({ host: unreachable, configz: configz(), shown })).toMatchObject({
      configurationFile: { value: '/etc/kubelet.yaml', source: `--config of ${flagz}` },
      hostnameOverride: { source: `no --hostname-override in ${flagz}` },
      seccompDefault: { value: true, source: `--seccomp-default of ${flagz}` },
    })
    const off = configurationOf({ host: unreachable, configz: configz(), shown: { 'seccomp-default': 'false' } })
    expect(off.seccompDefault).toEqual({ value: false, source: endpoint })
    expect(off.hostnameOverride).toHaveProperty('unavailable.reason', 'not-collected')
  })
  it('a field that this kubelet does not have is unknown, never a default', () => {
    const asked = configz({}, ['failCgroupV1', 'podPidsLimit'])
    expect(configurationOf({ host: unreachable, configz: asked })).toMatchObject({
      failCgroupV1: { unavailable: { reason: 'unsupported' } },
      podPidsLimit: { unavailable: { reason: 'unsupported' } },
    })
  })
  it.each([
    ['0s in a file is the default of four hours', { lines: ['streamingConnectionIdleTimeout: 0s'] }, 14_400],
    ['0 as a flag is none', { flags: ['--streaming-connection-idle-timeout=0'] }, 0],
    ['0s that runs is none', { host: unreachable, configz: configz({ streamingConnectionIdleTimeout: '0s' }) }, 0],
    ['4h that runs', { host: unreachable, configz: configz() }, 14_400],
  ] satisfies [string, Parts, number][])('%s', (_name, parts, seconds) => {
    expect(configurationOf(parts).streamingConnectionIdleTimeoutSeconds).toMatchObject({ value: seconds })
  })
})
