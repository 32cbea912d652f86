// A Korean or Japanese document says of every English text that it is English: a screen reader would read it as nonsense otherwise.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { loadTranslation } from '../../../src/catalog/index.ts'
import { rulesFolder } from '../../../src/cli/paths.ts'
import { type Result, resultSchema } from '../../../src/model/result.ts'
import { renderHtml } from '../../../src/report/html.ts'
import { samplePath } from '../../golden/sample.ts'
import { everythingAccepted } from '../../support/edge-results.ts'
import { acceptedResult, benchmarkResult } from '../../support/format-results.ts'
import { pastResult } from '../../support/past-result.ts'
import { demoResult, ownedResult } from '../../support/sample-results.ts'

/** Names are the same in every language. Each stands here for a reason; a sentence or a label is none. */
const names: readonly RegExp[] = [
  // Publications and their parts, as they are cited.
  /CIS Kubernetes( \S+)?|DISA STIG|Pod Security Standards( baseline| restricted)?|NSA\/CISA Kubernetes Hardening Guidance/g,
  /\b(CIS [\d.]+|STIG V-\d+|Doc\. [\w, ]+)/g,
  /Pod Security/g,
  // What a program says, as a translated text cites it.
  /"[^"]*"|「[^」]*」/g,
  // Distributions, as their own files name them.
  /Ubuntu [\d.]+ LTS|Red Hat Enterprise Linux [\d.]+ \(\w+\)|Debian GNU\/Linux \d+ \(\w+\)/g,
  // A kind of Kubernetes and the name of an object; of several of one kind, the names alone.
  /[\w.-]+\/[\w.:-]+( on [\w.-]+)?/g,
  /\b(Namespace|Deployment|DaemonSet|StatefulSet|StaticPod|ReplicaSet|CronJob|Job|Pod|Node|(Cluster)?Role(Binding)?|ServiceAccount|Group|User) [\w.:@/-]+( on [\w.-]+)?/g,
]
/** Words by which a sentence is known between letters of another script; product terms have none. */
const grammar = /^(the|a|an|is|are|was|were|not|of|for|and|or|to|with|by|from|on|in|no|it|this|that|its|every|all)$/i
const inCode = new Set(['code', 'pre', 'title', 'kbd'])
const empty = new Set(['meta', 'input', 'br', '!doctype'])

describe.each([
  ['ko', /[가-힣]/],
  ['ja', /[\u3040-\u30ff\u4e00-\u9fff]/],
] as const)('%s', async (lang, script) => {
  const translation = await loadTranslation(rulesFolder, lang)
  test.each([
    ['sample', readSample],
    ['demo', demoResult],
    ['past', () => pastResult()],
    ['accepted', acceptedResult],
    ['everything accepted', everythingAccepted],
    ['benchmarks', benchmarkResult],
    ['owned', ownedResult],
  ])('%s: what is English says so', (_, make) => {
    const result = make()
    const html = renderHtml(result, { lang, translation })
    // Whoever accepts a risk writes in a language that nothing tells.
    const reasons = result.waivers?.list.map(({ reason }) => reason) ?? []
    const texts = textsOf(html).map((text) => reasons.reduce((left, reason) => left.replace(reason, '·'), text))
    expect([...new Set(texts.filter((text) => isLeft(text, script)))]).toEqual([])
  })
})

const readSample = (): Result => resultSchema.parse(JSON.parse(readFileSync(samplePath('result.json'), 'utf8')))

/** Two Latin words in a row; beside letters of the report's own script, only where they are a sentence's. */
function isLeft(text: string, script: RegExp): boolean {
  const rest = names.reduce((left, name) => left.replaceAll(name, '·'), text)
  const runs = rest.match(/[A-Za-z][A-Za-z'’-]+(?: [A-Za-z][A-Za-z'’-]*)+/g) ?? []
  return runs.some((run) => !script.test(text) || run.split(' ').some((word) => grammar.test(word)))
}

/** Text nodes below the language of the document that are not code. */
function textsOf(html: string): string[] {
  const body = html.replaceAll(/<(style|script)>[\s\S]*?<\/\1>|<wbr>/g, '')
  const open: { name: string; skips: boolean }[] = []
  const texts: string[] = []
  for (const [, close, name = '', attributes = '', text] of body.matchAll(
    /<(\/?)([!a-zA-Z][\w-]*)((?:[^>"]|"[^"]*")*)>|([^<]+)/g,
  )) {
    if (text !== undefined) {
      if (!open.some(({ skips }) => skips)) texts.push(unescaped(text).trim())
    } else if (close === '/') expect(open.pop()?.name).toBe(name)
    else if (!empty.has(name.toLowerCase())) {
      open.push({ name, skips: inCode.has(name) || attributes.includes(' lang="en"') })
    }
  }
  return texts
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }

function unescaped(text: string): string {
  return text.replaceAll(/&(?:#x([\dA-F]+)|(\w+));/gi, (_, code: string | undefined, name: string) =>
    code === undefined ? (entities[name] ?? '') : String.fromCodePoint(Number.parseInt(code, 16)),
  )
}

test('the check sees an English sentence, and passes names and code', () => {
  expect(
    textsOf('<html lang="ko"><p>Not asked</p><p lang="en">Not asked</p><code>Not asked</code></html>').filter((text) =>
      isLeft(text, /[가-힣]/),
    ),
  ).toEqual(['Not asked'])
  expect(
    ['거부됨: sudo was refused.', '거부됨: Pod Security', 'Deployment shop/cart'].map((text) =>
      isLeft(text, /[가-힣]/),
    ),
  ).toEqual([true, false, false])
})
