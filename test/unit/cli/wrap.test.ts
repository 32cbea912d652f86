import { expect, it } from 'vitest'
import { wrap } from '../../../src/cli/wrap.ts'

it.each([
  ['breaks at spaces', 'one two three four', 9, '', 'one two\nthree\nfour'],
  ['indents every line', 'one two three', 9, '  ', '  one two\n  three'],
  ['keeps paragraphs', 'one\n\ntwo', 9, ' ', ' one\n\n two'],
  ['leaves a long word whole', 'x aaaaaaaaaaaaaaa y', 6, '', 'x\naaaaaaaaaaaaaaa\ny'],
  ['gives nothing for nothing', '', 9, '  ', ''],
])('%s', (_name, text, columns, indent, wrapped) => {
  expect(wrap(text, columns, indent)).toBe(wrapped)
})
