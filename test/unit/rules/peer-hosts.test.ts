// Wrong verdicts about hosts that the tool which runs on each node is known to give, beside those in peers.test.ts: each as evidence,
// from files and processes through derivation to the rule. A mistake without a test fails the last one.
import { describe, expect, it } from 'vitest'
import { loadCatalogue } from '../../../src/catalog/index.ts'
import { deriveKubeProxy } from '../../../src/derive/nodes/kube-proxy.ts'
import { findingOf } from '../../../src/evaluate/index.ts'
import type { Unit, UnitFacts } from '../../../src/model/unit.ts'
import { rulesFolder } from '../catalog/support.ts'
import { apiServer, apiServerOf, component, deriveNode } from '../derive/control-plane/support.ts'
import { deriveFiles, type FileParts } from '../derive/files/support.ts'
import { absent, buildHost, buildProcess, denied } from '../derive/host-builder.ts'

const mistakes = {
  H1: 'a file that is not there fails, or passes',
  H2: 'a node whose CNI replaces kube-proxy fails for having none',
  H3: 'a control plane with etcd elsewhere fails for having none',
  H4: 'a process that names etcd in its arguments, or a wrapper around it, is taken for etcd',
  H5: 'etcd:etcd is asked for where kubeadm runs etcd as root, and nothing says what that exposes',
  H6: 'the unit as packages install it fails without a word about why',
  H7: 'owners are told by the names that the container knows, so that a number alone is “UNKNOWN”',
  H8: 'units are looked for in one folder, and those of other distributions are missed',
  H9: 'anonymous access that a file of --authentication-config settles is not seen',
  H10: 'of a flag the first counts, a value behind a space reads as true, and a longer flag is taken for it',
  H11: 'a setting that is only looked for, whatever its value, passes: etcd’s own authority',
  H12: 'an audit that could not be made fails, or passes',
  H13: 'paths are those of a list, not those that the component names',
} as const
const tested = new Set<string>()
function about(id: keyof typeof mistakes, name: string): string {
  tested.add(id)
  return `${id}: ${name}`
}

const { rules } = await loadCatalogue(rulesFolder)
function find(id: string, facts: UnitFacts) {
  const compiled = rules.find(({ rule }) => rule.id === id)
  if (compiled === undefined) throw new Error(`There is no rule ${id}.`)
  const unit: Unit = { identity: { kind: 'nodes', id: 'node/cp-1', name: 'cp-1', node: 'cp-1' }, facts }
  return findingOf(compiled, unit, { identity: { kind: 'cluster', id: 'cluster', name: 'c' }, facts: {} })
}
const outcome = (id: string, facts: UnitFacts) => find(id, facts).outcome
const messages = (id: string, facts: UnitFacts) => JSON.stringify(find(id, facts).evidence)

const places = ['/etc/kubernetes/admin.conf', '/etc/kubernetes/super-admin.conf']
const files = (parts: FileParts) => {
  const { controlPlane, node } = deriveFiles({ processes: [buildProcess('kubelet')], ...parts })
  return { controlPlaneFiles: controlPlane, nodeFiles: node } as UnitFacts
}

describe('files', () => {
  it.each([
    ['absent', absent, 'notApplicable'],
    ['not to be seen', denied, 'unknown'],
    ['open', '0644 root:root', 'fail'],
    ['closed', '0600 root:root', 'pass'],
  ] as const)(about('H1', '%s'), (_case, status, expected) => {
    const modes = { [places[0] ?? '']: status, [places[1] ?? '']: absent }
    expect(outcome('admin-kubeconfig-mode', files({ modes }))).toBe(expected)
  })

  it(about('H7', 'a number without a name is shown as it is, and compared as it is'), () => {
    const stat = { mode: '0600', uid: 1234, gid: 0, modifiedAt: 1 }
    const facts = files({ modes: { [places[0] ?? '']: { kind: 'file', stat }, [places[1] ?? '']: absent } })
    expect(outcome('admin-kubeconfig-owner', facts)).toBe('fail')
    expect(messages('admin-kubeconfig-owner', facts)).toContain('1234:0')
  })

  const etcd = (mode: string) => ({
    processes: [buildProcess('kubelet'), component(40, 'etcd', '--data-dir=/var/lib/etcd')],
    modes: { '/var/lib/etcd': `d${mode} root:root` },
    directories: { '/etc/kubernetes/manifests': absent },
  })
  it(about('H5', 'the verdict of the benchmark, with who runs it and whether the folder is closed'), () => {
    expect(outcome('etcd-data-owner', files(etcd('0700')))).toBe('fail')
    expect(messages('etcd-data-owner', files(etcd('0700')))).toContain('etcd runs as root here')
    expect(messages('etcd-data-owner', files(etcd('0700')))).toContain('closed to all others')
    expect(messages('etcd-data-owner', files(etcd('0755')))).toContain('open to others')
  })

  const folders = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((folder) => `${folder}/systemd/system`)
  const unit = (folder: string, mode: string) => ({
    modes: {
      ...Object.fromEntries(folders.map((one) => [`${one}/kubelet.service`, absent])),
      [`${folder}/kubelet.service`]: mode,
    },
    directories: Object.fromEntries(folders.map((one) => [`${one}/kubelet.service.d`, absent])),
  })
  it(about('H6', 'it fails, and the message says that it can be read but not changed'), () => {
    const facts = files(unit('/usr/lib/systemd/system', '0644 root:root'))
    expect(outcome('kubelet-unit-mode', facts)).toBe('fail')
    expect(messages('kubelet-unit-mode', facts)).toContain('as packages install it, and not change it')
  })
  it.each(folders)(about('H8', '%s'), (folder) => {
    expect(outcome('kubelet-unit-mode', files(unit(folder, '0666 root:root')))).toBe('fail')
    expect(outcome('kubelet-unit-mode', files(unit(folder, '0600 root:root')))).toBe('pass')
  })

  it(about('H13', 'the scheduler’s kubeconfig is where its flag says, whatever lies in the usual place'), () => {
    const scheduler = component(41, 'kube-scheduler', '--kubeconfig=/srv/scheduler.conf')
    const facts = (own: string, usual: string) =>
      files({
        processes: [buildProcess('kubelet'), scheduler],
        directories: { '/etc/kubernetes/manifests': absent },
        modes: { '/srv/scheduler.conf': own, '/etc/kubernetes/scheduler.conf': usual },
      })
    expect(outcome('scheduler-kubeconfig-mode', facts('0644 root:root', '0600 root:root'))).toBe('fail')
    expect(outcome('scheduler-kubeconfig-mode', facts('0600 root:root', '0644 root:root'))).toBe('pass')
  })
})

describe('what does not run', () => {
  it(about('H2', 'nothing is asked of it'), () => {
    const host = buildHost({ processes: [buildProcess('kubelet'), buildProcess('cilium-agent')] })
    const kubeProxy = deriveKubeProxy(host)
    expect(outcome('kube-proxy-metrics-address', { kubeProxy })).toBe('notApplicable')
    const modes = { '/var/lib/kube-proxy/kubeconfig': absent, '/etc/kubernetes/proxy.conf': absent }
    expect(['notApplicable', 'unknown']).toContain(outcome('proxy-kubeconfig-mode', files({ modes })))
  })

  it.each([
    ['H3', 'etcd on other machines', '--etcd-servers=https://10.0.0.9:2379'],
    ['H4', 'an API server with etcd in its arguments', '--etcd-prefix=/usr/bin/etcd --data-dir=/x'],
  ] as const)('%s: %s', (id, _case, flag) => {
    tested.add(id)
    const facts = deriveNode({ processes: [apiServer('--authorization-mode=RBAC', flag)] })
    for (const rule of ['etcd-client-authentication', 'etcd-auto-tls', 'etcd-peer-certificate']) {
      expect([rule, outcome(rule, facts)]).toEqual([rule, 'notApplicable'])
    }
  })
  it(about('H4', 'a wrapper beside the real one'), () => {
    const wrapper = component(39, '/bin/sh', '-c', 'exec etcd --client-cert-auth=false')
    const etcd = { ...component(40, 'etcd', '--client-cert-auth=true'), environment: {} }
    const facts = deriveNode({ processes: [wrapper, etcd] })
    expect(outcome('etcd-client-authentication', facts)).toBe('pass')
  })
})

describe('settings', () => {
  const authentication = (anonymous: string) =>
    `apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nanonymous: ${anonymous}\n`
  it.each([
    ['switched off by the file', '{ enabled: false }', 'pass'],
    ['switched on by the file', '{ enabled: true }', 'fail'],
  ])(about('H9', '%s'), (_case, anonymous, expected) => {
    const flags = ['--authorization-mode=Node,RBAC', '--authentication-config=/a.yaml']
    const facts = { apiServer: apiServerOf(flags, { '/a.yaml': authentication(anonymous) }) }
    expect(outcome('api-anonymous-authentication', facts)).toBe(expected)
  })

  it.each([
    ['the last of two counts', ['--profiling=false', '--profiling=true'], 'fail'],
    ['the other way round', ['--profiling=true', '--profiling=false'], 'pass'],
    ['a longer flag is another', ['--profiling-path=false'], 'fail'],
    ['an underscore is a dash', ['--profiling=true', '--profi_ling=false'], 'fail'],
  ])(about('H10', '%s'), (_case, flags, expected) => {
    const facts = { apiServer: apiServerOf(['--authorization-mode=RBAC', ...flags]) }
    expect(outcome('api-profiling', facts)).toBe(expected)
  })
  it(about('H10', 'a value behind a space is a value'), () => {
    const facts = {
      apiServer: apiServerOf([
        '--authorization-mode',
        'Node,RBAC',
        '--audit-log-maxage',
        '10',
        '--audit-log-path',
        '/a',
      ]),
    }
    expect(outcome('audit-log-age', facts)).toBe('fail')
  })

  it(about('H11', 'etcd trusts the authority of the cluster: the flag is set, and to the wrong file'), () => {
    const facts = deriveNode({
      processes: [
        apiServer('--authorization-mode=RBAC', '--client-ca-file=/pki/ca.crt'),
        component(40, 'etcd', '--trusted-ca-file=/pki/ca.crt', '--client-cert-auth=true'),
      ],
    })
    expect(outcome('etcd-certificate-authority', facts)).not.toBe('pass')
  })

  it(about('H12', 'processes that may not be seen'), () => {
    const host = buildHost({ processes: { unavailable: { reason: 'permission-denied', detail: 'hidden' } } })
    for (const rule of ['etcd-auto-tls', 'api-profiling', 'scheduler-profiling']) {
      expect([rule, outcome(rule, deriveNode({ host }))]).toEqual([rule, 'unknown'])
    }
  })
})

it('every mistake that is listed has a test', () => {
  expect(Object.keys(mistakes).filter((id) => !tested.has(id))).toEqual([])
})
