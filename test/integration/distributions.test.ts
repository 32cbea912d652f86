// Every stored host of a distribution, read by the real probe: what it is, what it runs with, and every control of CIS Kubernetes 2.0,
// sections 1 to 4, as docs/distributions.md shows it. What peers are known to get wrong about these hosts is tried by name.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Fact, isUnavailable } from '../../src/model/fact.ts'
import type { FactValue } from '../../src/model/facts.ts'
import { secretMarker } from '../../src/simulator/hosts/secret-marker.ts'
import { type Matrix, matrixPage, readMatrix, readSubjects } from '../support/distribution-matrix.ts'

let matrix: Matrix
beforeAll(async () => {
  matrix = await readMatrix()
}, 240_000)

const unit = (id: string) => {
  const found = matrix.readings.get(id)?.facts.units.nodes[0]
  if (found === undefined) throw new Error(`${id} has no node`)
  return found
}
type Asked = 'distribution' | 'apiServer' | 'controllerManager' | 'etcd' | 'kubeletConfiguration'
function fact<N extends Asked>(id: string, name: N): FactValue<N> {
  const found: Fact<FactValue<N>> | undefined = unit(id).facts[name]
  if (found === undefined || isUnavailable(found)) throw new Error(`${id} ${name}: ${JSON.stringify(found)}`)
  return found
}
const tell = (value: unknown): unknown => {
  if (isUnavailable(value)) return `${value.unavailable.reason}: ${value.unavailable.detail}`
  return typeof value === 'object' && value !== null && 'value' in value ? value.value : value
}
const sourceOf = (value: { source?: string } | object): string => ('source' in value ? String(value.source) : '')
const outcome = (id: string, number: string) => matrix.outcomes.get(number)?.get(id)

describe('what it is', () => {
  it.each([
    ['kubeadm', 'kubeadm'],
    ['k3s', 'k3s'],
    ['k3s-hardened', 'k3s'],
    ['rke2', 'rke2'],
    ['microk8s', 'microk8s'],
    ['k0s', 'k0s'],
    ['openshift', 'openshift'],
    ['eks', 'eks'],
    ['gke', 'gke'],
    ['aks', 'aks'],
    ['flatcar', 'kubeadm'],
    ['bottlerocket', 'eks'],
    ['talos', 'talos'],
  ])('%s is told by what is seen', (id, name) => {
    expect(tell(fact(id, 'distribution').name)).toBe(name)
  })

  it.each(['eks', 'gke', 'aks', 'bottlerocket'])('%s: the provider runs the control plane, which is said', (id) => {
    const { distributions } = matrix.readings.get(id)?.facts.cluster.facts ?? {}
    if (distributions === undefined || isUnavailable(distributions)) throw new Error('not known')
    expect(tell(distributions.managedBy)).toMatch(/^(?:Amazon EKS|Google GKE|Azure AKS)$/)
    expect(tell(fact(id, 'apiServer').runs)).toBe(false)
  })

  it.each([
    ['bottlerocket', 'Bottlerocket, which has no shell on its host'],
    ['talos', 'Talos Linux, which has neither a shell nor an SSH server'],
  ])('%s: without a shell, and the ways that work are named', (id, why) => {
    expect(tell(fact(id, 'distribution').hasShell)).toBe(false)
    expect(tell(unit(id).facts.kubeletConfiguration)).toContain(why)
    expect(tell(unit(id).facts.kubeletConfiguration)).toContain('--node-access api')
  })
})

it('does not judge the certificate of an API server that shows others for other names', () => {
  expect(tell(unit('openshift').facts.apiServerNames)).toContain('OpenShift’s API server shows other certificates')
})

describe('what a restart is called', () => {
  it.each([
    ['kubeadm', undefined],
    ['k3s', 'k3s'],
    ['rke2', 'rke2-server'],
    ['microk8s', 'snap.microk8s.daemon-kubelite'],
    ['k0s', 'k0scontroller'],
    ['openshift', undefined],
    ['eks', undefined],
    ['flatcar', undefined],
    ['talos', undefined],
  ])('%s', (id, name) => {
    expect(unit(id).identity.kubeletUnit).toBe(name)
  })
})

describe('what it runs with', () => {
  it.each([
    ['k3s', 'k3s-server (pid 640)', '--anonymous-auth (set by k3s 1.34)', false],
    ['k3s-hardened', 'k3s-server (pid 640)', '--anonymous-auth (set by k3s 1.34)', false],
    ['rke2', 'pid 940', '--anonymous-auth of pid 940', false],
    ['k0s', 'pid 680', '--anonymous-auth of pid 680', false],
  ])('%s: the API server’s anonymous authentication, with its place', (id, place, source, value) => {
    const { runs, anonymousAuthentication } = fact(id, 'apiServer')
    expect([tell(runs), sourceOf(runs)]).toEqual([true, place])
    expect([tell(anonymousAuthentication), sourceOf(anonymousAuthentication)]).toEqual([value, source])
  })

  it('k3s: what the guide sets, from its configuration file, policy and encryption included', () => {
    const api = fact('k3s-hardened', 'apiServer')
    const file = '/etc/rancher/k3s/config.yaml'
    expect(sourceOf(api.auditLogMaxAge)).toBe(`--audit-log-maxage (kube-apiserver-arg in ${file})`)
    expect(tell(api.secretsProvider)).toBe('aescbc')
    expect(tell(api.configuredAdmissionPlugins)).toEqual(['PodSecurity', 'EventRateLimit'])
    expect(tell(fact('k3s-hardened', 'etcd').clientCertAuth)).toBe(true)
    expect(tell(fact('k3s', 'etcd').runs)).toBe(false)
  })

  it('MicroK8s: the files of arguments, which are the truth', () => {
    const { authorizationModes, serviceAccountKeyFiles } = fact('microk8s', 'apiServer')
    expect([tell(authorizationModes), sourceOf(authorizationModes)]).toEqual([
      ['AlwaysAllow'],
      '--authorization-mode (/var/snap/microk8s/current/args/kube-apiserver)',
    ])
    expect(tell(serviceAccountKeyFiles)).toEqual(['/var/snap/microk8s/current/certs/serviceaccount.key'])
    expect(tell(fact('microk8s', 'kubeletConfiguration').authorizationMode)).toBe('AlwaysAllow')
  })

  it('OpenShift: the file of the revision that runs', () => {
    const api = fact('openshift', 'apiServer')
    const path = '/etc/kubernetes/static-pod-resources/kube-apiserver-pod-12/configmaps/config/config.yaml'
    expect([tell(api.authorizationModes), sourceOf(api.authorizationModes)]).toEqual([
      ['Scope', 'SystemMasters', 'RBAC', 'Node'],
      `--authorization-mode (apiServerArguments in ${path})`,
    ])
    expect([tell(api.tlsMinVersion), sourceOf(api.tlsMinVersion)]).toEqual([
      'VersionTLS12',
      `--tls-min-version (servingInfo in ${path})`,
    ])
    expect(tell(fact('openshift', 'controllerManager').useServiceAccountCredentials)).toBe(true)
  })

  it.each([
    ['k3s', '/var/lib/rancher/k3s/agent/etc/kubelet.conf.d/00-k3s-defaults.conf'],
    ['rke2', '/var/lib/rancher/rke2/agent/etc/kubelet.conf.d/00-rke2-defaults.conf'],
    ['eks', '/etc/kubernetes/kubelet/config.json'],
    ['gke', '/home/kubernetes/kubelet-config.yaml'],
    ['openshift', '/etc/kubernetes/kubelet.conf'],
  ])('%s: the kubelet’s settings from the file that it reads', (id, path) => {
    const { anonymousAuthentication } = fact(id, 'kubeletConfiguration')
    expect([tell(anonymousAuthentication), sourceOf(anonymousAuthentication)]).toEqual([false, path])
  })
})

/** References are public threads and findings about other tools. */
describe('what others get wrong', () => {
  it.each<[string, string, string, readonly string[]]>([
    [
      'kube-bench#1973: drop-ins of --config-dir ignored, 4.2.1 to 4.2.3 fail on k3s',
      'k3s',
      'pass',
      ['4.2.1', '4.2.2', '4.2.3'],
    ],
    ['kube-bench#1843: RKE2’s kubelet not found', 'rke2', 'pass', ['4.2.1', '4.2.2', '4.2.3', '4.2.4']],
    [
      'kube-bench#1351: static pod files that k3s does not have',
      'k3s',
      'notApplicable',
      ['1.1.1', '1.1.2', '1.1.7', '4.1.1'],
    ],
    [
      'kube-bench#306: etcd where there is none',
      'k3s',
      'notApplicable',
      ['2.1', '2.2', '2.7', '1.1.11', '1.2.23', '1.2.26'],
    ],
    ['kube-bench#940: dqlite is no etcd', 'microk8s', 'notApplicable', ['2.1', '1.1.12', '1.2.26']],
    ['prowler: arguments inside k3s are not seen', 'k3s', 'pass', ['1.2.1', '1.2.6', '1.2.7', '1.2.8', '1.2.15']],
    ['regolibrary#754: nor are RKE2’s', 'rke2', 'pass', ['1.2.1', '1.2.6', '1.2.7', '1.2.8', '1.2.28']],
    [
      'trivy#6013: what a managed service does not show reads as passed',
      'eks',
      'notApplicable',
      ['1.2.1', '1.2.16', '2.1', '3.2.1'],
    ],
    ['kube-bench#808: Bottlerocket’s files are failures', 'bottlerocket', 'unknown', ['4.1.5', '4.2.1', '4.2.2']],
    ['node-agent#962: a kube-proxy that is not there', 'k3s', 'notApplicable', ['4.1.3', '4.1.4']],
    ['kube-bench#2139: units below /usr/lib are not found', 'flatcar', 'fail', ['4.1.1']],
    ['an AlwaysAllow that is there is found', 'microk8s', 'fail', ['1.2.6', '1.2.7', '1.2.8', '4.2.2']],
  ])('%s', (_what, id, expected, numbers) => {
    expect(numbers.map((number) => [number, outcome(id, number)])).toEqual(numbers.map((number) => [number, expected]))
  })

  it('magnum#28: etcd:etcd fails where etcd runs as root, and says that it does', () => {
    expect(['kubeadm', 'k3s-hardened', 'rke2', 'openshift'].map((id) => outcome(id, '1.1.12'))).toEqual(
      Array(4).fill('fail'),
    )
  })
})

describe('the page', () => {
  it('has no error in it', () => {
    const errors = [...matrix.outcomes].flatMap(([number, row]) =>
      [...row].flatMap(([id, one]) => (one === 'error' ? [`${id} ${number}`] : [])),
    )
    expect(errors).toEqual([])
  })

  it('knows every control of a host that was read', () => {
    const open = [...matrix.outcomes].flatMap(([number, row]) =>
      [...row].flatMap(([id, one]) =>
        one === 'unknown' && !['bottlerocket', 'talos'].includes(id) ? [`${id} ${number}`] : [],
      ),
    )
    expect(open).toEqual([])
  })

  it('is what docs/distributions.md shows (npm run distributions writes it)', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/distributions.md'), 'utf8')
    expect(page).toContain(matrixPage(matrix, await readSubjects()))
  })

  it('stands on evidence without a secret, on the wire too', () => {
    for (const [id, { host, output }] of matrix.readings) {
      expect([id, JSON.stringify(host).includes(secretMarker), output.includes(secretMarker)]).toEqual([
        id,
        false,
        false,
      ])
    }
  })
})
