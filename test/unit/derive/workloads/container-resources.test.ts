import { describe, expect, it } from 'vitest'
import { deriveTemplateResources } from '../../../../src/derive/workloads/container-resources.ts'
import { unavailable } from '../../../../src/model/fact.ts'
import type { Container, PodSpec } from '../../../../src/model/pod.ts'
import { container, spec, version } from './evidence-builder.ts'

type Quantities = Readonly<Record<string, string>>
const resources = (requests: Quantities, limits: Quantities = {}): Partial<Container> => ({
  resources: { requests: { ...requests }, limits: { ...limits } },
})
const derive = (parts: Partial<PodSpec>) => deriveTemplateResources(spec(parts), version)
const all = { cpu: '1', memory: '1Gi' }

describe('requests and limits of one container', () => {
  const none = { cpuRequest: '', cpuLimit: '', memoryRequest: '', memoryLimit: '', missing: [], invalid: [] }
  it.each<[string, Partial<Container>, object]>([
    ['nothing set', {}, { missing: ['cpu request', 'memory request', 'memory limit'] }],
    ['all set', resources(all, all), { cpuRequest: '1', cpuLimit: '1', memoryRequest: '1Gi', memoryLimit: '1Gi' }],
    [
      'a limit makes the request',
      resources({}, all),
      { cpuRequest: '1', cpuLimit: '1', memoryRequest: '1Gi', memoryLimit: '1Gi' },
    ],
    [
      'no CPU limit is fine',
      resources({ cpu: '100m', memory: '1Gi' }, { memory: '1Gi' }),
      { cpuRequest: '100m', memoryRequest: '1Gi', memoryLimit: '1Gi' },
    ],
    ['requests only', resources(all), { cpuRequest: '1', memoryRequest: '1Gi', missing: ['memory limit'] }],
    [
      'zero is none',
      resources({ cpu: '0', memory: '0Mi' }, { memory: '0' }),
      {
        cpuRequest: '0',
        memoryRequest: '0Mi',
        memoryLimit: '0',
        missing: ['cpu request', 'memory request', 'memory limit'],
      },
    ],
    ['an init container that ends', { kind: 'init' }, { kind: 'init' }],
    [
      'a native sidecar',
      { kind: 'init', restartPolicy: 'Always' },
      { kind: 'init', missing: ['cpu request', 'memory request', 'memory limit'] },
    ],
    [
      'request over limit',
      resources({ cpu: '2', memory: '2Gi' }, all),
      {
        cpuRequest: '2',
        cpuLimit: '1',
        memoryRequest: '2Gi',
        memoryLimit: '1Gi',
        invalid: ['cpu request 2 exceeds limit 1', 'memory request 2Gi exceeds limit 1Gi'],
      },
    ],
    [
      'equal in other words',
      resources({ cpu: '1000m', memory: '1024Mi' }, all),
      { cpuRequest: '1000m', cpuLimit: '1', memoryRequest: '1024Mi', memoryLimit: '1Gi' },
    ],
    [
      'thousandths of a byte',
      resources({ cpu: '1' }, { memory: '100m' }),
      {
        cpuRequest: '1',
        memoryRequest: '100m',
        memoryLimit: '100m',
        invalid: [
          'memory request 100m is in thousandths of a byte: m is no unit of memory',
          'memory limit 100m is in thousandths of a byte: m is no unit of memory',
        ],
      },
    ],
    [
      'a forgotten unit',
      resources(all, { memory: '512' }),
      {
        ...{ cpuRequest: '1', memoryRequest: '1Gi', memoryLimit: '512' },
        invalid: [
          'memory limit 512 is only 512 bytes: a unit such as Mi is missing or too small',
          'memory request 1Gi exceeds limit 512',
        ],
      },
    ],
    [
      'a fraction of a byte',
      resources({ cpu: '1', memory: '0.1Gi' }, { memory: '1Gi' }),
      {
        cpuRequest: '1',
        memoryRequest: '0.1Gi',
        memoryLimit: '1Gi',
        invalid: ['memory request 0.1Gi is a fraction of a byte'],
      },
    ],
    [
      'too fine a CPU',
      resources({ cpu: '0.5m', memory: '1Gi' }, { memory: '1Gi' }),
      {
        cpuRequest: '0.5m',
        memoryRequest: '1Gi',
        memoryLimit: '1Gi',
        invalid: ['cpu request 0.5m is finer than 1m, the smallest unit of CPU'],
      },
    ],
    [
      'no quantity',
      resources(all, { memory: '1GB' }),
      {
        cpuRequest: '1',
        memoryRequest: '1Gi',
        memoryLimit: '1GB',
        invalid: ['memory limit 1GB is not a Kubernetes quantity'],
      },
    ],
    [
      'negative',
      resources({ cpu: '-1', memory: '1Gi' }, { memory: '1Gi' }),
      { cpuRequest: '-1', memoryRequest: '1Gi', memoryLimit: '1Gi', invalid: ['cpu request -1 is negative'] },
    ],
  ])('%s', (_, parts, expected) => {
    expect(derive({ containers: [container(parts)] }).containers).toEqual([
      { name: 'app', kind: 'container', ...none, ...expected },
    ])
  })

  it('leaves ephemeral containers out', () => {
    expect(
      derive({ containers: [container(resources(all, all)), container({ name: 'debug', kind: 'ephemeral' })] }),
    ).toMatchObject({
      containers: [{ name: 'app' }],
      qosClass: 'Guaranteed',
    })
  })
})

describe('QoS class', () => {
  const init = (parts: Partial<Container>) => container({ name: 'init', kind: 'init', ...parts })
  it.each<[string, Partial<PodSpec>, string]>([
    ['nothing set', { containers: [container()] }, 'BestEffort'],
    [
      'other resources do not count',
      { containers: [container(resources({ 'example.com/gpu': '1' }, { 'ephemeral-storage': '1Gi' }))] },
      'BestEffort',
    ],
    ['zeros do not count', { containers: [container(resources({ cpu: '0' }, { memory: '0' }))] }, 'BestEffort'],
    ['limits only', { containers: [container(resources({}, all))] }, 'Guaranteed'],
    [
      'equal in other words',
      { containers: [container(resources({ cpu: '1000m', memory: '1024Mi' }, all))] },
      'Guaranteed',
    ],
    ['a smaller request', { containers: [container(resources({ cpu: '500m', memory: '1Gi' }, all))] }, 'Burstable'],
    ['a request of zero', { containers: [container(resources({ cpu: '0' }, all))] }, 'Burstable'],
    ['memory only', { containers: [container(resources({}, { memory: '1Gi' }))] }, 'Burstable'],
    ['request only', { containers: [container(resources({ cpu: '1m' }))] }, 'Burstable'],
    ['an init container without', { containers: [init({}), container(resources({}, all))] }, 'Burstable'],
    ['an init container with', { containers: [init(resources({}, all)), container(resources({}, all))] }, 'Guaranteed'],
    [
      'sums that happen to agree',
      {
        containers: [
          container(resources({ cpu: '2', memory: '1Gi' }, all)),
          container({ name: 'b', ...resources({ cpu: '1', memory: '1Gi' }, { cpu: '2', memory: '1Gi' }) }),
        ],
      },
      'Guaranteed',
    ],
    ['no quantity', { containers: [container(resources({ cpu: 'one' }))] }, ''],
    ['pod level only', { resources: { limits: all } }, 'Guaranteed'],
    ['pod level, request below', { resources: { requests: { cpu: '500m' }, limits: all } }, 'Burstable'],
    [
      'pod level over the containers’',
      { containers: [container(resources({}, all))], resources: { requests: { memory: '1Gi' } } },
      'Burstable',
    ],
    [
      'pod-level request from the containers',
      { containers: [container(resources({ cpu: '500m' }))], resources: { limits: all } },
      'Burstable',
    ],
    [
      'pod-level request from the largest init container',
      {
        containers: [init(resources({ cpu: '1' })), container(resources({ cpu: '500m' }))],
        resources: { limits: all },
      },
      'Guaranteed',
    ],
    ['pod level without cpu and memory', { resources: { limits: { 'hugepages-2Mi': '4Mi' } } }, 'BestEffort'],
  ])('%s', (_, parts, qosClass) => {
    expect(derive(parts).qosClass).toBe(qosClass)
  })
})

describe('pod-level resources', () => {
  const parts = spec({ resources: { limits: { memory: '1Gi' } } })
  it.each([
    ['stand in for the containers’', version, ['cpu request'], 'Burstable'],
    ['also where the version is not known', unavailable('forbidden', 'refused'), ['cpu request'], 'Burstable'],
    [
      'do not exist before 1.32',
      { gitVersion: 'v1.31.0', major: 1, minor: 31 },
      ['cpu request', 'memory request', 'memory limit'],
      'BestEffort',
    ],
  ])('%s', (_, clusterVersion, missing, qosClass) => {
    expect(deriveTemplateResources(parts, clusterVersion)).toEqual({
      containers: [
        {
          name: 'app',
          kind: 'container',
          cpuRequest: '',
          cpuLimit: '',
          memoryRequest: '',
          memoryLimit: '',
          missing,
          invalid: [],
        },
      ],
      corrections: [],
      qosClass,
    })
  })
})

describe('units that are surely wrong', () => {
  const invalid = (requests: Quantities, limits: Quantities = {}) => {
    const [first] = derive({ containers: [container(resources(requests, limits))] }).containers
    return first?.invalid
  }
  it.each<[string, Quantities, Quantities, string[]]>([
    ['1Gi is more than 1G', { memory: '1Gi' }, { memory: '1G' }, ['memory request 1Gi exceeds limit 1G']],
    ['1G is less than 1Gi', { memory: '1G' }, { memory: '1Gi' }, []],
    ['512M and 512Mi are both sound', { memory: '512M' }, { memory: '512Mi' }, []],
    ['K is no suffix', { memory: '512K' }, {}, ['memory request 512K is not a Kubernetes quantity']],
    ['nor is MB', { memory: '512MB' }, {}, ['memory request 512MB is not a Kubernetes quantity']],
    ['a lower-case gi', { memory: '1gi' }, {}, ['memory request 1gi is not a Kubernetes quantity']],
    [
      'a limit in thousandths makes the request so too',
      {},
      { memory: '512m' },
      [
        'memory request 512m is in thousandths of a byte: m is no unit of memory',
        'memory limit 512m is in thousandths of a byte: m is no unit of memory',
      ],
    ],
    ['an exponent that is a fraction', { memory: '128e-3' }, {}, ['memory request 128e-3 is a fraction of a byte']],
    [
      'the unit of memory is too small',
      { memory: '512k' },
      {},
      ['memory request 512k is only 512000 bytes: a unit such as Mi is missing or too small'],
    ],
    [
      'or too large',
      {},
      { memory: '512Ti' },
      [
        'memory request 512Ti is more than any machine has: the unit is too large',
        'memory limit 512Ti is more than any machine has: the unit is too large',
      ],
    ],
    ['64 whole CPUs can be', { cpu: '64' }, {}, []],
    [
      'a thousand cannot',
      { cpu: '1000' },
      {},
      ['cpu request 1000 is 1000 whole CPUs, more than any machine has: m is missing'],
    ],
    ['CPU finer than 1m', { cpu: '0.0005' }, {}, ['cpu request 0.0005 is finer than 1m, the smallest unit of CPU']],
    ['negative', { cpu: '-1' }, {}, ['cpu request -1 is negative']],
    [
      'disk',
      { 'ephemeral-storage': '2Gi' },
      { 'ephemeral-storage': '500m' },
      [
        'ephemeral-storage limit 500m is in thousandths of a byte: m is no unit of memory',
        'ephemeral-storage request 2Gi exceeds limit 500m',
      ],
    ],
    ['devices whole', {}, { 'nvidia.com/gpu': '0.5' }, ['nvidia.com/gpu limit 0.5 is no whole number']],
    [
      'devices without a limit',
      { 'nvidia.com/gpu': '1' },
      {},
      ['nvidia.com/gpu request 1 has no limit, which must equal it'],
    ],
    [
      'huge pages that differ',
      { 'hugepages-2Mi': '64Mi' },
      { 'hugepages-2Mi': '128Mi' },
      ['hugepages-2Mi request 64Mi differs from limit 128Mi, which must equal it'],
    ],
    ['devices with a limit alone', {}, { 'nvidia.com/gpu': '1' }, []],
  ])('%s', (_name, requests, limits, expected) => {
    expect(invalid(requests, limits)).toEqual(expected)
  })

  it('of the pod itself, where its version has them', () => {
    const parts = { resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } }, containers: [container({})] }
    expect(derive(parts).containers.find(({ kind }) => kind === 'pod')).toMatchObject({
      name: 'pod',
      missing: [],
      invalid: ['memory request 2Gi exceeds limit 1Gi'],
    })
    const sound = { resources: { limits: { memory: '1Gi' } }, containers: [container({})] }
    expect(derive(sound).containers.map(({ kind }) => kind)).toEqual(['container'])
  })
})

describe('what was most likely meant', () => {
  const cases: readonly [string, Quantities, Quantities, object | undefined][] = [
    ['nothing wrong', all, all, undefined],
    ['memory without a unit', {}, { memory: '512' }, { limits: { memory: '512Mi' } }],
    ['memory in thousandths', { memory: '100m' }, {}, { requests: { memory: '100Mi' } }],
    ['what Kubernetes itself writes', {}, { memory: '128974848000m' }, { limits: { memory: '128974848' } }],
    ['memory of few kilobytes', {}, { memory: '512k' }, { limits: { memory: '512M' } }],
    ['memory of few kibibytes', {}, { memory: '512Ki' }, { limits: { memory: '512Mi' } }],
    ['memory beyond any machine', {}, { memory: '512Ti' }, { limits: { memory: '512Gi' } }],
    ['a number that could be anything', {}, { memory: '900000' }, undefined],
    ['a fraction of a byte', {}, { memory: '0.5' }, undefined],
    ['no quantity, but clear', {}, { memory: '512MB', cpu: '1' }, { limits: { memory: '512M' } }],
    ['no quantity', {}, { memory: 'much' }, undefined],
    ['negative', { cpu: '-1' }, {}, undefined],
    ['CPU finer than 1m', { cpu: '0.0005' }, {}, { requests: { cpu: '1m' } }],
    ['CPU without m', { cpu: '1000' }, {}, { requests: { cpu: '1000m' } }],
    ['the limit below the request', { memory: '2Gi' }, { memory: '1Gi' }, { limits: { memory: '2Gi' } }],
    [
      'the limit below the request once its unit is right',
      { memory: '1Gi' },
      { memory: '512' },
      { limits: { memory: '1Gi' } },
    ],
    [
      'disk',
      { 'ephemeral-storage': '2Gi' },
      { 'ephemeral-storage': '1Gi' },
      { limits: { 'ephemeral-storage': '2Gi' } },
    ],
    ['a device without a limit', { 'nvidia.com/gpu': '1' }, {}, { limits: { 'nvidia.com/gpu': '1' } }],
    ['huge pages', { 'hugepages-2Mi': '4Mi' }, { 'hugepages-2Mi': '8Mi' }, { limits: { 'hugepages-2Mi': '4Mi' } }],
    [
      'half a device',
      { 'nvidia.com/gpu': '500m' },
      { 'nvidia.com/gpu': '500m' },
      { requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '1' } },
    ],
  ]
  it.each(cases)('%s', (_, requests, limits, expected) => {
    const { corrections } = derive({ containers: [container(resources(requests, limits))] })
    expect(corrections.map(({ change }) => JSON.parse(change))).toEqual(
      expected === undefined ? [] : [{ containers: [{ name: 'app', resources: expected }] }],
    )
    if (expected === undefined) return
    const merged: { requests?: Quantities; limits?: Quantities } = expected
    const after = resources({ ...requests, ...merged.requests }, { ...limits, ...merged.limits })
    const { containers, corrections: more } = derive({ containers: [container(after)] })
    expect([containers[0]?.invalid, more]).toEqual([[], []])
  })
  it('names the values, the list of init containers and the pod itself', () => {
    const kinds = { containers: [container({ kind: 'init', ...resources({}, { memory: '64' }) })] }
    expect(derive({ ...kinds, resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }).corrections).toEqual([
      {
        container: 'app',
        kind: 'init',
        values: ['memory limit: 64 becomes 64Mi'],
        change: '{"initContainers":[{"name":"app","resources":{"limits":{"memory":"64Mi"}}}]}',
      },
      {
        container: 'pod',
        kind: 'pod',
        values: ['cpu limit: 1 becomes 2'],
        change: '{"resources":{"limits":{"cpu":"2"}}}',
      },
    ])
  })
})
