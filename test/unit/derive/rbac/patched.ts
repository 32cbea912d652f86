// A role as the API server has it after a printed change.
import { expect } from 'vitest'
import type { RoleObject } from '../../../../src/model/objects.ts'

/** RFC 6902, as far as the patches use it. */
export function patched(role: RoleObject, patch: string): RoleObject {
  const rules: Record<string, unknown>[] = structuredClone([...role.rules])
  for (const { op, path, value } of JSON.parse(patch)) {
    const [, , at = '', field = ''] = path.split('/')
    if (op === 'test') expect(rules[at]?.[field]).toEqual(value)
    else if (op === 'remove') rules.splice(Number(at), 1)
    else if (op === 'replace') rules[at] = value
    else if (path === '/rules/-') rules.push(value)
    else throw new Error(`${op} ${path}`)
  }
  return { ...role, rules: rules as RoleObject['rules'] }
}
