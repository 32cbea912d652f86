import type { DatabaseSync } from 'node:sqlite'

export function addResult(database: DatabaseSync, result: object): boolean
