// Mistakes that other tools make on these questions, each as evidence with the verdict it deserves: from objects and command lines
// through derivation to the rule. The names say the mistake.
import { describe, expect, it } from 'vitest'
import { loadCatalogue, selectBenchmark } from '../../../src/catalog/index.ts'
import { deriveFacts } from '../../../src/derive/index.ts'
import { deriveNodeUnit } from '../../../src/derive/nodes/node.ts'
import { findingOf } from '../../../src/evaluate/index.ts'
import { unavailable } from '../../../src/model/fact.ts'
import { facts as factCatalogue } from '../../../src/model/facts.ts'
import { familyNames } from '../../../src/model/objects.ts'
import { type Outcome, worstOutcome } from '../../../src/model/outcome.ts'
import type { Unit, UnitFacts } from '../../../src/model/unit.ts'
import { readFixtures, rulesFolder } from '../catalog/support.ts'
import { apiServerOf, component, deriveNode } from '../derive/control-plane/support.ts'
import { deriveFiles } from '../derive/files/support.ts'
import { absent, buildHost, buildProcess } from '../derive/host-builder.ts'
import { buildNode } from '../derive/node-builder.ts'
import {
  buildEvidence,
  container,
  type EvidenceParts,
  forbidden,
  pod,
  spec,
} from '../derive/workloads/evidence-builder.ts'
import { about, untested } from './peer-mistakes.ts'

const catalogue = await loadCatalogue(rulesFolder)
const { rules } = catalogue
const ruleOf = (id: string) => {
  const found = rules.find(({ rule }) => rule.id === id)
  if (found === undefined) throw new Error(`There is no rule ${id}.`)
  return found
}

/** "outcome unit" for every unit of the rule that is not notApplicable. */
function verdicts(id: string, parts: EvidenceParts): string[] {
  const facts = deriveFacts(buildEvidence(parts))
  const compiled = ruleOf(id)
  return facts.units[compiled.rule.each]
    .map((unit) => `${findingOf(compiled, unit, facts.cluster).outcome} ${unit.identity.id}`)
    .filter((verdict) => !verdict.startsWith('notApplicable'))
}

function onNode(id: string, facts: UnitFacts): string {
  const unit: Unit = { identity: { kind: 'nodes', id: 'node/cp-1', name: 'cp-1', node: 'cp-1' }, facts }
  const cluster: Unit = { identity: { kind: 'cluster', id: 'cluster', name: 'c' }, facts: {} }
  return findingOf(ruleOf(id), unit, cluster).outcome
}
const byArguments = (id: string, ...flags: readonly string[]) => onNode(id, { apiServer: apiServerOf(flags) })

/** A kubeconfig of an administrator with this mode. */
function byMode(mode: string): string {
  const { controlPlane } = deriveFiles({
    processes: [buildProcess('kubelet')],
    modes: {
      '/etc/kubernetes/admin.conf': `${mode} root:root`,
      '/etc/kubernetes/super-admin.conf': absent,
      '/etc/kubernetes/scheduler.conf': absent,
      '/etc/kubernetes/controller-manager.conf': absent,
    },
  })
  return onNode('admin-kubeconfig-mode', { controlPlaneFiles: controlPlane })
}

const jane = { kind: 'User', name: 'jane' }
function bound(verbs: string[], resources: string[], parts: EvidenceParts = {}): EvidenceParts {
  return {
    ...parts,
    objects: {
      clusterroles: [
        { name: 'r', rules: [{ verbs, apiGroups: [''], resources }] },
        { name: 'last', rules: [] },
      ],
      clusterrolebindings: [{ name: 'b', roleRef: { kind: 'ClusterRole', name: 'r' }, subjects: [jane] }],
      ...parts.objects,
    },
  }
}

const withPod = (of: ReturnType<typeof spec>, parts: EvidenceParts['objects'] = {}): EvidenceParts => ({
  templates: [{ id: 't', spec: of }],
  objects: { pods: [pod('p', 't')], ...parts },
})
const privileged = (kind: 'container' | 'init' | 'ephemeral') =>
  spec({ containers: [container(), container({ name: 'x', kind, securityContext: { privileged: true } })] })
const labelled = (level: string) => ({ name: 'shop', labels: { 'pod-security.kubernetes.io/enforce': level } })

describe(about(['P1', 'P8'], 'modes'), () => {
  it.each([
    ['compared as decimal numbers: 0444 is looser than 0600', '0444', 'fail'],
    ['and so are 0440, 0066 and 0577', '0577', 'fail'],
    ['0400 is not', '0400', 'pass'],
    ['a mode that is read as text gives a verdict all the same', '0600', 'pass'],
  ])('%s', (_, mode, outcome) => expect(byMode(mode)).toBe(outcome))
})

describe('no data', () => {
  it(about(['P2', 'P12'], 'without results a control passes: nothing that was read passes nothing'), () => {
    const gaps = Object.fromEntries(familyNames.map((family) => [family, forbidden]))
    const evidence = buildEvidence({ gaps })
    const nothing = {
      ...evidence,
      header: { ...evidence.header, cluster: { name: 'c', uid: forbidden, version: forbidden } },
    }
    const facts = deriveFacts(nothing)
    const passed = rules.flatMap((compiled) =>
      facts.units[compiled.rule.each]
        .filter((unit) => findingOf(compiled, unit, facts.cluster).outcome === 'pass')
        .map((unit) => `${compiled.rule.id} ${unit.identity.id}`),
    )
    expect(passed).toEqual([])
    expect(Object.keys(facts.missingUnits).sort()).toEqual([
      'bindings',
      'namespaces',
      'nodes',
      'roles',
      'subjects',
      'workloads',
    ])
  })

  it(about(['P12'], 'a forbidden list that is looked up beside another turns a failure into a pass'), () => {
    const isolated = withPod(spec(), { namespaces: [{ name: 'shop' }] })
    expect(verdicts('network-policies', isolated)).toEqual(['fail namespace/shop'])
    expect(verdicts('network-policies', { ...isolated, gaps: { networkpolicies: forbidden } })).toEqual([
      'unknown namespace/shop',
    ])
    const parts = bound(['get'], ['secrets'])
    expect(verdicts('secret-access', parts)).toEqual(['fail User/jane'])
    expect(verdicts('secret-access', { ...parts, gaps: { rolebindings: forbidden } })).toEqual(['fail User/jane'])
    const unread = { ...parts, objects: { ...parts.objects, clusterroles: [] }, gaps: { clusterroles: forbidden } }
    expect(verdicts('secret-access', unread)).toEqual(['unknown User/jane'])
  })

  it(about(
    ['P5'],
    'a control is mapped to a check that nobody tests: every rule with a CIS number has a case that fails or asks',
  ), () => {
    const fixtures = new Map(readFixtures().map(({ fixture }) => [fixture?.rule, fixture?.cases ?? []]))
    const without = rules
      .filter(({ rule }) => rule.references['cis-kubernetes'] !== undefined)
      .filter(({ rule }) => !fixtures.get(rule.id)?.some(({ outcome }) => outcome === 'fail' || outcome === 'manual'))
    expect(without.map(({ rule }) => rule.id)).toEqual([])
  }, 240_000)
})

describe(about(['P7', 'P9', 'P11'], 'settings'), () => {
  it.each<[string, string, string[], string]>([
    [
      'anonymous requests are refused because no flag allows them',
      'api-anonymous-authentication',
      ['--authorization-mode=Node,RBAC'],
      'fail',
    ],
    [
      'retention of 60 days is not the 30 that are asked',
      'audit-log-age',
      ['--audit-log-path=/a', '--audit-log-maxage=60'],
      'pass',
    ],
    [
      'the first of two flags counts',
      'api-anonymous-authentication',
      ['--authorization-mode=RBAC', '--anonymous-auth=false', '--anonymous-auth=true'],
      'fail',
    ],
    [
      'and not the last',
      'api-anonymous-authentication',
      ['--authorization-mode=RBAC', '--anonymous-auth=true', '--anonymous-auth=false'],
      'pass',
    ],
    ['a value behind a space is not seen', 'api-node-authorization', ['--authorization-mode', 'Node,RBAC'], 'pass'],
    ['a part of a word is taken for the word', 'api-node-authorization', ['--authorization-mode=Nodes,RBAC'], 'fail'],
    ['a flag that begins alike is taken for the flag', 'audit-log', ['--audit-log-path-prefix=/a'], 'fail'],
  ])('%s', (_, id, flags, outcome) => {
    expect(byArguments(id, ...flags)).toBe(outcome)
  })

  it.each([
    ['a key of the configuration file is never matched', 'eventRecordQPS: 1\n', 'fail'],
    ['nor where it is right', 'eventRecordQPS: 50\n', 'pass'],
  ])(about(['P3'], '%s'), (_, body, outcome) => {
    const path = '/var/lib/kubelet/config.yaml'
    const gvk = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'
    const host = buildHost({ processes: [buildProcess('kubelet', `--config=${path}`)], files: { [path]: gvk + body } })
    const object = buildNode('w1', { kubeletVersion: 'v1.34.1' })
    expect(onNode('kubelet-event-rate', deriveNodeUnit({ name: 'w1', object, host }).facts)).toBe(outcome)
  })
})

describe('rights', () => {
  it(about(['P4'], 'a role is reported that nobody is bound to'), () => {
    expect(
      verdicts('secret-access', {
        objects: {
          clusterroles: [{ name: 'r', rules: [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }] }],
        },
      }),
    ).toEqual([])
  })
  it.each<[string, string[], string[], string[]]>([
    ['the resource is looked for under another name', ['get'], ['secrets'], ['fail User/jane']],
    ['which no server has', ['get'], ['secret'], ['pass User/jane']],
    ['several verbs are taken for one', ['get', 'list', 'watch'], ['secrets'], ['fail User/jane']],
  ])(about(['P6', 'K7'], '%s'), (_, verbs, resources, expected) => {
    expect(verdicts('secret-access', bound(verbs, resources))).toEqual(expected)
  })

  it(about(['P6'], 'a namespaced role is judged by its own rules, also beside a last role without any'), () => {
    const role = (name: string, resources: string[]) => ({
      name,
      namespace: 'shop',
      rules: resources.length === 0 ? [] : [{ verbs: ['get'], apiGroups: [''], resources }],
    })
    const parts: EvidenceParts = {
      objects: {
        namespaces: [{ name: 'shop' }],
        roles: [role('reads', ['secrets']), role('zz-last', [])],
        rolebindings: [{ name: 'b', namespace: 'shop', roleRef: { kind: 'Role', name: 'reads' }, subjects: [jane] }],
      },
    }
    expect(verdicts('namespace-secret-access', parts)).toEqual(['fail User/jane'])
    expect(verdicts('secret-access', parts)).toEqual(['pass User/jane'])
  })

  it(
    about(
      ['K8'],
      'Kubernetes’ and kubeadm’s own cluster-admin bindings are reported, and its own role for its wildcards',
    ),
    () => {
      const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }
      const builtIn: EvidenceParts = {
        objects: {
          clusterroles: [{ name: 'cluster-admin', rules: [everything, { verbs: ['*'], nonResourceURLs: ['*'] }] }],
          clusterrolebindings: ['cluster-admin', 'kubeadm:cluster-admins'].map((name) => ({
            name,
            roleRef: { kind: 'ClusterRole', name: 'cluster-admin' },
            subjects: [{ kind: 'Group', name: name === 'cluster-admin' ? 'system:masters' : name }],
          })),
        },
      }
      const all = ['cluster-admin-bindings', 'wildcard-roles', 'unbound-wildcard-roles'].flatMap((id) =>
        verdicts(id, builtIn),
      )
      expect(all.filter((verdict) => !verdict.startsWith('pass'))).toEqual([])
    },
  )

  it('whoever may do everything looks clean in every other control', () => {
    const parts = bound(['*'], ['*'])
    const everything = [{ name: 'r', rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] }]
    const ids = [
      'secret-access',
      'pod-creation',
      'permission-escalation',
      'persistent-volume-creation',
      'node-proxy-access',
    ]
    const more = ['certificate-approval', 'webhook-configuration-access', 'token-requests']
    const found = [...ids, ...more].flatMap((id) =>
      verdicts(id, { objects: { ...parts.objects, clusterroles: everything } }),
    )
    expect(found).toEqual(Array.from({ length: 8 }, () => 'fail User/jane'))
  })

  it(about(['K9'], 'a pod that opts out of the token is reported for its ServiceAccount, which does not'), () => {
    const objects: EvidenceParts['objects'] = { serviceaccounts: [{ name: 'app', namespace: 'shop' }] }
    const of = (automountServiceAccountToken?: boolean) =>
      withPod(
        spec({
          serviceAccountName: 'app',
          ...(automountServiceAccountToken === undefined ? {} : { automountServiceAccountToken }),
        }),
        objects,
      )
    expect(verdicts('service-account-tokens', of(false))).toEqual(['pass shop/ServiceAccount/app'])
    expect(verdicts('service-account-tokens', of())).toEqual(['fail shop/ServiceAccount/app'])
  })
})

describe(about(['K10', 'P10'], 'pods'), () => {
  it.each(['container', 'init', 'ephemeral'] as const)('init and ephemeral containers are passed over: %s', (kind) => {
    expect(verdicts('privileged-containers', withPod(privileged(kind)))).toEqual(['fail shop/Pod/p'])
  })
  it('a setting that is left out passes although its default allows', () => {
    expect(verdicts('privilege-escalation', withPod(spec()))).toEqual(['fail shop/Pod/p'])
  })
  it('a label on the namespace answers for the pods in it', () => {
    const parts = withPod(privileged('container'), { namespaces: [labelled('restricted')] })
    expect(verdicts('privileged-containers', parts)).toEqual(['fail shop/Pod/p'])
  })
})

describe(about(['P10'], 'admission'), () => {
  const about = (apiGroups: string[], resources: string[]) => ({
    name: 'w',
    webhooks: [
      { name: 'w', rules: [{ apiGroups, apiVersions: ['*'], resources, operations: ['*'], scope: 'Namespaced' }] },
    ],
  })
  const of = (objects: NonNullable<EvidenceParts['objects']>) =>
    ['pod-security-admission', 'pod-webhook-enforcement'].flatMap((id) => verdicts(id, { objects }))

  it.each<[string, NonNullable<EvidenceParts['objects']>, string[]]>([
    [
      'any label of that name is taken for enforcement',
      { namespaces: [labelled('privileged')] },
      ['fail namespace/shop'],
    ],
    [
      'any webhook is taken for enforcement: cert-manager’s',
      { namespaces: [labelled('privileged')], validatingwebhookconfigurations: [about(['cert-manager.io'], ['*/*'])] },
      ['fail namespace/shop'],
    ],
    [
      'Istio’s',
      {
        namespaces: [labelled('privileged')],
        validatingwebhookconfigurations: [about(['networking.istio.io'], ['*'])],
      },
      ['fail namespace/shop'],
    ],
    [
      'and one about pods is a question',
      { namespaces: [labelled('privileged')], validatingwebhookconfigurations: [about([''], ['pods'])] },
      ['manual namespace/shop'],
    ],
    // The label alone does not tell whether the plug-in is on.
    ['a label is believed without the API server', { namespaces: [labelled('baseline')] }, ['unknown namespace/shop']],
  ])('%s', (_, objects, expected) => {
    expect(of(objects)).toEqual(expected)
  })

  it('and webhooks that were not read are taken for none', () => {
    const parts: EvidenceParts = {
      objects: { namespaces: [labelled('privileged')] },
      gaps: { validatingwebhookconfigurations: unavailable('forbidden', '403') },
    }
    expect(verdicts('pod-security-admission', parts)).toEqual(['unknown namespace/shop'])
  })
})

describe('hosts', () => {
  const kubelet = (
    flags: readonly string[],
    files: Record<string, string>,
    directories: Record<string, string[]> = {},
  ) => {
    const host = buildHost({ processes: [buildProcess('kubelet', ...flags)], files, directories })
    const object = buildNode('w1', { kubeletVersion: 'v1.34.1' })
    return deriveNodeUnit({ name: 'w1', object, host }).facts
  }
  const settings = (body: string) => `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n${body}\n`

  it(about(['K1'], 'the file that the process names counts, and drop-ins above it'), () => {
    const usual = { '/var/lib/kubelet/config.yaml': settings('readOnlyPort: 0') }
    const elsewhere = { ...usual, '/etc/kubelet/own.yaml': settings('readOnlyPort: 10255') }
    expect(onNode('kubelet-read-only-port', kubelet(['--config=/etc/kubelet/own.yaml'], elsewhere))).toBe('fail')
    const flags = ['--config=/var/lib/kubelet/config.yaml', '--config-dir=/etc/kubelet.d']
    const dropIn = { ...usual, '/etc/kubelet.d/90.conf': settings('readOnlyPort: 10255') }
    expect(onNode('kubelet-read-only-port', kubelet(flags, dropIn, { '/etc/kubelet.d': ['90.conf'] }))).toBe('fail')
    // A drop-in that could not be read leaves the value open.
    expect(onNode('kubelet-read-only-port', kubelet(flags, usual))).toBe('unknown')
  })

  it(about(['K2'], 'etcd does not run on a worker'), () => {
    const { etcd } = deriveNode({ processes: [] })
    expect(
      ['etcd-client-authentication', 'etcd-auto-tls', 'etcd-peer-authentication'].map((id) => onNode(id, { etcd })),
    ).toEqual(Array.from({ length: 3 }, () => 'notApplicable'))
  })

  it(about(['K3'], 'a folder that everybody may write gives its files away'), () => {
    const closed = { '/etc/kubernetes/admin.conf': '0600 root:root' }
    const of = (modes: Record<string, string>) => {
      const { controlPlane } = deriveFiles({ processes: [buildProcess('kubelet')], modes: { ...closed, ...modes } })
      const found = 'unavailable' in controlPlane ? undefined : controlPlane.adminKubeconfigs
      if (found === undefined || 'unavailable' in found) return 'unknown'
      return found.value.map(({ access }) =>
        'unavailable' in access || access.value.openFolders === undefined || 'unavailable' in access.value.openFolders
          ? 'unknown'
          : access.value.openFolders.value.map(({ path }) => path).join(),
      )
    }
    expect(of({ '/etc/kubernetes': 'd0777 root:root' })).toContain('/etc/kubernetes')
    expect(of({})).not.toContain('/etc/kubernetes')
  })

  it(about(['K4'], 'etcd is set by its environment alone'), () => {
    const process = {
      ...component(40, 'etcd'),
      environment: { ETCD_CERT_FILE: '/c', ETCD_KEY_FILE: '/k', ETCD_CLIENT_CERT_AUTH: 'true', ETCD_AUTO_TLS: 'true' },
    }
    const { etcd } = deriveNode({ processes: [process] })
    expect(onNode('etcd-client-authentication', { etcd })).toBe('pass')
    expect(onNode('etcd-auto-tls', { etcd })).toBe('fail')
  })

  it.each([
    ['300s and 5m are one', 'kubelet-streaming-idle-timeout', 'streamingConnectionIdleTimeout: 300s', 'pass'],
    ['a limit of processes that is set to none', 'kubelet-pod-pids-limit', 'podPidsLimit: -1', 'fail'],
    ['and one that is one', 'kubelet-pod-pids-limit', 'podPidsLimit: 4096', 'pass'],
    ['cipher suites that are weak', 'kubelet-tls-cipher-suites', 'tlsCipherSuites: [TLS_RSA_WITH_RC4_128_SHA]', 'fail'],
  ])(about(['K5'], '%s'), (_, id, body, outcome) => {
    const files = { '/var/lib/kubelet/config.yaml': settings(body) }
    expect(onNode(id, kubelet(['--config=/var/lib/kubelet/config.yaml'], files))).toBe(outcome)
  })

  it(about(['K5'], 'a time-out of 0 is the default in a file, as the kubelet fills it in, and none as a flag'), () => {
    const id = 'kubelet-streaming-idle-timeout'
    const files = { '/var/lib/kubelet/config.yaml': settings('streamingConnectionIdleTimeout: 0s') }
    const flags = ['--config=/var/lib/kubelet/config.yaml']
    expect(onNode(id, kubelet(flags, files))).toBe('pass')
    for (const zero of ['0', '0s', '0h0m0s'])
      expect(onNode(id, kubelet([...flags, `--streaming-connection-idle-timeout=${zero}`], files))).toBe('fail')
  })

  it.each([
    ['authorizers of a file', 'api-rbac-authorization', ['--authorization-config=/a'], ['Node', 'RBAC'], 'pass'],
    ['a file without RBAC', 'api-rbac-authorization', ['--authorization-config=/a'], ['Node'], 'fail'],
    [
      'a file that allows all',
      'api-authorization-always-allow',
      ['--authorization-config=/a'],
      ['AlwaysAllow'],
      'fail',
    ],
  ])(about(['K6'], '%s'), (_, id, flags, types, outcome) => {
    const file = [
      'apiVersion: apiserver.config.k8s.io/v1',
      'kind: AuthorizationConfiguration',
      `authorizers: [${types.map((type) => `{ type: ${type}, name: ${type.toLowerCase()} }`).join(', ')}]`,
      '',
    ].join('\n')
    expect(onNode(id, { apiServer: apiServerOf(flags, { '/a': file }) })).toBe(outcome)
  })

  it(about(['P12', 'P2'], 'a host that was not read passes nothing that stands on it'), () => {
    const host = unavailable('unreachable', 'Connection refused.')
    const { facts: own } = deriveNodeUnit({ name: 'w1', object: buildNode('w1', { kubeletVersion: 'v1.34.1' }), host })
    const passed = rules
      .filter(({ rule }) => rule.each === 'nodes' && rule.needs.some((need) => factCatalogue[need].host))
      .filter(({ rule }) => onNode(rule.id, own) === 'pass')
    expect(passed.map(({ rule }) => rule.id)).toEqual([])
  })

  it(about(['P12'], 'one node of three answers: the rule is not passed'), () => {
    const outcomes: Outcome[] = ['pass', 'unknown', 'unknown']
    expect(worstOutcome(outcomes)).toBe('unknown')
  })

  it(about(['P7'], 'k3s runs the API server inside itself'), () => {
    const file = '/etc/rancher/k3s/config.yaml'
    const units = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((folder) => `${folder}/systemd/system`)
    const absentUnits = (suffix: string) =>
      Object.fromEntries(
        units.flatMap((folder) => ['k3s', 'k3s-agent'].map((name) => [`${folder}/${name}${suffix}`, absent])),
      )
    const of = (argument: string) => {
      const process = { ...buildProcess('k3s-server'), arguments: ['/usr/local/bin/k3s server'], environment: {} }
      const stat = { mode: '0600', uid: 0, gid: 0, modifiedAt: 1_600_000_000 }
      const host = buildHost({
        processes: [process],
        files: {
          ...absentUnits('.service'),
          '/etc/systemd/system/k3s.service': '[Service]\nExecStart=/usr/local/bin/k3s server\n',
          [file]: { content: `kube-apiserver-arg: ["${argument}"]\n`, stat },
        },
        directories: { ...absentUnits('.service.d'), [`${file}.d`]: absent },
      })
      const data = '/var/lib/rancher/k3s/server'
      const statuses = { [`${data}/db/etcd`]: absent, [`${data}/tls/service.current.key`]: absent }
      return onNode('api-anonymous-authentication', {
        apiServer: deriveNode({ host: { ...host, statuses } }).apiServer,
      })
    }
    expect([of('anonymous-auth=true'), of('profiling=false')]).toEqual(['fail', 'pass'])
  })

  it(about(['K11'], 'every container that breaks a rule is a line of evidence with its name'), () => {
    const bad = (name: string) => container({ name, securityContext: { privileged: true } })
    const facts = deriveFacts(buildEvidence(withPod(spec({ containers: [bad('a'), container(), bad('z')] }))))
    const [unit] = facts.units.workloads
    const finding = findingOf(ruleOf('privileged-containers'), unit ?? expect.fail('no workload'), facts.cluster)
    expect(finding.evidence.map(({ observed }) => observed)).toEqual(['a: privileged: true', 'z: privileged: true'])
  })

  it(about(['K12'], 'a newer version gets the newest benchmark, and the report says so'), () => {
    expect(selectBenchmark(catalogue, 'auto', 'v1.99.0')).toMatchObject({
      version: '2.0',
      note: expect.stringMatching(/1\.99; the newest, 2\.0, is used/),
    })
  })

  it(about(['K13'], 'evidence names the flag, not the command line'), () => {
    const secret = '--etcd-keyfile=/secret/path/of/another/flag'
    const apiServer = apiServerOf(['--authorization-mode=RBAC', '--anonymous-auth=true', secret])
    const unit: Unit = {
      identity: { kind: 'nodes', id: 'node/cp-1', name: 'cp-1', node: 'cp-1' },
      facts: { apiServer },
    }
    const cluster: Unit = { identity: { kind: 'cluster', id: 'cluster', name: 'c' }, facts: {} }
    const finding = findingOf(ruleOf('api-anonymous-authentication'), unit, cluster)
    expect(finding.outcome).toBe('fail')
    expect(JSON.stringify(finding)).not.toContain('/secret/path')
  })
})

describe(about(['P10'], 'what is asked about pods is no proof that it refuses any'), () => {
  const namespaces = [labelled('privileged')]
  const rule = (operations: string[], resources = ['pods']) => [
    { apiGroups: [''], apiVersions: ['*'], resources, operations, scope: '*' },
  ]
  type Webhook = NonNullable<
    NonNullable<EvidenceParts['objects']>['validatingwebhookconfigurations']
  >[number]['webhooks'][number]
  const hook = (parts: Partial<Webhook>): NonNullable<EvidenceParts['objects']> => ({
    namespaces,
    validatingwebhookconfigurations: [
      { name: 'kyverno', webhooks: [{ name: 'validate.kyverno.svc', rules: rule(['CREATE']), ...parts }] },
    ],
  })
  const policy = (validationActions: string[], more: object = {}): NonNullable<EvidenceParts['objects']> => ({
    namespaces,
    validatingadmissionpolicies: [{ name: 'labels', rules: rule(['CREATE']), validations: 1, ...more }],
    validatingadmissionpolicybindings: [{ name: 'all', policyName: 'labels', validationActions }],
  })
  const webhook: Webhook = { name: 'w', rules: rule(['CREATE']) }

  it.each<[string, NonNullable<EvidenceParts['objects']>, string[]]>([
    ['a policy engine that refuses while it is away', hook({ failurePolicy: 'Fail' }), ['manual namespace/shop']],
    ['one that lets through while it is away', hook({ failurePolicy: 'Ignore' }), ['manual namespace/shop']],
    [
      'one that takes part only where a pod says so',
      hook({ objectSelector: { matchLabels: { policy: 'on' } } }),
      ['manual namespace/shop'],
    ],
    ['one that is asked about changes only', hook({ rules: rule(['UPDATE']) }), ['fail namespace/shop']],
    [
      'one that leaves this namespace out',
      hook({ namespaceSelector: { matchLabels: { team: 'x' } } }),
      ['fail namespace/shop'],
    ],
    [
      'one that changes pods and refuses none',
      { namespaces, mutatingwebhookconfigurations: [{ name: 'kyverno', webhooks: [webhook] }] },
      ['fail namespace/shop'],
    ],
    ['a policy of the cluster that refuses', policy(['Deny']), ['manual namespace/shop']],
    ['one that only warns', policy(['Warn', 'Audit']), ['fail namespace/shop']],
    ['one that asks nothing', policy(['Deny'], { validations: 0 }), ['fail namespace/shop']],
    ['one for other objects', policy(['Deny'], { rules: rule(['CREATE'], ['services']) }), ['fail namespace/shop']],
  ])('%s', (_, objects, expected) => {
    const found = ['pod-security-admission', 'pod-webhook-enforcement'].flatMap((id) => verdicts(id, { objects }))
    expect(found).toEqual(expected)
  })
})

it('every mistake that is listed has a test', () => {
  expect(untested()).toEqual([])
})
