// Words of reports in Korean; still those of English.
import { english } from './en.ts'
import type { Words } from './keys.ts'

export const korean: Words = { locale: 'ko-KR', messages: english.messages, terms: {} }
