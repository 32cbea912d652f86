// Every role that Kubernetes 1.31–1.36 creates, as the API servers of ../shared/reference printed them; and what alters one.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { projectRole } from '../../../../src/collect/projection/rbac.ts'
import { Problems } from '../../../../src/collect/projection/read.ts'
import { alterationsOf, matchBootstrapRole, restorationOf } from '../../../../src/derive/rbac/bootstrap-roles.ts'
import type { RoleObject } from '../../../../src/model/objects.ts'
import { patched } from './patched.ts'

const root = join(import.meta.dirname, '../../../../../shared/reference/rbac-bootstrap-versions')
const isPresent = existsSync(root)
if (!isPresent) console.warn(`SKIPPED: bootstrap roles of Kubernetes; ${root} is absent.`)
const versions = isPresent ? readdirSync(root).sort() : []

function read(version: string): RoleObject[] {
  const files = readdirSync(join(root, version)).filter((name) => name.includes('roles') && name.endsWith('.yaml'))
  return files.flatMap((file) => {
    const { items } = parse(readFileSync(join(root, version, file), 'utf8'))
    return items.map((item: Record<string, unknown>) => {
      const problems = new Problems()
      const role = projectRole(item, problems)
      expect(problems.first).toBeUndefined()
      return role
    })
  })
}
const extra = { verbs: ['get'], apiGroups: ['example.com'], resources: ['things'] }

describe.skipIf(!isPresent)('bootstrap roles', () => {
  it.each(versions)('%s: all are recognised by content, none when a right is added', (version) => {
    const minor = Number(version.split('.')[1])
    const roles = read(version)
    expect(roles.length).toBeGreaterThan(70)
    const match = (role: RoleObject) => matchBootstrapRole(role.namespace ?? '', role, minor)
    expect(roles.filter((role) => match(role) !== 'unaltered').map(({ name }) => name)).toEqual([])
    const plain = roles.filter(({ aggregationSelectors }) => aggregationSelectors === undefined)
    const altered = plain.map((role) => ({ ...role, rules: [...role.rules, extra] }))
    expect(altered.filter((role) => match(role) !== 'altered').map(({ name }) => name)).toEqual([])
    expect(new Set(altered.flatMap((role) => alterationsOf(role.namespace ?? '', role, minor)))).toEqual(
      new Set(['get example.com things']),
    )
  })
})

describe.skipIf(!isPresent)('what takes an alteration back', () => {
  const rights = ({ rules }: RoleObject) =>
    new Set(
      rules.flatMap(({ verbs, apiGroups = [], resources = [], resourceNames = [''], nonResourceURLs = [] }) =>
        verbs.flatMap((verb) => [
          ...nonResourceURLs.map((url) => `${verb} ${url}`),
          ...apiGroups.flatMap((group) =>
            resources.flatMap((resource) =>
              (resourceNames.length === 0 ? [''] : resourceNames).map((name) => `${verb} ${group} ${resource} ${name}`),
            ),
          ),
        ]),
      ),
    )
  it.each(versions)('%s: a verb in a rule and a rule in between go, and nothing else does', (version) => {
    const minor = Number(version.split('.')[1])
    const own = read(version).filter(({ name, rules }) => name !== 'cluster-admin' && rules.length > 1)
    expect(own.length).toBeGreaterThan(30)
    for (const role of own.filter(({ aggregationSelectors }) => aggregationSelectors === undefined)) {
      const place = role.namespace ?? ''
      expect(restorationOf(place, role, minor)).toBe('')
      const [first, ...others] = role.rules.map((rule) => ({ ...rule }))
      if (first === undefined) continue
      const altered = { ...role, rules: [{ ...first, verbs: [...first.verbs, 'bind'] }, extra, ...others] }
      const restored = patched(altered, restorationOf(place, altered, minor))
      expect(alterationsOf(place, restored, minor)).toEqual([])
      expect(rights(restored)).toEqual(rights(role))
    }
  })
})

describe('a role', () => {
  const role = (name: string, rules: RoleObject['rules'], parts: Partial<RoleObject> = {}) => ({
    name,
    rules,
    ...parts,
  })
  const everything = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]
  const aggregating = (label: string) => ({ aggregationSelectors: [{ matchLabels: { [label]: 'true' } }] })
  const csr = { verbs: ['create', 'get', 'list', 'watch'], apiGroups: ['certificates.k8s.io'] }
  const trust = { verbs: ['get'], apiGroups: ['certificates.k8s.io'], resources: ['clustertrustbundles'] }
  it.each<[string, string, RoleObject, number | undefined, string]>([
    ['Kubernetes’ own', '', role('cluster-admin', everything), 36, 'unaltered'],
    ['in another place', 'shop', role('cluster-admin', everything), 36, 'own'],
    [
      'Kubernetes’ own, with a right that its source gives and not every server printed',
      '',
      role('system:controller:endpointslicemirroring-controller', [
        { verbs: ['update'], apiGroups: [''], resources: ['services/finalizers'] },
        { verbs: ['update'], apiGroups: [''], resources: ['endpoints/finalizers'] },
      ]),
      31,
      'unaltered',
    ],
    ['with another name', '', role('cluster-admin-2', everything), 36, 'own'],
    [
      'written rule by rule, as an upgrade does',
      '',
      role(
        'system:node-bootstrapper',
        csr.verbs.map((verb) => ({ ...csr, verbs: [verb], resources: ['certificatesigningrequests'] })),
      ),
      36,
      'unaltered',
    ],
    ['with one right less', '', role('system:node-bootstrapper', []), 36, 'unaltered'],
    ['with a right of a later version', '', role('system:cluster-trust-bundle-discovery', [trust]), 31, 'altered'],
    ['the same where the version has it', '', role('system:cluster-trust-bundle-discovery', [trust]), 33, 'unaltered'],
    ['newer than known', '', role('system:cluster-trust-bundle-discovery', [trust]), 41, 'unaltered'],
    ['of an unknown version', '', role('system:cluster-trust-bundle-discovery', [trust]), undefined, 'unaltered'],
    ['of an unknown version, altered', '', role('system:discovery', everything), undefined, 'altered'],
    ['older than known', '', role('cluster-admin', everything), 24, 'unaltered'],
    [
      'filled in by the cluster',
      '',
      role('edit', everything, aggregating('rbac.authorization.k8s.io/aggregate-to-edit')),
      36,
      'unaltered',
    ],
    ['aggregating something else', '', role('edit', [], aggregating('example.com/edit')), 36, 'altered'],
    ['no longer aggregating', '', role('edit', everything), 36, 'altered'],
    [
      'of kubeadm',
      'kube-system',
      role('kube-proxy', [
        { verbs: ['get'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['kube-proxy'] },
      ]),
      36,
      'unaltered',
    ],
    [
      'of kubeadm, without the limit to one name',
      'kube-system',
      role('kube-proxy', [{ verbs: ['get'], apiGroups: [''], resources: ['configmaps'] }]),
      36,
      'altered',
    ],
    [
      'with a path added',
      '',
      role('system:public-info-viewer', [{ verbs: ['get'], nonResourceURLs: ['/metrics'] }]),
      36,
      'altered',
    ],
  ])('%s', (_, namespace, object, minor, expected) => {
    expect(matchBootstrapRole(namespace, object, minor)).toBe(expected)
  })
})
