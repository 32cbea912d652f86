// Takes a list page apart without building it whole: items are parsed one by one from the bytes, as an API server lays them out.
// V8 puts what it parses from a long text into the old generation, where 500 pods at a time cost more to collect than to
// parse; parsed alone, an item dies young. bench/list.ts measures it. May not: give an item that is not exactly one of the list.

/** What stands around the items. */
export type Envelope = Readonly<Record<string, unknown>>

const opening = Buffer.from('"items":[')
const boundary = Buffer.from('},{"metadata":{"name":')
/** Boundaries that turn out to lie inside an item (volume claim templates) before the rest is parsed in one. */
const maxMisses = 8

/**
 * Gives the fields around `items` to `accept` and, if that agrees, each item to `onItem`; resolves to the envelope.
 * Undefined: the bytes are not a JSON object. Items before the place that does not parse have been given by then.
 */
export function readPage(
  bytes: Buffer,
  accept: (envelope: Envelope) => boolean,
  onItem: (item: unknown) => void,
): Envelope | undefined {
  const start = bytes.indexOf(opening)
  // Everything up to the items is an object only if the array found is the list's own.
  const head = start < 0 ? undefined : parseObject(`${bytes.toString('utf8', 0, start)}"items":[]}`)
  if (head === undefined || typeof head['kind'] !== 'string') return readWhole(bytes, accept, onItem)
  if (!accept(head)) return head
  const rest = readItems(bytes, start + opening.length, onItem)
  const tail = parseObject(`{"items":[${bytes.toString('utf8', rest)}`)
  if (tail === undefined || !Array.isArray(tail['items'])) return undefined
  tail['items'].forEach(onItem)
  return { ...head, ...tail }
}

/**
 * Gives the items that end at a boundary, returns where the rest begins. A text that starts where an item starts and parses
 * is that item: no shorter or longer text from there is one JSON object.
 */
function readItems(bytes: Buffer, start: number, onItem: (item: unknown) => void): number {
  let from = start
  let misses = 0
  for (let at = bytes.indexOf(boundary, from); at >= 0 && misses < maxMisses; at = bytes.indexOf(boundary, at + 1)) {
    const item = parseObject(bytes.toString('utf8', from, at + 1))
    if (item === undefined) {
      misses += 1
      continue
    }
    onItem(item)
    from = at + 2
    misses = 0
  }
  return from
}

function readWhole(
  bytes: Buffer,
  accept: (envelope: Envelope) => boolean,
  onItem: (item: unknown) => void,
): Envelope | undefined {
  const page = parseObject(bytes.toString('utf8'))
  if (page === undefined || !accept(page)) return page
  if (Array.isArray(page['items'])) page['items'].forEach(onItem)
  return page
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    // The parser's message quotes the text; callers say what was asked instead.
    return undefined
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
