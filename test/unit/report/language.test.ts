import { describe, expect, test } from 'vitest'
import { languageOf } from '../../../src/report/lang/language.ts'

const english = languageOf('en')

test('numbers, lists, times and periods read as in a sentence', () => {
  expect([0, 999, 4310, 1_234_567, 76.2].map(english.number)).toEqual(['0', '999', '4,310', '1,234,567', '76.2'])
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(english.list)).toEqual(['', 'a', 'a and b', 'a, b and c'])
  expect(english.names(['a', 'b', 'c'], 2)).toBe('a, b, c')
  expect(english.names(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more')
})

describe('a moment is in UTC and says so; what is none is shown as it came', () => {
  test.each([
    ['en', '2026-11-20T02:00:04.123Z', '2026-11-20 02:00:04 UTC'],
    ['en', 'yesterday', 'yesterday'],
    ['en', '2026-99-99T99:99:99Z', '2026-99-99T99:99:99Z'],
    ['ko', '2026-11-20T02:00:04.123Z', '2026년 11월 20일 02:00:04 UTC'],
    ['ja', '2026-11-20T02:00:04.123Z', '2026年11月20日 02:00:04 UTC'],
    ['ko', '어제', '어제'],
  ] as const)('%s %s', (code, iso, text) => expect(languageOf(code).time(iso)).toBe(text))
  test.each([
    ['en', '2026-11-20T02:00:04Z', '2026-11-20T02:01:17Z', '2026-11-20 02:00:04 – 02:01:17 UTC'],
    ['en', '2026-11-20T23:59:00Z', '2026-11-21T00:01:00Z', '2026-11-20 23:59:00 UTC – 2026-11-21 00:01:00 UTC'],
    ['en', 'a', 'b', 'a – b'],
    ['ko', '2026-11-20T02:00:04Z', '2026-11-20T02:01:17Z', '2026년 11월 20일 02:00:04 – 02:01:17 UTC'],
    ['ja', '2026-11-20T02:00:04Z', '2026-11-20T02:01:17Z', '2026年11月20日 02:00:04 – 02:01:17 UTC'],
  ] as const)('%s %s to %s', (code, start, end, text) => expect(languageOf(code).period(start, end)).toBe(text))
})

test.each([
  ['en', '2026-12-03', '2026-12-03'],
  ['ko', '2026-12-03', '2026년 12월 3일'],
  ['ja', '2026-12-03', '2026年12月3日'],
  ['ko', '2026-13-40', '2026-13-40'],
] as const)('a day in %s: %s', (code, iso, text) => expect(languageOf(code).day(iso)).toBe(text))

test('a message with a number takes the form for it, and no value is ever read as a name', () => {
  expect([0, 1, 2].map((count) => english.say('count.nodes', { count }))).toEqual(['0 nodes', '1 node', '2 nodes'])
  expect(english.say('title.part', { cluster: '{part}', part: '$&' })).toBe('Kubernetes cluster audit: {part}, $&')
})

test('a template gets no text for a key or a value that does not exist', () => {
  expect(() => english.sayAny('no.such', {})).toThrow('no message no.such')
  expect(() => english.sayAny('toString', {})).toThrow('no message toString')
  expect(() => english.sayAny('title.whole', {})).toThrow('no value cluster for the message title.whole')
})
