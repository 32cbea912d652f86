// Files that may be encrypted, read as what is in them.
// May not: write what it decrypts anywhere.
import { createReadStream } from 'node:fs'
import { createOpener, isSealed, type Opener } from '../integrity/index.ts'
import type { Config } from '../model/config.ts'
import { InputError } from '../util/input-error.ts'
import { readSmallFile } from '../util/read-small-file.ts'
import { visibleText } from '../util/visible-text.ts'

/** The content of a file, decrypted where it is encrypted. Rejects with InputError where that cannot be done. */
export type OpenFile = (path: string) => AsyncIterable<Uint8Array>

export async function loadOpener(identities: readonly string[] | undefined): Promise<Opener | undefined> {
  if (identities === undefined || identities.length === 0) return undefined
  const read = async (path: string) => ({ shown: visibleText(path), text: await readSmallFile(path) })
  return createOpener(await Promise.all(identities.map(read)))
}

/** As the settings' identities allow. */
export async function openFileWith({ identities }: Pick<Config, 'identities'>): Promise<OpenFile> {
  const opener = await loadOpener(identities)
  return (path) => openFile(path, opener)
}

async function* openFile(path: string, opener: Opener | undefined): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path)
  try {
    const chunks: AsyncIterator<Uint8Array> = file[Symbol.asyncIterator]()
    const first = await chunks.next()
    if (first.done === true) return
    const whole = joined(first.value, chunks)
    if (!isSealed(first.value)) return yield* whole
    if (opener === undefined) throw new SealedError(path)
    yield* opener.open(whole, visibleText(path))
  } finally {
    file.destroy()
  }
}

/** An encrypted file and no identity. */
export class SealedError extends InputError {
  override readonly name = 'SealedError'

  constructor(path: string) {
    super(`${visibleText(path)} is encrypted. Give the identity that opens it: --identity <file>.`)
  }
}

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}

/** All of a file as text. */
export async function readText(path: string, open: OpenFile): Promise<string> {
  const chunks = await Array.fromAsync(open(path))
  return Buffer.concat(chunks).toString('utf8')
}
