// What the simulated API server serves: objects by list path. A provider may generate them lazily (a page is asked for at a
// time) or play back recorded answers. May not: know about HTTP.
import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'

/** The objects of one list path. `slice` may generate them on demand; the same range always gives the same objects. */
export interface ObjectCollection {
  /** Kind of the list, such as PodList. */
  readonly kind: string
  /** Such as v1 or apps/v1. */
  readonly apiVersion: string
  readonly count: number
  slice(start: number, end: number): Iterable<object>
}

export interface ObjectProvider {
  /** Objects under a cluster-wide list path ("/api/v1/pods"). Undefined: the path is not served (404). */
  list(path: string): ObjectCollection | undefined
  /** Body of a path that is no list ("/version"). */
  get?(path: string): object | undefined
}

/** A collection over objects that are already there. */
export function collectionOf(kind: string, apiVersion: string, objects: readonly object[]): ObjectCollection {
  return { kind, apiVersion, count: objects.length, slice: (start, end) => objects.slice(start, end) }
}

/** A provider over a plain table: list paths to collections, other paths to bodies. */
export function tableProvider(
  lists: Readonly<Record<string, ObjectCollection>>,
  bodies: Readonly<Record<string, object>> = {},
): ObjectProvider {
  return {
    list: (path) => (Object.hasOwn(lists, path) ? lists[path] : undefined),
    get: (path) => (Object.hasOwn(bodies, path) ? bodies[path] : undefined),
  }
}

/** Plays back a recording: gzip-compressed JSON lines of `{path, status, body}`, lists and other paths. */
export async function recordedProvider(file: string): Promise<ObjectProvider> {
  const lists: Record<string, ObjectCollection> = {}
  const bodies: Record<string, object> = {}
  for (const line of gunzipSync(await readFile(file))
    .toString('utf8')
    .split('\n')) {
    if (line.trim() === '') continue
    const answer: unknown = JSON.parse(line)
    if (!isObject(answer)) continue
    const { path, body } = answer
    if (typeof path !== 'string' || !isObject(body)) continue
    const { items, kind, apiVersion } = body
    if (Array.isArray(items) && typeof kind === 'string' && typeof apiVersion === 'string') {
      lists[path] = collectionOf(kind, apiVersion, items.filter(isObject))
    } else bodies[path] = body
  }
  return tableProvider(lists, bodies)
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
