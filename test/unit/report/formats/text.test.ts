import { expect, test } from 'vitest'
import { joinLines, plainLine, plainText, webLink } from '../../../../src/report/formats/text.ts'

test.each([
  ['short', 10, 'short'],
  ['a\nb', 10, 'a\nb'],
  ['x'.repeat(11), 10, `${'x'.repeat(9)}…`],
  ['\u0000\u202E', 100, '[U+0000][U+202E]'],
  ['\u0000'.repeat(50), 100, `${'[U+0000]'.repeat(8).slice(0, 62)} … [cut; 50 characters in result.json]`],
  ['😀😀😀', 4, '😀…'],
  [
    'x'.repeat(3_000),
    200,
    `${'x'.repeat(200 - ' … [cut; 3,000 characters in result.json]'.length)} … [cut; 3,000 characters in result.json]`,
  ],
])('plainText(%j, %i)', (text, max, wanted) => {
  const made = plainText(text, max)
  expect(made).toBe(wanted)
  expect(made.length).toBeLessThanOrEqual(max)
})

test.each([
  ['  a \n b\t', 10, 'a b'],
  ['', 10, '-'],
  [' \n ', 10, '-'],
  [`${' '.repeat(50)}hidden`, 10, '…'],
  [`a${' '.repeat(50)}hidden`, 10, 'a …'],
])('plainLine(%j, %i) is %j', (text, max, wanted) => {
  expect(plainLine(text, max)).toBe(wanted)
})

test('lines that do not fit are counted', () => {
  expect(joinLines(['a'.repeat(50), 'b'.repeat(50), 'c'], 120)).toBe(`${'a'.repeat(50)}\n… and 2 more lines`)
  expect(joinLines(['x'.repeat(500), 'y'], 100).length).toBeLessThanOrEqual(100)
})

test.each([
  [['javascript:alert(1)', 'https://example.org/a'], 'https://example.org/a'],
  [['https://example.org/"onclick="x'], undefined],
  [['http://example.org/<script>'], undefined],
  [[`https://example.org/${'a'.repeat(2_000)}`], undefined],
])('of %j a web link is %j', (links, wanted) => {
  expect(webLink(links)).toBe(wanted)
})
