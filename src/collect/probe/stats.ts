// Reads the probe's stat lines: mode, owner and size by path, with the owners' names as the host has them.
// May not: take a line that does not parse for a file with mode 0.
import type { FileEvidence } from '../../model/node-evidence.ts'

type Stat = NonNullable<Extract<FileEvidence, { content: string }>['stat']>

export interface NamedStat {
  readonly stat: Stat
  readonly size: number
  /** Left out where the host could not tell. */
  readonly acl?: boolean
}

/** By path below the root. */
export function readStats(body: string, root: string): Map<string, NamedStat> {
  const lines = body.split('\n').map((line) => line.split('\t'))
  const namesOf = (kind: string): Map<string, string> =>
    new Map(lines.flatMap(([key, id = '', name = '']) => (key === kind ? [[id, name] as const] : [])))
  const names = root === '' ? undefined : { users: namesOf('passwd'), groups: namesOf('group') }
  const knowsAcls = lines.some(([key]) => key === 'acl')
  const withAcl = new Set(lines.flatMap(([key, path = '']) => (key === '+' ? [path] : [])))
  const stats = new Map<string, NamedStat>()
  for (const line of lines) {
    const read = readLine(line, root)
    if (!read) continue
    const { path, size, stat } = read
    const named = names === undefined ? stat : rename(stat, names)
    // A tool of the host itself names the path without the root.
    const acl = knowsAcls ? { acl: withAcl.has(root + path) || withAcl.has(path) } : {}
    stats.set(path, { stat: named, size, ...acl })
  }
  return stats
}

function readLine(
  line: readonly string[],
  root: string,
): { readonly path: string; readonly size: number; readonly stat: Stat } | undefined {
  const [mode = '', uid, gid, modified, size, name = '', owner = '', group = ''] = line
  const numbers = [uid, gid, modified, size].map((text) =>
    text === undefined || text === '' ? Number.NaN : Number(text),
  )
  if (!/^[0-7]{1,4}$/.test(mode) || !numbers.every(Number.isSafeInteger)) return undefined
  if (name !== '' && !name.startsWith(root)) return undefined
  const [userId = 0, groupId = 0, modifiedAt = 0, bytes = 0] = numbers
  const stat = {
    mode: mode.padStart(4, '0'),
    uid: userId,
    gid: groupId,
    ...(isName(owner) ? { owner } : {}),
    ...(isName(group) ? { group } : {}),
    modifiedAt,
  }
  return { path: name === '' ? '' : name.slice(root.length), size: bytes, stat }
}

/** Below a root, stat's own names are those of the system that the probe runs in. */
function rename(
  { owner: _owner, group: _group, ...stat }: Stat,
  names: { readonly users: ReadonlyMap<string, string>; readonly groups: ReadonlyMap<string, string> },
): Stat {
  const owner = names.users.get(String(stat.uid)) ?? ''
  const group = names.groups.get(String(stat.gid)) ?? ''
  return { ...stat, ...(isName(owner) ? { owner } : {}), ...(isName(group) ? { group } : {}) }
}

function isName(name: string): boolean {
  return name !== '' && name !== 'UNKNOWN'
}
