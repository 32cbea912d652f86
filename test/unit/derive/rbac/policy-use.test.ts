// PodSecurityPolicies: who may use them up to 1.24, and what is left of such rights since.
import { describe, expect, it } from 'vitest'
import { deriveAccessUnits, derivePodSecurityPolicies } from '../../../../src/derive/rbac/index.ts'
import type { Evidence } from '../../../../src/model/evidence.ts'
import { isUnavailable, unavailable } from '../../../../src/model/fact.ts'
import type { RoleObject } from '../../../../src/model/objects.ts'
import { buildEvidence, type EvidenceParts, forbidden } from '../workloads/evidence-builder.ts'

const use = (names?: string[], apiGroups = ['policy']): RoleObject['rules'][number] => ({
  verbs: ['use'],
  apiGroups,
  resources: ['podsecuritypolicies'],
  ...(names === undefined ? {} : { resourceNames: names }),
})

function evidenceOf(gitVersion: string, rules: RoleObject['rules'], parts: EvidenceParts = {}): Evidence {
  const evidence = buildEvidence({
    ...parts,
    objects: {
      podsecuritypolicies: [
        { name: 'open', privileged: true, hostPID: true, allowedUnsafeSysctls: ['net.*'] },
        { name: 'closed', volumes: ['secret'] },
      ],
      clusterroles: [{ name: 'r', rules }],
      clusterrolebindings: [
        {
          name: 'b',
          roleRef: { kind: 'ClusterRole', name: 'r' },
          subjects: [{ kind: 'Group', name: 'system:authenticated' }],
        },
      ],
      ...parts.objects,
    },
  })
  return { ...evidence, header: { ...evidence.header, cluster: { ...evidence.header.cluster, version: gitVersion } } }
}

function usesOf(gitVersion: string, rules: RoleObject['rules'], parts: EvidenceParts = {}): string[] {
  const unit = deriveAccessUnits(evidenceOf(gitVersion, rules, parts)).subjects.find(
    ({ identity }) => identity.id === 'Group/system:authenticated',
  )
  const fact = unit?.facts.podSecurityPolicyUse
  if (fact === undefined || isUnavailable(fact)) throw new Error('no fact')
  return fact.uses.map((one) =>
    isUnavailable(one) ? one.unavailable.reason : `${one.value.policy}: ${one.value.allows}`,
  )
}

const open = 'open: privileged, hostPID, unsafe sysctls net.*'

describe('up to 1.24', () => {
  it.each<[string, RoleObject['rules'], string[]]>([
    ['every policy', [use()], [open, 'closed: ']],
    ['one by name', [use(['open'])], [open]],
    ['by the old group', [use(['open'], ['extensions'])], [open]],
    ['by every verb', [{ ...use(), verbs: ['*'] }], [open, 'closed: ']],
    ['one that is not there', [use(['gone'])], []],
    ['another verb', [{ ...use(), verbs: ['get', 'list'] }], []],
    ['another group', [use(undefined, ['security.openshift.io'])], []],
  ])('%s', (_, rules, expected) => {
    expect(usesOf('v1.24.17', rules)).toEqual(expected)
  })

  it('is not known without the list of policies, where somebody may use one', () => {
    const gaps = { podsecuritypolicies: forbidden }
    expect(usesOf('v1.24.17', [use()], { gaps, objects: { podsecuritypolicies: [] } })).toEqual(['forbidden'])
    expect(usesOf('v1.24.17', [], { gaps, objects: { podsecuritypolicies: [] } })).toEqual([])
  })
})

it('from 1.25 on nobody may use what is not there, forbidden or not', () => {
  expect(usesOf('v1.25.0', [use()], { gaps: { podsecuritypolicies: forbidden } })).toEqual([])
})

it.each([
  ['v1.24.17', true],
  ['v1.25.0', false],
])('%s has them: %s', (version, value) => {
  const role = deriveAccessUnits(evidenceOf(version, [use(['open']), { ...use(), resources: ['*'] }])).roles[0]
  expect(role?.facts.podSecurityPolicyRules).toEqual({
    served: { value, source: `Kubernetes ${version}` },
    rules: [{ rule: 'rules[0]', permission: 'use podsecuritypolicies of policy named open' }],
  })
})

const none = { known: [], gap: unavailable('unsupported', 'no API server was seen') }
it('are not called enforced where no API server was seen', () => {
  expect(derivePodSecurityPolicies(evidenceOf('v1.24.17', []), none)).toMatchObject({
    plugin: { unavailable: { reason: 'unsupported' } },
    policies: [
      { name: 'closed', allows: '' },
      { name: 'open', allows: 'privileged, hostPID, unsafe sysctls net.*' },
    ],
  })
})
