// Mistakes that other tools make on these questions, each as evidence with the verdict it deserves: from objects and command lines
// through derivation to the rule. The names say the mistake.
import { describe, expect, it } from 'vitest'
import { loadCatalogue } from '../../../src/catalog/index.ts'
import { deriveFacts } from '../../../src/derive/index.ts'
import { deriveNodeUnit } from '../../../src/derive/nodes/node.ts'
import { findingOf } from '../../../src/evaluate/index.ts'
import { unavailable } from '../../../src/model/fact.ts'
import { familyNames } from '../../../src/model/objects.ts'
import type { Unit, UnitFacts } from '../../../src/model/unit.ts'
import { readFixtures, rulesFolder } from '../catalog/support.ts'
import { apiServerOf } from '../derive/control-plane/support.ts'
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

const { rules } = await loadCatalogue(rulesFolder)
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

describe('modes', () => {
  it.each([
    ['compared as decimal numbers: 0444 is looser than 0600', '0444', 'fail'],
    ['and so are 0440, 0066 and 0577', '0577', 'fail'],
    ['0400 is not', '0400', 'pass'],
    ['a mode that is read as text gives a verdict all the same', '0600', 'pass'],
  ])('%s', (_, mode, outcome) => expect(byMode(mode)).toBe(outcome))
})

describe('no data', () => {
  it('without results a control passes: nothing that was read passes nothing', () => {
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

  it('a forbidden list that is looked up beside another turns a failure into a pass', () => {
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

  it('a control is mapped to a check that nobody tests: every rule with a CIS number has a case that fails or asks', () => {
    const fixtures = new Map(readFixtures().map(({ fixture }) => [fixture?.rule, fixture?.cases ?? []]))
    const untested = rules
      .filter(({ rule }) => rule.references['cis-kubernetes'] !== undefined)
      .filter(({ rule }) => !fixtures.get(rule.id)?.some(({ outcome }) => outcome === 'fail' || outcome === 'manual'))
    expect(untested.map(({ rule }) => rule.id)).toEqual([])
  })
})

describe('settings', () => {
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
  ])('%s', (_, body, outcome) => {
    const path = '/var/lib/kubelet/config.yaml'
    const gvk = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'
    const host = buildHost({ processes: [buildProcess('kubelet', `--config=${path}`)], files: { [path]: gvk + body } })
    const object = buildNode('w1', { kubeletVersion: 'v1.34.1' })
    expect(onNode('kubelet-event-rate', deriveNodeUnit({ name: 'w1', object, host }).facts)).toBe(outcome)
  })
})

describe('rights', () => {
  it('a role is reported that nobody is bound to', () => {
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
  ])('%s', (_, verbs, resources, expected) => {
    expect(verdicts('secret-access', bound(verbs, resources))).toEqual(expected)
  })

  it('Kubernetes’ and kubeadm’s own cluster-admin bindings are reported, and its own role for its wildcards', () => {
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
  })

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

  it('a pod that opts out of the token is reported for its ServiceAccount, which does not', () => {
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

describe('pods', () => {
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

describe('admission', () => {
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
