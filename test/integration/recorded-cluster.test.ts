// A real 1.36.2 API server's recorded answers, served over HTTPS and audited: the findings are those that the objects of two
// telling namespaces deserve, all of them and no other. The expectations were made by reading the recorded objects.
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SimulatedCluster, startSimulatedCluster } from '../../src/simulator/cluster.ts'
import { type CliRun, runCli } from '../support/cli.ts'

const recording = join(import.meta.dirname, '../../../shared/reference/recorded-cluster/responses.jsonl.gz')
if (!existsSync(recording)) console.warn(`SKIPPED: the recorded cluster is not at ${recording}`)

const everything = 'every verb on every resource'
const automount = 'automountServiceAccountToken'
/** Rules on what subjects and roles hold. */
const accessRules = new Set([
  'anonymous-rights',
  'bootstrap-role-changes',
  'certificate-approval',
  'dangling-bindings',
  'default-service-account-rights',
  'duplicate-bindings',
  'namespace-pod-creation',
  'namespace-secret-access',
  'node-proxy-access',
  'permission-changes',
  'permission-escalation',
  'persistent-volume-creation',
  'pod-command-execution',
  'pod-creation',
  'secret-access',
  'service-account-reach',
  'shared-group-rights',
  'system-masters-use',
  'token-requests',
  'unbound-wildcard-roles',
  'unused-roles',
  'webhook-configuration-access',
])

interface Audited {
  rules: {
    id: string
    outcome: string
    findings: {
      outcome: string
      unit: { id: string }
      evidence: { observed: string }[]
      missing?: { reason: string }[]
    }[]
  }[]
}

/** Rules about one setting each, and what is seen where a container leaves it out. */
const unsetSettings: Readonly<Record<string, string>> = {
  'dropped-capabilities': 'drop: not set',
  'net-raw-capability': 'drop: not set',
  'pod-security-restricted': '',
  'privilege-escalation': 'allowPrivilegeEscalation: not set',
  'root-containers': 'runAsNonRoot: not set, runAsUser: not set',
  'seccomp-profile': 'seccompProfile: not set',
}

/** Containers of legacy by workload. istio-proxy sets all but the seccomp profile. */
const lackingSettings: Readonly<Record<string, readonly string[]>> = {
  'legacy/Deployment/liberty': ['initContainers[init-sysctl]', 'containers[websphere-liberty]'],
  'legacy/Deployment/probe-test': ['containers[test]', 'containers[istio-proxy]'],
  'legacy/Pod/memory-demo': ['containers[memory-demo-ctr]'],
  'legacy/Pod/modify-sysctl': ['containers[web]'],
}

function isOfUnsetSettings(finding: string): boolean {
  return Object.keys(unsetSettings).some((rule) => finding.startsWith(`${rule} `))
}

function lackOf(rule: string, containers: readonly string[]): string {
  if (rule === 'pod-security-restricted') return restrictedLack(containers)
  const lacking = containers.filter((one) => rule === 'seccomp-profile' || !one.includes('istio-proxy'))
  const isOfCapabilities = unsetSettings[rule] === 'drop: not set'
  return lacking
    .map((one) => one.replace(/.*\[(.*)\]/, '$1'))
    .map(
      (name) =>
        `${name}: ${isOfCapabilities && name === 'init-sysctl' ? 'privileged: true, ' : ''}${unsetSettings[rule]}`,
    )
    .join('; ')
}

/** By check, as the API server orders them; what level baseline forbids comes first. */
function restrictedLack(containers: readonly string[]): string {
  const forbidden: Readonly<Record<string, string>> = {
    'initContainers[init-sysctl]': 'initContainers[init-sysctl].securityContext.privileged: true',
    'containers[web]': 'securityContext.sysctls[kernel.sem]: 10000 1024000000 500 32000',
  }
  const fields = ['allowPrivilegeEscalation', 'capabilities.drop', 'runAsNonRoot', 'seccompProfile.type']
  const unset = fields.flatMap((field) =>
    containers
      .filter((one) => field === 'seccompProfile.type' || !one.includes('istio-proxy'))
      .map((one) => `${one}.securityContext.${field}: not set`),
  )
  return [...containers.flatMap((one) => forbidden[one] ?? []), ...unset].join('; ')
}

describe.skipIf(!existsSync(recording))('the recorded cluster', { timeout: 60_000 }, () => {
  let cluster: SimulatedCluster
  let folder: string
  let run: CliRun
  let result: Audited
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kube-assay-recorded-'))
    cluster = await startSimulatedCluster({ source: { kind: 'recorded', file: recording }, hosts: false })
    run = await runCli([
      'audit',
      '--kubeconfig',
      cluster.kubeconfig,
      '--node-access',
      'none',
      '--format',
      'json',
      '--output',
      folder,
    ])
    result = JSON.parse(await readFile(join(folder, 'result.json'), 'utf8'))
  })
  afterAll(async () => {
    await cluster?.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** "rule unit: evidence; evidence", for failing units whose id names the namespace or that give it rights. */
  function failing(namespace: string): string[] {
    return result.rules.flatMap(({ id, findings }) =>
      findings
        .filter(({ outcome, unit, evidence }) => {
          const names = [unit.id, ...evidence.map(({ observed }) => observed)]
          return outcome === 'fail' && names.some((name) => new RegExp(`(^|[ /])${namespace}(/|$)`).test(name))
        })
        .map(({ unit, evidence }) => `${id} ${unit.id}: ${evidence.map(({ observed }) => observed).join('; ')}`),
    )
  }

  it('is read in full', () => {
    expect(run.code).toBe(0)
    expect(run.stderr).toContain('Read 440 objects in 44 of 44 lists')
  })

  it('gets the findings that namespace legacy deserves', () => {
    const open = 'no NetworkPolicy selects the pods'
    const untagged = 'no tag, which means latest'
    const nothingSet = 'cpu request not set, memory request not set, memory limit not set'
    const account = 'legacy/ServiceAccount/default'
    const all = 'every right in the cluster'
    const tokens = ['Deployment liberty', 'Deployment probe-test', 'Pod memory-demo', 'Pod modify-sysctl'].map(
      (workload) => `${workload}: ${automount} unset`,
    )
    const known = [
      'blind-tcp-probes legacy/Deployment/probe-test: test: liveness tcpSocket port 80, rewriteAppHTTPProbers: false; test: readiness tcpSocket port 80, rewriteAppHTTPProbers: false',
      `certificate-approval ${account}: ${all}`,
      'cluster-admin-bindings ClusterRoleBinding/ci-admin: ServiceAccount legacy/default',
      `container-resources legacy/Deployment/liberty: ${nothingSet}`,
      `container-resources legacy/Deployment/probe-test: ${nothingSet}; ${nothingSet}`,
      'container-resources legacy/Pod/memory-demo: cpu request not set, memory request 300Mi, memory limit 300Mi',
      `container-resources legacy/Pod/modify-sysctl: ${nothingSet}`,
      `default-service-account-rights ${account}: ${everything}; * every path`,
      `default-service-account-tokens ${account}: ${[`${automount}: unset`, ...tokens].join('; ')}`,
      'identical-probes legacy/Deployment/probe-test: test: both tcpSocket port 80, liveness gives up after 30 s, readiness after 30 s',
      `image-tags-mutable legacy/Deployment/liberty: init-sysctl: busybox (${untagged}); websphere-liberty: websphere-liberty (${untagged})`,
      'image-tags-mutable legacy/Deployment/probe-test: test: nginx:latest (tag latest)',
      `image-tags-mutable legacy/Pod/memory-demo: memory-demo-ctr: polinux/stress (${untagged})`,
      `image-tags-mutable legacy/Pod/modify-sysctl: web: nginx (${untagged})`,
      'image-unqualified legacy/Deployment/liberty: init-sysctl: busybox; websphere-liberty: websphere-liberty',
      'image-unqualified legacy/Deployment/probe-test: test: nginx:latest',
      'image-unqualified legacy/Pod/memory-demo: memory-demo-ctr: polinux/stress',
      'image-unqualified legacy/Pod/modify-sysctl: web: nginx',
      `metadata-address namespace/legacy: Deployment liberty: ${open}; Deployment probe-test: ${open}`,
      'namespace-limit-range namespace/legacy: no LimitRange and no ResourceQuota that bounds CPU or memory of its pods',
      `network-policies namespace/legacy: Deployment liberty: ${open}; Deployment probe-test: ${open}`,
      `node-proxy-access ${account}: ${all}`,
      'oom-killed-containers legacy/Pod/memory-demo: memory-demo-ctr: OOMKilled, 0 restarts, memory limit 300Mi',
      `permission-escalation ${account}: ${all}`,
      `persistent-volume-creation ${account}: ${all}`,
      `pod-creation ${account}: ${all}`,
      'pod-security-admission namespace/legacy: enforced level: privileged',
      'pod-security-baseline legacy/Deployment/liberty: initContainers[init-sysctl].securityContext.privileged: true',
      'pod-security-baseline legacy/Pod/modify-sysctl: securityContext.sysctls[kernel.sem]: 10000 1024000000 500 32000',
      'privileged-containers legacy/Deployment/liberty: init-sysctl: privileged: true',
      `secret-access ${account}: ${all}`,
      'security-context legacy/Deployment/liberty: websphere-liberty: no securityContext',
      'security-context legacy/Deployment/probe-test: test: no securityContext',
      'security-context legacy/Pod/memory-demo: memory-demo-ctr: no securityContext',
      'security-context legacy/Pod/modify-sysctl: web: no securityContext',
      'shared-subject-cluster-admin ClusterRoleBinding/ci-admin: ServiceAccount legacy/default',
      'sysctl-init-container legacy/Deployment/liberty: sysctl -w net.core.somaxconn=512',
      'sysctl-rejected-pods legacy/Pod/modify-sysctl: modify-sysctl: Pod was rejected: forbidden sysctl: "kernel.sem" not allowlisted',
      `token-requests ${account}: ${all}`,
      'unsafe-pod-sysctls legacy/Pod/modify-sysctl: kernel.sem=10000 1024000000 500 32000',
      `webhook-configuration-access ${account}: ${all}`,
    ]
    expect(failing('legacy').filter((one) => !isOfUnsetSettings(one))).toEqual(known)
  })

  it('gets one finding for each security setting that a workload of legacy leaves out', () => {
    const expected = Object.keys(unsetSettings).flatMap((rule) =>
      Object.entries(lackingSettings).map(([unit, containers]) => `${rule} ${unit}: ${lackOf(rule, containers)}`),
    )
    expect(failing('legacy').filter(isOfUnsetSettings)).toEqual(expected)
  })

  it('claims nothing for namespace payments that it does not have', () => {
    expect(failing('payments')).toEqual([
      `default-service-account-tokens payments/ServiceAccount/default: ${automount}: unset`,
      // Its default deny is in place, but Flannel alone does not look at it.
      'metadata-address namespace/payments: Deployment api: DaemonSet kube-flannel/kube-flannel-ds does not enforce NetworkPolicies',
      'namespace-limit-range namespace/payments: no LimitRange and no ResourceQuota that bounds CPU or memory of its pods',
    ])
  })

  it('says what NetworkPolicies do, and that the plug-in does not enforce them', () => {
    const ids = ['allow-all-network-policies', 'idle-network-policies', 'network-policy-enforcement']
    const found = result.rules
      .filter(({ id }) => ids.includes(id))
      .flatMap(({ id, findings }) =>
        findings
          .filter(({ outcome }) => outcome === 'fail')
          .map(({ unit, evidence }) => [id, unit.id, ...evidence.map(({ observed }) => observed)]),
      )
    expect(found).toEqual([
      [
        'allow-all-network-policies',
        'namespace/monitoring',
        'alertmanager-main: all egress',
        'blackbox-exporter: all egress',
        'grafana: all egress',
        'kube-state-metrics: all egress',
        'node-exporter: all egress',
        'prometheus-adapter: all ingress and egress',
        'prometheus-k8s: all egress',
        'prometheus-operator: all egress',
      ],
      // Their pods would be made by an operator, which has made none.
      ['idle-network-policies', 'namespace/monitoring', 'alertmanager-main', 'prometheus-k8s'],
      ['network-policy-enforcement', 'cluster', 'DaemonSet kube-flannel/kube-flannel-ds'],
    ])
  })

  it('says what else subjects hold, controllers of monitoring and ingress included, and nothing of what Kubernetes itself gives', () => {
    const access = result.rules
      .filter(({ id }) => accessRules.has(id))
      .flatMap(({ id, findings }) =>
        findings.map(({ outcome, unit, evidence }) => [
          outcome,
          id,
          unit.id,
          ...evidence.map(({ observed }) => observed),
        ]),
      )
    expect(access.map((texts) => texts.join(' | '))).toEqual([
      'fail | certificate-approval | legacy/ServiceAccount/default | every right in the cluster',
      `fail | default-service-account-rights | legacy/ServiceAccount/default | ${everything}; * every path`,
      'fail | namespace-pod-creation | User/jenkins | create pods in namespace shop',
      'fail | namespace-pod-creation | shop/ServiceAccount/frontend | create pods in namespace shop',
      'fail | namespace-secret-access | User/jenkins | get, list secrets in namespace shop',
      'fail | namespace-secret-access | ingress-nginx/ServiceAccount/ingress-nginx | get, list, watch secrets in namespace ingress-nginx',
      'fail | namespace-secret-access | ingress-nginx/ServiceAccount/ingress-nginx-admission | get secrets in namespace ingress-nginx',
      'fail | namespace-secret-access | shop/ServiceAccount/frontend | get, list secrets in namespace shop',
      'fail | node-proxy-access | legacy/ServiceAccount/default | every right in the cluster',
      'fail | permission-escalation | legacy/ServiceAccount/default | every right in the cluster',
      'fail | persistent-volume-creation | legacy/ServiceAccount/default | every right in the cluster',
      'fail | pod-creation | legacy/ServiceAccount/default | every right in the cluster',
      'fail | pod-creation | monitoring/ServiceAccount/prometheus-operator | * statefulsets in every namespace',
      'fail | secret-access | ingress-nginx/ServiceAccount/ingress-nginx | list, watch secrets in every namespace',
      'fail | secret-access | legacy/ServiceAccount/default | every right in the cluster',
      'fail | secret-access | monitoring/ServiceAccount/kube-state-metrics | list, watch secrets in every namespace',
      'fail | secret-access | monitoring/ServiceAccount/prometheus-operator | * secrets in every namespace',
      'fail | shared-group-rights | Group/system:serviceaccounts:legacy | use podsecuritypolicies of extensions, policy named somaxconn-psp',
      'fail | token-requests | legacy/ServiceAccount/default | every right in the cluster',
      'fail | unbound-wildcard-roles | ClusterRole/resource-metrics-server-resources | rules[0]: * * of metrics.k8s.io',
      'fail | webhook-configuration-access | ingress-nginx/ServiceAccount/ingress-nginx-admission | update validatingwebhookconfigurations',
      'fail | webhook-configuration-access | legacy/ServiceAccount/default | every right in the cluster',
    ])
  })

  it('says what is enforced at admission, and takes no webhook for it', () => {
    const ids = new Set([
      'bootstrap-token-age',
      'bootstrap-token-users',
      'client-certificate-users',
      'image-policy',
      'image-policy-engine',
      'leftover-policy-rights',
      'pod-security-admission',
      'pod-security-exemptions',
      'pod-webhook-enforcement',
      'service-account-users',
      'webhook-breadth',
      'webhook-failure-policy',
      'webhook-service',
      'device-access',
      'host-path-persistent-volumes',
      'sensitive-persistent-volumes',
    ])
    const found = result.rules
      .filter(({ id }) => ids.has(id))
      .flatMap(({ id, findings }) =>
        findings.map(({ outcome, unit, evidence }) =>
          [outcome, id, unit.id, ...evidence.map(({ observed }) => observed)].join(' | '),
        ),
      )
    // ingress-nginx validates Ingresses by a webhook, which keeps no pod out; payments alone has a level by label.
    const open = 'default ingress-nginx kube-flannel legacy monitoring shop'.split(' ')
    expect(found).toEqual([
      'fail | client-certificate-users | shop/RoleBinding/reader | User jenkins',
      'manual | device-access | kube-system/DaemonSet/nvidia-device-plugin-daemonset | registers device plug-ins through /var/lib/kubelet/device-plugins',
      'fail | host-path-persistent-volumes | cluster | hostPath /var/lib/data, free to claim',
      'fail | image-policy | cluster | admission plug-in ImagePolicyWebhook: off, no webhook and no policy about pods',
      'fail | leftover-policy-rights | ClusterRole/somaxconn-clusterrole | rules[0]: use podsecuritypolicies of extensions, policy named somaxconn-psp',
      ...open.map((name) => `fail | pod-security-admission | namespace/${name} | enforced level: privileged`),
      // Its operator would run pods under it, and has made none.
      'fail | service-account-users | monitoring/ServiceAccount/prometheus-k8s | no workload runs under it',
    ])
  })

  it('says who is given a token for nothing', () => {
    const given = (id: string) =>
      result.rules.find((rule) => rule.id === id)?.findings.map(({ unit, outcome }) => `${outcome} ${unit.id}`)
    const shop =
      'adservice cartservice checkoutservice currencyservice default emailservice loadgenerator paymentservice'
    const withoutRights = `${shop} productcatalogservice recommendationservice shippingservice`.split(' ')
    expect(given('service-account-tokens')).toEqual([
      'fail default/ServiceAccount/default',
      'fail kube-system/ServiceAccount/default',
      ...withoutRights.map((name) => `fail shop/ServiceAccount/${name}`),
    ])
    const namespaces =
      'default ingress-nginx kube-flannel kube-node-lease kube-public kube-system legacy monitoring payments'
    expect(given('default-service-account-tokens')).toEqual(
      [...namespaces.split(' '), 'shop'].map((name) => `fail ${name}/ServiceAccount/default`),
    )
  })

  it('calls what only hosts can tell unknown, for every node, and errs nowhere', () => {
    const kernel = result.rules.find(({ id }) => id === 'kubelet-kernel-parameters')
    expect(kernel?.findings.map(({ unit, outcome, missing }) => [unit.id, outcome, missing?.[0]?.reason])).toEqual(
      [1, 2, 3, 4, 5, 6].map((number) => [`node/node-${number}`, 'unknown', 'not-collected']),
    )
    expect(result.rules.filter(({ outcome }) => outcome === 'error')).toEqual([])
  })
})
