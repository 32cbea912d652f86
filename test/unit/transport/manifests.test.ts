import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isUnavailable } from '../../../src/model/fact.ts'
import { type Family, familyNames } from '../../../src/model/objects.ts'
import { ManifestPathError, openManifestSource } from '../../../src/transport/manifests.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-manifests-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function open(files: Record<string, string>) {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return openManifestSource([folder])
}

async function list(source: Awaited<ReturnType<typeof open>>, family: Family) {
  const objects: unknown[] = []
  const handlers = { onObject: (raw: unknown) => objects.push(raw), onRestart: () => expect.unreachable() }
  const outcome = await source.list(family, handlers, new AbortController().signal)
  const detail = outcome.complete
    ? 'complete'
    : [outcome.unavailable.reason, outcome.unavailable.detail.replaceAll(folder, 'DIR')]
  return { objects, outcome: detail }
}

const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n'
const pod = (name: string, more = '') =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shop}\n${more}`
const podObject = (name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  ...more,
})

describe('documents and files', () => {
  it.each<[string, Record<string, string>, unknown[]]>([
    [
      'several documents, some empty',
      { 'a.yaml': `---\n${pod('a')}---\n---\n# nothing\n---\n${pod('b')}` },
      [podObject('a'), podObject('b')],
    ],
    [
      'folders below folders, three extensions, others ignored',
      { 'x/a.yml': pod('a'), 'x/y/b.json': JSON.stringify(podObject('b')), 'c.txt': pod('c') },
      [podObject('a'), podObject('b')],
    ],
    [
      'List',
      { 'a.yaml': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [podObject('a'), podObject('b')] }) },
      [podObject('a'), podObject('b')],
    ],
    [
      'a typed list whose items have no kind',
      {
        'a.json': JSON.stringify({
          apiVersion: 'v1',
          kind: 'PodList',
          items: [{ metadata: { name: 'a', namespace: 'shop' } }],
        }),
      },
      [{ metadata: { name: 'a', namespace: 'shop' } }],
    ],
    [
      'lists in lists',
      {
        'a.json': JSON.stringify({
          apiVersion: 'v1',
          kind: 'List',
          items: [{ apiVersion: 'v1', kind: 'PodList', items: [podObject('a')] }],
        }),
      },
      [podObject('a')],
    ],
    ['an empty list', { 'a.json': JSON.stringify({ apiVersion: 'v1', kind: 'PodList', items: null }) }, []],
    [
      'YAML 1.1 truth and octal numbers',
      { 'a.yaml': pod('a', 'spec: {hostNetwork: yes, hostPID: off, mode: 0644}\n') },
      [podObject('a', { spec: { hostNetwork: true, hostPID: false, mode: 420 } })],
    ],
    [
      'dates, times and ratios stay text',
      { 'a.yaml': pod('a', 'spec: {at: 2026-11-20, ratio: 1:30}\n') },
      [podObject('a', { spec: { at: '2026-11-20', ratio: '1:30' } })],
    ],
    [
      'anchors and merge keys',
      { 'a.yaml': pod('a', 'x: &x {a: 1}\nspec: {<<: *x, b: 2}\n') },
      [podObject('a', { x: { a: 1 }, spec: { a: 1, b: 2 } })],
    ],
    [
      'JSON documents one after the other',
      { 'a.json': `${JSON.stringify(podObject('a'))}\n---\n${JSON.stringify(podObject('b'))}` },
      [podObject('a'), podObject('b')],
    ],
  ])('%s', async (_, files, objects) => {
    expect(await list(await open({ 'ns.yaml': namespace, ...files }), 'pods')).toEqual({ objects, outcome: 'complete' })
  })

  it('puts namespaced objects without a namespace into default, and others into none', async () => {
    const source = await open({
      'a.yaml':
        'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: b}\n',
    })
    expect([(await list(source, 'serviceaccounts')).objects, (await list(source, 'clusterroles')).objects]).toEqual([
      [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'a', namespace: 'default' } }],
      [{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'b' } }],
    ])
  })

  it('hands over nothing of a Secret but its metadata', async () => {
    const source = await open({
      'a.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: hunter2}\n',
    })
    expect((await list(source, 'secrets')).objects).toEqual([
      { apiVersion: 'v1', metadata: { name: 'a', namespace: 'default' } },
    ])
  })

  it('counts what belongs to no family', async () => {
    const source = await open({
      'a.yaml': `${pod('a')}---\napiVersion: apps/v1\nkind: Pod\n---\napiVersion: example.com/v1\nkind: Widget\n---\n- 1\n---\nreplicas: 3\n`,
      'b.yaml':
        'apiVersion: example.com/v1\nkind: Widget\n---\napiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: old}\n',
    })
    expect(source.summary).toEqual({
      files: 2,
      objects: 2,
      otherKinds: { 'apps/v1 Pod': 1, 'example.com/v1 Widget': 2, 'no kind': 2 },
      problems: [],
    })
  })

  it('follows links, each file and folder once', async () => {
    await mkdir(join(folder, 'real'))
    await writeFile(join(folder, 'real', 'a.yaml'), pod('a'))
    await symlink(folder, join(folder, 'real', 'loop'))
    await symlink(join(folder, 'real', 'a.yaml'), join(folder, 'again.yaml'))
    const source = await openManifestSource([folder, join(folder, 'real')])
    expect((await list(source, 'pods')).objects).toEqual([podObject('a')])
  })

  it('reads a file that was named, whatever its extension', async () => {
    await writeFile(join(folder, 'a.txt'), pod('a'))
    const source = await openManifestSource([join(folder, 'a.txt')])
    expect((await list(source, 'pods')).objects).toEqual([podObject('a')])
  })

  it('refuses a path that is not there', async () => {
    const opened = openManifestSource([join(folder, 'absent')])
    await expect(opened).rejects.toBeInstanceOf(ManifestPathError)
    await expect(opened).rejects.toThrow(
      `The manifest path ${folder}/absent does not exist. Give existing files or folders.`,
    )
  })
})

describe('what files cannot tell', () => {
  it('says that there are no nodes, and completes what people write into files', async () => {
    const source = await open({ 'a.yaml': `${namespace}---\n${pod('a')}` })
    const outcomes: Record<string, unknown> = {}
    for (const family of familyNames) outcomes[family] = (await list(source, family)).outcome
    const complete = Object.fromEntries(familyNames.map((family) => [family, 'complete']))
    expect(outcomes).toEqual({
      ...complete,
      bootstraptokens: ['not-collected', 'Which bootstrap tokens there are, only a running cluster tells.'],
      nodes: ['not-collected', 'Manifests hold no nodes: which machines there are, only a running cluster tells.'],
    })
  })

  it('names the namespaces that are used and not defined', async () => {
    const source = await open({
      'a.yaml': `${pod('a')}---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: x}\n`,
    })
    expect((await list(source, 'namespaces')).outcome).toEqual([
      'not-collected',
      'The manifests use namespaces that they do not define: default, shop.',
    ])
  })

  it.each([
    [
      'broken YAML',
      'a: [1\n---\n',
      'DIR/bad.yaml:2: Flow sequence in block collection must be sufficiently indented and end with a ].',
    ],
    ['a Helm template', `kind: Pod\nmetadata:\n  name: {{ .Values.name }}\n`, undefined],
    ['a Helm template of something else', 'kind: Pod\nmetadata:\n  name: {{ .Values.name }}-x\n', undefined],
    ['the same key twice', 'apiVersion: v1\nkind: Pod\nkind: Node\n', 'DIR/bad.yaml:3: Map keys must be unique.'],
    ['an alias of nothing', 'kind: Pod\nx: *nothing\n', undefined],
    ['an alias bomb', bomb(), 'DIR/bad.yaml:1: aliases that do not resolve, or multiply beyond 100.'],
  ])('makes every family incomplete for %s, and keeps the other files', async (_, text, where) => {
    const source = await open({ 'bad.yaml': text, 'good.yaml': `${namespace}---\n${pod('a')}` })
    const pods = await list(source, 'pods')
    expect(pods.objects).toEqual([podObject('a')])
    expect(pods.outcome).toEqual([
      'malformed',
      expect.stringMatching(/^Manifests that could not be read may hold more: DIR\/bad\.yaml:\d+: /),
    ])
    if (where !== undefined) expect(pods.outcome[1]).toBe(`Manifests that could not be read may hold more: ${where}`)
    expect((await list(source, 'secrets')).outcome).toEqual(pods.outcome)
  })

  it('keeps the documents before and after a broken one', async () => {
    const source = await open({ 'bad.yaml': `${pod('a')}---\nkind: {\n---\n${pod('b')}` })
    expect((await list(source, 'pods')).objects).toEqual([podObject('a'), podObject('b')])
  })

  it('is stopped by the signal', async () => {
    const source = await open({ 'a.yaml': `${namespace}---\n${pod('a')}` })
    const outcome = await source.list(
      'pods',
      { onObject: () => expect.unreachable(), onRestart: () => undefined },
      AbortSignal.abort(),
    )
    expect(outcome).toEqual({
      complete: false,
      unavailable: { reason: 'interrupted', detail: 'Reading the manifests was stopped.' },
    })
  })

  it('cannot answer a GET', async () => {
    const source = await open({})
    const answer = await source.get('/version', new AbortController().signal)
    expect(isUnavailable(answer) && answer.unavailable).toEqual({
      reason: 'not-collected',
      detail: 'Manifests cannot answer GET /version.',
    })
  })
})

function bomb(): string {
  const lines = ['a0: &a0 [x,x,x,x,x,x,x,x,x]']
  for (let level = 1; level < 9; level += 1) lines.push(`a${level}: &a${level} [${Array(9).fill(`*a${level - 1}`)}]`)
  return lines.join('\n')
}
