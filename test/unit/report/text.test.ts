import { describe, expect, test } from 'vitest'
import { countNoun, cssString, cutText, formatCount, formatShare, makePrintable } from '../../../src/report/text.ts'
import { visibleText } from '../../../src/util/visible-text.ts'

describe('visibleText names what would act instead of being seen', () => {
  test.each([
    ['plain text, ünïcode 한국어', 'plain text, ünïcode 한국어'],
    ['safe\u202Egnp.exe', 'safe[U+202E]gnp.exe'],
    ['\u001B[31mred\u0007', '[U+001B][31mred[U+0007]'],
    ['zero\u200Bwidth\uFEFF', 'zero[U+200B]width[U+FEFF]'],
    ['isolate\u2066x\u2069', 'isolate[U+2066]x[U+2069]'],
    ['nul\u0000 c1\u0085 del\u007F', 'nul[U+0000] c1[U+0085] del[U+007F]'],
    ['lines\r\nkept\ttab', 'lines\nkept\ttab'],
    ['lone\rreturn', 'lone[U+000D]return'],
    ['separators\u2028\u2029', 'separators[U+2028][U+2029]'],
    ['half \uD800 pair', 'half [U+D800] pair'],
    ['tag \u{E0041}', 'tag [U+E0041]'],
    ['private \uE000', 'private [U+E000]'],
  ])('%j', (text, visible) => expect(visibleText(text)).toBe(visible))
})

describe('cutText says what it cut', () => {
  const limits = { characters: 10, lines: 3 }
  test.each([
    ['short', 'short'],
    ['exactly 10', 'exactly 10'],
    ['a'.repeat(65_536), `${'a'.repeat(10)} … [10 of 65,536 characters]`],
    ['1\n2\n3', '1\n2\n3'],
    ['1\n2\n3\n4', '1\n2\n3 … [5 of 7 characters]'],
    // A pair of surrogates is not torn apart.
    ['123456789😀', '123456789 … [9 of 11 characters]'],
  ])('%#', (text, cut) => expect(cutText(text, limits)).toBe(cut))

  test('and where the rest is, beside a text long enough for it', () => {
    expect(cutText('a'.repeat(600), { characters: 500, lines: 3 })).toBe(
      `${'a'.repeat(500)} … [cut here: 500 of 600 characters shown, all in the result file]`,
    )
  })
})

test('makePrintable treats every string and leaves the rest as it is', () => {
  const value = { a: ['x\u202E', { b: '\u001B', c: null, d: 1, e: true, f: undefined }] }
  expect(makePrintable(value, { characters: 100, lines: 9 })).toEqual({
    a: ['x[U+202E]', { b: '[U+001B]', c: null, d: 1, e: true, f: undefined }],
  })
})

test('numbers, lists and times read as in a sentence', () => {
  expect([0, 999, 4310, 1_234_567].map(formatCount)).toEqual(['0', '999', '4,310', '1,234,567'])
  expect([countNoun(1, 'node', 'nodes'), countNoun(0, 'node', 'nodes')]).toEqual(['1 node', '0 nodes'])
  // Rounded down: 100 means all.
  expect([formatShare(9999, 10_000), formatShare(3, 3), formatShare(0, 0)]).toEqual(['99.9', '100', '0'])
})

test('cssString lets nothing but letters and digits stand for themselves', () => {
  expect(cssString('a"}</style>\n')).toBe('"a\\22 \\7d \\3c \\2f style\\3e \\a "')
  expect(cssString('é\u202E')).toBe('"\\e9 \\5b U\\2b 202E\\5d "')
})
