// Reads a snapshot back, record by record, and refuses what is truncated, altered, or from a newer format.
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { createZstdDecompress } from 'node:zlib'
import { z } from 'zod'
import {
  type EvidenceRecord,
  evidenceRecordSchema,
  type SnapshotHeader,
  type SnapshotTrailer,
  snapshotHeaderSchema,
  snapshotSchemaVersion,
  snapshotTrailerSchema,
} from '../model/snapshot.ts'
import { InputError } from '../util/input-error.ts'

/** A snapshot that cannot be trusted or read; the message says which file, what is wrong and what to do. */
export class SnapshotError extends InputError {
  override readonly name = 'SnapshotError'
}

export type SnapshotLine = SnapshotHeader | EvidenceRecord | SnapshotTrailer

const newline = 10
/** Longer than any record the collector writes (one host's evidence is bounded at 16 MiB). */
const maxLineBytes = 64 * 1024 * 1024
const recordKind = z.looseObject({ record: z.string() })

/** The bytes of a file, decrypted where they must be. An InputError of it is passed on. */
export type OpenBytes = (path: string) => AsyncIterable<Uint8Array>

/** Yields header, records and trailer in file order. Throws SnapshotError; only after the last record is the digest known to hold. */
export async function* readSnapshot(
  path: string,
  open: OpenBytes = (file) => createReadStream(file),
): AsyncGenerator<SnapshotLine> {
  const hash = createHash('sha256')
  let number = 0
  let trailer: SnapshotTrailer | undefined
  const counts = new Map<string, number>()
  for await (const line of lines(path, open)) {
    number += 1
    if (trailer !== undefined)
      throw new SnapshotError(`${path}: there is data after the trailer. The file was altered; collect again.`)
    const record = parseLine(path, number, line)
    yield record
    if (record.record === 'trailer') {
      trailer = verifyTrailer(path, record, hash, counts)
      continue
    }
    hash.update(line)
    counts.set(record.record, (counts.get(record.record) ?? 0) + 1)
  }
  if (number === 0) throw new SnapshotError(`${path} is empty. It is not a snapshot; collect again.`)
  if (trailer === undefined) {
    throw new SnapshotError(
      `${path} is truncated: it ends after record ${number} without a trailer. Copy it again or collect again.`,
    )
  }
}

function verifyTrailer(
  path: string,
  trailer: SnapshotTrailer,
  hash: Hash,
  counts: ReadonlyMap<string, number>,
): SnapshotTrailer {
  const counted = Object.entries(trailer.counts)
  const sameCounts = counted.length === counts.size && counted.every(([kind, count]) => counts.get(kind) === count)
  if (sameCounts && hash.digest('hex') === trailer.sha256) return trailer
  throw new SnapshotError(
    `${path} was altered: its content does not match the SHA-256 in its trailer. Copy it again or collect again.`,
  )
}

function parseLine(path: string, number: number, line: Buffer): SnapshotLine {
  let value: unknown
  try {
    value = JSON.parse(line.toString('utf8'))
  } catch {
    const cause = line.at(-1) === newline ? 'is not JSON' : 'breaks off: the file is truncated'
    throw new SnapshotError(`${path}: record ${number} ${cause}. Copy it again or collect again.`)
  }
  const kind = recordKind.safeParse(value).data?.record
  if ((number === 1) !== (kind === 'header')) {
    throw new SnapshotError(
      `${path}: ${number === 1 ? 'the first record is not a header' : `record ${number} is a second header`}. It is not a snapshot.`,
    )
  }
  if (kind === 'header') checkVersion(path, value)
  const schema =
    kind === 'header' ? snapshotHeaderSchema : kind === 'trailer' ? snapshotTrailerSchema : evidenceRecordSchema
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new SnapshotError(
    `${path}: record ${number} (${kind}) is malformed at ${issue?.path.join('.') || 'its top'}: ${issue?.message}. Collect again.`,
  )
}

function checkVersion(path: string, header: unknown): void {
  const version = z.looseObject({ schemaVersion: z.string() }).safeParse(header).data?.schemaVersion ?? 'unknown'
  if (version.split('.')[0] === snapshotSchemaVersion.split('.')[0]) return
  throw new SnapshotError(
    `${path} has snapshot format ${version}; this kube-assay reads ${snapshotSchemaVersion}. Use a newer kube-assay.`,
  )
}

/** Lines with their newline. zstd's own errors become SnapshotErrors. */
async function* lines(path: string, open: OpenBytes): AsyncGenerator<Buffer> {
  const file = Readable.from(open(path), { objectMode: false })
  const decompressor = createZstdDecompress()
  file.on('error', (error) => decompressor.destroy(error))
  let rest: Buffer[] = []
  let restBytes = 0
  try {
    for await (const chunk of file.pipe(decompressor)) {
      const bytes: Buffer = chunk
      let start = 0
      for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
        const part = bytes.subarray(start, end + 1)
        yield rest.length === 0 ? part : Buffer.concat([...rest, part])
        rest = []
        restBytes = 0
        start = end + 1
      }
      if (start === bytes.length) continue
      rest.push(bytes.subarray(start))
      restBytes += bytes.length - start
      if (restBytes > maxLineBytes)
        throw new SnapshotError(
          `${path}: a record is larger than ${maxLineBytes} bytes. It is not a snapshot of kube-assay.`,
        )
    }
  } catch (error) {
    throw asSnapshotError(path, error)
  } finally {
    file.destroy()
  }
  if (rest.length > 0) yield Buffer.concat(rest)
}

function asSnapshotError(path: string, error: unknown): InputError {
  if (error instanceof InputError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT')
    return new SnapshotError(`${path} does not exist. Give the path of a snapshot written by kube-assay collect.`)
  if (code === 'EACCES' || code === 'EISDIR')
    return new SnapshotError(`${path} cannot be read (${code}). Snapshots are private to the user who collected them.`)
  if (code === 'Z_BUF_ERROR') return new SnapshotError(`${path} is truncated. Copy it again or collect again.`)
  if (code.startsWith('ZSTD_'))
    return new SnapshotError(`${path} is not a snapshot or was altered (${code}). Copy it again or collect again.`)
  return new SnapshotError(`${path} cannot be read: ${error instanceof Error ? error.message : 'unknown error'}.`, {
    cause: error,
  })
}
