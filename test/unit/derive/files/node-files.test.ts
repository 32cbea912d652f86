// Which files CIS 4.1 is about, and the CNI files, by the settings of kubelet, kube-proxy and runtime.
import { describe, expect, test } from 'vitest'
import { component } from '../control-plane/support.ts'
import { absent, buildProcess, denied } from '../host-builder.ts'
import { deriveFiles, type FileParts, tell } from './support.ts'

const kubelet = buildProcess(
  'kubelet',
  '--config=/srv/kubelet.yaml',
  '--kubeconfig=/srv/kubelet.conf',
  '--config-dir=/srv/d',
)
const configuration =
  'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nauthentication:\n  x509:\n    clientCAFile: /srv/ca.crt\n'
const unitFolders = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((folder) => `${folder}/systemd/system`)
const noUnits = {
  modes: Object.fromEntries(unitFolders.map((folder) => [`${folder}/kubelet.service`, absent])),
  directories: Object.fromEntries(unitFolders.map((folder) => [`${folder}/kubelet.service.d`, absent])),
}
const base: FileParts = {
  processes: [kubelet],
  files: { '/srv/kubelet.yaml': configuration },
  directories: { ...noUnits.directories, '/srv/d': [], '/etc/kubernetes/manifests': absent, '/etc/cni/net.d': absent },
  modes: {
    ...noUnits.modes,
    '/srv/kubelet.yaml': '0644 root:root',
    '/srv/kubelet.conf': '0600 root:root',
    '/srv/ca.crt': '0644 root:root',
    '/var/lib/cni/networks': absent,
  },
}
const merge = (parts: FileParts): FileParts => ({
  ...base,
  ...parts,
  files: { ...base.files, ...parts.files },
  directories: { ...base.directories, ...parts.directories },
  modes: { ...base.modes, ...parts.modes },
})
type List = keyof ReturnType<typeof deriveFiles>['node']

describe.each<[list: List, cases: [name: string, parts: FileParts, files: string[] | string][]]>([
  [
    'kubeletUnits',
    [
      ['no unit', {}, []],
      [
        'the unit of the first folder, drop-ins once by name',
        {
          directories: {
            '/etc/systemd/system/kubelet.service.d': ['10-kubeadm.conf', 'notes.txt'],
            '/usr/lib/systemd/system/kubelet.service.d': ['10-kubeadm.conf', '20-site.conf'],
          },
          modes: {
            '/run/systemd/system/kubelet.service': '0644 root:root',
            '/usr/lib/systemd/system/kubelet.service': '0666 root:root',
            '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf': '0600 root:root',
            '/usr/lib/systemd/system/kubelet.service.d/20-site.conf': '0640 alice:root',
          },
        },
        [
          '/run/systemd/system/kubelet.service 0644 root:root (0:0), unit kubelet.service',
          '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf 0600 root:root (0:0), unit kubelet.service',
          '/usr/lib/systemd/system/kubelet.service.d/20-site.conf 0640 alice:root (1000:0), unit kubelet.service',
        ],
      ],
      [
        'a folder that may not be listed',
        { directories: { '/etc/systemd/system/kubelet.service.d': denied } },
        ['/etc/systemd/system/kubelet.service.d/*.conf permission-denied, unit kubelet.service'],
      ],
    ],
  ],
  [
    'kubeletKubeconfigs',
    [
      ['by flag', {}, ['/srv/kubelet.conf 0600 root:root (0:0), --kubeconfig of pid 812']],
      [
        'named and not there',
        { modes: { '/srv/kubelet.conf': absent } },
        ['/srv/kubelet.conf not-found, --kubeconfig of pid 812'],
      ],
      ['not named: a standalone kubelet', { processes: [buildProcess('kubelet')] }, []],
      [
        'no kubelet, the usual file',
        { processes: [], modes: { '/etc/kubernetes/kubelet.conf': '0644 root:root' } },
        ['/etc/kubernetes/kubelet.conf 0644 root:root (0:0), kubeadm’s place for it'],
      ],
      ['no kubelet, no file', { processes: [], modes: { '/etc/kubernetes/kubelet.conf': absent } }, 'not-running'],
    ],
  ],
  [
    'kubeletClientCAs',
    [
      ['by configuration', {}, ['/srv/ca.crt 0644 root:root (0:0), /srv/kubelet.yaml']],
      ['configuration not readable', { files: { '/srv/kubelet.yaml': denied } }, 'permission-denied'],
      ['none', { processes: [buildProcess('kubelet')] }, []],
    ],
  ],
  [
    'kubeletConfigurations',
    [
      ['by flag', {}, ['/srv/kubelet.yaml 0644 root:root (0:0), --config of pid 812']],
      [
        'not readable, mode known',
        { files: { '/srv/kubelet.yaml': denied }, modes: { '/srv/kubelet.yaml': '0600 root:root' } },
        ['/srv/kubelet.yaml 0600 root:root (0:0), --config of pid 812'],
      ],
      [
        'with drop-ins',
        { directories: { '/srv/d': ['10.conf', 'readme'] }, modes: { '/srv/d/10.conf': '0640 root:root' } },
        [
          '/srv/kubelet.yaml 0644 root:root (0:0), --config of pid 812',
          '/srv/d/10.conf 0640 root:root (0:0), --config-dir of pid 812',
        ],
      ],
      ['none', { processes: [buildProcess('kubelet')] }, []],
    ],
  ],
  [
    'proxyKubeconfigs',
    [
      ['no kube-proxy', {}, []],
      ['processes hidden', { processes: denied }, 'permission-denied'],
      [
        'kubeadm: in the pod',
        {
          processes: [kubelet, component(5, 'kube-proxy', '--config=/var/lib/kube-proxy/config.conf')],
          files: { '/var/lib/kube-proxy/config.conf': absent },
        },
        [],
      ],
      [
        'by configuration',
        {
          processes: [kubelet, component(5, 'kube-proxy', '--config=/srv/proxy.yaml')],
          files: { '/srv/proxy.yaml': 'clientConnection:\n  kubeconfig: "/srv/proxy.conf"\n' },
          modes: { '/srv/proxy.conf': '0644 root:root' },
        },
        ['/srv/proxy.conf 0644 root:root (0:0), clientConnection.kubeconfig in /srv/proxy.yaml'],
      ],
      [
        'by flag',
        {
          processes: [kubelet, component(5, 'kube-proxy', '--kubeconfig=/srv/proxy.conf')],
          modes: { '/srv/proxy.conf': '0600 root:root' },
        },
        ['/srv/proxy.conf 0600 root:root (0:0), --kubeconfig of pid 5'],
      ],
    ],
  ],
  [
    'cniFiles',
    [
      ['no CNI', {}, []],
      [
        'the usual folder, and reservations',
        {
          directories: {
            '/etc/cni/net.d': ['10-flannel.conflist'],
            '/var/lib/cni/networks': ['cbr0'],
            '/var/lib/cni/networks/cbr0': ['10.0.0.2'],
          },
          modes: {
            '/etc/cni/net.d/10-flannel.conflist': '0644 root:root',
            '/var/lib/cni/networks': 'd0755 root:root',
            '/var/lib/cni/networks/cbr0': 'd0755 root:root',
            '/var/lib/cni/networks/cbr0/10.0.0.2': '0640 root:root',
          },
        },
        [
          '/etc/cni/net.d/10-flannel.conflist 0644 root:root (0:0), CNI configuration in /etc/cni/net.d',
          '/var/lib/cni/networks/cbr0/10.0.0.2 0640 root:root (0:0), address reservations of CNI plug-ins',
        ],
      ],
      [
        'as the runtime has it',
        {
          files: { '/etc/containerd/config.toml': '[plugins.x.cni]\n  conf_dir = "/srv/cni/"\n' },
          directories: { '/srv/cni': ['a.conf'] },
          modes: { '/srv/cni/a.conf': '0600 root:root' },
        },
        ['/srv/cni/a.conf 0600 root:root (0:0), CNI configuration in /srv/cni'],
      ],
      [
        'folder closed',
        { directories: { '/etc/cni/net.d': denied } },
        ['/etc/cni/net.d/* permission-denied, CNI configuration in /etc/cni/net.d'],
      ],
    ],
  ],
])('%s', (list, cases) => {
  test.each(cases)('%s', (_name, parts, files) => {
    expect(tell(deriveFiles(merge(parts)).node[list])).toEqual(files)
  })
})

describe('the kubelet’s own keys', () => {
  const pki = '/var/lib/kubelet/pki'
  const gone = Object.fromEntries(
    ['kubelet.key', 'kubelet-server-current.pem', 'kubelet-client-current.pem'].map((name) => [
      `${pki}/${name}`,
      absent,
    ]),
  )
  const current = {
    kind: 'file' as const,
    resolved: `${pki}/kubelet-client-2026.pem`,
    stat: { mode: '0600', uid: 0, gid: 0, owner: 'root', group: 'root', modifiedAt: 1 },
  }
  test.each<[string, FileParts, string[] | string]>([
    ['none', { modes: gone }, []],
    [
      'a link that is followed, and a server key of its own',
      { modes: { ...gone, [`${pki}/kubelet-client-current.pem`]: current, [`${pki}/kubelet.key`]: '0640 root:root' } },
      [
        `${pki}/kubelet-client-current.pem 0600 root:root (0:0), the kubelet’s own`,
        `${pki}/kubelet.key 0640 root:root (0:0), the kubelet’s own`,
      ],
    ],
    [
      'what its settings and its kubeconfig name',
      {
        files: { '/srv/kubelet.yaml': `${configuration}tlsCertFile: /srv/k.crt\ntlsPrivateKeyFile: /srv/k.key\n` },
        modes: { ...gone, '/srv/k.key': '0644 alice:alice', '/srv/c.key': '0600 root:root' },
        certificates: { '/srv/kubelet.conf': { certificates: [], clientKeys: ['/srv/c.key', '/srv/gone.key'] } },
      },
      [
        '/srv/c.key 0600 root:root (0:0), client-key in /srv/kubelet.conf',
        '/srv/gone.key not-collected, client-key in /srv/kubelet.conf',
        '/srv/k.key 0644 alice:alice (1000:1000), /srv/kubelet.yaml',
      ],
    ],
    [
      'not to be seen',
      { modes: { ...gone, [`${pki}/kubelet.key`]: denied } },
      [`${pki}/kubelet.key permission-denied, the kubelet’s own`],
    ],
  ])('%s', (_case, parts, expected) => {
    expect(tell(deriveFiles(merge(parts)).node.kubeletKeys)).toEqual(expected)
  })
})
