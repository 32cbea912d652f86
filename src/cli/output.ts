// Where files go, and how: private, whole or not at all.
import { randomUUID } from 'node:crypto'
import { access, chmod, constants, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { removeAtExit } from '../util/remove-at-exit.ts'

/** reports/<cluster>/<UTC time>: sorts by time and has no character that a file system or a shell minds. */
export function defaultFolder(clusterName: string, now: Date): string {
  const time = now
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-')
  return join('reports', slug(clusterName), time)
}

/** Lower-case letters, digits, dot and dash of a name; "cluster" when nothing is left. */
export function slug(name: string): string {
  const safe = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
  return safe === '' ? 'cluster' : safe.slice(0, 100)
}

/** Creates the folder (0700 when new) and checks that it can be written. Rejects with the file system's error and path. */
export async function prepareFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await access(folder, constants.W_OK)
}

/** What a file holds: text, in pieces where it is large, or bytes. */
export type FileContent = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<Uint8Array>

/** Writes a file under a temporary name and renames it; mode 0600 unless given. */
export async function writeWhole(path: string, content: FileContent, mode = 0o600): Promise<void> {
  const partial = join(dirname(path), `.${randomUUID()}.partial`)
  const forget = removeAtExit(partial)
  try {
    await writeFile(partial, bytesOf(content), { mode: 0o600, flag: 'wx' })
    if (mode !== 0o600) await chmod(partial, mode)
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  } finally {
    forget()
  }
}

const blockLength = 65_536

/** The bytes of any content, piece by piece. */
export function bytesOf(content: FileContent): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (typeof content === 'string') return [Buffer.from(content)]
  if (content instanceof Uint8Array) return [content]
  return Symbol.asyncIterator in content ? content : inBlocks(content)
}

/** Fewer and larger writes of many small pieces. */
function* inBlocks(pieces: Iterable<string | Uint8Array>): Generator<Uint8Array> {
  let block = ''
  for (const piece of pieces) {
    if (typeof piece !== 'string') {
      if (block !== '') yield Buffer.from(block)
      block = ''
      yield piece
      continue
    }
    block += piece
    if (block.length < blockLength) continue
    yield Buffer.from(block)
    block = ''
  }
  if (block !== '') yield Buffer.from(block)
}
