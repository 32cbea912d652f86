// Row F3 for kube-proxy and etcd: gates, mode and flags by the version of the component itself.
import { describe, expect, it } from 'vitest'
import { etcdOutdatedFlags } from '../../../../src/derive/control-plane/outdated-etcd.ts'
import { deriveKubeProxySettings } from '../../../../src/derive/nodes/kube-proxy-outdated.ts'
import type { NodePod } from '../../../../src/derive/pod-cgroups/index.ts'
import { isUnavailable, unavailable } from '../../../../src/model/fact.ts'
import { kubeProxySettingsSchema } from '../../../../src/model/facts-control-plane.ts'
import { buildHost, buildProcess, denied, type HostParts } from '../host-builder.ts'

const volume = '/var/lib/kubelet/pods/u/volumes/kubernetes.io~configmap/kube-proxy/config.conf'
const pod = (image: string): NodePod => ({
  object: { name: 'kube-proxy-x', namespace: 'kube-system', template: 't' },
  spec: { containers: [{ name: 'kube-proxy', kind: 'container', image }] },
})
const current = pod('registry.k8s.io/kube-proxy:v1.35.1')

function derive(flags: readonly string[], file?: HostParts['files'], pods: readonly NodePod[] = [current], count = 1) {
  const process = { ...buildProcess('kube-proxy', ...flags), ...(file ? { configurationOnHost: volume } : {}) }
  const fact = deriveKubeProxySettings({
    host: buildHost({
      processes: [buildProcess('kubelet'), ...Array.from({ length: count }, () => process)],
      files: file ?? {},
    }),
    holder: undefined,
    pods,
    kubelet: unavailable('not-found', 'not asked'),
  })
  if (isUnavailable(fact)) return fact.unavailable.detail
  const { gates, outdated } = kubeProxySettingsSchema.parse(fact)
  if (isUnavailable(gates) || isUnavailable(outdated)) throw new Error('never')
  return [
    ...gates.value.map(
      ({ gate, refusal, isSettled }) =>
        `${gate} ${isUnavailable(refusal) ? refusal.unavailable.reason : refusal.value || (isSettled ? 'settled' : 'kept')}`,
    ),
    ...outdated.value.map(({ flag, status }) => `${flag} ${status}`),
  ]
}
const config = '--config=/var/lib/kube-proxy/config.conf'
const kind = 'kind: KubeProxyConfiguration\n'

describe('kube-proxy', () => {
  it.each<[string, unknown, unknown]>([
    ['nothing set', derive([]), []],
    [
      'nothing set, and no pod that tells its version',
      derive([config], { [volume]: `${kind}mode: iptables\n` }, []),
      [],
    ],
    ['none runs', derive([], {}, [], 0), []],
    [
      'gates of the file; those of the flag do not count',
      derive([config, '--feature-gates=Own=true'], {
        [volume]: `${kind}featureGates: {SupportIPVSProxyMode: true, NFTablesProxyMode: true}\n`,
      }),
      [expect.stringMatching(/^SupportIPVSProxyMode=true 1\.36 has no such gate/), 'NFTablesProxyMode=true settled'],
    ],
    ['gates of the flag', derive(['--feature-gates=AllAlpha=true']), ['AllAlpha=true kept']],
    [
      'a mode that is given up',
      derive([config], { [volume]: `${kind}mode: ipvs\n` }),
      ['mode ipvs deprecated since 1.35'],
    ],
    [
      'a version before it was',
      derive(['--proxy-mode=ipvs', '--logtostderr'], undefined, [pod('k8s.gcr.io/kube-proxy-amd64:v1.25.0')]),
      ['--logtostderr deprecated since 1.23, gone in 1.26'],
    ],
    [
      'a version that is not known',
      derive(['--proxy-mode=ipvs'], undefined, [pod('mirror.example/proxy:7')]),
      'No image’s tag tells the version of this kube-proxy.',
    ],
    [
      'two pods, whose versions may differ',
      derive(['--proxy-mode=ipvs'], undefined, [current, current]),
      'No image’s tag tells the version of this kube-proxy.',
    ],
    ['gates that do not parse', derive(['--feature-gates=A=maybe']), '--feature-gates of pid 812 does not parse.'],
    [
      'gates that are no booleans',
      derive([config], { [volume]: `${kind}featureGates: {A: "yes"}\n` }),
      expect.stringContaining('neither true nor false'),
    ],
    ['a file that may not be read', derive([config], { [volume]: denied }), 'Permission denied.'],
  ])('%s', (_case, found, expected) => {
    expect(found).toEqual(expected)
  })
})

describe('etcd', () => {
  const etcd = (version: string, flags: readonly string[], environment?: Readonly<Record<string, string>>) => {
    const occurrences = flags.map((text) => {
      const [name = '', value = ''] = text.split(/=(.*)/)
      return { name, value }
    })
    const running = {
      name: 'etcd',
      place: 'pid 7',
      commandLine: { occurrences, errors: [], positional: [] },
      version: version === '' ? unavailable('unsupported', 'No tag.') : { value: version, source: 'image' },
      environment,
    }
    // Only these are asked for.
    const found = etcdOutdatedFlags(running as never)
    if (isUnavailable(found)) return found.unavailable.detail
    return found.value.map(({ flag, status, source }) => `${flag} ${status} (${source})`)
  }
  it.each<[string, unknown, unknown]>([
    ['nothing of the kind', etcd('', ['data-dir=/x']), []],
    ['of the version before', etcd('3.5.30-0', ['experimental-initial-corrupt-check=true']), []],
    [
      'given up by the next version',
      etcd('3.5.30-0', ['enable-v2=true']),
      ['--enable-v2 deprecated since etcd 3.5, gone in 3.6 (--enable-v2 of pid 7)'],
    ],
    [
      'by a variable',
      etcd('v3.6.4', [], { ETCD_EXPERIMENTAL_COMPACT_HASH_CHECK_ENABLED: '<redacted>' }),
      [
        '--experimental-compact-hash-check-enabled deprecated since etcd 3.6, gone in 3.7 (ETCD_EXPERIMENTAL_COMPACT_HASH_CHECK_ENABLED of pid 7)',
      ],
    ],
    ['without a version', etcd('', ['enable-v2=true']), expect.stringContaining('depends on the version of etcd')],
    ['gates of 3.6', etcd('3.6.4-0', ['feature-gates=LeaseCheckpoint=true,AllBeta=false']), []],
    [
      'a gate that is not known',
      etcd('3.7.0-0', ['feature-gates=New=true']),
      expect.stringContaining('no feature gate New'),
    ],
  ])('%s', (_case, found, expected) => {
    expect(found).toEqual(expected)
  })
})
