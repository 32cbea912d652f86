import { expect, test } from 'vitest'
import type { Evidence, Finding } from '../../../src/model/result.ts'
import { evidenceTemplate } from '../../../src/report/evidence-template.ts'
import { languageOf } from '../../../src/report/lang/language.ts'

type Unit = Finding['unit']

const node: Unit = { kind: 'nodes', id: 'node/worker-1', name: 'worker-1', node: 'worker-1' }
const workload = (name: string, more: Partial<Unit> = {}): Unit => ({ kind: 'workloads', id: name, name, ...more })
const line = (observed: string, source: string, message = ''): Evidence => ({ message, observed, expected: '', source })

function told(unit: Unit, evidence: Evidence) {
  const { variants, value } = evidenceTemplate(unit, evidence, languageOf('en'))
  return [...variants.map(({ observed, source }) => `${observed} | ${source}`), value]
}

test.each<[string, Unit, Evidence, string[]]>([
  [
    'a container, in the pod of a Deployment',
    workload('Deployment ci/runner'),
    line(
      'runner: privileged: true',
      'Deployment ci/runner: spec.template.spec.containers[runner].securityContext.privileged',
    ),
    [
      'runner: privileged: true | spec.template.spec.containers[runner].securityContext.privileged',
      'runner: privileged: true | spec.template.spec.containers[runner].securityContext.privileged',
      'runner: privileged: true | ‹pod spec›.containers[runner].securityContext.privileged',
      '‹container›: privileged: true | ‹pod spec›.containers[‹container›].securityContext.privileged',
      'runner',
    ],
  ],
  [
    'a field that the line names, in a static pod, whose node its source leaves out',
    workload('StaticPod kube-system/etcd on cp-1', { node: 'cp-1' }),
    line('volumes[certs].hostPath: /pki', 'StaticPod kube-system/etcd: spec.volumes[certs].hostPath'),
    [
      ...Array(3).fill('volumes[certs].hostPath: /pki | ‹pod spec›'),
      'volumes[‹volume›].hostPath: /pki | ‹pod spec›',
      'certs',
    ],
  ],
  [
    'an init container of a CronJob',
    workload('CronJob shop/report'),
    line('wait: no limit', 'CronJob shop/report: spec.jobTemplate.spec.template.spec.initContainers[wait].resources'),
    [
      ...Array(2).fill('wait: no limit | spec.jobTemplate.spec.template.spec.initContainers[wait].resources'),
      'wait: no limit | ‹pod spec›.initContainers[wait].resources',
      '‹container›: no limit | ‹pod spec›.initContainers[‹container›].resources',
      'wait',
    ],
  ],
  [
    'a process of a node',
    node,
    line('0644', 'stat /var/lib/kubelet/config.yaml (--config of pid 912) on worker-1'),
    [
      '0644 | stat /var/lib/kubelet/config.yaml (--config of pid 912) on worker-1',
      ...Array(2).fill('0644 | stat /var/lib/kubelet/config.yaml (--config of pid 912) on ‹node›'),
      '0644 | stat /var/lib/kubelet/config.yaml (--config of ‹process›) on ‹node›',
      'pid 912',
    ],
  ],
  [
    'an object of a namespace',
    { kind: 'namespaces', id: 'ns', name: 'Namespace ci', namespace: 'ci' },
    line(
      'StaticPod etcd on cp-1: hostNetwork',
      'networkpolicies of namespace ci',
      'Nothing keeps StaticPod etcd on cp-1',
    ),
    [
      'StaticPod etcd on cp-1: hostNetwork | networkpolicies of namespace ci',
      ...Array(2).fill('StaticPod etcd on cp-1: hostNetwork | networkpolicies of ‹namespace›'),
      '‹name›: hostNetwork | networkpolicies of ‹namespace›',
      'StaticPod etcd on cp-1',
    ],
  ],
  [
    'nothing to replace, and names too short to be told from other text',
    workload('Pod a/b'),
    line('db: x', 'Pod a/b: spec.containers[db].image'),
    [
      ...Array(2).fill('db: x | spec.containers[db].image'),
      ...Array(2).fill('db: x | ‹pod spec›.containers[db].image'),
      '',
    ],
  ],
])('%s', (_name, unit, evidence, expected) => {
  expect(told(unit, evidence)).toEqual(expected)
})

test.each([
  ['Deployment ci/runner', 'The container runner of runner-x and runner.y runs', 'runner', 'spec.template.spec'],
  ['StaticPod kube-system/etcd on cp-1', 'etcd on cp-1, not cp-10: etcd', 'etcd', 'spec'],
])('the name and the value put back give the line again: %s', (name, message, container, path) => {
  const unit = workload(name, name.endsWith('cp-1') ? { node: 'cp-1' } : {})
  const evidence = line(`${container}: privileged: true`, `${path}.containers[${container}]`, message)
  const { variants, value } = evidenceTemplate(unit, evidence, languageOf('en'))
  const back = (text = '') =>
    text
      .replaceAll('‹container›', value)
      .replaceAll('‹workload›', unit.node ?? unit.name)
      .replaceAll('‹pod spec›', path)
  const last = variants.at(-1)
  expect([back(last?.message), back(last?.observed), back(last?.source)]).toEqual([
    evidence.message,
    evidence.observed,
    evidence.source,
  ])
})
