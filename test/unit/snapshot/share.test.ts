import { expect, test } from 'vitest'
import { Sharing } from '../../../src/snapshot/share.ts'

const host = () => ({
  node: 'a',
  host: {
    files: { '/etc/fstab': { content: 'x\n', stat: { mode: '0644' } } },
    processes: [{ pid: 1, arguments: ['a'] }],
  },
})

test('equal parts of two values become one, and the values stay what they were', () => {
  const sharing = new Sharing()
  const [first, second] = [sharing.of(host(), 3), sharing.of({ ...host(), node: 'b' }, 3)]
  expect(first).toEqual(host())
  expect(second).toEqual({ ...host(), node: 'b' })
  expect(second.host.files['/etc/fstab']).toBe(first.host.files['/etc/fstab'])
  expect(second.host.processes[0]).toBe(first.host.processes[0])
  expect(second.host).not.toBe(first.host)
})

test('a key that could reach a prototype stays a key', () => {
  const sharing = new Sharing()
  const value: unknown = JSON.parse('{"files":{"__proto__":{"content":"x"},"constructor":{"content":"y"}}}')
  expect(JSON.stringify(sharing.of(value, 2))).toBe(
    '{"files":{"__proto__":{"content":"x"},"constructor":{"content":"y"}}}',
  )
  expect(Object.getPrototypeOf({})).toBe(Object.prototype)
  expect('content' in {}).toBe(false)
})
