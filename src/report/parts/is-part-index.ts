// Tells the page that lists the parts of a split report, whatever language it is in, from a file of somebody else's.
// May not: take a page for ours that does not begin as ours do.
import { languages } from '../../model/language.ts'
import { languageOf } from '../lang/language.ts'

export function isPartIndex(html: string): boolean {
  const [, eyebrow = ''] = /<p class="eyebrow">([^<]*)<\/p>/.exec(html) ?? []
  return languages.some((code) => {
    const [before = '', after = ''] = languageOf(code).say('parts.eyebrow', { owner: '\n' }).split('\n')
    return eyebrow.startsWith(before) && eyebrow.endsWith(after) && eyebrow.length > before.length + after.length
  })
}
