// Formats for other tools are in English, whatever language the documents for people are in.
import { languageOf } from '../lang/language.ts'

export const english = languageOf('en')
