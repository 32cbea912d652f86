// Every file that a run writes passes here, so that the manifest knows its size and digest from the bytes that were meant, not
// from what lies on the disk later.
// May not: know what is in a file.
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import type { ManifestFile } from '../model/manifest.ts'
import { removeAtExit } from '../util/remove-at-exit.ts'
import { bytesOf, type FileContent, writeWhole } from './output.ts'

export interface FolderEntry {
  /** Below the folder. */
  readonly path: string
  readonly content: string
  /** Whether it is meant to be run. */
  readonly isScript: boolean
}

export interface RunFiles {
  /** Writes a file whole or not at all, mode 0600. Resolves to the path that it has. */
  readonly write: (path: string, content: FileContent) => Promise<string>
  /** For bytes that another part writes: the path they go to, and what they must pass on their way. */
  readonly target: (path: string) => FileTarget
  /** Puts a folder in its place in one step. `makeWay` runs when its content is complete. Resolves to the path of one of its files. */
  readonly writeFolder: (
    folder: string,
    entries: Iterable<FolderEntry>,
    first: string,
    makeWay: () => Promise<void>,
  ) => Promise<string>
  /** What was written below a folder, by name. */
  readonly listed: (folder: string) => ManifestFile[]
}

export interface FileTarget {
  readonly path: string
  readonly through: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>
}

type Digests = Map<string, Omit<ManifestFile, 'name'>>

export function createRunFiles(): RunFiles {
  const digests: Digests = new Map()
  const target = (path: string): FileTarget => ({ path, through: (bytes) => hashing(bytes, path, digests) })
  return {
    target,
    async write(path, content) {
      try {
        await writeWhole(path, hashing(bytesOf(content), path, digests))
      } catch (error) {
        digests.delete(path)
        throw error
      }
      return path
    },
    async writeFolder(folder, entries, first, makeWay) {
      await writeFolder(folder, entries, makeWay, digests)
      return join(folder, first)
    },
    listed: (folder) =>
      [...digests]
        .map(([path, digest]) => ({ name: relative(folder, path).split(sep).join('/'), ...digest }))
        .filter(({ name }) => !name.startsWith('../'))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  }
}

/** Passes bytes on, and notes size and digest of all of them at their end. */
async function* hashing(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  path: string,
  digests: Digests,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let size = 0
  digests.delete(path)
  for await (const chunk of bytes) {
    hash.update(chunk)
    size += chunk.length
    yield chunk
  }
  digests.set(path, { size, sha256: hash.digest('hex') })
}

/** Made beside its place and then put there, so that no file of an earlier one stays in it. */
async function writeFolder(
  folder: string,
  entries: Iterable<FolderEntry>,
  makeWay: () => Promise<void>,
  digests: Digests,
): Promise<void> {
  const partial = `${folder}.${randomUUID()}.partial`
  const forget = removeAtExit(partial)
  try {
    for (const { path, content, isScript } of entries) {
      const file = join(partial, path)
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      const bytes = hashing(bytesOf(content), join(folder, path), digests)
      await writeFile(file, bytes, { mode: isScript ? 0o700 : 0o600, flag: 'wx' })
    }
    await makeWay()
    await rename(partial, folder)
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    for (const path of [...digests.keys()].filter((one) => one.startsWith(`${folder}${sep}`))) digests.delete(path)
    throw error
  } finally {
    forget()
  }
}
