// Every file that a run writes passes here: it is encrypted where that was asked, before it leaves the process, and its size and digest
// are those of the bytes that were meant, not of what lies on the disk later.
// May not: know what is in a file.
import { createHash } from 'node:crypto'
import { dirname, join, relative, sep } from 'node:path'
import { type Bytes, type Sealer, sealedSuffix } from '../integrity/index.ts'
import type { ManifestFile } from '../model/manifest.ts'
import { type FolderEntry, type OpenFolder, openArchive, openPlainFolder } from './folder-writer.ts'
import { bytesOf, type FileContent, writeWhole } from './output.ts'

export interface RunFiles {
  /** Of how many recipients, where files are encrypted. */
  readonly recipients: number | undefined
  /** Writes a file whole or not at all, mode 0600. Resolves to the path that it has. */
  readonly write: (path: string, content: FileContent) => Promise<string>
  /** For bytes that another part writes: the path they go to, and what they must pass on their way there and back. */
  readonly target: (path: string) => FileTarget
  /** Puts a folder in its place in one step; encrypted, it is one archive. `makeWay` runs when its content is complete. Resolves to a path to name. */
  readonly writeFolder: (folder: string, content: FolderContent) => Promise<string>
  /** The same, and what is written below it later goes there too, until `close`. */
  readonly openFolder: (folder: string, content: FolderContent) => Promise<string>
  /** Completes the folders that are open. */
  readonly close: () => Promise<void>
  /** What was written below a folder, by name. */
  readonly listed: (folder: string) => ManifestFile[]
}

export interface FolderContent {
  readonly entries: Iterable<FolderEntry>
  /** The file to name when one speaks of the folder. */
  readonly first: string
  readonly makeWay: () => Promise<void>
}

export interface FileTarget {
  readonly path: string
  readonly through: (bytes: Bytes) => AsyncIterable<Uint8Array>
  /** The content of what was written, for this process. */
  readonly back: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>
}

type Digests = Map<string, Omit<ManifestFile, 'name'>>

export function createRunFiles(sealer?: Sealer): RunFiles {
  const digests: Digests = new Map()
  const open = new Map<string, OpenFolder>()
  const nameOf = (path: string) => (sealer === undefined || path.endsWith(sealedSuffix) ? path : path + sealedSuffix)
  const writeFile = async (path: string, content: FileContent | Bytes, mode?: number) => {
    const name = nameOf(path)
    const bytes = bytesOf(content)
    try {
      await writeWhole(name, hashing(sealer?.seal(bytes) ?? bytes, name, digests), mode)
    } catch (error) {
      digests.delete(name)
      throw error
    }
    return name
  }
  const openFolder: RunFiles['openFolder'] = async (folder, { entries, first, makeWay }) => {
    if (sealer !== undefined) {
      const archive = openArchive((bytes) => writeFile(`${folder}.tar`, bytes))
      open.set(folder, archive)
      for (const entry of entries) await archive.add(entry)
      return nameOf(`${folder}.tar`)
    }
    const hashed = (path: string, bytes: Bytes) => hashing(bytes, join(folder, path), digests)
    await openPlainFolder(folder, entries, makeWay, hashed).catch((error: unknown) => {
      for (const path of [...digests.keys()].filter((one) => dirname(one).startsWith(folder))) digests.delete(path)
      throw error
    })
    return join(folder, first)
  }
  const close = async () => {
    for (const [folder, archive] of open) {
      open.delete(folder)
      await archive.close()
    }
  }
  return {
    recipients: sealer?.recipients,
    target: (path) => {
      const name = nameOf(path)
      return {
        path: name,
        through: (bytes) => hashing(sealer?.sealOpenable(bytes) ?? bytes, name, digests),
        back: (bytes) => sealer?.reopen(bytes) ?? bytes,
      }
    },
    async write(path, content) {
      const around = [...open].find(([folder]) => path.startsWith(folder + sep))
      if (around === undefined) return writeFile(path, content)
      const [folder, archive] = around
      await archive.add({ path: path.slice(folder.length + 1), content, isScript: false })
      return nameOf(`${folder}.tar`)
    },
    openFolder,
    async writeFolder(folder, content) {
      const path = await openFolder(folder, content)
      await close()
      return path
    },
    close,
    listed: (folder) =>
      [...digests]
        .map(([path, digest]) => ({ name: relative(folder, path).split(sep).join('/'), ...digest }))
        .filter(({ name }) => !name.startsWith('../'))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  }
}

/** Passes bytes on, and notes size and digest of all of them at their end. */
async function* hashing(bytes: Bytes, path: string, digests: Digests): AsyncGenerator<Uint8Array> {
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
