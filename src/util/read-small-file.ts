// A file that is small by its nature (a key, a list of names), read without trusting that it is: a device or a pipe has no end.
import { createReadStream } from 'node:fs'
import { InputError } from './input-error.ts'
import { visibleText } from './visible-text.ts'

const largest = 256 * 1024

/** The bytes as latin1 text. Rejects with InputError for more than 256 KiB, or with the file system's error. */
export async function readSmallFile(path: string): Promise<string> {
  const chunks = await Array.fromAsync(createReadStream(path, { end: largest }))
  const bytes = Buffer.concat(chunks)
  if (bytes.length > largest)
    throw new InputError(`${visibleText(path)} is larger than 256 KiB: it is not what it should be.`)
  return bytes.toString('latin1')
}
