// What keeps pods out of a namespace: labels, defaults, exemptions, and what must never be taken for enforcement.
import { describe, expect, it } from 'vitest'
import { podAdmission } from '../../../../src/derive/admission/index.ts'
import { absentApiServer } from '../../../../src/derive/control-plane/api-server.ts'
import { absence } from '../../../../src/derive/control-plane/common.ts'
import { isUnavailable, unavailable } from '../../../../src/model/fact.ts'
import type { FactValue } from '../../../../src/model/facts.ts'
import type { FamilyObjects } from '../../../../src/model/objects.ts'
import type { Unit } from '../../../../src/model/unit.ts'
import { buildEvidence, type EvidenceParts, forbidden } from '../workloads/evidence-builder.ts'

const seen = <T>(value: T) => ({ value, source: 'file' })
const defaults = {
  enforce: 'privileged',
  enforceVersion: 'latest',
  audit: 'privileged',
  auditVersion: 'latest',
  warn: 'privileged',
  warnVersion: 'latest',
}
const nobody = { usernames: [], namespaces: [], runtimeClasses: [] }

/** A node of the control plane; without parts its API server could not be told. */
function controlPlane(name: string, parts?: Partial<FactValue<'apiServer'>>): Unit {
  const { common, reason } = absence('kube-apiserver')
  const server = {
    ...absentApiServer(common, reason),
    runs: seen(true),
    admissionPlugins: seen(['PodSecurity']),
    podSecurityDefaults: seen(defaults),
    podSecurityExemptions: seen(nobody),
    ...parts,
  }
  return {
    identity: { kind: 'nodes', id: `node/${name}`, name, node: name },
    facts: {
      node: { ...node, name },
      apiServer: parts === undefined ? unavailable('sudo-denied', 'sudo -n was refused.') : server,
    },
  }
}
const node: FactValue<'node'> = JSON.parse('{"roles":["control-plane"]}')

const label = (level: string, version?: string) => ({
  'pod-security.kubernetes.io/enforce': level,
  ...(version === undefined ? {} : { 'pod-security.kubernetes.io/enforce-version': version }),
})

function admission(labels: Record<string, string>, nodes: readonly Unit[], parts: EvidenceParts = {}) {
  const objects = { namespaces: [{ name: 'shop', labels }], ...parts.objects }
  const fact = podAdmission(buildEvidence({ ...parts, objects }), nodes)('shop')
  if (isUnavailable(fact)) throw new Error(fact.unavailable.detail)
  return fact
}

function enforced(labels: Record<string, string>, nodes: readonly Unit[]): string {
  const { enforce } = admission(labels, nodes)
  return isUnavailable(enforce)
    ? enforce.unavailable.reason
    : `${enforce.value.level} ${enforce.value.version} by ${enforce.source}`
}

const byLabel = 'by label pod-security.kubernetes.io/enforce'

describe('the level that is enforced', () => {
  it.each<[string, Record<string, string>, readonly Unit[], string]>([
    ['by label', label('baseline'), [controlPlane('a', {})], `baseline latest ${byLabel}=baseline of namespace shop`],
    [
      'by label and version',
      label('restricted', 'v1.29'),
      [controlPlane('a', {})],
      `restricted v1.29 ${byLabel}=restricted of namespace shop`,
    ],
    [
      'none by label',
      label('privileged'),
      [controlPlane('a')],
      `privileged latest ${byLabel}=privileged of namespace shop`,
    ],
    [
      'restricted for a level that admission cannot read',
      label('Baseline'),
      [controlPlane('a', {})],
      `restricted latest ${byLabel}=Baseline of namespace shop`,
    ],
    ['none without a label', {}, [controlPlane('a', {})], 'privileged latest by file on a'],
    [
      'the default of the API servers',
      {},
      [controlPlane('a', { podSecurityDefaults: seen({ ...defaults, enforce: 'baseline', enforceVersion: 'v1.30' }) })],
      'baseline v1.30 by file on a',
    ],
    [
      'the weakest default',
      {},
      [
        controlPlane('a', { podSecurityDefaults: seen({ ...defaults, enforce: 'restricted' }) }),
        controlPlane('b', { podSecurityDefaults: seen({ ...defaults, enforce: 'baseline' }) }),
      ],
      'baseline latest by file on b',
    ],
    [
      'not known where one API server is not',
      label('baseline'),
      [controlPlane('a', {}), controlPlane('b')],
      'sudo-denied',
    ],
    ['not known where none was seen', label('baseline'), [], 'unsupported'],
    [
      'none where one of them has the plug-in off',
      label('restricted'),
      [controlPlane('a', {}), controlPlane('b', { admissionPlugins: seen(['NodeRestriction']) }), controlPlane('c')],
      'privileged latest by admission plug-in PodSecurity off: file on b',
    ],
    [
      'none for a namespace that is exempt',
      label('restricted'),
      [controlPlane('a', { podSecurityExemptions: seen({ ...nobody, namespaces: ['shop'] }) })],
      'privileged latest by exempt: file on a',
    ],
    [
      'not known where the exemptions are not',
      label('restricted'),
      [controlPlane('a', { podSecurityExemptions: forbidden })],
      'forbidden',
    ],
  ])('is %s', (_, labels, nodes, expected) => {
    expect(enforced(labels, nodes)).toBe(expected)
  })
})

it.each<[Record<string, string>, string[]]>([
  [label('baseline', 'v1.29'), ['enforce baseline v1.29 29 ']],
  [label('baseline', '1.29'), ['enforce baseline latest -1 "1.29" is no version']],
  [{ 'pod-security.kubernetes.io/warn': 'strict' }, ['warn privileged latest -1 "strict" is no level']],
  [JSON.parse('{"__proto__":"baseline","constructor":"x"}'), []],
])('labels %j', (labels, expected) => {
  const found = admission(labels, []).labels
  expect(
    found.map(
      ({ mode, level, version, pinnedMinor, problem }) => `${mode} ${level} ${version} ${pinnedMinor} ${problem}`,
    ),
  ).toEqual(expected)
})

it('names labels that nothing reads', () => {
  expect(admission({ 'pod-security.kubernetes.io/enforced': 'baseline' }, []).strayLabels).toEqual([
    'pod-security.kubernetes.io/enforced',
  ])
})

type Webhook = FamilyObjects['validatingwebhookconfigurations']['webhooks'][number]
const rule = (apiGroups: string[], resources: string[], more: object = {}) => ({
  apiGroups,
  apiVersions: ['*'],
  resources,
  operations: ['CREATE'],
  ...more,
})
const hook = (parts: Partial<Webhook>): EvidenceParts => ({
  objects: {
    validatingwebhookconfigurations: [
      { name: 'w', webhooks: [{ name: 'check.example.com', rules: [rule([''], ['pods'])], ...parts }] },
    ],
  },
})
const asked = 'ValidatingWebhookConfiguration w: check.example.com'

describe('what else is asked before a pod is created', () => {
  it.each<[string, EvidenceParts, string[]]>([
    ['a webhook about pods', hook({}), [asked]],
    ['one about everything', hook({ rules: [rule(['*'], ['*/*'])] }), [asked]],
    [
      'one for other namespaces',
      hook({
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['shop'] }],
        },
      }),
      [],
    ],
    [
      'one that selects by the name',
      hook({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } }),
      [asked],
    ],
    [
      "cert-manager's, about its own objects",
      hook({ rules: [rule(['cert-manager.io', 'acme.cert-manager.io'], ['*/*'])] }),
      [],
    ],
    ["Istio's, about its own objects", hook({ rules: [rule(['security.istio.io'], ['*'])] }), []],
    ['one about deletions', hook({ rules: [rule([''], ['pods'], { operations: ['DELETE'] })] }), []],
    ['one about exec', hook({ rules: [rule([''], ['pods/exec'])] }), []],
    ['one about cluster-wide objects', hook({ rules: [rule(['*'], ['*'], { scope: 'Cluster' })] }), []],
    [
      'a mutating one',
      {
        objects: {
          mutatingwebhookconfigurations: [
            { name: 'istio-sidecar-injector', webhooks: [{ name: 'inject', rules: [rule([''], ['pods'])] }] },
          ],
        },
      },
      [],
    ],
    [
      'a policy that is bound to deny',
      policy({ validationActions: ['Deny'] }),
      ['ValidatingAdmissionPolicy p (binding b)'],
    ],
    ['a policy that only warns', policy({ validationActions: ['Warn', 'Audit'] }), []],
    ['a binding whose policy is gone', policy({ validationActions: ['Deny'], policyName: 'gone' }), []],
    [
      'a binding for other namespaces',
      policy({ validationActions: ['Deny'], namespaceSelector: { matchLabels: { team: 'a' } } }),
      [],
    ],
  ])('%s', (_, parts, expected) => {
    expect(admission({}, [], parts).gates.map((gate) => (isUnavailable(gate) ? gate : gate.value.name))).toEqual(
      expected,
    )
  })

  it('is not known in full without the lists', () => {
    const parts = { ...hook({}), gaps: { validatingadmissionpolicies: forbidden } }
    expect(admission({}, [], parts).gates.at(-1)).toEqual(forbidden)
  })

  it('says what limits a webhook', () => {
    const { gates } = admission(
      {},
      [],
      hook({ failurePolicy: 'Ignore', objectSelector: { matchLabels: { a: 'b' } }, matchConditions: 2 }),
    )
    expect(gates).toEqual([
      {
        value: { name: asked, engine: '', onFailure: 'Ignore', conditions: ['an objectSelector', '2 matchConditions'] },
        source: asked,
      },
    ])
  })
})

function policy(binding: Partial<FamilyObjects['validatingadmissionpolicybindings']>): EvidenceParts {
  return {
    objects: {
      validatingadmissionpolicies: [{ name: 'p', rules: [rule([''], ['pods'])], validations: 1 }],
      validatingadmissionpolicybindings: [{ name: 'b', policyName: 'p', validationActions: [], ...binding }],
    },
  }
}

it('does not know the level while the list of nodes may leave out an API server', () => {
  const { enforce } = admission(label('baseline'), [controlPlane('a', {})], { gaps: { nodes: forbidden } })
  expect(enforce).toEqual(forbidden)
})
