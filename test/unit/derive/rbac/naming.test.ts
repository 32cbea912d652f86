// What a wildcard in a role is written out as, and when nobody can tell.
import { describe, expect, it } from 'vitest'
import { ApiResources } from '../../../../src/derive/rbac/api-resources.ts'
import { namingOf } from '../../../../src/derive/rbac/naming.ts'
import { hasWildcard, type PolicyRule, ruleInWords } from '../../../../src/derive/rbac/role-rules.ts'
import type { RoleObject } from '../../../../src/model/objects.ts'
import { buildEvidence, forbidden, manifests } from '../workloads/evidence-builder.ts'
import { patched } from './patched.ts'

const definitions = {
  customresourcedefinitions: [{ name: 'widgets.example.com' }, { name: 'certs.certs.example.com' }],
}
const api = new ApiResources(buildEvidence({ objects: definitions }))
const rule = (verbs: string, groups: string, resources: string, parts: Partial<PolicyRule> = {}): PolicyRule => ({
  verbs: verbs.split(','),
  apiGroups: groups.split(','),
  resources: resources.split(','),
  ...parts,
})
const role = (...rules: PolicyRule[]): RoleObject => ({ name: 'r', rules })
const plain = rule('get', '', 'pods')
const ordinary = 'get, list, watch, create, update, patch, delete, deletecollection'

function named(one: RoleObject, isNamespaced = false): string[] {
  const { patch, unnamed } = namingOf(one, isNamespaced, api)
  expect(unnamed).toEqual([])
  const after = patched(one, patch)
  expect(after.rules.some(hasWildcard)).toBe(false)
  return after.rules.map(ruleInWords)
}

describe('a wildcard written out', () => {
  it.each<[string, PolicyRule[], string[]]>([
    ['every verb', [rule('*', 'apps', 'deployments')], [`${ordinary} deployments of apps`]],
    [
      'every verb on named objects',
      [rule('*', '', 'secrets', { resourceNames: ['a'] })],
      [`${ordinary} secrets named a`],
    ],
    [
      'every resource of groups',
      [rule('get', 'batch,policy', '*')],
      [
        'get cronjobs, cronjobs/status, jobs, jobs/status of batch',
        'get poddisruptionbudgets, poddisruptionbudgets/status of policy',
      ],
    ],
    [
      'of a custom resource',
      [rule('get', 'example.com', '*')],
      ['get widgets, widgets/status, widgets/scale of example.com'],
    ],
    [
      'a subresource of every resource',
      [rule('patch', 'apps', '*/scale')],
      ['patch deployments/scale, replicasets/scale, statefulsets/scale of apps'],
    ],
    [
      'pods of whatever group',
      [rule('list', '*', 'pods,pods/log,widgets')],
      ['list pods, pods/log', 'list widgets of example.com'],
    ],
    [
      'others stay where they are',
      [plain, rule('*', 'apps', 'deployments'), plain],
      ['get pods', `${ordinary} deployments of apps`, 'get pods'],
    ],
    [
      'every path',
      [{ verbs: ['*'], nonResourceURLs: ['*', '/metrics'] }],
      [
        'get /api, /api/*, /apis, /apis/*, /healthz, /livez, /openapi, /openapi/*, /readyz, /version, /version/, /metrics',
      ],
    ],
  ])('%s', (_, rules, expected) => {
    expect(named(role(...rules))).toEqual(expected)
  })

  it('of everything holds every group, the custom ones too, and nothing that runs commands, hands out tokens or approves', () => {
    const words = named(role(rule('*', '*', '*')))
    expect(words).toHaveLength(25)
    expect(words.at(-1)).toBe(`${ordinary} certs, certs/status, certs/scale of certs.example.com`)
    expect(new Set(words.join().match(/\/\w+/g))).toEqual(
      new Set(['/eviction', '/log', '/resize', '/scale', '/status']),
    )
  })
  it('in a namespace holds no resource of the cluster', () => {
    expect(named(role(rule('get', '', '*')), true).join()).not.toMatch(/\b(nodes|namespaces|persistentvolumes)\b/)
    expect(named(role(rule('get', 'storage.k8s.io', '*')), true)).toEqual([
      'get csistoragecapacities of storage.k8s.io',
    ])
  })
})

it('is nothing of a role without one, or of a role that Kubernetes puts together', () => {
  const aggregated = { ...role(rule('*', 'apps', 'deployments')), aggregationSelectors: [{ matchLabels: { a: 'b' } }] }
  expect([role(plain), aggregated].map((one) => namingOf(one, false, api))).toEqual([
    { patch: '', unnamed: [] },
    { patch: '', unnamed: [] },
  ])
})

describe('what nobody saw is left out, and said', () => {
  const known = 'get controllerrevisions, daemonsets, daemonsets/status, deployments'
  it.each<[string, PolicyRule[], string[], string[]]>([
    [
      'a group of an aggregated API server',
      [plain, rule('get', 'metrics.k8s.io', '*'), plain],
      ['get pods', 'get pods'],
      ['resources of metrics.k8s.io'],
    ],
    ['beside another group', [rule('get', 'apps,metrics.k8s.io', '*')], [known], ['resources of metrics.k8s.io']],
    ['a name that no group has', [rule('get', '*', 'pods,things')], ['get pods'], ['things']],
    ['a subresource that no resource has', [rule('get', 'apps', '*/things')], [], ['resources of apps']],
    [
      'one of two',
      [rule('get', 'metrics.k8s.io', '*'), rule('get', '*', 'pods')],
      ['get pods'],
      ['resources of metrics.k8s.io'],
    ],
  ])('%s', (_, rules, words, expected) => {
    const one = role(...rules)
    const { patch, unnamed } = namingOf(one, false, api)
    expect(unnamed).toEqual(expected)
    const after = patched(one, patch).rules
    expect(after.some(hasWildcard)).toBe(false)
    expect(after.map((left) => ruleInWords(left).slice(0, known.length))).toEqual(words)
  })
  it.each([
    ['custom resources forbidden', { gaps: { customresourcedefinitions: forbidden } }],
    ['files', { source: manifests }],
  ])('%s', (_, parts) => {
    const some = new ApiResources(buildEvidence(parts))
    expect(namingOf(role(rule('get', '*', '*')), false, some).unnamed).toEqual(['custom resources'])
    expect(namingOf(role(rule('get', 'batch', '*')), false, some).unnamed).toEqual([])
  })
})
