// Keeps what a node told of one thing. May not: choose between two answers.
import { isDeepStrictEqual } from 'node:util'
import { type Unavailable, unavailable } from '../../model/fact.ts'

/** Two different answers about one thing are none: one of them was not the probe's, or the thing changed in between. */
export function keep<T>(map: Map<string, T | Unavailable>, key: string, evidence: T | Unavailable): void {
  const known = map.get(key)
  const isSame = known === undefined || isDeepStrictEqual(known, evidence)
  map.set(key, isSame ? evidence : twice)
}

const twice = unavailable('malformed', 'The node gave two different answers about this.')
