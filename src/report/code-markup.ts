// Code as markup that wraps without looking changed: values may break after their separators, options never at their
// hyphens, and a line that had to wrap hangs, so that no break looks like one of the text's own.
// May not: let a character of the text through unescaped; what comes out is escaped text between constant tags.
import Handlebars from 'handlebars'
import { codeInProse } from './text.ts'

/** A token this short stays whole on the narrowest page. */
const wholeToken = 48

/** For a value in running text or a table cell. */
export function inlineCode(text: string): string {
  return Handlebars.escapeExpression(text).replaceAll(/(?:[./_:,-]|&#x3D;)(?=[\w&])|[a-z](?=[A-Z])/g, '$&<wbr>')
}

/** For a sentence of a rule: what stands between backquotes is code. */
export function prose(text: string): string {
  return text
    .split(codeInProse)
    .map((part, index) => (index % 2 === 1 ? `<code>${lineMarkup(part)}</code>` : Handlebars.escapeExpression(part)))
    .join('')
}

/** For a block: one element per line. */
export function codeBlock(text: string): string {
  const lines = text.replace(/\n+$/, '').split('\n')
  return lines.map((line) => `<span class="line">${lineMarkup(line)}</span>`).join('')
}

function lineMarkup(line: string): string {
  if (line === '') return '<br>'
  const parts = line.split(/(\s+)/)
  return parts
    .map((part) =>
      part.includes('-') && part.length <= wholeToken
        ? `<span class="token">${Handlebars.escapeExpression(part)}</span>`
        : Handlebars.escapeExpression(part),
    )
    .join('')
}
