// CIS 4.3.1: what the file, the flag and neither say of kube-proxy's metrics.
import { describe, expect, it } from 'vitest'
import { findHolder } from '../../../../src/derive/distribution/embedded.ts'
import { deriveKubeProxy } from '../../../../src/derive/nodes/kube-proxy.ts'
import type { HostEvidence, ProcessEvidence } from '../../../../src/model/node-evidence.ts'
import { absent, buildHost, buildProcess, denied, type HostParts } from '../host-builder.ts'

const volume = '/var/lib/kubelet/pods/u/volumes/kubernetes.io~configmap/kube-proxy/config.conf'
const kind = 'kind: KubeProxyConfiguration\n'
const config = '--config=/var/lib/kube-proxy/config.conf'

function proxy(rest: readonly string[], more: Partial<ProcessEvidence> = {}): ProcessEvidence {
  return { ...buildProcess('kube-proxy', ...rest), ...more }
}
function derive(processes: HostEvidence['processes'], files: HostParts['files'] = {}) {
  return deriveKubeProxy(buildHost({ processes, files }))
}
function fromFile(content: HostParts['files'], rest: readonly string[] = [config]) {
  return derive([proxy(rest, { configurationOnHost: volume })], content)
}

describe('kubeProxy', () => {
  it.each<[string, ReturnType<typeof derive>, string, boolean, string]>([
    ['no flag and no file', derive([proxy([])]), '127.0.0.1:10249', true, 'default'],
    ['IPv6', derive([proxy(['--bind-address', '::'])]), '[::1]:10249', true, 'default'],
    [
      'flag',
      derive([proxy(['--metrics-bind-address=0.0.0.0'])]),
      '0.0.0.0',
      false,
      '--metrics-bind-address of pid 812',
    ],
    [
      'flag, another loopback',
      derive([proxy(['--metrics-bind-address=127.0.0.2:1'])]),
      '127.0.0.2:1',
      true,
      '--metrics-bind-address of pid 812',
    ],
    [
      'a name that begins like a loopback address',
      derive([proxy(['--metrics-bind-address=127.0.0.1.evil:1'])]),
      '127.0.0.1.evil:1',
      false,
      '--metrics-bind-address of pid 812',
    ],
    [
      'all addresses of IPv6',
      derive([proxy(['--metrics-bind-address=[::]:10249'])]),
      '[::]:10249',
      false,
      '--metrics-bind-address of pid 812',
    ],
    [
      'kubeadm’s file',
      fromFile({ [volume]: `${kind}metricsBindAddress: ""\n` }),
      '127.0.0.1:10249',
      true,
      `default: not set in ${volume}`,
    ],
    [
      'file',
      fromFile({ [volume]: `${kind}metricsBindAddress: 0.0.0.0:10249\n` }),
      '0.0.0.0:10249',
      false,
      `${volume}, metricsBindAddress`,
    ],
    [
      'the file decides, not the flag',
      fromFile({ [volume]: `${kind}metricsBindAddress: 127.0.0.1:10249\n` }, [
        config,
        '--metrics-bind-address=0.0.0.0',
      ]),
      '127.0.0.1:10249',
      true,
      `${volume}, metricsBindAddress`,
    ],
    [
      'a file of the host itself',
      derive([proxy(['--config=/p.yaml'])], { '/p.yaml': `${kind}metricsBindAddress: "[::]:10249"\n` }),
      '[::]:10249',
      false,
      '/p.yaml, metricsBindAddress',
    ],
  ])('%s', (_name, fact, address, isLocal, source) => {
    expect(fact).toMatchObject({
      proxies: [{ metricsBindAddress: { value: address, source }, isMetricsLocal: { value: isLocal, source } }],
    })
  })

  it.each<[string, ReturnType<typeof derive>, unknown]>([
    ['refused', fromFile({ [volume]: denied }), denied],
    [
      'gone',
      fromFile({ [volume]: absent }),
      { unavailable: { reason: 'not-found', detail: `${volume} does not exist.` } },
    ],
    [
      'another kind',
      fromFile({ [volume]: 'kind: Config\n' }),
      { unavailable: { reason: 'malformed', detail: `${volume} is no KubeProxyConfiguration.` } },
    ],
    [
      'no YAML',
      fromFile({ [volume]: 'a: *x' }),
      { unavailable: { reason: 'malformed', detail: `${volume} is not YAML.` } },
    ],
    [
      'a number',
      fromFile({ [volume]: `${kind}metricsBindAddress: 1\n` }),
      { unavailable: { reason: 'malformed', detail: `metricsBindAddress in ${volume} is not text.` } },
    ],
    [
      'in the container only',
      derive([proxy([config])]),
      {
        unavailable: {
          reason: 'not-collected',
          detail:
            '/var/lib/kube-proxy/config.conf of kube-proxy (pid 812) is in its container, and no volume of the host was seen to hold it.',
        },
      },
    ],
  ])('unknown: %s', (_name, fact, expected) => {
    expect(fact).toMatchObject({ proxies: [{ metricsBindAddress: expected, isMetricsLocal: expected }] })
  })

  describe('inside another process', () => {
    const inside = (
      process: ProcessEvidence,
      files: NonNullable<HostParts['files']>,
      ...nodeArguments: readonly string[]
    ) => {
      const host = buildHost({ processes: [process], files })
      const minor = { value: 34, source: 'the API' }
      return deriveKubeProxy(host, findHolder({ host, node: 'n', minor, nodeArguments }))
    }
    const file = '/var/snap/microk8s/current/args/kube-proxy'
    const kubelite = buildProcess('kubelite', '--start-control-plane=false')
    it.each<[string, ReturnType<typeof derive>, readonly unknown[]]>([
      ['k3s, by itself', inside(buildProcess('k3s-agent'), {}, 'agent'), ['127.0.0.1:10249', true, 'default']],
      [
        'k3s, by its settings',
        inside(buildProcess('k3s-agent'), {}, 'agent', '--kube-proxy-arg', 'metrics-bind-address=0.0.0.0'),
        ['0.0.0.0', false, `--metrics-bind-address (kube-proxy-arg in annotation k3s.io/node-args of node n)`],
      ],
      [
        'MicroK8s, by itself',
        inside(kubelite, { [file]: '--profiling=false\n' }),
        ['127.0.0.1:10249', true, 'default'],
      ],
      [
        'MicroK8s, by its file',
        inside(kubelite, { [file]: '--metrics-bind-address=0.0.0.0:10249\n' }),
        ['0.0.0.0:10249', false, `--metrics-bind-address (${file})`],
      ],
    ])('%s', (_name, fact, [value, isLocal, source]) => {
      expect(fact).toMatchObject({
        proxies: [{ metricsBindAddress: { value, source }, isMetricsLocal: { value: isLocal, source } }],
      })
    })
    it('is unknown where its file was not read, and none where it is switched off', () => {
      expect(inside(kubelite, { [file]: denied })).toEqual(denied)
      expect(inside(buildProcess('k3s-server'), {}, 'server', '--disable-kube-proxy', 'true')).toEqual({ proxies: [] })
    })
  })

  it('is none where none runs, and unknown inside another program or where processes are hidden', () => {
    expect(derive([buildProcess('kubelet')])).toEqual({ proxies: [] })
    expect(derive([buildProcess('k3s-server')])).toMatchObject({ unavailable: { reason: 'unsupported' } })
    expect(derive(denied)).toEqual(denied)
  })
})
