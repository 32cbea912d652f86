import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { readCoverage } from '../../../src/report/font-coverage.ts'
import { fontsFor } from '../../../src/report/fonts.ts'

const { resolve } = createRequire(import.meta.url)

/** Family, weight and characters of each face. */
function facesOf(text: string, budget?: number): string[] {
  return [
    ...fontsFor(text, 'en', budget).faces.matchAll(
      /font-family:"([^"]+)";font-weight:(\d+);.*?unicode-range:([^}]+)}/g,
    ),
  ]
    .map(([, family, weight, range]) => `${family} ${weight} ${range}`)
    .filter((face) => !face.includes('U+20-7E'))
}

describe('the fonts of a text', () => {
  test('Latin comes alone where nothing else is needed', () => {
    const { faces, uncovered } = fontsFor('Kubernetes – “quoted” 1,000 × 2', 'en')
    expect([...faces.matchAll(/@font-face/g)].length).toBe(3)
    expect(uncovered).toEqual(new Set())
  })
  test.each([
    ['Greek', 'Ω', ['IBM Plex Sans 400 U+3A9', 'IBM Plex Sans 600 U+3A9']],
    ['Korean', '감사', ['IBM Plex Sans KR 400', 'IBM Plex Sans KR 600']],
    ['Japanese', 'の監査', ['IBM Plex Sans JP 400', 'IBM Plex Sans JP 600']],
    ['Chinese', '审计', ['Noto Sans SC 400', 'Noto Sans SC 600']],
  ])('%s comes in both weights, with only the characters it is for', (_, text, wanted) => {
    const faces = facesOf(text)
    for (const start of wanted) expect(faces.filter((face) => face.startsWith(start)).length).toBeGreaterThan(0)
    expect(new Set(faces.map((face) => face.replace(/ \d00 .*/, '')))).toEqual(
      new Set(wanted.map((face) => face.replace(/ \d00.*/, ''))),
    )
  })
  test.each([
    ['直', 'Noto Sans SC'],
    ['直の', 'IBM Plex Sans JP'],
    ['直接 감사', 'IBM Plex Sans JP'],
  ])('%s: the script of the text tells how 直 is drawn', (text, family) => {
    expect(
      facesOf(text)
        .filter((face) => /U\+[^ ]*76F4/.test(face))
        .map((face) => face.replace(/ \d00 .*/, '')),
    ).toEqual([family, family])
  })
  test.each([
    ['en', 'Noto Sans SC'],
    ['ja', 'IBM Plex Sans JP'],
    // The Korean fonts hold no Chinese characters.
    ['ko', 'IBM Plex Sans JP'],
  ] as const)('of a report in %s, where the text itself does not tell', (lang, family) => {
    expect(fontsFor('直', lang).faces).toContain(`font-family:"${family}"`)
  })
  test('what no family has is told, each character once', () => {
    expect(fontsFor('ok 😀😀 ไทย \u{1F9EA} é 한', 'en').uncovered).toEqual(new Set(['😀', 'ไ', 'ท', 'ย', '\u{1F9EA}']))
  })
  test('a budget leaves Latin and drops what would pass it', () => {
    expect(facesOf('감사', 0)).toEqual([])
    expect([...fontsFor('감사', 'en', 0).faces.matchAll(/@font-face/g)].length).toBe(3)
  })
})

describe('the characters of a font file', () => {
  const read = (file: string) => readFileSync(resolve(`@fontsource/${file}`))
  test('are those of its character map', () => {
    const latin = readCoverage(read('ibm-plex-sans/files/ibm-plex-sans-latin-400-normal.woff2'))
    expect(['A', 'z', 'é', '–', 'Ω', '한'].map((character) => latin.has(character.codePointAt(0) ?? 0))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ])
  })
  test.each(['ibm-plex-sans-kr', 'ibm-plex-sans-jp', 'noto-sans-sc'])('%s has its map where it is sought', (name) => {
    const coverage = readCoverage(read(`${name}/files/${name}-latin-400-normal.woff2`))
    expect(coverage.has(0x41)).toBe(true)
  })
  test.each([
    ['not a font', Buffer.from('hello, this is no font at all, not even a short one, really')],
    ['empty', Buffer.alloc(0)],
  ])('%s is an error', (_, bytes) => {
    expect(() => readCoverage(bytes)).toThrow('not a WOFF2 font')
  })
})
