import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readAsset } from '../../../src/report/assets.ts'
import { renderHtml } from '../../../src/report/html.ts'
import { bigResult, demoResult, hostile, hostileResult } from '../../support/sample-results.ts'

const documents = {
  demo: renderHtml(demoResult(), { classification: 'Confidential' }),
  hostile: renderHtml(hostileResult(), { classification: hostile.script }),
}
const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
function between(html: string, start: string, end: string): string {
  const from = html.indexOf(start) + start.length
  return html.slice(from, html.indexOf(end, from))
}
/** Tags with their attributes, as a parser sees them outside style and script. */
function tags(html: string): { name: string; attributes: Map<string, string> }[] {
  const body = html.replace(/<style>[\s\S]*?<\/style>/, '').replaceAll(/<script>[\s\S]*?<\/script>/g, '')
  return [...body.matchAll(/<([a-zA-Z][\w-]*)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*>/g)].map(
    ([, name = '', attributes = '']) => ({
      name,
      attributes: new Map(
        [...attributes.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].map(([, key = '', value = '']) => [key, value]),
      ),
    }),
  )
}

describe.each(Object.entries(documents))('the %s document', (_, html) => {
  test('allows its own style and scripts by hash, fonts from data, and nothing else', () => {
    const style = between(html, '<style>', '</style>')
    const scripts = [...html.matchAll(/<script>(.*?)<\/script>/gs)].map(([, script = '']) => hash(script))
    const policy = between(html, 'http-equiv="Content-Security-Policy" content="', '"')
    expect(policy).toBe(
      `default-src 'none'; style-src ${hash(style)}; script-src ${scripts.join(' ')}; font-src data:; base-uri 'none'; form-action 'none'`,
    )
  })
  test('has one style, two scripts, and no element that loads', () => {
    const names = tags(html).map((tag) => tag.name)
    const loading = new Set([
      'img',
      'iframe',
      'object',
      'embed',
      'link',
      'base',
      'audio',
      'video',
      'source',
      'image',
      'script',
      'style',
    ])
    expect(names.filter((name) => loading.has(name))).toEqual([])
    expect([html.split('<style').length, html.split('<script').length]).toEqual([2, 3])
    const style = between(html, '<style>', '</style>')
    expect([...style.matchAll(/url\((?!data:font\/woff2;base64,)/g)]).toEqual([])
    expect(style).not.toContain('@import')
    const filled = tags(html).flatMap(({ attributes }) => attributes.get('fill') ?? [])
    expect(filled).toEqual([])
  })
  test('has no inline handler or style, and links only inside or to http', () => {
    for (const { attributes } of tags(html)) {
      expect(
        [...attributes.keys()].filter((name) => name.startsWith('on') || name === 'style' || name === 'src'),
      ).toEqual([])
      const href = attributes.get('href')
      if (href !== undefined) expect(href).toMatch(/^(#|https?:\/\/)/)
    }
  })
  test('has unique ids, and every link inside leads somewhere', () => {
    const all = tags(html)
    const ids = all.flatMap(({ attributes }) => attributes.get('id') ?? [])
    expect(ids).toEqual([...new Set(ids)])
    const targets = all.flatMap(({ attributes }) => attributes.get('href') ?? []).filter((href) => href.startsWith('#'))
    expect(targets.filter((href) => !ids.includes(href.slice(1)))).toEqual([])
  })
  test('names landmarks, language and headings in order', () => {
    expect(html).toContain('<html lang="en">')
    const names = tags(html).map((tag) => tag.name)
    for (const name of ['header', 'nav', 'main', 'footer', 'h1', 'form'])
      expect(names.filter((other) => other === name).length).toBe(1)
    const levels = names.flatMap((name) => (/^h[1-6]$/.test(name) ? [Number(name[1])] : []))
    // A finding's heading (4) may follow its section's (2) where no severity stands between.
    const jumps = levels.filter((level, index) => level - (levels[index - 1] ?? 0) > (level === 4 ? 2 : 1))
    expect(jumps).toEqual([])
  })
  test('has no place left empty or unfilled', () => {
    expect(html.replace(/<style>[\s\S]*?<\/style>|<script>[\s\S]*?<\/script>/g, '')).not.toMatch(
      /\[object Object\]|undefined|NaN/,
    )
  })
})

describe('hostile text', () => {
  const html = documents.hostile
  test.each([
    ['script', hostile.script, '&lt;script&gt;document.title&#x3D;&quot;owned&quot;&lt;/script&gt;'],
    ['attribute', hostile.attribute, '&quot;&#x27; onmouseover&#x3D;alert(1) x&#x3D;&quot;'],
    ['bidi override', hostile.bidi, 'safe[U+202E]gnp.exe'],
    ['terminal escapes', hostile.ansi, '[U+001B][31mred[U+001B][0m[U+0007]'],
    ['template', hostile.template, '{{constructor.constructor(&quot;return process&quot;)()}} {{{raw}}} ${1}'],
    ['style', hostile.style, '&lt;/style&gt;&lt;style&gt;*{display:none}&lt;/style&gt;'],
    ['surrogate', hostile.surrogate, 'half [U+D800] pair'],
  ])('%s is shown as text', (_, raw, shown) => {
    expect(html).toContain(shown)
    expect(html).not.toContain(raw)
  })
  test('a word of 64 KiB is cut with a note', () => {
    expect(html).toMatch(/(?<!A)A{1000}(?!A)[^<]*\[cut here: /)
    expect(html).not.toContain('A'.repeat(1001))
  })
  test('5,000 lines are cut with a note', () => {
    expect(html).toContain('line 199 … [cut here: ')
    expect(html).not.toContain('line 200')
  })
})

test('5,000 nodes stay a document that opens', () => {
  expect(renderHtml(bigResult()).length).toBeLessThan(1_500_000)
})

describe('every text is at least 4.5:1 on its ground', () => {
  const light = colors(readAsset('report.css'))
  const dark = { ...light, ...colors(readAsset('screen.css')) }
  const names = ['ink', 'muted', 'critical', 'high', 'medium', 'low', 'info', 'pass', 'unknown']
  const cases = [['light', light] as const, ['dark', dark] as const].flatMap(([theme, map]) =>
    names.flatMap((name) =>
      ['ground', 'tint'].map((ground) => [theme, name, ground, contrast(map[name], map[ground])] as const),
    ),
  )
  test.each(cases)('%s: %s on %s', (_theme, _name, _ground, ratio) => expect(ratio).toBeGreaterThanOrEqual(4.5))
})

function colors(css: string): Record<string, string> {
  return Object.fromEntries(
    [...css.matchAll(/--([a-z]+): (#[0-9a-f]{3,6});/g)].map(([, name = '', value = '']) => [name, value]),
  )
}

function contrast(a = '', b = ''): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(color: string): number {
  const hex = color.length === 4 ? color.replace(/[0-9a-f]/g, '$&$&') : color
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
