// The languages that reports for people can be in. May not: hold a word of them; src/report/lang has those.
import { z } from 'zod'

export const languages = ['en', 'ko', 'ja'] as const
export const languageSchema = z.enum(languages)
export type LanguageCode = z.infer<typeof languageSchema>
