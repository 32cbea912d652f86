// The fonts of a document: of each family only the files that hold a character of its text, and which characters none holds.
// May not: look at the machine's fonts. Families come from packages under the SIL Open Font License.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { LanguageCode } from '../model/language.ts'
import { readCoverage } from './font-coverage.ts'

const { resolve } = createRequire(import.meta.url)

interface Family {
  readonly name: string
  readonly packageName: string
  readonly weights: readonly number[]
}

const sans: Family = { name: 'IBM Plex Sans', packageName: 'ibm-plex-sans', weights: [400, 600] }
const mono: Family = { name: 'IBM Plex Mono', packageName: 'ibm-plex-mono', weights: [400] }
const korean: Family = { name: 'IBM Plex Sans KR', packageName: 'ibm-plex-sans-kr', weights: [400, 600] }
const japanese: Family = { name: 'IBM Plex Sans JP', packageName: 'ibm-plex-sans-jp', weights: [400, 600] }
const chinese: Family = { name: 'Noto Sans SC', packageName: 'noto-sans-sc', weights: [400, 600] }

interface Slice {
  readonly family: Family
  /** As in its file name: "latin", "94". */
  readonly name: string
  readonly declares: readonly (readonly [number, number])[]
}

export interface Fonts {
  /** @font-face rules with the files inside, so that no report asks for one. */
  readonly faces: string
  /** Characters of the text that no family has. */
  readonly uncovered: ReadonlySet<string>
}

/** What style sheets add by themselves: counters, separators, upper case. */
const always = `${Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('')} ·–…`

/**
 * `budget`: bytes of font files beyond Latin; what would pass it is left to the reader's own fonts. For paper there is
 * none: it shows every character with these fonts or by its name.
 */
export function fontsFor(text: string, lang: LanguageCode, budget = Number.POSITIVE_INFINITY): Fonts {
  const own = new Set(text)
  const characters = own.union(new Set(text.toUpperCase())).union(new Set(always))
  const codes = [...characters].map((character) => character.codePointAt(0) ?? 0).sort((a, b) => a - b)
  const families = [sans, ...familiesFor(text, lang)]
  const used = new Map<Slice, number[]>()
  const uncovered = new Set<string>()
  for (const code of codes) {
    const slice = families.map((family) => sliceOf(family, code)).find((found) => found !== undefined)
    if (slice) add(used, slice, code)
    else if (code > 0x20 && own.has(String.fromCodePoint(code))) uncovered.add(String.fromCodePoint(code))
    const monoSlice = sliceOf(mono, code)
    if (monoSlice) add(used, monoSlice, code)
  }
  return { faces: facesOf(used, budget), uncovered }
}

/** The same Chinese character is drawn differently in the three languages: by the report's own, else by the script of the text. */
function familiesFor(text: string, lang: LanguageCode): Family[] {
  if (lang === 'ko') return [korean, japanese, chinese]
  if (lang === 'ja') return [japanese, korean, chinese]
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return [japanese, korean, chinese]
  if (/\p{Script=Hangul}/u.test(text)) return [korean, japanese, chinese]
  return [chinese, japanese, korean]
}

function add(used: Map<Slice, number[]>, slice: Slice, code: number): void {
  const codes = used.get(slice)
  if (codes) codes.push(code)
  else used.set(slice, [code])
}

const slices = new Map<Family, readonly Slice[]>()

function slicesOf(family: Family): readonly Slice[] {
  const known = slices.get(family)
  if (known) return known
  const path = resolve(`@fontsource/${family.packageName}/unicode.json`)
  const ranges: Record<string, string> = JSON.parse(readFileSync(path, 'utf8'))
  const made = Object.entries(ranges).map(([key, range]): Slice => {
    const declares = range.split(',').map((part) => {
      const [from = '', to = from] = part.replace(/^U\+/i, '').split('-')
      return [Number.parseInt(from, 16), Number.parseInt(to, 16)] as const
    })
    return { family, name: key.replaceAll(/[[\]]/g, ''), declares }
  })
  slices.set(family, made)
  return made
}

function sliceOf(family: Family, code: number): Slice | undefined {
  return slicesOf(family).find(
    (slice) => slice.declares.some(([from, to]) => code >= from && code <= to) && coverageOf(slice).has(code),
  )
}

const coverages = new Map<Slice, ReadonlySet<number>>()

function coverageOf(slice: Slice): ReadonlySet<number> {
  const known = coverages.get(slice)
  if (known) return known
  const coverage = readCoverage(readSlice(slice, 400))
  coverages.set(slice, coverage)
  return coverage
}

function readSlice({ family, name }: Slice, weight: number): Buffer {
  const { packageName } = family
  return readFileSync(resolve(`@fontsource/${packageName}/files/${packageName}-${name}-${weight}-normal.woff2`))
}

function facesOf(used: ReadonlyMap<Slice, readonly number[]>, budget: number): string {
  let spent = 0
  return [...used]
    .flatMap(([slice, codes]) => {
      const files = slice.family.weights.map((weight) => ({ weight, file: readSlice(slice, weight) }))
      const size = files.reduce((sum, { file }) => sum + file.length, 0)
      const isLatin = slice.name === 'latin' && (slice.family === sans || slice.family === mono)
      if (!isLatin && spent + size > budget) return []
      if (!isLatin) spent += size
      return files.map(({ weight, file }) => {
        const data = file.toString('base64')
        return `@font-face{font-family:"${slice.family.name}";font-weight:${weight};font-style:normal;font-display:block;src:url(data:font/woff2;base64,${data}) format("woff2");unicode-range:${rangesOf(codes)}}`
      })
    })
    .join('\n')
}

/** Ascending code points as CSS writes ranges: "U+41-5A,U+E9". */
function rangesOf(codes: readonly number[]): string {
  const ranges: [number, number][] = []
  for (const code of codes) {
    const last = ranges.at(-1)
    if (last && last[1] === code - 1) last[1] = code
    else ranges.push([code, code])
  }
  const hex = (code: number) => code.toString(16).toUpperCase()
  return ranges.map(([from, to]) => `U+${hex(from)}${to > from ? `-${hex(to)}` : ''}`).join(',')
}
