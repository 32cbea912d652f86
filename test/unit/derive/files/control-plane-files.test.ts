// Which files CIS 1.1 is about on a node, found by the components' own settings, and what is said of each.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { PathStatus } from '../../../../src/model/node-evidence.ts'
import { component } from '../control-plane/support.ts'
import { absent, buildProcess, denied } from '../host-builder.ts'
import { deriveFiles, tell } from './support.ts'

const kubelet = buildProcess('kubelet', '--config=/var/lib/kubelet/config.yaml')
const configuration =
  'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nstaticPodPath: /etc/kubernetes/manifests\n'
const base = { '/var/lib/kubelet/config.yaml': configuration }
const pki = '/etc/kubernetes/pki'
const adminConfs = { '/etc/kubernetes/admin.conf': absent, '/etc/kubernetes/super-admin.conf': absent }
const usual = {
  ...adminConfs,
  '/etc/kubernetes/scheduler.conf': absent,
  '/etc/kubernetes/controller-manager.conf': absent,
}
const nothing = { '/etc/kubernetes/manifests': absent } as const

describe('a mode is compared bit by bit', () => {
  test.each<[mode: string, looser600: boolean, looser644: boolean, looser700: boolean]>([
    ['0600', false, false, false],
    ['0400', false, false, false],
    ['0000', false, false, false],
    ['0644', true, false, true],
    ['0444', true, false, true],
    ['0440', true, false, true],
    ['0555', true, true, true],
    ['0577', true, true, true],
    ['0066', true, true, true],
    ['0700', true, true, false],
    ['4600', true, true, true],
    ['1777', true, true, true],
  ])('%s', (mode, looserThan600, looserThan644, looserThan700) => {
    const { controlPlane } = deriveFiles({
      processes: [kubelet],
      files: base,
      directories: nothing,
      modes: { ...usual, '/etc/kubernetes/admin.conf': `${mode} root:root` },
    })
    expect(controlPlane.adminKubeconfigs).toEqual({
      value: [
        {
          path: '/etc/kubernetes/admin.conf',
          source: 'kubeadm’s places for them',
          access: {
            value: {
              kind: 'file',
              mode,
              ownership: 'root:root (0:0)',
              uid: 0,
              gid: 0,
              looserThan600,
              looserThan644,
              looserThan700,
              ownedByRoot: true,
              ownedByEtcd: false,
              accessControlList: 'not known',
              openFolders: { value: [], source: 'stat of the folders above /etc/kubernetes/admin.conf' },
            },
            source: 'stat /etc/kubernetes/admin.conf',
          },
        },
      ],
      source: 'kubeadm’s places for them',
    })
  })
})

test('a worker has no such files, and that is known', () => {
  const { controlPlane } = deriveFiles({ processes: [kubelet], files: base, directories: nothing, modes: usual })
  const lists = Object.values(controlPlane).map(tell)
  expect(lists).toEqual(Object.keys(controlPlane).map(() => []))
})

test('paths come from the arguments, not from a list', () => {
  const { controlPlane } = deriveFiles({
    processes: [
      kubelet,
      component(1, 'etcd', '--data-dir=/data/etcd/', '--trusted-ca-file=/srv/pki/etcd/ca.pem'),
      component(2, 'kube-apiserver', '--tls-cert-file=/srv/pki/api.pem', '--tls-private-key-file=/srv/pki/api.pem'),
      component(3, 'kube-scheduler', '--kubeconfig=/srv/s.conf', '--authentication-kubeconfig', '/srv/s.conf'),
      component(4, 'kube-controller-manager', '--root-ca-file=/etc/ssl/certs/ca.crt'),
    ],
    files: base,
    directories: {
      '/etc/kubernetes/manifests': ['etcd.yaml', 'api.yaml', 'kube-scheduler'],
      '/srv/pki': ['api.pem', 'etcd', 'x.key'],
      '/srv/pki/etcd': ['ca.pem'],
    },
    modes: {
      ...usual,
      '/etc/kubernetes/scheduler.conf': '0600 root:root',
      '/etc/kubernetes/manifests/etcd.yaml': '0640 root:root',
      '/data/etcd': 'd0700 etcd:etcd',
      '/srv/pki': 'd0755 root:root',
      '/srv/pki/api.pem': '0600 root:root',
      '/srv/pki/etcd': 'd0700 root:root',
      '/srv/pki/etcd/ca.pem': '0644 alice:root',
      '/srv/pki/x.key': '0660 root:root',
      '/srv/s.conf': '0600 alice:alice',
      '/etc/ssl/certs/ca.crt': '0644 root:root',
    },
  })
  const folder = 'static pod of /etc/kubernetes/manifests'
  expect(Object.fromEntries(Object.entries(controlPlane).map(([name, files]) => [name, tell(files)]))).toEqual({
    // api.yaml could not be read: it may be the manifest.
    apiServerManifests: 'not-collected',
    controllerManagerManifests: 'not-collected',
    schedulerManifests: 'not-collected',
    etcdManifests: [`/etc/kubernetes/manifests/etcd.yaml 0640 root:root (0:0), ${folder}`],
    etcdData: ['/data/etcd 0700 etcd:etcd (998:998), --data-dir of pid 1'],
    adminKubeconfigs: [],
    schedulerKubeconfigs: ['/srv/s.conf 0600 alice:alice (1000:1000), --kubeconfig of pid 3'],
    controllerManagerKubeconfigs: 'unsupported',
    pkiEntries: [
      '/etc/ssl/certs/ca.crt 0644 root:root (0:0), --root-ca-file of pid 4',
      '/srv/pki 0755 root:root (0:0), /srv/pki',
      '/srv/pki/api.pem 0600 root:root (0:0), --tls-cert-file of pid 2',
      '/srv/pki/etcd 0700 root:root (0:0), /srv/pki',
      '/srv/pki/etcd/ca.pem 0644 alice:root (1000:0), --trusted-ca-file of pid 1',
      '/srv/pki/x.key 0660 root:root (0:0), /srv/pki',
    ],
    pkiCertificates: [
      '/etc/ssl/certs/ca.crt 0644 root:root (0:0), --root-ca-file of pid 4',
      '/srv/pki/api.pem 0600 root:root (0:0), --tls-cert-file of pid 2',
      '/srv/pki/etcd/ca.pem 0644 alice:root (1000:0), --trusted-ca-file of pid 1',
    ],
    pkiKeys: [
      '/srv/pki/api.pem 0600 root:root (0:0), --tls-private-key-file of pid 2',
      '/srv/pki/x.key 0660 root:root (0:0), /srv/pki',
    ],
  })
})

test('what cannot be told is not told', () => {
  const { controlPlane } = deriveFiles({
    processes: [
      kubelet,
      component(1, 'etcd'),
      component(2, 'kube-apiserver', `--client-ca-file=${pki}/ca.crt`),
      component(3, 'kube-scheduler', '--kubeconfig=/srv/absent.conf'),
    ],
    files: base,
    directories: { '/etc/kubernetes/manifests': denied, [pki]: ['ca.crt', 'etcd'], [`${pki}/etcd`]: denied },
    modes: {
      ...usual,
      '/etc/kubernetes/admin.conf': denied,
      '/srv/absent.conf': absent,
      [pki]: 'd0755 root:root',
      [`${pki}/ca.crt`]: '0644 root:root',
      [`${pki}/etcd`]: 'd0700 root:root',
    },
  })
  expect(Object.fromEntries(Object.entries(controlPlane).map(([name, files]) => [name, tell(files)]))).toEqual({
    apiServerManifests: 'permission-denied',
    controllerManagerManifests: [],
    schedulerManifests: 'permission-denied',
    etcdManifests: 'permission-denied',
    etcdData: 'unsupported',
    adminKubeconfigs: ['/etc/kubernetes/admin.conf permission-denied, kubeadm’s places for them'],
    schedulerKubeconfigs: ['/srv/absent.conf not-found, --kubeconfig of pid 3'],
    controllerManagerKubeconfigs: [],
    pkiEntries: [
      `${pki} 0755 root:root (0:0), ${pki}`,
      `${pki}/ca.crt 0644 root:root (0:0), --client-ca-file of pid 2`,
      `${pki}/etcd 0700 root:root (0:0), ${pki}`,
      `${pki}/etcd/* permission-denied, ${pki}`,
    ],
    pkiCertificates: [
      `${pki}/ca.crt 0644 root:root (0:0), --client-ca-file of pid 2`,
      `${pki}/etcd/* permission-denied, ${pki}`,
    ],
    pkiKeys: [`${pki}/etcd/* permission-denied, ${pki}`],
  })
})

test('folders in which others can put another file in its place', () => {
  const link: PathStatus = {
    kind: 'file',
    stat: { mode: '0600', uid: 0, gid: 0, modifiedAt: 1 },
    resolved: '/data/shared/admin.conf',
    acl: true,
  }
  const { controlPlane } = deriveFiles({
    processes: [kubelet],
    files: base,
    directories: nothing,
    modes: {
      ...usual,
      '/etc/kubernetes/admin.conf': link,
      '/data/shared/admin.conf': '0600 root:root',
      '/etc': 'd1777 root:root',
      '/etc/kubernetes': 'd0775 root:root',
      '/data': 'd0775 root:etcd',
      '/data/shared': 'd0755 alice:root',
    },
  })
  const { adminKubeconfigs } = controlPlane
  const [access] = 'value' in adminKubeconfigs ? adminKubeconfigs.value.map((file) => file.access) : []
  expect(access).toMatchObject({
    value: {
      ownership: '0:0',
      accessControlList: 'present',
      openFolders: {
        value: [
          { path: '/data', mode: '0775', ownership: 'root:etcd (0:998)' },
          { path: '/data/shared', mode: '0755', ownership: 'alice:root (1000:0)' },
        ],
      },
    },
    source: 'stat /etc/kubernetes/admin.conf, which is /data/shared/admin.conf',
  })
})

const reference = join(import.meta.dirname, '../../../../../shared/reference/kubeadm-manifests')
const hasReference = existsSync(reference)
if (!hasReference) console.warn('SKIPPED: ../shared/reference is absent, kubeadm’s own modes are not compared')

test.skipIf(!hasReference)('kubeadm 1.36’s own files', () => {
  const lines = readFileSync(join(reference, 'file-modes.txt'), 'utf8').trim().split('\n')
  const modes: Record<string, string | PathStatus> = {}
  const directories: Record<string, string[]> = {}
  for (const line of lines) {
    const [mode = '', owner, group, kind, path = ''] = line.split(' ')
    modes[path] = `${kind === 'd' ? 'd' : ''}${mode.padStart(4, '0')} ${owner}:${group}`
    const folder = path.replace(/\/[^/]*$/, '')
    directories[folder] = [...(directories[folder] ?? []), path.slice(folder.length + 1)]
  }
  const names = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
  const files = names.map((name): [string, string] => {
    const path = `/etc/kubernetes/manifests/${name}.yaml`
    return [path, readFileSync(join(reference, 'manifests', `${name}.yaml`), 'utf8')]
  })
  const processes = files.map(([, text], index) =>
    component(
      index + 1,
      ...[...text.matchAll(/^ {4}- (\S+)$/gm)]
        .map((match) => match[1] ?? '')
        .filter((word) => /^(?:--|etcd|kube-)/.test(word)),
    ),
  )
  const { controlPlane } = deriveFiles({
    processes: [kubelet, ...processes],
    files: { ...base, ...Object.fromEntries(files) },
    directories,
    modes,
  })
  const wanted = (list: string): 'looserThan700' | 'looserThan644' | 'looserThan600' =>
    list === 'etcdData' ? 'looserThan700' : list === 'pkiCertificates' ? 'looserThan644' : 'looserThan600'
  const wrong = Object.entries(controlPlane).flatMap(([list, found]) => {
    if ('unavailable' in found) return [`${list}: ${found.unavailable.detail}`]
    return found.value.flatMap(({ path, access }) => {
      if ('unavailable' in access) return [`${path}: ${access.unavailable.detail}`]
      const isWide = list !== 'pkiEntries' && access.value[wanted(list)]
      const isForeign = list === 'etcdData' ? !access.value.ownedByEtcd : !access.value.ownedByRoot
      return isWide || isForeign ? [`${list}: ${path} ${access.value.mode} ${access.value.ownership}`] : []
    })
  })
  // The reference was made in a container, whose /var/lib/etcd was there before kubeadm, which makes it 0700.
  expect(wrong).toEqual(['etcdData: /var/lib/etcd 0755 root:root (0:0)'])
  expect(
    Object.fromEntries(
      Object.entries(controlPlane).map(([list, found]) => [list, 'value' in found && found.value.length]),
    ),
  ).toEqual({
    apiServerManifests: 1,
    controllerManagerManifests: 1,
    schedulerManifests: 1,
    etcdManifests: 1,
    etcdData: 1,
    adminKubeconfigs: 2,
    schedulerKubeconfigs: 1,
    controllerManagerKubeconfigs: 1,
    pkiEntries: 24,
    pkiCertificates: 10,
    pkiKeys: 11,
  })
})
