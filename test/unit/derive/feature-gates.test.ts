// What becomes of feature gates and flags, by the version that runs.
import { describe, expect, it } from 'vitest'
import { flagData } from '../../../src/derive/feature-gates/flag-data.ts'
import { fateOf, isKnownGate } from '../../../src/derive/feature-gates/gates.ts'
import { isUnavailable } from '../../../src/model/fact.ts'
import { apiServer, component, deriveNode, type NodeParts } from './control-plane/support.ts'

const tell = ({ refusal, ...rest }: ReturnType<typeof fateOf>) => [
  rest.stage,
  isUnavailable(refusal) ? `${refusal.unavailable.reason}: ${refusal.unavailable.detail}` : refusal.value,
  rest.isSettled,
]

describe('a feature gate', () => {
  it.each<[gate: string, value: boolean, minor: number, expected: readonly [string, string, boolean]]>([
    // Checked against the table of feature gates on kubernetes.io.
    ['AnonymousAuthConfigurableEndpoints', true, 33, ['beta since 1.32', '', false]],
    ['AnonymousAuthConfigurableEndpoints', false, 33, ['beta since 1.32', '1.34 locks it to true', false]],
    ['AnonymousAuthConfigurableEndpoints', true, 35, ['GA since 1.34, locked to true', '', true]],
    ['AnonymousAuthConfigurableEndpoints', false, 35, ['GA since 1.34, locked to true', '1.35 locks it to true', true]],
    [
      'AllowOverwriteTerminationGracePeriodSeconds',
      true,
      33,
      ['deprecated since 1.32', '1.35 locks it to false', true],
    ],
    ['AllowOverwriteTerminationGracePeriodSeconds', false, 33, ['deprecated since 1.32', '', true]],
    ['AllowServiceExternalIPs', false, 34, ['GA', '', false]],
    ['RotateKubeletServerCertificate', false, 30, ['beta since 1.12', '', false]],
    ['AtomicFIFO', true, 30, ['', '', false]],
    ['AllAlpha', true, 36, ['', '', false]],
    ['CustomCPUCFSQuotaPeriod', true, 36, ['GA since 1.36', '', true]],
    ['DynamicKubeletConfig', true, 24, ['', '1.36 has no such gate any more', false]],
    ['NoSuchGate', true, 36, ['', '1.36 has no such gate', false]],
    ['__proto__', true, 36, ['', '1.36 has no such gate', false]],
    [
      'NodeSwap',
      true,
      37,
      ['', 'unsupported: The feature gates of 1.37 are not known here, only those up to 1.36.', false],
    ],
  ])('%s=%s in 1.%i', (gate, value, minor, expected) => {
    expect(tell(fateOf(gate, value, { minor, isDistributionBuild: false }))).toEqual(expected)
  })
  it('may be a distribution’s own', () => {
    expect(tell(fateOf('OwnGate', true, { minor: 34, isDistributionBuild: true }))).toEqual([
      '',
      'unsupported: Kubernetes 1.36 has no gate OwnGate; this build may have.',
      false,
    ])
  })
  it('is known by the name that flags have', () => {
    const names = [
      'CPUCFSQuotaPeriod',
      'CustomCPUCFSQuotaPeriod',
      'WatchListClient',
      'AllBeta',
      'MinimumKubeletVersion',
    ]
    expect(names.map(isKnownGate)).toEqual([false, true, true, true, false])
  })
})

describe('the gates of a node', () => {
  const gates = (parts: NodeParts) => {
    const { featureGates: fact } = deriveNode(parts)
    if (isUnavailable(fact)) return fact.unavailable.reason
    return Object.entries(fact).map(([name, one]) =>
      isUnavailable(one)
        ? `${name} ${one.unavailable.reason}: ${one.unavailable.detail}`
        : [name, one.source, ...one.value.map((item) => `${item.component} ${item.gate}: ${item.stage}`)].join('; '),
    )
  }
  const absent = (name: string): string => `${name} does not run on this node`
  it.each<[name: string, parts: NodeParts, expected: unknown]>([
    [
      'of kubelet and API server',
      {
        kubeletFlags: ['--feature-gates=NodeSwap=true'],
        processes: [
          apiServer('--feature-gates=kube:NodeSwap=false, wardle:Own=true', '--feature-gates=NodeSwap=t'),
          component(31, 'kube-scheduler', '--profiling=false'),
        ],
      },
      [
        expect.stringMatching(/^kubelet; .*; kubelet NodeSwap=true: GA since 1\.34, locked to true$/),
        expect.stringMatching(
          /^apiServer; --feature-gates of pid \d+; kube-apiserver NodeSwap=true: GA since 1\.34, locked to true$/,
        ),
        `controllerManager; ${absent('kube-controller-manager')}`,
        'scheduler; default of kube-scheduler 1.34',
      ],
    ],
    [
      'that do not parse',
      { processes: [apiServer('--feature-gates=NodeSwap=maybe')] },
      [
        expect.stringMatching(/^kubelet; /),
        expect.stringMatching(/^apiServer malformed: --feature-gates of pid \d+ holds "NodeSwap=maybe"\.$/),
        `controllerManager; ${absent('kube-controller-manager')}`,
        `scheduler; ${absent('kube-scheduler')}`,
      ],
    ],
    [
      'of a version that is not known',
      { processes: [apiServer('--feature-gates=NodeSwap=true')], clusterVersion: 'latest' },
      [
        expect.stringMatching(/^kubelet; /),
        expect.stringMatching(/^apiServer unsupported: The version of kube-apiserver \(pid \d+\) is not known\.$/),
        `controllerManager; ${absent('kube-controller-manager')}`,
        `scheduler; ${absent('kube-scheduler')}`,
      ],
    ],
    ['of a host that was not read', { host: { unavailable: { reason: 'timeout', detail: '' } } }, 'timeout'],
  ])('%s', (_name, parts, expected) => expect(gates(parts)).toEqual(expected))
})

describe('flags that the last known version does not list', () => {
  const flags = (parts: NodeParts) => {
    const { componentFlags: fact } = deriveNode(parts)
    if (isUnavailable(fact)) throw new Error(fact.unavailable.detail)
    return [fact.kubelet, fact.controlPlane].flatMap((one) =>
      isUnavailable(one) ? [one.unavailable.detail] : one.value.map(({ flag, status }) => `${flag}: ${status}`),
    )
  }
  it.each<[name: string, parts: NodeParts, expected: readonly string[]]>([
    [
      'on an older version',
      { kubeletFlags: ['--own_flag=x', '--v=2'], processes: [apiServer('--kubelet-port=1')] },
      [
        '--own-flag: no longer listed by 1.36: gone, or deprecated and hidden',
        '--kubelet-port: no longer listed by 1.36: gone, or deprecated and hidden',
      ],
    ],
    [
      'on that version',
      { processes: [apiServer('--kubelet-port=1')], clusterVersion: 'v1.36.2' },
      ['--kubelet-port: not among the flags that 1.36 lists'],
    ],
    ['of a distribution’s build', { processes: [apiServer('--kubelet-port=1')], clusterVersion: 'v1.34.2+k3s1' }, []],
    ['of a later version', { processes: [apiServer('--kubelet-port=1')], clusterVersion: 'v1.37.0' }, []],
  ])('%s', (_name, parts, expected) => expect(flags(parts)).toEqual(expected))

  it('reads every kind of line of the help', () => {
    expect(flagData.kubelet.split(/\s+/)).toEqual(expect.arrayContaining(['v', 'version', 'help', 'config', 'vmodule']))
  })
})
