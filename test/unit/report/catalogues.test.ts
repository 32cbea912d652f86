// The catalogues of words: none is missing or idle, and every language fills in the same values.
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { english } from '../../../src/report/lang/en.ts'
import { japanese } from '../../../src/report/lang/ja.ts'
import { korean } from '../../../src/report/lang/ko.ts'
import type { Message } from '../../../src/report/lang/message.ts'

const root = join(import.meta.dirname, '../../..')
const source = new Map<string, Message>(Object.entries(english.messages))
const textsOf = (message: Message) => (typeof message === 'string' ? [message] : Object.values(message))
const escaped = (text: string) => text.replaceAll(/[.\\^$*+?()[\]{}|]/g, '\\$&')
const namesIn = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))].sort()

describe.each([
  ['ko', korean, /\p{Script=Hangul}/u],
  ['ja', japanese, /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u],
] as const)('%s', (_, { messages, terms, locale }, script) => {
  const own = new Map<string, Message>(Object.entries(messages))

  test('has the messages of English and no other', () => {
    expect([...own.keys()].sort()).toEqual([...source.keys()].sort())
  })

  test('fills in the same values', () => {
    const other = [...own].filter(([key, message]) => {
      const wanted = namesIn(textsOf(source.get(key) ?? '').join(' ')).join()
      return textsOf(message).some((text) => namesIn(text).join() !== wanted)
    })
    expect(other).toEqual([])
  })

  test('has a form for every number that the language tells apart', () => {
    const forms = new Intl.PluralRules(locale).resolvedOptions().pluralCategories
    const short = [...own].filter(
      ([, message]) => typeof message !== 'string' && forms.some((form) => !(form in message)),
    )
    expect(short).toEqual([])
  })

  test('says nothing in English but names, units and patterns', () => {
    const isNeutral = (text: string) =>
      !/[A-Za-z]{3,}/.test(text.replaceAll(/\{\w+\}|UTC|KiB|TLS|sudo|uid|ms|sha256/g, ''))
    const left = [...own].filter(([, message]) =>
      textsOf(message).some((text) => !script.test(text) && !isNeutral(text)),
    )
    // The name of an API object stays as Japanese operators write it.
    expect(
      left.filter(([, message]) => !textsOf(message).every((text) => /^Namespace( \{name\})?$/.test(text))),
    ).toEqual([])
  })

  test('has no term that is empty', () => {
    expect(Object.entries(terms).filter(([label, term]) => label.trim() === '' || term.trim() === '')).toEqual([])
  })
})

describe('each message of English', () => {
  let used: readonly RegExp[] = []
  let templates = ''
  beforeAll(async () => {
    const code = await readAll('src/**/*.ts', (file) => !/lang[\\/](en|ko|ja)\.ts$/.test(file))
    templates = await readAll('templates/**/*.hbs')
    const literals = [...code.matchAll(/'([\w.-]+)'|`([\w.-]*(?:\$\{[^}]+\}[\w.-]*)+)`/g)]
    const inTemplates = [...templates.matchAll(/say "([\w.-]+)"/g)].map(([, key = '']) => key)
    used = [...new Set([...literals.map(([, plain = '', pattern = '']) => plain || pattern), ...inTemplates])].map(
      (text) =>
        new RegExp(
          `^${text
            .split(/\$\{[^}]+\}/)
            .map(escaped)
            .join('[\\w-]+')}$`,
        ),
    )
  })

  test('is said somewhere', () => {
    const plain = new Set(used.map(({ source: text }) => text))
    const patterns = used.filter(({ source: text }) => text.includes('[\\w-]+'))
    const isSaid = (key: string) => plain.has(`^${escaped(key)}$`) || patterns.some((pattern) => pattern.test(key))
    expect([...source.keys()].filter((key) => !isSaid(key))).toEqual([])
  })

  test('that a template says exists, and gets the values it names', () => {
    const calls = [...templates.matchAll(/say "([\w.-]+)"((?: \w+=[\w./"]+)*)/g)].map(([, key = '', values = '']) => ({
      key,
      given: [...values.matchAll(/(\w+)=/g)].map(([, name]) => name).sort(),
    }))
    expect(calls.length).toBeGreaterThan(100)
    const wrong = calls.filter(({ key, given }) => {
      const message = source.get(key)
      return message === undefined || namesIn(textsOf(message).join(' ')).join() !== given.join()
    })
    expect(wrong).toEqual([])
  })
})

async function readAll(pattern: string, isWanted: (file: string) => boolean = () => true): Promise<string> {
  const files = (await Array.fromAsync(glob(pattern, { cwd: root }))).filter(isWanted)
  return (await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')))).join('\n')
}
