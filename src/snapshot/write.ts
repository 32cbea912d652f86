// Writes a snapshot: one JSON record per line, zstd-compressed, header first and trailer last.
// May not: leave a half-written file under the final name, or let anyone but the owner read it.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'
import type { EvidenceRecord, SnapshotHeader, SnapshotTrailer } from '../model/snapshot.ts'
import { removeAtExit } from '../util/remove-at-exit.ts'

export interface SnapshotWriter {
  /** Adds a record. Cheap and synchronous; await `drained()` between pages to keep memory bounded. */
  readonly write: (record: EvidenceRecord) => void
  readonly drained: () => Promise<void>
  /** Writes the trailer, syncs, and gives the file its final name. */
  readonly finish: (end: { readonly finishedAt: string; readonly interrupted: boolean }) => Promise<SnapshotTrailer>
  /** Removes what was written. */
  readonly discard: () => Promise<void>
}

const flushAtCharacters = 256 * 1024

/** What the bytes of the file pass last, such as encryption. Their number may change; an error in it is one of the write. */
export type Through = (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

/** Opens `<path>.partial` with mode 0600; the name changes to `path` only in `finish`. Rejects when the folder is not writable. */
export async function createSnapshotWriter(
  path: string,
  header: SnapshotHeader,
  through: Through = (bytes) => bytes,
): Promise<SnapshotWriter> {
  const partial = `${path}.partial`
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await rm(partial, { force: true })
  const file = createWriteStream(partial, { mode: 0o600, flags: 'wx', flush: true })
  await once(file, 'open')
  const forget = removeAtExit(partial)
  // zstd's own checksum also covers the trailer, which the digest in it cannot.
  const compressor = createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } })
  const last = Readable.from(through(compressor), { objectMode: false, highWaterMark: 65_536 })
  last.pipe(file)
  // A full disk shows up on `file`; without this the error would surface as an uncaught event instead of in `finish`.
  let failure: unknown
  file.on('error', (error) => {
    failure ??= error
    compressor.destroy()
  })
  compressor.on('error', (error) => {
    failure ??= error
  })
  last.on('error', (error) => {
    failure ??= error
    file.destroy()
  })

  const hash = createHash('sha256')
  const counts = new Map<string, number>()
  let pending = ''

  const flush = () => {
    if (pending === '' || failure !== undefined) return
    const bytes = Buffer.from(pending)
    pending = ''
    hash.update(bytes)
    compressor.write(bytes)
  }
  const append = (record: SnapshotHeader | EvidenceRecord) => {
    counts.set(record.record, (counts.get(record.record) ?? 0) + 1)
    pending += `${JSON.stringify(record)}\n`
    if (pending.length >= flushAtCharacters) flush()
  }
  append(header)

  return {
    write: append,
    async drained() {
      if (failure !== undefined) throw failure
      if (compressor.writableNeedDrain) await drainOrClose(compressor, file)
      if (failure !== undefined) throw failure
    },
    async finish({ finishedAt, interrupted }) {
      flush()
      const trailer: SnapshotTrailer = {
        record: 'trailer',
        finishedAt,
        counts: Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
        sha256: hash.digest('hex'),
        ...(interrupted ? { interrupted } : {}),
      }
      if (failure !== undefined) throw failure
      compressor.end(`${JSON.stringify(trailer)}\n`)
      try {
        await finished(file)
      } catch (error) {
        throw failure ?? error
      }
      await rename(partial, path)
      forget()
      return trailer
    },
    async discard() {
      compressor.destroy()
      last.destroy()
      file.destroy()
      await rm(partial, { force: true })
      forget()
    },
  }
}

/** Resolves when the compressor takes more, or when the file is gone and it never will. Leaves no listener behind. */
async function drainOrClose(compressor: Writable, file: Writable): Promise<void> {
  const decided = new AbortController()
  const { signal } = decided
  try {
    await Promise.race([once(compressor, 'drain', { signal }), once(file, 'close', { signal })])
  } finally {
    decided.abort()
  }
}
