// Reads mountinfo: what is mounted where, as the host's first process sees it.
// May not: judge a file system.
import { isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { readFile } from './host.ts'

export interface Mount {
  readonly mountPoint: string
  /** As mountinfo writes it, with octal escapes. */
  readonly rawMountPoint: string
  readonly fileSystem: string
  readonly device: string
  /** Of this mount and of the file system, without repetition. */
  readonly options: readonly string[]
  /** The file this was read from. */
  readonly source: string
}

const sources = ['/proc/1/mountinfo', '/proc/self/mountinfo']

/** In mount order: a later one on the same point hides the earlier. */
export function readMounts(host: HostEvidence): readonly Mount[] | Unavailable {
  const first = readFile(host, sources[0] ?? '')
  if (first !== undefined && !isUnavailable(first)) return parseMounts(first.content, first.path)
  const own = Object.hasOwn(host.files, sources[1] ?? '') ? readFile(host, sources[1] ?? '') : undefined
  if (own !== undefined && !isUnavailable(own)) return parseMounts(own.content, own.path)
  return first ?? unavailable('unsupported', 'The host has no /proc/1/mountinfo.')
}

function parseMounts(content: string, source: string): readonly Mount[] | Unavailable {
  const mounts = content
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => parseMount(line, source))
  return mounts.length > 0 ? mounts : unavailable('malformed', `${source} has no line that describes a mount.`)
}

function parseMount(line: string, source: string): readonly Mount[] {
  const fields = line.split(' ')
  const separator = fields.indexOf('-', 6)
  const [rawMountPoint, options] = [fields[4], fields[5]]
  const [fileSystem, device, superOptions] = separator < 0 ? [] : fields.slice(separator + 1)
  if (rawMountPoint === undefined || options === undefined || fileSystem === undefined || device === undefined)
    return []
  return [
    {
      mountPoint: unescapeOctal(rawMountPoint),
      rawMountPoint,
      fileSystem,
      device: unescapeOctal(device),
      options: [...new Set([...options.split(','), ...(superOptions ?? '').split(',')])].filter(
        (option) => option !== '',
      ),
      source,
    },
  ]
}

/** The kernel writes blank, tab, newline and backslash as \ooo in its tables. */
export function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-3][0-7]{2})/g, (_whole, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  )
}

/** The mount that holds an absolute path. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  let best: Mount | undefined
  for (const mount of mounts) {
    const isHolder = mount.mountPoint === '/' || path === mount.mountPoint || path.startsWith(`${mount.mountPoint}/`)
    if (isHolder && (best === undefined || mount.mountPoint.length >= best.mountPoint.length)) best = mount
  }
  return best
}

/** What is visible at exactly this path. */
export function mountAt(mounts: readonly Mount[], path: string): Mount | undefined {
  return mounts.findLast((mount) => mount.mountPoint === path)
}
