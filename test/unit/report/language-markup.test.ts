import { expect, test } from 'vitest'
import { markEnglish } from '../../../src/report/language-markup.ts'

test.each([
  [
    '연결할 수 없음: connect to 10.0.0.26:22 timed out',
    '연결할 수 없음: <span lang="en">connect to 10.0.0.26:22 timed out</span>',
  ],
  ['kubelet: pod limits', 'kubelet: pod limits'.replace(/.*/, '<span lang="en">$&</span>')],
  ['kubelet 설정, API server', 'kubelet 설정, API server'],
  ['10 20 30', '10 20 30'],
  ['<b>가 <a b c d', '&lt;b&gt;가 &lt;a b c d'],
  ['가 <img src=x onerror=y> bad', '가 <span lang="en">&lt;img src&#x3D;x onerror&#x3D;y&gt; bad</span>'],
])('English in another language: %s', (text, marked) => {
  expect(markEnglish(text)).toBe(marked)
})
