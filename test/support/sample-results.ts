// The results that report tests and their pictures are made of: a cluster like the demo's, a hostile one, a very large one.
import type { Finding, Result, RuleResult } from '../../src/model/result.ts'
import { columns, nodeUnit, result, rule, workloadUnit } from './result-builder.ts'

type NodeCoverage = Result['coverage']['nodes'][number]
type Gap = NonNullable<NodeCoverage['facts'][number]>

const sudoDenied: Gap = { reason: 'sudo-denied', detail: 'sudo -n was refused for user audit' }
const unreachable: Gap = { reason: 'unreachable', detail: 'connect to 10.0.0.26:22 timed out after 10 s' }

export function readNode(node: string, roles: string[], gaps: Record<string, Gap> = {}): NodeCoverage {
  const privilege = gaps['kubeletConfiguration'] ? 'user' : 'sudo'
  return {
    node,
    roles,
    facts: columns.map(({ fact }) => gaps[fact] ?? null),
    access: {
      transport: 'ssh',
      address: `${node}:22`,
      user: 'audit',
      privilege,
      durationMs: 180 + node.length * 31,
      bytes: 64_000,
    },
  }
}

export function lostNode(node: string, roles: string[], gap: Gap): NodeCoverage {
  return { node, roles, facts: columns.map(({ fact }) => (fact === 'node' ? null : gap)) }
}

const nodes: NodeCoverage[] = [
  readNode('control-1', ['control-plane']),
  readNode('control-2', ['control-plane']),
  readNode('control-3', ['control-plane']),
  readNode('worker-1', ['worker']),
  readNode('worker-2', ['worker'], {
    kubeletConfiguration: sudoDenied,
    kubeletService: sudoDenied,
    containerRuntime: sudoDenied,
    runtimeStorage: sudoDenied,
  }),
  lostNode('worker-3', ['worker'], unreachable),
]

const families: Result['coverage']['families'] = [
  { family: 'namespaces', count: 9, source: 'GET /api/v1/namespaces' },
  { family: 'nodes', count: 6, source: 'GET /api/v1/nodes' },
  { family: 'pods', count: 131, source: 'GET /api/v1/pods' },
  { family: 'deployments', count: 28, source: 'GET /apis/apps/v1/deployments' },
  { family: 'daemonsets', count: 7, source: 'GET /apis/apps/v1/daemonsets' },
  { family: 'clusterroles', count: 82, source: 'GET /apis/rbac.authorization.k8s.io/v1/clusterroles' },
  { family: 'clusterrolebindings', count: 61, source: 'GET /apis/rbac.authorization.k8s.io/v1/clusterrolebindings' },
  {
    family: 'secrets',
    count: 0,
    source: 'GET /api/v1/secrets',
    unavailable: { reason: 'forbidden', detail: 'User "audit" cannot list resource "secrets" in the API group ""' },
  },
  { family: 'resourcequotas', count: 4, source: 'GET /api/v1/resourcequotas' },
]

export function unknownOn(node: string, fact: string, gap: Gap): Finding {
  return { unit: nodeUnit(node), outcome: 'unknown', evidence: [], missing: [{ fact, ...gap }] }
}

function sysctl(name: string, seen: number, wanted: number): Finding['evidence'][number] {
  return {
    message: `${name} is not what the kubelet expects`,
    observed: `${name} = ${seen}`,
    expected: `${name} = ${wanted}`,
    source: `/proc/sys/${name.replaceAll('.', '/')}`,
  }
}

function protectFinding(node: string, source: string, drift: Finding['evidence']): Finding {
  const values = drift.map((line) => line.expected).join('\n')
  const first = {
    message: 'The kubelet changes kernel parameters at start instead of checking them',
    observed: 'protectKernelDefaults: false',
    expected: 'protectKernelDefaults: true',
    source,
  }
  const persist = {
    text: 'Persist exactly the parameters that differ on this node, now or after its next boot.',
    file: '/etc/sysctl.d/90-kubelet.conf',
    language: 'sysctl',
    content: values,
  }
  const apply = {
    text: 'Apply the file and check each value before going on.',
    language: 'shell',
    content: 'sysctl -p /etc/sysctl.d/90-kubelet.conf\nsysctl vm.overcommit_memory kernel.panic',
  }
  return {
    unit: nodeUnit(node),
    outcome: 'fail',
    evidence: [first, ...drift],
    remediation: [
      ...(drift.length > 0 ? [persist, apply] : []),
      {
        text: 'Set the value in the file that the kubelet reads; keep the rest of the file as it is.',
        file: '/var/lib/kubelet/config.yaml',
        language: 'yaml',
        content: 'protectKernelDefaults: true',
      },
      {
        text: 'Restart the kubelet on this node only and watch that it starts. Containers keep running meanwhile.',
        language: 'shell',
        content: 'systemctl daemon-reload\nsystemctl restart kubelet',
      },
      {
        text: 'Wait until the node reports Ready, then go on with the next node.',
        language: 'shell',
        content: `kubectl wait --for=condition=Ready --timeout=120s node/${node}`,
      },
    ],
    verify: `kubectl get --raw /api/v1/nodes/${node}/proxy/configz | grep -o '"protectKernelDefaults":[a-z]*'`,
  }
}

const kernelFinding = (node: string, lines: Finding['evidence']): Finding => ({
  unit: nodeUnit(node),
  outcome: 'fail',
  evidence: lines,
  remediation: [
    {
      text: 'Write the values that differ, then load them.',
      file: '/etc/sysctl.d/90-kubelet.conf',
      language: 'sysctl',
      content: lines.map((line) => line.expected).join('\n'),
    },
  ],
  verify: 'sysctl --system && sysctl vm.overcommit_memory kernel.panic kernel.panic_on_oops',
})

const drift = [sysctl('vm.overcommit_memory', 0, 1), sysctl('kernel.panic', 0, 10)]

function privileged(namespace: string, kind: string, name: string, pods: number): Finding {
  return {
    unit: workloadUnit(namespace, kind, name, pods),
    outcome: 'fail',
    evidence: [
      {
        message: 'A container runs privileged',
        observed: 'container main: privileged: true',
        expected: 'no privileged container',
        source: `${kind} ${namespace}/${name}: spec.template.spec.containers[0].securityContext.privileged`,
      },
    ],
    remediation: [
      {
        text: 'Take the field out, and grant the single capability that the container needs.',
        language: 'shell',
        content: `kubectl --namespace ${namespace} patch ${kind.toLowerCase()} ${name} --type json --patch '[{"op":"remove","path":"/spec/template/spec/containers/0/securityContext/privileged"}]'`,
      },
    ],
    verify: `kubectl --namespace ${namespace} get ${kind.toLowerCase()} ${name} --output jsonpath='{.spec.template.spec.containers[*].securityContext.privileged}'`,
  }
}

function noLimits(namespace: string, name: string, pods: number): Finding {
  return {
    unit: workloadUnit(namespace, 'Deployment', name, pods),
    outcome: 'fail',
    evidence: [
      {
        message: 'A container may take all memory of its node',
        observed: 'container app: no memory limit',
        expected: 'a memory limit',
        source: `Deployment ${namespace}/${name}: spec.template.spec.containers[0].resources`,
      },
    ],
    remediation: [
      {
        text: 'Set a limit above the peak that the container was seen to use.',
        language: 'yaml',
        content: 'resources:\n  requests: { memory: 256Mi }\n  limits: { memory: 512Mi }',
      },
    ],
  }
}

const lost = (fact: string) => [unknownOn('worker-3', fact, unreachable)]

function demoRules(): RuleResult[] {
  const openBinding: Finding = {
    unit: { kind: 'bindings', id: 'ClusterRoleBinding/legacy-admin', name: 'ClusterRoleBinding legacy-admin' },
    outcome: 'fail',
    evidence: [
      {
        message: 'cluster-admin is granted to a ServiceAccount that every pod of its namespace shares',
        observed: 'ServiceAccount legacy/default',
        expected: 'a ServiceAccount of its own, with the few verbs it needs',
        source: 'ClusterRoleBinding legacy-admin: subjects[0]',
      },
    ],
    remediation: [
      {
        text: 'See what the workloads of this namespace call, and write a Role for it.',
        language: 'shell',
        content: 'kubectl auth can-i --list --as=system:serviceaccount:legacy:default',
      },
      {
        text: 'Delete the binding once nothing needs it.',
        language: 'shell',
        content: 'kubectl delete clusterrolebinding legacy-admin',
      },
    ],
    verify: 'kubectl auth can-i "*" "*" --as=system:serviceaccount:legacy:default',
  }
  const limits = ['shop/cart', 'shop/checkout', 'shop/web', 'legacy/import', 'legacy/report'].map((path, index) => {
    const [namespace = '', name = ''] = path.split('/')
    return noLimits(namespace, name, index + 1)
  })
  return [
    rule({
      id: 'cluster-admin-bindings',
      title: 'cluster-admin is bound to no shared account',
      problem: 'Subjects that many callers share have every right in the cluster',
      severity: 'critical',
      each: 'bindings',
      references: ['CIS Kubernetes 1.24 · 5.1.1', 'Documents I2'],
      rationale:
        'Whoever gets a shell in any pod of this namespace owns the cluster: the account is mounted into every pod that names none.',
      findings: [openBinding],
      pass: 60,
    }),
    rule({
      id: 'privileged-containers',
      title: 'No container runs privileged',
      problem: 'Containers run privileged',
      severity: 'critical',
      each: 'workloads',
      references: ['CIS Kubernetes 1.24 · 5.2.1', 'Pod Security Standards: baseline'],
      rationale:
        'A privileged container has the devices and capabilities of its host. Escaping from it takes one mount.',
      findings: [
        privileged('legacy', 'Deployment', 'import', 1),
        privileged('monitoring', 'DaemonSet', 'node-agent', 6),
      ],
      pass: 46,
      links: ['https://kubernetes.io/docs/concepts/security/pod-security-standards/'],
    }),
    rule({
      id: 'protect-kernel-defaults',
      title: 'The kubelet checks kernel parameters and does not change them',
      problem: 'The kubelet changes kernel parameters by itself',
      severity: 'high',
      each: 'nodes',
      references: ['CIS Kubernetes 1.24 · 4.2.6', 'DISA STIG V-242434', 'Documents A1, A2, A3'],
      rationale:
        'A kubelet that rewrites kernel parameters overrules what the host’s owner configured: a hardened host changes its out-of-memory and panic behavior the moment the kubelet starts, and no file on the node shows it.',
      risk: 'With protectKernelDefaults on, the kubelet does not start while one of the six parameters differs. Set and persist them first, and only then change the kubelet. One node at a time.',
      findings: [
        protectFinding('control-3', 'default; /var/lib/kubelet/config.yaml has no value', []),
        protectFinding('worker-1', '--protect-kernel-defaults=false (pid 812)', drift),
        unknownOn('worker-2', 'kubeletConfiguration', sudoDenied),
        ...lost('kubeletConfiguration'),
      ],
      pass: 2,
      links: ['https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/'],
    }),
    rule({
      id: 'kernel-parameters',
      title: 'Kernel parameters have the values that the kubelet works with',
      problem: 'Kernel parameters differ from the values that the kubelet expects',
      severity: 'high',
      each: 'nodes',
      references: ['Documents A2, A4'],
      findings: [
        kernelFinding('worker-1', drift),
        kernelFinding('worker-2', [sysctl('kernel.panic_on_oops', 0, 1)]),
        ...lost('kernelParameters'),
      ],
      pass: 3,
    }),
    rule({
      id: 'container-limits',
      title: 'Containers have a memory limit',
      problem: 'Containers have no memory limit',
      severity: 'medium',
      each: 'workloads',
      references: ['Documents C1'],
      findings: limits,
      pass: 40,
      notApplicable: 3,
    }),
    rule({
      id: 'swap-off',
      title: 'Swap is off, or the kubelet is set up to bound its use',
      problem: 'Swap is unbounded, or its setup keeps the kubelet from starting',
      severity: 'low',
      each: 'nodes',
      references: ['Documents D1'],
      findings: [
        {
          unit: nodeUnit('worker-2'),
          outcome: 'fail',
          evidence: [
            {
              message: 'Swap is on while failSwapOn is true: the kubelet does not start again',
              observed: '/dev/sda2, 2097148 KiB',
              expected: 'no active swap',
              source: '/proc/swaps',
            },
          ],
        },
        ...lost('swap'),
      ],
      pass: 4,
    }),
    rule({
      id: 'kubelet-client-ca',
      title: 'The kubelet verifies client certificates against a CA',
      problem: 'The kubelet has no CA for client certificates',
      severity: 'high',
      each: 'nodes',
      references: ['CIS Kubernetes 1.24 · 4.2.3'],
      findings: [unknownOn('worker-2', 'kubeletConfiguration', sudoDenied), ...lost('kubeletConfiguration')],
      pass: 4,
    }),
    rule({
      id: 'runtime-storage-directory-types',
      title: 'The file system under the container runtime records file types in directories',
      severity: 'high',
      each: 'nodes',
      references: ['Documents E1'],
      findings: [unknownOn('worker-2', 'runtimeStorage', sudoDenied), ...lost('runtimeStorage')],
      pass: 4,
    }),
    rule({
      id: 'secrets-encryption',
      title: 'Secrets are encrypted where they are stored',
      severity: 'medium',
      each: 'cluster',
      assessment: 'manual',
      references: ['CIS Kubernetes 1.24 · 1.2.31'],
      findings: [
        {
          unit: { kind: 'cluster', id: 'cluster', name: 'prod-eu-1' },
          outcome: 'manual',
          evidence: [
            {
              message: 'An encryption configuration is named; which keys it holds must be seen by a person',
              observed: '--encryption-provider-config=/etc/kubernetes/enc.yaml',
              expected: 'aescbc, secretbox or kms as the first provider',
              source: 'kube-apiserver of control-1',
            },
          ],
          verify: 'kubectl get --raw /api/v1/namespaces/kube-system/secrets',
        },
      ],
    }),
    rule({
      id: 'kubelet-read-only-port',
      title: 'The kubelet’s read-only port is closed',
      severity: 'high',
      each: 'nodes',
      references: ['CIS Kubernetes 1.24 · 4.2.4'],
      pass: 6,
    }),
    rule({
      id: 'cgroup-drivers',
      title: 'Init system, container runtime and kubelet use one cgroup manager',
      severity: 'medium',
      each: 'nodes',
      references: ['Documents C6'],
      pass: 5,
      notApplicable: 1,
    }),
    rule({
      id: 'host-namespaces',
      title: 'No workload uses the namespaces of its host',
      severity: 'medium',
      each: 'workloads',
      references: ['CIS Kubernetes 1.24 · 5.2.2'],
      pass: 48,
    }),
    rule({
      id: 'unsafe-sysctl-support',
      title: 'All nodes allow the same unsafe sysctls',
      problem: 'Nodes differ in the unsafe sysctls that they allow to pods',
      severity: 'low',
      each: 'cluster',
      references: ['Documents B2'],
      pass: 1,
    }),
    rule({
      id: 'kubelet-on-cgroup-v1',
      title: 'The kubelet can start on the cgroup version of its node',
      severity: 'info',
      each: 'nodes',
      notApplicable: 6,
    }),
  ]
}

/** Of rules that fail, that fail and are not known in part, and that are not known at all. */
const demoGains: Readonly<Record<string, number>> = {
  'protect-kernel-defaults': 6.41,
  'kubelet-client-ca': 3.2,
  'swap-off': 1.5,
  'cluster-admin-bindings': 0.15,
}

/** Six nodes that differ, one without sudo, one unreachable; findings of every severity. */
export function demoResult(): Result {
  return result({
    rules: demoRules().map((one) => ({ ...one, ...(demoGains[one.id] !== undefined && { gain: demoGains[one.id] }) })),
    nodes,
    families,
    benchmark: { name: 'CIS Kubernetes', version: '1.24', note: 'level 1 and 2; documents 1.0' },
  })
}

export const hostile = {
  script: '<script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'">',
  attribute: '"\' onmouseover=alert(1) x="',
  bidi: 'safe\u202Egnp.exe',
  ansi: '\u001B[31mred\u001B[0m\u0007',
  template: '{{constructor.constructor("return process")()}} {{{raw}}} ${1}',
  style: '</style><style>*{display:none}</style> @import url(http://127.0.0.1:9/x.css)',
  refresh: '<meta http-equiv="refresh" content="0;url=http://127.0.0.1:9/"><iframe src="file:///etc/passwd"></iframe>',
  long: `${'A'.repeat(65_536)}end`,
  lines: Array.from({ length: 5_000 }, (_, index) => `line ${index}`).join('\n'),
  link: 'javascript:alert(1)',
  surrogate: 'half \uD800 pair',
}

/** Every text that a cluster, a host or a rule pack can put into a result, at its worst. */
export function hostileResult(): Result {
  const all = Object.values(hostile).join(' ')
  const unit = {
    kind: 'nodes',
    id: `node/${hostile.script}`,
    name: hostile.script,
    node: hostile.script,
    namespace: hostile.attribute,
  } as const
  const finding: Finding = {
    unit,
    outcome: 'fail',
    evidence: Object.values(hostile).map((text) => ({ message: text, observed: text, expected: text, source: text })),
    remediation: Object.values(hostile).map((text) => ({ text, file: text, language: text, content: text })),
    verify: all,
  }
  const open: Finding = {
    unit: nodeUnit(hostile.bidi),
    outcome: 'unknown',
    evidence: [],
    missing: [{ fact: hostile.script, reason: 'malformed', detail: all }],
  }
  const names = Object.values(hostile).map((text) => text.slice(0, 300))
  return result({
    rules: [
      rule({
        id: hostile.script,
        title: hostile.script,
        problem: hostile.script,
        severity: 'critical',
        each: 'nodes',
        findings: [finding, open],
        references: names,
        links: [...Object.values(hostile), 'https://example.org/"onclick="x'],
        rationale: all,
        risk: all,
      }),
      rule({ id: hostile.style, title: hostile.bidi, severity: 'high', each: 'nodes', findings: [open] }),
      rule({ id: `${hostile.style} `, title: hostile.ansi, severity: 'low', each: 'workloads', pass: 1 }),
    ],
    nodes: names.map((name) => lostNode(name, [name], { reason: 'malformed', detail: name })),
    families: names.map((name) => ({
      family: name,
      count: 1,
      source: name,
      unavailable: { reason: 'malformed', detail: name },
    })),
    cluster: { name: `${hostile.bidi}${hostile.style}${hostile.script}`, source: all, version: hostile.ansi },
    benchmark: { name: hostile.attribute, version: hostile.refresh, note: hostile.template },
  })
}

/** The demo's result with owners: one workload by its own label, and fingerprints as links need them. */
export function ownedResult(): Result {
  const made = demoResult()
  const rules = made.rules.map((one) => {
    if (one.id !== 'container-limits') return one
    const findings = one.findings.map((finding, index) =>
      index === 0 ? { ...finding, fingerprint: 'fp1:0123456789abcdef' } : finding,
    )
    return { ...one, findings }
  })
  return { ...made, rules, labels: [{ unit: 'namespace/shop', labels: ['app=shop', 'team=payments'] }] }
}

/** Names and texts in the scripts that clusters use, and some that no font of the report has. */
export function languagesResult(): Result {
  const names = ['결제-서비스', '決済サービス', '支付服务', 'платёж', 'πληρωμή', 'thanh-toán', 'rocket\u{1F680}']
  return result({
    rules: [
      rule({
        id: 'container-limits',
        title: 'Containers have a memory limit',
        problem: 'Containers have no memory limit',
        severity: 'high',
        each: 'workloads',
        findings: names.map((name, index) => noLimits(name, `앱-アプリ-应用-${name}`, index + 1)),
        rationale:
          '커널 매개변수를 kubelet이 바꾸면 안 됩니다. カーネルパラメータをkubeletが変更してはいけません。内核参数不应由 kubelet 更改。',
        risk: '먼저 값을 설정하고 저장하십시오. 値を先に設定して保存します。先设置并保存这些值。',
        references: ['CIS Kubernetes 1.24 · 5.2.1'],
        pass: 1,
      }),
    ],
    nodes: names.map((name) => readNode(`노드-ノード-节点-${name}`, ['worker'])),
    families,
    cluster: { name: '운영-本番-生产', workloads: 8, pods: 36, namespaces: 7 },
  })
}

/** A cluster of many nodes and workloads, with the findings per rule capped as an evaluation caps them. */
export function bigResult(size = 5_000): Result {
  const name = (index: number) => `worker-${String(index).padStart(4, '0')}.eu-west-1.compute.internal`
  const indexes = Array.from({ length: size }, (_, index) => index)
  const coverage = indexes.map((index) => {
    if (index % 97 === 0)
      return lostNode(name(index), ['worker'], { reason: 'unreachable', detail: 'connection timed out after 10 s' })
    if (index % 41 === 0)
      return readNode(name(index), ['worker'], { kubeletConfiguration: sudoDenied, runtimeStorage: sudoDenied })
    return readNode(name(index), [index < 5 ? 'control-plane' : 'worker'])
  })
  const failing = indexes.filter((index) => index % 3 === 0)
  const cap = 1000
  return result({
    rules: [
      rule({
        id: 'protect-kernel-defaults',
        title: 'The kubelet checks kernel parameters and does not change them',
        problem: 'The kubelet changes kernel parameters by itself',
        severity: 'high',
        each: 'nodes',
        cap,
        findings: failing.map((index) =>
          protectFinding(name(index), 'default', index % 2 === 0 ? drift : drift.slice(1)),
        ),
        pass: size - failing.length,
      }),
      rule({
        id: 'kernel-parameters',
        title: 'Kernel parameters have the values that the kubelet works with',
        problem: 'Kernel parameters differ from the values that the kubelet expects',
        severity: 'critical',
        each: 'nodes',
        cap,
        findings: indexes
          .filter((index) => index % 11 === 0)
          .map((index) => kernelFinding(name(index), [sysctl('kernel.panic', index, 10)])),
        pass: size - Math.ceil(size / 11),
      }),
      rule({
        id: 'swap-off',
        title: 'Swap is off, or the kubelet is set up to bound its use',
        problem: 'Swap is unbounded, or its setup keeps the kubelet from starting',
        severity: 'low',
        each: 'nodes',
        cap,
        findings: indexes
          .filter((index) => index % 97 === 0)
          .map((index) => unknownOn(name(index), 'swap', unreachable)),
        pass: size - Math.ceil(size / 97),
      }),
      rule({
        id: 'container-limits',
        title: 'Containers have a memory limit',
        problem: 'Containers have no memory limit',
        severity: 'medium',
        each: 'workloads',
        cap,
        findings: indexes.map((index) => noLimits(`team-${index % 300}`, `app-${index}`, 30)),
        pass: size,
      }),
      ...Array.from({ length: 40 }, (_, index) => {
        const failing = index % 4 === 0 ? indexes.filter((node) => node % (index + 7) === 0) : []
        return rule({
          id: `node-rule-${index}`,
          title: `Node rule number ${index} holds`,
          problem: `Node rule number ${index} does not hold`,
          severity: 'medium',
          each: 'nodes',
          cap,
          findings: failing.map((node) => kernelFinding(name(node), drift)),
          pass: size - failing.length,
        })
      }),
    ],
    nodes: coverage,
    families,
    cluster: { workloads: size * 2, pods: size * 30, namespaces: 300 },
  })
}
