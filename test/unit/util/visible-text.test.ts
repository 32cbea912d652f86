import { expect, it } from 'vitest'
import { visibleText } from '../../../src/util/visible-text.ts'

it.each([
  ['an ANSI colour', 'a\u001b[31mb', 'a[U+001B][31mb'],
  ['a C1 control', 'a\u009b31m', 'a[U+009B]31m'],
  ['a carriage return that would overwrite the line', 'bad\rgood', 'bad[U+000D]good'],
  ['a right-to-left override', '\u202egnp.exe', '[U+202E]gnp.exe'],
  ['a zero-width space', 'kube\u200b-system', 'kube[U+200B]-system'],
  ['an invisible tag', '\u{e0041}x', '[U+E0041]x'],
  ['a lone surrogate', 'x\ud800y', 'x[U+D800]y'],
])('%s is shown', (_name, text, shown) => {
  expect(visibleText(text)).toBe(shown)
})

it('leaves readable text of any script alone', () => {
  const text = 'payments 결제 支払い 付款 😀 é\tcolumn\nline'
  expect(visibleText(text)).toBe(text)
})
