import { describe, expect, it } from 'vitest'
import { deriveNodeUnit } from '../../../../src/derive/nodes/node.ts'
import { isUnavailable } from '../../../../src/model/fact.ts'
import { kubeletServiceSchema } from '../../../../src/model/facts-node.ts'
import type { HostEvidence } from '../../../../src/model/node-evidence.ts'
import { absent, buildHost, buildProcess, denied, type HostParts } from '../host-builder.ts'
import { buildNode } from '../node-builder.ts'

const unit = '/usr/lib/systemd/system/kubelet.service'
const dropIn = '/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf'
const kubeadmEnv = '/var/lib/kubelet/kubeadm-flags.env'
const defaults = '/etc/default/kubelet'
const config = '/var/lib/kubelet/config.yaml'
const gvk = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'
const folders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
]

/** As the packages of pkgs.k8s.io install it. */
const kubeadmUnit = `[Unit]
Description=kubelet: The Kubernetes Node Agent
[Service]
ExecStart=/usr/bin/kubelet
Restart=always
[Install]
WantedBy=multi-user.target
`
const kubeadmDropIn = `# Note: This dropin only works with kubeadm and kubelet v1.11+
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=${config}"
EnvironmentFile=-${kubeadmEnv}
EnvironmentFile=-${defaults}
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`
const kubeconfigFlags = [
  '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
  '--kubeconfig=/etc/kubernetes/kubelet.conf',
]
const running = [...kubeconfigFlags, `--config=${config}`]

function host(
  flags: readonly string[],
  files: HostParts['files'],
  processes?: HostEvidence['processes'],
): HostEvidence {
  const names = Object.keys(files ?? {})
  const units = folders.map((folder) => [`${folder}/kubelet.service`, absent])
  const dropIns = folders.map((folder) => {
    const inside = names
      .filter((name) => name.startsWith(`${folder}/kubelet.service.d/`))
      .map((name) => name.split('/').at(-1) ?? '')
    return [`${folder}/kubelet.service.d`, inside.length > 0 ? inside : absent]
  })
  return buildHost({
    files: {
      ...Object.fromEntries(units),
      [kubeadmEnv]: absent,
      [defaults]: absent,
      [config]: { content: gvk, stat: stat(1) },
      ...files,
    },
    directories: Object.fromEntries(dropIns),
    processes: processes ?? [buildProcess('kubelet', ...flags)],
  })
}

const stat = (modifiedAt: number) => ({ mode: '0644', uid: 0, gid: 0, modifiedAt })

function derive(evidence: HostEvidence): unknown {
  const fact = deriveNodeUnit({ name: 'w1', object: buildNode('w1', { kubeletVersion: 'v1.34.1' }), host: evidence })
    .facts.kubeletService
  return isUnavailable(fact) ? fact : kubeletServiceSchema.parse(fact)
}

const kubeadm = { [unit]: kubeadmUnit, [dropIn]: kubeadmDropIn }

describe('kubeletService', () => {
  it('finds no difference on a node as kubeadm leaves it', () => {
    const files = { ...kubeadm, [kubeadmEnv]: 'KUBELET_KUBEADM_ARGS="--hostname-override=cp1 --v=2"\n' }
    expect(derive(host([...running, '--hostname-override=cp1', '-v', '2'], files))).toEqual({
      pid: 812,
      unitFiles: [unit, dropIn],
      environmentFiles: [kubeadmEnv],
      differences: [],
      changedSinceStart: [],
    })
  })

  it('says what was edited but not restarted, and where', () => {
    const files = {
      ...kubeadm,
      [kubeadmEnv]: 'KUBELET_KUBEADM_ARGS="--v=4 --node-labels=a=1,b=2"\n',
      [defaults]: 'KUBELET_EXTRA_ARGS=--protect-kernel-defaults=true\n',
    }
    expect(derive(host([...running, '--v=2', '--node-labels=a=1', '--read-only-port=0'], files))).toEqual({
      pid: 812,
      unitFiles: [unit, dropIn],
      environmentFiles: [kubeadmEnv, defaults],
      differences: [
        { flag: '--node-labels', configured: 'a=1,b=2', running: 'a=1', source: kubeadmEnv },
        { flag: '--protect-kernel-defaults', configured: 'true', running: 'not set', source: defaults },
        { flag: '--read-only-port', configured: 'not set', running: '0', source: dropIn },
        { flag: '--v', configured: '4', running: '2', source: kubeadmEnv },
      ],
      changedSinceStart: [],
    })
  })

  it('says which configuration changed since the start', () => {
    const files = { ...kubeadm, [config]: { content: gvk, stat: stat(1_700_003_600) } }
    expect(derive(host(running, files))).toMatchObject({
      differences: [],
      changedSinceStart: [`${config} (changed 2023-11-14T23:13:20Z, kubelet started 2023-11-14T22:13:20Z)`],
    })
  })

  it('says so also of a configuration that the kubelet would refuse', () => {
    const files = { ...kubeadm, [config]: { content: 'broken', stat: stat(1_700_003_600) } }
    expect(derive(host(running, files))).toMatchObject({
      changedSinceStart: [`${config} (changed 2023-11-14T23:13:20Z, kubelet started 2023-11-14T22:13:20Z)`],
    })
  })

  it.each<[string, HostParts['files'], readonly string[], readonly object[]]>([
    [
      'a drop-in in /etc hides the one of that name in /usr/lib',
      {
        ...kubeadm,
        '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf': `[Service]\nExecStart=\nExecStart=/usr/bin/kubelet --v=1\n`,
      },
      ['--v=1'],
      [],
    ],
    [
      'a drop-in linked to /dev/null hides it too',
      { ...kubeadm, '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf': { content: '', resolved: '/dev/null' } },
      [],
      [],
    ],
    [
      'drop-ins of all folders by name, an empty ExecStart takes back',
      {
        [unit]: kubeadmUnit,
        '/usr/lib/systemd/system/kubelet.service.d/20-b.conf':
          '[Service]\nExecStart=\nExecStart=/usr/bin/kubelet --v=2\n',
        '/etc/systemd/system/kubelet.service.d/10-a.conf': '[Service]\nExecStart=\nExecStart=/usr/bin/kubelet --v=1\n',
      },
      ['--v=2'],
      [],
    ],
    [
      'continued lines, comments between, quotes, escapes',
      {
        [unit]:
          '[Service]\nExecStart=-/usr/bin/kubelet \\\n  --v=1 \\\n# not this\n; nor this\n  "--node-labels=a b" --root-dir=/x\\x2dy\n',
      },
      ['--v=1', '--node-labels=a b', '--root-dir=/x-y'],
      [],
    ],
    [
      '${NAME} stays one word, $NAME is split, unknown ones vanish',
      {
        [unit]:
          '[Service]\nEnvironment="A=1 2" "B=--v=3 --port=1"\nExecStart=/usr/bin/kubelet --node-labels=x=${A} $B $C --cloud-provider=${C}\n',
      },
      ['--node-labels=x=1 2', '--v=3', '--port=1', '--cloud-provider='],
      [],
    ],
    [
      'an environment file overrides Environment=, the later file the earlier',
      {
        [unit]: `[Service]\nEnvironmentFile=${kubeadmEnv}\nEnvironmentFile=${defaults}\nEnvironment=X=--v=1\nExecStart=/usr/bin/kubelet $X\n`,
        [kubeadmEnv]: 'X=--v=2\n',
        [defaults]: "# comment\nX='--v=3'\n",
      },
      ['--v=3'],
      [],
    ],
    [
      'an environment file that must be there and is not',
      { [unit]: `[Service]\nEnvironmentFile=${defaults}\nExecStart=/usr/bin/kubelet\n` },
      [],
      [
        {
          flag: 'EnvironmentFile',
          configured: `${defaults} (does not exist, so the unit cannot start)`,
          running: 'not set',
          source: unit,
        },
      ],
    ],
    [
      'two ways of writing one value are one',
      {
        [unit]: '[Service]\nExecStart=/usr/bin/kubelet --anonymous_auth=false --sync-frequency=60s --seccomp-default\n',
      },
      ['--anonymous-auth=F', '--sync-frequency', '1m', '--seccomp-default=true'],
      [],
    ],
    ['hyperkube', { [unit]: '[Service]\nExecStart=/usr/bin/hyperkube kubelet --v=1\n' }, ['--v=1'], []],
  ])('%s', (_name, files, flags, differences) => {
    expect(derive(host(flags, files))).toMatchObject({ differences })
  })

  it.each<[string, HostEvidence, unknown]>([
    [
      'no kubelet',
      host([], kubeadm, []),
      { unavailable: { reason: 'not-running', detail: 'No kubelet process runs on this host.' } },
    ],
    [
      'no unit',
      host(running, {}),
      {
        unavailable: {
          reason: 'unsupported',
          detail: 'No systemd unit named kubelet.service is on this host, so what would start is not known.',
        },
      },
    ],
    [
      'a script around the kubelet',
      host(running, { [unit]: '[Service]\nExecStart=/opt/start.sh --fast\n' }),
      {
        unavailable: {
          reason: 'unsupported',
          detail: `kubelet.service starts /opt/start.sh (ExecStart in ${unit}), whose arguments for the kubelet are not known.`,
        },
      },
    ],
    ['unreadable environment file', host(running, { ...kubeadm, [defaults]: denied }), denied],
    ['unreadable drop-in', host(running, { ...kubeadm, [dropIn]: denied }), denied],
    ['unreadable configuration', host(running, { ...kubeadm, [config]: denied }), denied],
    [
      'no start time',
      host([], kubeadm, [{ pid: 812, name: 'kubelet', arguments: ['/usr/bin/kubelet', ...running] }]),
      {
        unavailable: {
          reason: 'unsupported',
          detail: 'When the kubelet started, or when its configuration changed, could not be read.',
        },
      },
    ],
  ])('%s', (_name, evidence, expected) => {
    expect(derive(evidence)).toEqual(expected)
  })
})
