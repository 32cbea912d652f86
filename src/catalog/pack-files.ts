// Reads the files of a rule pack that somebody else wrote: bounded in number and size, and nothing from outside its folder.
// May not: follow a link, or open what is not a regular file.
import { constants } from 'node:fs'
import { lstat, open, opendir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { InputError } from '../util/input-error.ts'
import type { Problem } from '../util/yaml-source.ts'
import type { SourceFile } from './load.ts'

const maxFiles = 4_000
const maxFileBytes = 256 * 1024
const maxPackBytes = 16 * 1024 * 1024
const maxDepth = 4

export interface PackSource {
  readonly files: readonly SourceFile[]
  readonly problems: readonly Problem[]
}

/** All YAML files below the folder, sorted. Throws InputError where the folder cannot be read; what is refused in it is a problem. */
export async function readPackFiles(folder: string): Promise<PackSource> {
  const reader = new PackReader(folder)
  const top = await lstat(folder).catch(() => undefined)
  if (top === undefined) throw new InputError(`The rule pack ${folder} does not exist.`)
  if (!top.isDirectory()) throw new InputError(`The rule pack ${folder} is not a folder.`)
  await reader.walk('', 0)
  return { files: reader.files.toSorted((a, b) => (a.path < b.path ? -1 : 1)), problems: reader.problems }
}

class PackReader {
  readonly files: SourceFile[] = []
  readonly problems: Problem[] = []
  readonly #folder: string
  #bytes = 0
  #entries = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  async walk(below: string, depth: number): Promise<void> {
    for await (const entry of await opendir(join(this.#folder, below))) {
      if (entry.name.startsWith('.')) continue
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      this.#entries += 1
      if (this.#entries > maxFiles) {
        throw new InputError(`The rule pack ${this.#folder} holds more than ${maxFiles} files.`)
      }
      if (entry.isSymbolicLink()) this.#refuse(path, 'is a symbolic link; a pack holds its files itself')
      else if (entry.isDirectory()) {
        if (depth >= maxDepth) this.#refuse(path, 'lies too deep; a rule is <section>/<id>.yaml')
        else await this.walk(path, depth + 1)
      } else if (/\.ya?ml$/.test(entry.name)) await this.#read(path)
    }
  }

  async #read(path: string): Promise<void> {
    // Between the listing and this call a link may have taken its place.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
    const file = await open(join(this.#folder, path), flags).catch(() => undefined)
    if (file === undefined) {
      this.#refuse(path, 'cannot be read')
      return
    }
    try {
      const { size, ...stat } = await file.stat()
      if (!stat.mode || (stat.mode & constants.S_IFMT) !== constants.S_IFREG) {
        this.#refuse(path, 'is not a regular file')
        return
      }
      if (size > maxFileBytes) {
        this.#refuse(path, `is larger than ${maxFileBytes / 1024} KiB`)
        return
      }
      const buffer = Buffer.alloc(maxFileBytes + 1)
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
      this.#bytes += bytesRead
      if (this.#bytes > maxPackBytes) {
        throw new InputError(`The rule pack ${this.#folder} is larger than ${maxPackBytes / 1024 / 1024} MiB.`)
      }
      const text = buffer.toString('utf8', 0, bytesRead)
      this.files.push({ path, shown: join(basename(this.#folder), path), text })
    } finally {
      await file.close()
    }
  }

  #refuse(path: string, message: string): void {
    this.problems.push({ file: join(basename(this.#folder), path), line: 1, column: 1, message })
  }
}
