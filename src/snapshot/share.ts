// Equal parts of a snapshot held once: thousands of nodes have the same files, thousands of pods the same owner. What is loaded is
// never changed, so that sharing shows nowhere but in the memory it takes.
// May not: alter a value.

/** Longer texts are mostly a node's own; looking for their like would cost more than it saves. */
const maxShared = 65_536

/** Replaces parts that were seen before by the first of their like. One for each snapshot. */
export class Sharing {
  readonly #texts = new Map<string, string>()
  readonly #parts = new Map<string, unknown>()

  /** The value with its lists and objects, `depth` levels down, shared as wholes, and the texts on the way to them. */
  of<T>(value: T, depth: number): T
  of(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.#text(value)
    if (typeof value !== 'object' || value === null) return value
    if (depth === 0) return this.#part(value)
    for (const [key, part] of Object.entries(value)) Reflect.set(value, key, this.of(part, depth - 1))
    return value
  }

  #text(text: string): string {
    if (text.length > maxShared) return text
    const known = this.#texts.get(text)
    if (known === undefined) this.#texts.set(text, text)
    return known ?? text
  }

  #part(part: object): unknown {
    const key = JSON.stringify(part)
    if (key.length > maxShared) return part
    const known = this.#parts.get(key)
    if (known === undefined) this.#parts.set(key, part)
    return known ?? part
  }
}
