// What is in a folder, without following a link or opening anything but regular files.
// May not: take a name for text; names are bytes, and what is no UTF-8 is shown as hex.
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, readdir } from 'node:fs/promises'
import { visibleText } from '../util/visible-text.ts'

export interface FoundFile {
  /** Path below the folder; of what is no UTF-8, bytes are shown as \xNN. */
  readonly name: string
  readonly path: Buffer
  readonly kind: 'file' | 'link' | 'special'
}

const slash = Buffer.from('/')
/** Deeper folders than a run has; a bound for what somebody else built. */
const maxDepth = 32

/** Everything below the folder but folders themselves. Rejects with the file system's error. */
export async function* listFolder(folder: string): AsyncGenerator<FoundFile> {
  yield* walk(Buffer.from(folder), '', 0)
}

async function* walk(folder: Buffer, prefix: string, depth: number): AsyncGenerator<FoundFile> {
  const entries = await readdir(folder, { withFileTypes: true, encoding: 'buffer' })
  for (const entry of entries.toSorted((a, b) => Buffer.compare(a.name, b.name))) {
    const path = Buffer.concat([folder, slash, entry.name])
    const name = `${prefix}${nameOf(entry.name)}`
    if (entry.isDirectory() && depth < maxDepth) yield* walk(path, `${name}/`, depth + 1)
    else yield { name, path, kind: entry.isFile() ? 'file' : entry.isSymbolicLink() ? 'link' : 'special' }
  }
}

function nameOf(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (Buffer.from(text).equals(bytes)) return text
  return bytes
    .toString('latin1')
    .replaceAll(/[^ -~]/g, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** A name as it is shown. */
export function shownName(name: string): string {
  return visibleText(name).replaceAll('\n', '[U+000A]').replaceAll('\t', '[U+0009]')
}

/** A regular file that is no link, opened for reading; undefined for anything else, which is never waited for. */
export async function openRegular(path: Buffer | string): Promise<FileHandle | undefined> {
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
  const file = await open(path, flags)
  if ((await file.stat()).isFile()) return file
  await file.close()
  return undefined
}

interface Digest {
  readonly size: number
  readonly sha256: string
}

/** Size and digest of what can be read from it. */
export async function digestOf(bytes: AsyncIterable<Uint8Array>): Promise<Digest> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of bytes) {
    hash.update(chunk)
    size += chunk.length
  }
  return { size, sha256: hash.digest('hex') }
}
