// How `doctor` reads a rules review, with a server that answers what each case says.
import { describe, expect, it } from 'vitest'
import { compareRights } from '../../../src/cli/doctor/rights.ts'
import type { KubeRequest } from '../../../src/transport/kube.ts'
import { type GrantedRules, grants } from '../../../src/transport/rules-review.ts'

type Needed = Parameters<typeof compareRights>[1]

/** Answers rules reviews with `rules`, access reviews by `allowed`; counts the latter. */
function server(rules: unknown, allowed: (asked: string) => boolean) {
  const asked: string[] = []
  const request: KubeRequest = async (path, _signal, options) => {
    const body = options?.body
    const spec: unknown = typeof body === 'object' && body !== null && 'spec' in body ? body.spec : undefined
    const answer = (status: unknown) => ({ body: Buffer.from(JSON.stringify({ status })) })
    if (path.endsWith('selfsubjectrulesreviews')) return answer(rules)
    asked.push(JSON.stringify(spec))
    return answer({ allowed: allowed(JSON.stringify(spec)) })
  }
  return { request, asked }
}

const listPods = { verb: 'list', group: '', resource: 'pods' }
const flagz = { verb: 'get', path: '/flagz' }
const checks = async (rules: unknown, allowed: boolean, needed: Needed = [listPods]) => {
  const { request, asked } = server(rules, () => allowed)
  const found = await compareRights({ request }, needed, new AbortController().signal)
  return { found: found.map(({ id, state, detail }) => `${id} ${state}: ${detail}`), asked: asked.length }
}
const rule = (verbs: string[], resources: string[], more: object = {}) => ({
  verbs,
  apiGroups: [''],
  resources,
  ...more,
})

it('asks nothing more where the review lists every right', async () => {
  const rules = {
    resourceRules: [rule(['list'], ['pods'])],
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/flagz'] }],
  }
  expect(await checks(rules, false, [listPods, flagz])).toEqual({
    found: ['rights ok: 2 of 2 rights that the rules need are there.'],
    asked: 0,
  })
})

it.each([
  ['an authorizer that lists nothing', { resourceRules: [], nonResourceRules: [], incomplete: true }],
  ['a server that lists null', { resourceRules: null, nonResourceRules: null }],
  ['an answer that is none', 'no'],
  ['a right to one object only', { resourceRules: [rule(['list'], ['pods'], { resourceNames: ['one'] })] }],
])('asks right by right: %s', async (_name, rules) => {
  expect(await checks(rules, true)).toEqual({
    found: ['rights ok: 1 of 1 rights that the rules need are there.'],
    asked: 1,
  })
  expect((await checks(rules, false)).found[0]).toContain('rights failed: 1 of 1 are missing: list pods.')
})

it('says that nothing could be asked', async () => {
  const request: KubeRequest = async () => ({
    failure: { reason: 'forbidden', detail: 'no reviews', transient: false },
  })
  const [check] = await compareRights({ request }, [listPods], new AbortController().signal)
  expect(check).toMatchObject({ id: 'rights', state: 'failed', detail: 'They could not be asked for: no reviews' })
})

describe('what is more than needed', () => {
  const everybody = { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectrulesreviews'] }
  it.each<[string, object[], string[]]>([
    ['lists of other things', [rule(['get', 'list', 'watch'], ['configmaps', 'pods'])], []],
    ['what everybody may', [everybody], []],
    ['Secrets', [rule(['get'], ['secrets'])], ['The user also may get secrets.']],
    ['all things, read', [rule(['get', 'list'], ['*'])], ['The user also may get/list everything.']],
    ['a change', [rule(['list', 'delete'], ['pods'])], ['The user also may delete pods.']],
    ['a way into pods', [rule(['get'], ['pods/exec'])], ['The user also may get pods/exec.']],
    [
      'everything',
      [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      ['The user has every right in the cluster.'],
    ],
  ])('%s', async (_name, resourceRules, expected) => {
    const { found } = await checks({ resourceRules: [rule(['list'], ['pods']), ...resourceRules] }, true)
    expect(found.slice(1).map((line) => line.replace('excess-rights warned: ', ''))).toEqual(expected)
  })
})

describe('a rule grants', () => {
  const granted = (resources: string[], paths: string[] = []): GrantedRules => ({
    resources: [{ verbs: ['get'], groups: [''], resources, names: [] }],
    paths: [{ verbs: ['get'], paths }],
    isIncomplete: false,
  })
  const get = (resource: string, subresource?: string) => ({
    verb: 'get',
    group: '',
    resource,
    ...(subresource && { subresource }),
  })
  it.each([
    [['pods'], get('pods'), true],
    [['pods'], get('pods', 'log'), false],
    [['pods/log'], get('pods'), false],
    [['pods/log'], get('pods', 'log'), true],
    [['*/log'], get('pods', 'log'), true],
    [['pods/*'], get('pods', 'log'), false],
    [['*'], get('pods', 'log'), true],
    [['pods'], { ...get('pods'), group: 'apps' }, false],
    [['pods'], { ...get('pods'), verb: 'list' }, false],
  ])('%j for %j: %s', (resources, right, expected) => {
    expect(grants(granted(resources), right)).toBe(expected)
  })
  it.each([
    [['/flagz'], true],
    [['/flag*'], true],
    [['*'], true],
    [['/flag'], false],
    [['/healthz'], false],
  ])('paths %j for /flagz: %s', (paths, expected) => {
    expect(grants(granted([], paths), flagz)).toBe(expected)
  })
})
