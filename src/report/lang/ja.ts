// Words of reports in Japanese; still those of English.
import { english } from './en.ts'
import type { Words } from './keys.ts'

export const japanese: Words = { locale: 'ja-JP', messages: english.messages, terms: {} }
