// JSON whose long lists are written one item at a time.

/** A list that is made while it is written. */
export class Items {
  readonly items: Iterable<unknown>

  constructor(items: Iterable<unknown>) {
    this.items = items
  }
}

/** The document in pieces, a line for each item of a long list, a newline at the end. Keys without a value are left out. */
export function* writeJson(document: unknown): Generator<string> {
  yield* pieces(document)
  yield '\n'
}

function* pieces(value: unknown): Generator<string> {
  if (value instanceof Items) {
    let before = '[\n'
    for (const item of value.items) {
      yield before + JSON.stringify(item)
      before = ',\n'
    }
    yield before === '[\n' ? '[]' : '\n]'
    return
  }
  if (!holdsItems(value)) {
    yield JSON.stringify(value)
    return
  }
  const isList = Array.isArray(value)
  let before = isList ? '[' : '{'
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue
    yield isList ? before : `${before}${JSON.stringify(key)}:`
    yield* pieces(item)
    before = ','
  }
  yield isList ? ']' : '}'
}

function holdsItems(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  return value instanceof Items || Object.values(value).some(holdsItems)
}
