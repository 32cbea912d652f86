// What ships with the package and goes into every report: templates, style sheets, the filter script.
// May not: read anything that a result names; all paths here are constants.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import Handlebars from 'handlebars'
import { codeBlock, inlineCode, prose } from './code-markup.ts'
import type { Language } from './lang/language.ts'

/** `templates` lies beside `src` and beside `dist`. */
const folder = new URL('../../templates/', import.meta.url)

export type TemplateName = 'screen' | 'paper' | 'parts'
export type AssetName = 'report.css' | 'screen.css' | 'print.css' | 'report.js' | 'theme.js'

export function readAsset(name: AssetName): string {
  return readFileSync(new URL(name, folder), 'utf8')
}

/** Fills a template. Every value is escaped; a name the view does not have is an error, not an empty place. */
export function fillTemplate(name: TemplateName, view: unknown, lang: Language): string {
  const engine = Handlebars.create()
  // Attribute values that a script reads back. Formatting only: no helper computes a word or a number.
  engine.registerHelper('json', (value: unknown) => JSON.stringify(value))
  engine.registerHelper('inline-code', (text: unknown) => new Handlebars.SafeString(inlineCode(String(text))))
  engine.registerHelper('code-block', (text: unknown) => new Handlebars.SafeString(codeBlock(String(text))))
  engine.registerHelper('prose', (text: unknown) => new Handlebars.SafeString(prose(String(text))))
  // `{{say "key" name=value}}`: a message of the report's language. What it gives is escaped as any value is.
  engine.registerHelper('say', (key: string, { hash }: Handlebars.HelperOptions) => lang.sayAny(key, hash))
  // Attributes for text that is not in the report's language: of a rule that is not translated, or as it was recorded.
  engine.registerHelper('lang-of', (code?: string) => langAttribute(code ?? ''))
  engine.registerHelper('as-recorded', () => langAttribute(lang.code === 'en' ? '' : 'en'))
  const knownHelpers = {
    say: true,
    'lang-of': true,
    'as-recorded': true,
    json: true,
    'inline-code': true,
    'code-block': true,
    prose: true,
  }
  const options = { strict: true, knownHelpersOnly: true, knownHelpers, preventIndent: true }
  for (const file of readdirSync(new URL('partials/', folder)).filter((entry) => entry.endsWith('.hbs'))) {
    const text = readFileSync(new URL(`partials/${file}`, folder), 'utf8').trimEnd()
    engine.registerPartial(file.slice(0, -'.hbs'.length), engine.compile(text, options))
  }
  const text = readFileSync(new URL(`${name}.hbs`, folder), 'utf8')
  return engine.compile(text, options)(view)
}

function langAttribute(code: string): Handlebars.SafeString {
  return new Handlebars.SafeString(code === '' ? '' : ` lang="${escapeHtml(code)}"`)
}

export function escapeHtml(text: string): string {
  return Handlebars.escapeExpression(text)
}

/** A source expression of a Content-Security-Policy that allows exactly this inline text. */
export function cspHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
