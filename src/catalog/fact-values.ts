// Facts as expressions see them: typed objects whose fields throw when nobody observed them, so that the three-valued logic of
// the expression language (true, false, cannot be told) decides, and nothing missing turns into a value.
// May not: give a default for anything.
import { isUnavailable, type UnavailableReason, unavailable } from '../model/fact.ts'
import { type FactName, facts } from '../model/facts.ts'
import type { Unit } from '../model/unit.ts'
import { type FactType, factTypes, type ObjectType, objectTypes, unitType, usualUnits } from './fact-types.ts'
import { visibleText } from './quote.ts'

/** A fact, or a part of one, that an expression asked for and nobody observed. */
export interface MissingFact {
  /** Such as "kernelParameters.required[vm.panic_on_oom].running". */
  readonly fact: string
  readonly reason: UnavailableReason
  readonly detail: string
}

/**
 * Thrown by the fields of a missing fact. The engine lets it pass, and `||`, `&&`, all() and exists() absorb it where the rest decides.
 * What was missing is in `takeMissing`: there is one error for all, because making one for each costs more than the evaluation.
 */
export class UnavailableFactError extends Error {
  override readonly name = 'UnavailableFactError'
}
const unavailableFact = new UnavailableFactError('a fact is unavailable')

/** Missing facts read since the last `takeMissing`, also those that the logic absorbed. Evaluation is synchronous, so one list does. */
let touched: MissingFact[] = []

/** Hands over the missing facts that were read since the last call, each once. */
export function takeMissing(): MissingFact[] {
  if (touched.length === 0) return []
  const taken = touched
  touched = []
  return distinctMissing(taken)
}

export function distinctMissing(all: readonly MissingFact[]): MissingFact[] {
  if (all.length < 2) return [...all]
  return [...new Map(all.map((one) => [`${one.fact}\n${one.reason}\n${one.detail}`, one])).values()]
}

/**
 * What an expression sees of a raw value. A field is converted when it is first read, because a rule reads few of them, and is kept,
 * because many rules read the same ones.
 */
class FactObject {
  readonly #raw: object
  readonly #path: string
  readonly #missing: MissingFact | undefined
  #converted: Map<string, unknown> | undefined
  constructor(raw: object, path: string, missing?: MissingFact) {
    this.#raw = raw
    this.#path = path
    this.#missing = missing
  }
  static read(object: FactObject, field: string, type: FactType): unknown {
    if (object.#missing !== undefined) {
      touched.push(object.#missing)
      throw unavailableFact
    }
    const known = object.#converted?.get(field)
    if (known !== undefined) return known
    const raw: unknown = Reflect.get(object.#raw, field)
    if (raw === undefined) return undefined
    const value = convert(raw, type, object.#path, field)
    if (value === raw) return value
    object.#converted ??= new Map()
    object.#converted.set(field, value)
    return value
  }
}
export type FactObjectClass = typeof FactObject

function classOf(type: ObjectType): FactObjectClass {
  const made = class extends FactObject {}
  for (const [field, { type: fieldType }] of type.fields) {
    Object.defineProperty(made.prototype, field, {
      get(this: FactObject) {
        return FactObject.read(this, field, fieldType)
      },
    })
  }
  return made
}

/** One class per object type; the engine recognises a value's type by it. */
export const factClasses: ReadonlyMap<ObjectType, FactObjectClass> = new Map(
  [...objectTypes.values()].map((type) => [type, classOf(type)]),
)

/** The object type of one rule's `params`, with its class and a maker of values. */
export interface ParametersType {
  readonly type: ObjectType
  readonly ctor: FactObjectClass
  readonly make: (values: ReadonlyMap<string, unknown>) => unknown
}

/** Makes the type known to the checks of expressions. */
export function declareParameters(type: ObjectType): ParametersType {
  objectTypes.set(type.name, type)
  const ctor = classOf(type)
  return { type, ctor, make: (values) => new ctor(Object.fromEntries(values), type.name) }
}

function objectOf(value: unknown, type: ObjectType, path: string): FactObject {
  const made = factClasses.get(type)
  if (made === undefined) throw new Error(`No class was made for the type ${type.name}.`)
  if (isUnavailable(value)) return new made(value, path, { fact: path, ...value.unavailable })
  if (typeof value !== 'object' || value === null) throw new TypeError(`${path} is not an object.`)
  return new made(value, path)
}

function convert(value: unknown, type: FactType, path: string, field: string): unknown {
  switch (type.kind) {
    case 'string':
    case 'bool':
    case 'double':
      return value
    case 'int':
      return typeof value === 'number' ? BigInt(value) : value
    case 'object':
      return objectOf(value, type, `${path}.${field}`)
    case 'map': {
      if (typeof value !== 'object' || value === null) throw new TypeError(`${path}.${field} is not a map.`)
      const entries = Object.entries(value)
      return new Map(entries.map(([key, entry]) => [key, convert(entry, type.value, path, field)]))
    }
    case 'list': {
      if (!Array.isArray(value)) throw new TypeError(`${path}.${field} is not a list.`)
      const { element } = type
      if (element.kind !== 'object') return value.map((entry: unknown) => convert(entry, element, path, field))
      return value.map((entry: unknown, index) => objectOf(entry, element, `${path}.${field}[${label(entry, index)}]`))
    }
  }
}

function label(entry: unknown, index: number): string {
  const name: unknown = typeof entry === 'object' && entry !== null && 'name' in entry ? entry.name : undefined
  return typeof name === 'string' && name !== '' ? visibleText(name, 60) : String(index)
}

/** The cluster's facts are converted once, not once for each of its thousands of units. */
const clusters = new WeakMap<Unit, Map<FactName, FactObject>>()

function convertedOf(cluster: Unit): Map<FactName, FactObject> {
  const known = clusters.get(cluster) ?? new Map<FactName, FactObject>()
  clusters.set(cluster, known)
  return known
}

/** What the expressions of a rule are run against: one unit's facts, converted when first read, and the current `item`. */
export class UnitContext {
  readonly unit: FactObject
  /** Element of the list that a `forEach` walks; set by whoever walks it. */
  item: unknown
  /** Parameters of the rule that is judged; set by whoever judges. */
  params: unknown
  readonly #own: Unit
  readonly #cluster: Unit
  readonly #converted = new Map<FactName, FactObject>()
  readonly #ofCluster: Map<FactName, FactObject>
  constructor(unit: Unit, cluster: Unit) {
    this.#own = unit
    this.#cluster = cluster
    this.#ofCluster = convertedOf(cluster)
    this.unit = objectOf({ ...usualUnits, ...unit.identity }, unitType, 'unit')
  }

  /** The fact as an object; its fields throw when the fact is missing. */
  fact(name: FactName): FactObject {
    const converted = facts[name].each === 'cluster' ? this.#ofCluster : this.#converted
    const known = converted.get(name)
    if (known !== undefined) return known
    const type = factTypes.get(name)
    if (type === undefined) throw new Error(`No type was made for the fact ${name}.`)
    const made = objectOf(this.#raw(name), type, name)
    converted.set(name, made)
    return made
  }

  /** The facts among `names` of which nothing at all is known. */
  missing(names: readonly FactName[]): MissingFact[] {
    return names.flatMap((name) => {
      const raw = this.#raw(name)
      return isUnavailable(raw) ? [{ fact: name, ...raw.unavailable }] : []
    })
  }

  #raw(name: FactName): unknown {
    const holder = facts[name].each === 'cluster' ? this.#cluster : this.#own
    return holder.facts[name] ?? unavailable('not-collected', `Nothing was derived for ${name}.`)
  }
}
for (const name of factTypes.keys()) {
  Object.defineProperty(UnitContext.prototype, name, {
    get(this: UnitContext) {
      return this.fact(name)
    },
  })
}
