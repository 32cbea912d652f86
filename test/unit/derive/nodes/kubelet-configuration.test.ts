import { describe, expect, it } from 'vitest'
import { deriveNodeUnit } from '../../../../src/derive/nodes/node.ts'
import { isUnavailable } from '../../../../src/model/fact.ts'
import type { FactValue } from '../../../../src/model/facts.ts'
import { kubeletConfigurationSchema } from '../../../../src/model/facts-node.ts'
import { absent, buildHost, buildProcess, denied, type HostParts } from '../host-builder.ts'
import { buildNode } from '../node-builder.ts'

type Configuration = FactValue<'kubeletConfiguration'>

const gvk = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'
const config = '/var/lib/kubelet/config.yaml'
const folder = '/etc/kubernetes/kubelet.conf.d'
/** Before and after the start time of buildProcess. */
const before = 1_690_000_000
const after = 1_710_000_000
const stat = (modifiedAt: number) => ({ mode: '0644', uid: 0, gid: 0, modifiedAt })

function derive(flags: readonly string[], parts: HostParts, version = 'v1.34.1'): unknown {
  const host = buildHost({ processes: [buildProcess('kubelet', ...flags)], ...parts })
  return deriveNodeUnit({ name: 'w1', object: buildNode('w1', { kubeletVersion: version }), host }).facts
    .kubeletConfiguration
}

function configuration(flags: readonly string[], parts: HostParts, version?: string): Configuration {
  return kubeletConfigurationSchema.parse(derive(flags, parts, version))
}

function refusalOf(flags: readonly string[], parts: HostParts, version?: string): string {
  const { makeIPTablesUtilChains } = configuration(flags, parts, version)
  if (!isUnavailable(makeIPTablesUtilChains)) return `accepted: ${makeIPTablesUtilChains.value}`
  return `${makeIPTablesUtilChains.unavailable.reason}: ${makeIPTablesUtilChains.unavailable.detail}`
}

const withConfig = (body: string): HostParts => ({ files: { [config]: gvk + body } })
const configFlag = `--config=${config}`

describe('where each value comes from', () => {
  it('is all defaults with an empty configuration file', () => {
    const source = 'default of kubelet 1.34'
    expect(configuration([configFlag], withConfig(''))).toEqual({
      configurationFile: { value: config, source: '--config of pid 812' },
      protectKernelDefaults: { value: false, source },
      makeIPTablesUtilChains: { value: true, source },
      allowedUnsafeSysctls: { value: [], source },
      failSwapOn: { value: true, source },
      swapBehavior: { value: 'NoSwap', source },
      failCgroupV1: { value: false, source },
      cgroupDriver: { value: 'cgroupfs', source },
      seccompDefault: { value: false, source },
      readOnlyPort: { value: 0, source },
      anonymousAuthentication: { value: false, source },
      webhookAuthentication: { value: true, source },
      authorizationMode: { value: 'Webhook', source },
      clientCAFile: { value: '', source },
      streamingConnectionIdleTimeoutSeconds: { value: 14_400, source },
      eventRecordQPS: { value: 50, source },
      rotateCertificates: { value: false, source },
      rotateKubeletServerCertificate: { value: true, source },
      serverTLSBootstrap: { value: false, source },
      tlsCertFile: { value: '', source },
      tlsPrivateKeyFile: { value: '', source },
      tlsCipherSuites: { value: [], source },
      tlsMinVersion: { value: '', source },
      podPidsLimit: { value: -1, source },
      hostnameOverride: { source: 'no --hostname-override among the arguments of pid 812' },
    })
  })

  it('names flag, drop-in, file and default', () => {
    const parts: HostParts = {
      files: {
        [config]: `${gvk}readOnlyPort: 1\nprotectKernelDefaults: true\nfailSwapOn: false\n`,
        [`${folder}/10-x.conf`]: `${gvk}readOnlyPort: 2\nfailSwapOn: null\n`,
      },
      directories: { [folder]: ['10-x.conf', 'readme.txt'] },
    }
    const flags = [configFlag, `--config-dir=${folder}`, '--seccomp-default', '--hostname-override=w1.example']
    expect(configuration(flags, parts)).toMatchObject({
      readOnlyPort: { value: 2, source: `${folder}/10-x.conf` },
      protectKernelDefaults: { value: true, source: config },
      failSwapOn: { value: true, source: 'default of kubelet 1.34' },
      seccompDefault: { value: true, source: '--seccomp-default of pid 812' },
      hostnameOverride: { value: 'w1.example', source: '--hostname-override of pid 812' },
    })
  })

  it('is the legacy defaults without --config, also under drop-ins', () => {
    const flags = [`--config-dir=${folder}`]
    const files = { [`${folder}/a.conf`]: `${gvk}readOnlyPort: 0\n` }
    expect(configuration(flags, { files, directories: { [folder]: ['a.conf'] } })).toMatchObject({
      configurationFile: { source: 'no --config among the arguments of pid 812' },
      anonymousAuthentication: { value: true, source: 'default of kubelet 1.34 without --config' },
      webhookAuthentication: { value: false, source: 'default of kubelet 1.34 without --config' },
      authorizationMode: { value: 'AlwaysAllow', source: 'default of kubelet 1.34 without --config' },
      readOnlyPort: { value: 0, source: `${folder}/a.conf` },
    })
  })

  it('finds drop-ins of a folder given with a slash at its end', () => {
    const files = { [config]: gvk, [`${folder}//a.conf`]: `${gvk}podPidsLimit: 10\n` }
    const flags = [configFlag, `--config-dir=${folder}/`]
    const { podPidsLimit } = configuration(flags, { files, directories: { [`${folder}/`]: ['a.conf'] } })
    expect(podPidsLimit).toEqual({ value: 10, source: `${folder}/a.conf` })
  })

  it('says that 0s in the file is no timeout of zero, and that the flag is', () => {
    const parts = withConfig('streamingConnectionIdleTimeout: 0s\n')
    expect(configuration([configFlag], parts).streamingConnectionIdleTimeoutSeconds).toEqual({
      value: 14_400,
      source: `default of kubelet 1.34 (0s in ${config} counts as unset)`,
    })
    const flags = [configFlag, '--streaming-connection-idle-timeout=0']
    expect(configuration(flags, parts).streamingConnectionIdleTimeoutSeconds).toEqual({
      value: 0,
      source: '--streaming-connection-idle-timeout of pid 812',
    })
  })

  it('says that a file was edited after the kubelet had read it', () => {
    const file = { content: `${gvk}protectKernelDefaults: true\n`, stat: stat(after) }
    expect(configuration([configFlag], { files: { [config]: file } }).protectKernelDefaults).toEqual({
      value: true,
      source: `${config} (edited after the kubelet started)`,
    })
    const older = { ...file, stat: stat(before) }
    expect(configuration([configFlag], { files: { [config]: older } }).protectKernelDefaults).toEqual({
      value: true,
      source: config,
    })
  })

  it.each([
    ['v1.26.4', 5],
    ['v1.27.0', 50],
  ])('eventRecordQPS of %s is %i', (version, value) => {
    const source = `default of kubelet 1.${version.slice(3, 5)}`
    expect(configuration([configFlag], withConfig(''), version).eventRecordQPS).toEqual({ value, source })
  })

  it.each([
    ['v1.30.2', false],
    ['v1.34.9', false],
    ['v1.35.0', true],
    ['v1.37.0-beta.0', true],
  ])('failCgroupV1 of %s is %s', (version, value) => {
    expect(configuration([configFlag], withConfig(''), version).failCgroupV1).toMatchObject({ value })
  })

  it('knows version-dependent defaults not, and all others, when the API is silent', () => {
    const host = buildHost({ processes: [buildProcess('kubelet', configFlag)], ...withConfig('') })
    const object = { unavailable: { reason: 'forbidden', detail: 'nodes is forbidden' } } as const
    const fact = kubeletConfigurationSchema.parse(
      deriveNodeUnit({ name: 'w1', object, host }).facts.kubeletConfiguration,
    )
    expect(fact.readOnlyPort).toEqual({ value: 0, source: 'default of the kubelet' })
    expect(fact.eventRecordQPS).toEqual({
      unavailable: {
        reason: 'forbidden',
        detail:
          "Nothing sets eventRecordQPS, and its default depends on the kubelet's version, which is not known: nodes is forbidden",
      },
    })
  })
})

describe('files that cannot be read', () => {
  it.each([
    ['denied', { [config]: denied }, 'permission-denied'],
    ['not read', {}, 'not-collected'],
    ['cut off', { [config]: { content: gvk, truncatedFrom: 900_000 } }, 'too-large'],
  ])('%s: only flags are known', (_name, files, reason) => {
    const fact = configuration([configFlag, '--protect-kernel-defaults', '--seccomp-default=false'], { files })
    expect(fact.protectKernelDefaults).toEqual({ value: true, source: '--protect-kernel-defaults of pid 812' })
    expect(fact.readOnlyPort).toMatchObject({ unavailable: { reason } })
    expect(fact.seccompDefault).toMatchObject({ unavailable: { reason } })
  })

  it('keeps the reason of a broken-off run', () => {
    const incomplete = { reason: 'timeout', detail: 'No answer within 60 s.' } as const
    expect(configuration([configFlag], { incomplete }).readOnlyPort).toEqual({
      unavailable: { reason: 'timeout', detail: `${config} was not read: No answer within 60 s.` },
    })
  })

  it('knows nothing below an unreadable drop-in', () => {
    const files = { [config]: gvk, [`${folder}/a.conf`]: denied }
    const flags = [configFlag, `--config-dir=${folder}`]
    expect(configuration(flags, { files, directories: { [folder]: ['a.conf'] } }).readOnlyPort).toEqual(denied)
  })
})

describe('what the kubelet refuses', () => {
  const said = (what: string) =>
    `malformed: The kubelet refuses its configuration (${what}), so the running one is not what the files say.`
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
    .split('')
    .map((name, index) => `${name}: &${name} [${Array.from({ length: 10 }, () => `*${'abcdefgh'[index]}`).join(',')}]`)
    .join('\n')}\n`

  it.each([
    ['no kind', 'readOnlyPort: 1\n', said(`${config}: Object 'Kind' is missing`)],
    ['empty', '', said(`${config}: the file is empty`)],
    [
      'quoted number',
      `${gvk}readOnlyPort: "1"\n`,
      said(`${config}: readOnlyPort is "1", and a number of type int32 is wanted`),
    ],
    ['number for text', `${gvk}clusterDomain: 1\n`, said(`${config}: clusterDomain is 1, and text is wanted`)],
    ['port out of range', `${gvk}readOnlyPort: 70000\n`, said('readOnlyPort 70000 must be between 0 and 65535')],
    [
      'unknown mode',
      `${gvk}authorization: {mode: RBAC}\n`,
      said('authorization.mode "RBAC" must be one of "AlwaysAllow", "Webhook"'),
    ],
    ['null duration', `${gvk}syncFrequency: null\n`, said(`${config}: syncFrequency: invalid duration ""`)],
    [
      'text for a struct',
      `${gvk}authentication: none\n`,
      said(`${config}: authentication is "none", and an object is wanted`),
    ],
  ])('%s', (_name, content, expected) => {
    expect(refusalOf([configFlag], { files: { [config]: content } })).toBe(expected)
  })

  it.each([
    ['bad YAML', `${gvk}a: [1\n`],
    ['alias bomb', gvk + bomb],
    ['deep nesting', `${gvk}a: ${'['.repeat(20_000)}`],
    ['deep JSON', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['binary', '\u0000\u0001\u0002\ufffd'],
    ['huge line', `${gvk}a: "${'x'.repeat(1_000_000)}`],
    ['a list', '- 1\n- 2\n'],
    ['many documents', '---\n'.repeat(60_000)],
    ['a wall of blanks', `a:${' '.repeat(200_000)}x: y`],
    ['prototype keys', `${gvk}__proto__: {readOnlyPort: 1}\nreadOnlyPort: {}\n`],
  ])('%s', (_name, content) => {
    expect(refusalOf([configFlag], { files: { [config]: content } })).toMatch(/^malformed: The kubelet refuses/)
  })

  it.each([
    ['v1.29.3', 'featureGates: {NodeSwap: true}\nmemorySwap: {swapBehavior: UnlimitedSwap}\n', 'accepted: true'],
    [
      'v1.29.3',
      'memorySwap: {swapBehavior: LimitedSwap}\n',
      said('memorySwap.swapBehavior cannot be set while the feature gate NodeSwap is off'),
    ],
    [
      'v1.30.0',
      'memorySwap: {swapBehavior: UnlimitedSwap}\n',
      said('memorySwap.swapBehavior "UnlimitedSwap" must be one of "", "NoSwap", "LimitedSwap"'),
    ],
    ['v1.36.0', 'featureGates: {NoSuchGate: true}\n', said('unrecognized feature gate: NoSuchGate')],
    ['v1.36.0+k3s1', 'featureGates: {NoSuchGate: true}\n', 'accepted: true'],
    ['v1.36.0', 'featureGates: {MemoryQoS: true}\n', 'accepted: true'],
  ])('%s %s', (version, body, expected) => {
    expect(refusalOf([configFlag], withConfig(body), version)).toBe(expected)
  })

  it.each<[string, readonly string[], HostParts, string]>([
    ['missing file', [configFlag], { files: { [config]: absent } }, said(`${config} does not exist`)],
    [
      'missing drop-in folder',
      [configFlag, `--config-dir=${folder}`],
      { files: { [config]: gvk }, directories: { [folder]: absent } },
      said(`the drop-in folder ${folder} does not exist`),
    ],
    [
      'repeated key in a drop-in',
      [configFlag, `--config-dir=${folder}`],
      {
        files: { [config]: gvk, [`${folder}/a.conf`]: `${gvk}port: 1\nport: 2\n` },
        directories: { [folder]: ['a.conf'] },
      },
      said(`${folder}/a.conf: the key "port" stands twice in one mapping`),
    ],
    [
      'repeated key in a drop-in of JSON',
      [configFlag, `--config-dir=${folder}`],
      {
        files: {
          [config]: gvk,
          [`${folder}/a.conf`]:
            '{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration","memorySwap":{"a":1,"a":2}}',
        },
        directories: { [folder]: ['a.conf'] },
      },
      said(`${folder}/a.conf: the key "a" stands twice in one mapping`),
    ],
    ['flag of the wrong type', ['--read-only-port=many'], {}, said('--read-only-port=many is not of its type')],
    ['positional argument', ['--anonymous-auth', 'false'], {}, said('unknown command false')],
  ])('%s', (_name, flags, parts, expected) => {
    expect(refusalOf(flags, parts)).toBe(expected)
  })

  it('still knows what a flag sets', () => {
    const fact = configuration([configFlag, '--read-only-port=0'], { files: { [config]: 'x' } })
    expect(fact.readOnlyPort).toEqual({ value: 0, source: '--read-only-port of pid 812' })
  })

  it.each([
    ['v1.27.1', undefined, said('kubelet 1.27 has no flag --config-dir')],
    ['v1.28.1', undefined, 'accepted: true'],
    ['v1.29.1', {}, said('--config-dir needs the variable KUBELET_CONFIG_DROPIN_DIR_ALPHA in kubelet 1.29')],
    ['v1.29.1', { KUBELET_CONFIG_DROPIN_DIR_ALPHA: '1' }, 'accepted: true'],
    ['v1.30.1', {}, 'accepted: true'],
  ])('--config-dir in %s with environment %j', (version, environment, expected) => {
    const process = {
      ...buildProcess('kubelet', configFlag, `--config-dir=${folder}`),
      ...(environment ? { environment } : {}),
    }
    const parts = { processes: [process], files: { [config]: gvk }, directories: { [folder]: [] } }
    expect(refusalOf([], parts, version)).toBe(expected)
  })
})

describe('what the kubelet takes', () => {
  it.each([
    ['repeated key, last wins', 'readOnlyPort: 1\nreadOnlyPort: 2\n', 2],
    ['unknown field', 'noSuchField: 1\nreadOnlyPort: 2\n', 2],
    ['field in another case', 'ReadOnlyPort: 2\n', 0],
    ['a second document', 'readOnlyPort: 2\n---\nreadOnlyPort: 3\n', 2],
    ['octal of YAML 1.1', 'readOnlyPort: 010\n', 8],
  ])('%s', (_name, body, value) => {
    expect(configuration([configFlag], withConfig(body)).readOnlyPort).toMatchObject({ value })
  })

  it('takes "yes" of YAML 1.1 for true', () => {
    expect(configuration([configFlag], withConfig('protectKernelDefaults: yes\n')).protectKernelDefaults).toMatchObject(
      { value: true },
    )
  })

  it('takes a field in another case in a drop-in, where the base does not set it', () => {
    const files = { [config]: gvk, [`${folder}/a.conf`]: `${gvk}ReadOnlyPort: 10255\n` }
    const fact = configuration([configFlag, `--config-dir=${folder}`], { files, directories: { [folder]: ['a.conf'] } })
    expect(fact.readOnlyPort).toEqual({ value: 10_255, source: `${folder}/a.conf` })
  })
})

describe('which kubelet', () => {
  const fact = (parts: HostParts) =>
    deriveNodeUnit({ name: 'w1', object: buildNode('w1', {}), host: buildHost(parts) }).facts.kubeletConfiguration

  it.each<[string, HostParts, unknown]>([
    ['none', {}, { unavailable: { reason: 'not-running', detail: 'No kubelet process runs on this host.' } }],
    [
      'k3s only',
      { processes: [buildProcess('k3s-server', 'server')] },
      {
        unavailable: {
          reason: 'not-collected',
          detail: '/etc/systemd/system/k3s.service was not read by the probe.',
        },
      },
    ],
    ['processes hidden', { processes: denied }, denied],
    [
      'two of them',
      { processes: [buildProcess('kubelet'), { ...buildProcess('kubelet'), pid: 900 }] },
      {
        unavailable: {
          reason: 'unsupported',
          detail: "Several kubelets run (pids 812, 900), and which one is this node's is not to be told.",
        },
      },
    ],
  ])('%s', (_name, parts, expected) => {
    expect(fact(parts)).toEqual(expected)
  })

  it('is the one that has the name of the node', () => {
    const mine = { ...buildProcess('kubelet', '--hostname-override=w1'), pid: 900 }
    expect(fact({ processes: [buildProcess('kubelet'), mine] })).toMatchObject({
      hostnameOverride: { value: 'w1', source: '--hostname-override of pid 900' },
    })
  })
})

it.each([
  ['featureGates: {RotateKubeletServerCertificate: false}', false],
  ['featureGates: {AllBeta: false}', false],
  ['featureGates: {AllBeta: false, RotateKubeletServerCertificate: true}', true],
  ['featureGates: {AllAlpha: false, NodeSwap: false}', true],
])('reads the gate for serving certificates from %s', (content, value) => {
  expect(configuration([configFlag], withConfig(content)).rotateKubeletServerCertificate).toMatchObject({ value })
})
