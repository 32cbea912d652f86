// A result that has every key that the schema knows, made from the schema itself, so that no text of it can be forgotten when one is
// added. May not: make sense; it is for tests of what a report does with texts, whatever they are.
import { z } from 'zod'
import { type Result, resultSchema } from '../../src/model/result.ts'

type Schema = z.core.JSONSchema.JSONSchema | boolean

/** What stands at a place such as "rules[].findings[].unit.name". `index` counts all texts. */
export type TextAt = (place: string, index: number) => string

/** Elements of every list. */
const length = 2

/** Texts that are more than texts: a report does not take part in a document without them being right. */
const fixed: Readonly<Record<string, string>> = {
  kind: 'kube-assay/result',
  schemaVersion: '1.1',
  evaluatedAt: '2026-11-20T02:01:18Z',
  'score.formula': 'severity-weighted-mean/1',
}

export function wholeResult(text: TextAt): { readonly result: Result; readonly places: readonly string[] } {
  const maker = new Maker(text)
  const made = maker.value(maker.root, '')
  return { result: resultSchema.parse(made), places: [...maker.places].sort() }
}

class Maker {
  readonly root = z.toJSONSchema(resultSchema)
  readonly places = new Set<string>()
  readonly #text: TextAt
  #turn = 0
  #texts = 0

  constructor(text: TextAt) {
    this.#text = text
  }

  value(schema: Schema, place: string): unknown {
    if (typeof schema === 'boolean') throw new Error(`${place} may be anything`)
    if (schema.$ref !== undefined) return this.value(this.#definition(schema.$ref), place)
    if (schema.const !== undefined) return schema.const
    if (schema.enum !== undefined) return schema.enum[this.#turn++ % schema.enum.length]
    const [choice] = schema.anyOf ?? schema.oneOf ?? []
    return choice === undefined ? this.#typed(schema, place) : this.value(choice, place)
  }

  #typed(schema: Exclude<Schema, boolean>, place: string): unknown {
    const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== 'null') : schema.type
    switch (type) {
      case 'string':
        return this.#string(schema, place)
      case 'integer':
      case 'number':
        return 1
      case 'boolean':
        return true
      case 'array': {
        const items = Array.isArray(schema.items) ? schema.items[0] : schema.items
        return Array.from({ length }, () => this.value(items ?? false, `${place}[]`))
      }
      case 'object':
        return this.#object(schema, place)
      default:
        throw new Error(`${place}: ${String(type)} is not known here`)
    }
  }

  /** Where the schema asks for a pattern it is a day's; another one is told when the result is checked. */
  #string({ pattern }: Exclude<Schema, boolean>, place: string): string {
    if (pattern !== undefined) return '2026-11-20'
    this.places.add(place)
    return fixed[place] ?? this.#text(place, this.#texts++)
  }

  #object(
    { properties = {}, propertyNames: names, additionalProperties: rest }: Exclude<Schema, boolean>,
    place: string,
  ) {
    const own = Object.entries(properties).map(([key, schema]) => [
      key,
      this.value(schema, place === '' ? key : `${place}.${key}`),
    ])
    if (typeof rest !== 'object') return Object.fromEntries(own)
    const keys =
      typeof names === 'object' && names.enum !== undefined
        ? names.enum.map(String)
        : [this.#text(`${place}{}`, this.#texts++)]
    return Object.fromEntries([...own, ...keys.map((key) => [key, this.value(rest, `${place}{}`)])])
  }

  #definition(reference: string): Schema {
    const found = this.root.$defs?.[reference.replace('#/$defs/', '')]
    if (found === undefined) throw new Error(`no ${reference}`)
    return found
  }
}
