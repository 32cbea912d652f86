import { describe, expect, it } from 'vitest'
import { readPage } from '../../../src/transport/kube-page.ts'

const item = (name: string, more: object = {}) => ({ metadata: { name }, ...more })
const claims = { spec: { volumeClaimTemplates: [item('data'), item('logs'), item('tmp')] } }

function read(text: string, accept = true) {
  const items: unknown[] = []
  const envelope = readPage(
    Buffer.from(text),
    () => accept,
    (value) => items.push(value),
  )
  if (envelope === undefined) return { envelope, items }
  const { items: _, ...rest } = envelope
  return { envelope: rest, items }
}

describe('readPage gives exactly the items of the list', () => {
  const page = (items: unknown) => ({ kind: 'PodList', apiVersion: 'v1', metadata: { continue: 'x' }, items })
  it.each<[string, unknown[]]>([
    ['none', []],
    ['one', [item('a')]],
    ['many', ['a', 'b', 'c', 'd'].map((name) => item(name))],
    ['items that hold lists of objects laid out like items', [item('a', claims), item('b', claims), item('c')]],
    [
      'more of those than it tries',
      Array.from({ length: 12 }, (_, index) => item(`s${index}`, { x: Array(12).fill(item('y')) })),
    ],
    ['text that looks like a boundary', [item('a', { text: '},{"metadata":{"name":"b"}}' }), item('c')]],
    ['text that looks like the opening', [item('"items":[', { items: [item('inner')] }), item('z')]],
    ['several bytes a character', [item('ü😀', { a: '日本' }), item('é')]],
    ['items that are no objects', [item('a'), null, 1, 'text', [item('b')]]],
    [
      'items that begin otherwise',
      [
        { kind: 'Pod', metadata: { name: 'a' } },
        { kind: 'Pod', metadata: { name: 'b' } },
      ],
    ],
  ])('%s', (_, items) => {
    const expected = { envelope: { kind: 'PodList', apiVersion: 'v1', metadata: { continue: 'x' } }, items }
    expect(read(JSON.stringify(page(items)))).toEqual(expected)
    expect(read(`${JSON.stringify(page(items), null, 2)}\n`)).toEqual(expected)
  })

  it('finds fields after the items', () => {
    const text =
      '{"kind":"PodList","items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}],"metadata":{"continue":"y"}}'
    expect(read(text)).toEqual({
      envelope: { kind: 'PodList', metadata: { continue: 'y' } },
      items: [item('a'), item('b')],
    })
  })

  it('finds the kind after the items', () => {
    const text = '{"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}],"kind":"PodList"}'
    expect(read(text)).toEqual({ envelope: { kind: 'PodList' }, items: [item('a'), item('b')] })
  })

  it('is not fooled by an items field before the real one', () => {
    const text =
      '{"kind":"PodList","metadata":{"items":[{"metadata":{"name":"x"}}]},"items":[{"metadata":{"name":"a"}}]}'
    expect(read(text).items).toEqual([item('a')])
  })

  it('gives no item of a page that is not accepted', () => {
    expect(read(JSON.stringify(page([item('a'), item('b')])), false).items).toEqual([])
  })

  it.each([
    ['nothing', '', 0],
    ['a text', '"x"', 0],
    ['no JSON', '<html>', 0],
    ['JSON cut in the first item', '{"kind":"PodList","items":[{"metadata":{"na', 0],
    [
      'JSON cut in the third item',
      '{"kind":"PodList","items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}},{"meta',
      1,
    ],
    ['JSON with something behind it', '{"kind":"PodList","items":[{"metadata":{"name":"a"}}]}]', 0],
  ])('is undefined for %s', (_, text, given) => {
    const { envelope, items } = read(text)
    expect([envelope, items.length]).toEqual([undefined, given])
  })
})
