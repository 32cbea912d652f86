// A folder of a run, as such or as an archive in one file.
// May not: know what is in it, or leave half of one behind.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { type Bytes, tarEnd, tarEntry } from '../integrity/index.ts'
import { removeAtExit } from '../util/remove-at-exit.ts'
import { bytesOf, type FileContent } from './output.ts'

export interface FolderEntry {
  /** Below the folder. */
  readonly path: string
  readonly content: FileContent
  /** Whether it is meant to be run. */
  readonly isScript: boolean
}

export interface OpenFolder {
  readonly add: (entry: FolderEntry) => Promise<void>
  readonly close: () => Promise<void>
}

/** Made beside its place and then put there, so that no file of an earlier one stays in it. `through`: what each file's bytes pass. */
export async function openPlainFolder(
  folder: string,
  entries: Iterable<FolderEntry>,
  makeWay: () => Promise<void>,
  through: (path: string, bytes: Bytes) => AsyncIterable<Uint8Array>,
): Promise<void> {
  const partial = `${folder}.${randomUUID()}.partial`
  const forget = removeAtExit(partial)
  try {
    for (const { path, content, isScript } of entries) {
      const file = join(partial, path)
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      await writeFile(file, through(path, bytesOf(content)), { mode: isScript ? 0o700 : 0o600, flag: 'wx' })
    }
    await makeWay()
    await rename(partial, folder)
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  } finally {
    forget()
  }
}

/** A tar archive that is written while entries come; one of them at a time is in memory. `write` puts its bytes somewhere. */
export function openArchive(write: (bytes: AsyncIterable<Uint8Array>) => Promise<unknown>): OpenFolder {
  const tar = new PassThrough()
  // Its errors are those of `write`, which everybody here waits for.
  tar.on('error', () => undefined)
  const written = write(tar).finally(() => tar.destroy())
  written.catch(() => undefined)
  const time = Date.now() / 1000
  return {
    async add({ path, content, isScript }) {
      const chunks = await Array.fromAsync(bytesOf(content))
      const entry = { name: path, content: Buffer.concat(chunks), mode: isScript ? 0o700 : 0o600, time }
      if (tar.destroyed) await written
      if (!tar.write(tarEntry(entry))) await untilDrained(tar, written)
    },
    async close() {
      tar.end(tarEnd)
      await written
    },
  }
}

/** Or until the writing failed, and then with its error. */
async function untilDrained(tar: PassThrough, written: Promise<unknown>): Promise<void> {
  const decided = new AbortController()
  try {
    await Promise.race([once(tar, 'drain', { signal: decided.signal }), written])
  } finally {
    decided.abort()
  }
}
