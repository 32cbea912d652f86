// What qpdf and poppler say of a PDF, as text that a person can read and compare. Without them the tests that ask are skipped and say
// so; with KUBE_ASSAY_REQUIRE_INTEGRATION=1 they fail.
import { spawnSync } from 'node:child_process'

const needed = [
  ['qpdf', '--version'],
  ['pdfinfo', '-v'],
  ['pdffonts', '-v'],
  ['pdftotext', '-v'],
] as const

/** False where a tool is missing. Throws where all are required. */
export function hasPdfTools(): boolean {
  const missing = needed.filter(([tool, flag]) => spawnSync(tool, [flag]).error !== undefined).map(([tool]) => tool)
  if (missing.length === 0) return true
  const words = `checks of a PDF's text and structure need ${missing.join(', ')} (apt-get install qpdf poppler-utils).`
  if (process.env['KUBE_ASSAY_REQUIRE_INTEGRATION'] === '1') throw new Error(words)
  console.warn(`SKIPPED: ${words}`)
  return false
}

/** The text in the order of its lines, a page after the other; runs of spaces are two, trailing ones are gone. */
export function pdfText(path: string): string {
  const pages = run('pdftotext', ['-layout', '-enc', 'UTF-8', path, '-']).split('\f').slice(0, -1)
  return pages
    .map(
      (page, index) =>
        `── page ${index + 1} ──\n${page
          .replaceAll(/ {2,}/g, '  ')
          .replaceAll(/[ \t]+$|^ +/gm, '')
          .replaceAll(/\n{2,}/g, '\n')
          .trim()}\n`,
    )
    .join('\n')
}

interface Outline {
  readonly title: string
  readonly destpageposfrom1: number
  readonly kids: readonly Outline[]
}

/** Syntax, metadata, tags, fonts and bookmarks. */
export function pdfStructure(path: string): string {
  const info = run('pdfinfo', [path])
    .split('\n')
    .filter((line) =>
      /^(Title|Subject|Keywords|Author|Creator|CreationDate|ModDate|Tagged|JavaScript|Form|Encrypted|Pages|Page size|PDF version):/.test(
        line,
      ),
    )
    .map((line) => line.replace(/: +/, ': '))
  const { qpdf } = JSON.parse(run('qpdf', ['--json=2', '--json-key=qpdf', path]))
  const { outlines, pagelabels } = JSON.parse(
    run('qpdf', ['--json=2', '--json-key=outlines', '--json-key=pagelabels', path]),
  )
  const root = qpdf[1].trailer.value['/Root']
  const catalog = qpdf[1][`obj:${root}`].value
  return [
    '# Syntax, by qpdf --check',
    run('qpdf', ['--check', path]).includes('No syntax or stream encoding errors found') ? 'no error' : 'ERRORS',
    '',
    '# Document, by pdfinfo',
    ...info,
    '',
    '# Catalog, by qpdf',
    `Lang: ${String(catalog['/Lang']).replace(/^u:/, '')}`,
    `MarkInfo: ${JSON.stringify(catalog['/MarkInfo'])}`,
    `ViewerPreferences: ${JSON.stringify(catalog['/ViewerPreferences'])}`,
    `StructTreeRoot: ${catalog['/StructTreeRoot'] === undefined ? 'none' : 'there'}`,
    `Actions: ${['/OpenAction', '/AA', '/AcroForm', '/Names'].filter((key) => catalog[key] !== undefined).join(' ') || 'none'}`,
    `Page labels: ${pagelabels.length === 0 ? 'none, pages are 1, 2, 3 …' : JSON.stringify(pagelabels)}`,
    '',
    '# Tags, by pdfinfo -struct: kinds',
    ...tagKinds(path),
    '',
    '# Fonts, by pdffonts: name, type, embedded, subset, back to text',
    ...pdfFonts(path),
    '',
    '# Bookmarks, by qpdf: page, title',
    ...outlines.flatMap((one: Outline) => outlineLines(one, 0)),
    '',
  ].join('\n')
}

/** "IBMPlexSans-Regular  CID TrueType  yes yes yes", sorted. */
export function pdfFonts(path: string): string[] {
  const lines = run('pdffonts', [path]).split('\n').slice(2, -1)
  const fonts = lines.map((line) => {
    const [, name = line, type = '', flags = ''] =
      /^(?:[A-Z]{6}\+)?(\S+) +(.+?) +\S+ +((?:yes|no) +(?:yes|no) +(?:yes|no)) /.exec(line) ?? []
    return `${name}  ${type.trim()}  ${flags.replaceAll(/ +/g, ' ')}`
  })
  return [...new Set(fonts)].sort()
}

function outlineLines({ title, destpageposfrom1: page, kids }: Outline, depth: number): string[] {
  return [
    `${String(page).padStart(3)}  ${'  '.repeat(depth)}${title}`,
    ...kids.flatMap((kid) => outlineLines(kid, depth + 1)),
  ]
}

/** Standard ones of PDF 1.7 are those that every reader knows; how many there are changes with each text and is left out. */
function tagKinds(path: string): string[] {
  const lines = run('pdfinfo', ['-struct', path]).split('\n')
  const kinds = lines.flatMap((line) => /^\s*([A-Z]\w*)(?: \(|:| <|$)/.exec(line)?.[1] ?? [])
  return [[...new Set(kinds)].sort().join(' ')]
}

function run(tool: string, options: readonly string[]): string {
  const { stdout, error } = spawnSync(tool, options, { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (error !== undefined) throw error
  return stdout
}
