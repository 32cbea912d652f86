import { expect, test } from 'vitest'
import { codeBlock, inlineCode, prose } from '../../../src/report/code-markup.ts'
import { plainProse } from '../../../src/report/text.ts'

test.each([
  ['vm.overcommit_memory = 1', 'vm.<wbr>overcommit_<wbr>memory &#x3D; 1'],
  ['ClusterRoleBinding', 'Cluster<wbr>Role<wbr>Binding'],
  ['<b a="1">&amp;', '&lt;b a&#x3D;<wbr>&quot;1&quot;&gt;&amp;amp;'],
])('a value may break after its separators: %s', (text, markup) => expect(inlineCode(text)).toBe(markup))

test('a block has one element per line, and options stay whole', () => {
  expect(codeBlock('kubectl --all <x>\n\n  indented\n')).toBe(
    '<span class="line">kubectl <span class="token">--all</span> &lt;x&gt;</span><span class="line"><br></span><span class="line">  indented</span>',
  )
})

test('a long token may break anywhere', () => {
  expect(codeBlock(`--${'a'.repeat(60)}`)).toBe(`<span class="line">--${'a'.repeat(60)}</span>`)
})

test.each([
  [
    'Run `sysctl --system` <now>.',
    'Run <code>sysctl <span class="token">--system</span></code> &lt;now&gt;.',
    'Run sysctl --system <now>.',
  ],
  ['`a<b` and `c`', '<code>a&lt;b</code> and <code>c</code>', 'a<b and c'],
  ['one ` alone', 'one &#x60; alone', 'one ` alone'],
])('backquotes of a sentence mark code: %s', (text, markup, plain) => {
  expect([prose(text), plainProse(text)]).toEqual([markup, plain])
})
