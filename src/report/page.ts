// The frame of a document: head, policy, style, body, script. The policy allows this one style, these scripts, nothing else.
// May not: take markup from a view; `body` comes from a template, `style` and `script` from the package.

import type { LanguageCode } from '../model/language.ts'
import { visibleText } from '../util/visible-text.ts'
import { cspHash, escapeHtml } from './assets.ts'

export interface Page {
  readonly title: string
  readonly lang: LanguageCode
  readonly body: string
  readonly style: string
  /** In the head, before anything is shown. Absent on paper. */
  readonly headScript?: string
  /** Absent on paper. */
  readonly script?: string
  readonly bodyClass: string
}

export function assemblePage({ title, lang, body, style, headScript, script, bodyClass }: Page): string {
  const hashes = [headScript, script].flatMap((text) => (text === undefined ? [] : cspHash(text)))
  const policy = [
    "default-src 'none'",
    `style-src ${cspHash(style)}`,
    `script-src ${hashes.length === 0 ? "'none'" : hashes.join(' ')}`,
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return [
    '<!doctype html>',
    `<html lang="${lang}">`,
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeHtml(visibleText(title))}</title>`,
    `<style>${style}</style>`,
    ...(headScript === undefined ? [] : [`<script>${headScript}</script>`]),
    '</head>',
    `<body class="${bodyClass}">`,
    body,
    ...(script === undefined ? [] : [`<script>${script}</script>`]),
    '</body>',
    '</html>',
    '',
  ].join('\n')
}
