// English inside sentences of a language with another script: what a server, a node or a tool said, as it was recorded. Marked, so that
// a screen reader speaks it as English (WCAG 3.1.2) and it is not taken for a translation that was forgotten.
// May not: let a character of the text through unescaped.
import Handlebars from 'handlebars'

/** Three words or more in a row; fewer are names and terms, which stand in every language. */
const english = /[\x21-\x7e]*[A-Za-z]{2}[\x21-\x7e]*(?: [\x21-\x7e]+){2,}/g

/** For reports in Korean and Japanese. */
export function markEnglish(text: string): string {
  let at = 0
  let marked = ''
  for (const { 0: said, index } of text.matchAll(english)) {
    marked += `${Handlebars.escapeExpression(text.slice(at, index))}<span lang="en">${Handlebars.escapeExpression(said)}</span>`
    at = index + said.length
  }
  return marked + Handlebars.escapeExpression(text.slice(at))
}
