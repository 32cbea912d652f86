// Takes in the probe's listings: tables that the kernel keeps as many small files. May not: interpret a row.
import { unavailable } from '../../model/fact.ts'
import type { ListingEvidence } from '../../model/node-evidence.ts'
import { redactText } from '../redact-names.ts'
import { decodeText } from './content.ts'
import { type Frame, fieldText } from './frames.ts'
import { keep } from './keep.ts'

export interface ListingReading {
  readonly encoding: string
  readonly listings: Map<string, ListingEvidence>
}

/** A handler of core dumps is a command line: only the program is kept. Digests and addresses must stay what they are. */
function redactRow(row: string): string {
  if (row.startsWith('kernel/core_pattern\t|')) return row.split(' ')[0] ?? ''
  return redactText(row)
}

const redactedListings: ReadonlySet<string> = new Set(['sysctl', 'memory-kills'])

export function takeListing(frame: Frame, reading: ListingReading): void {
  const [nameField, limitField] = frame.fields
  const name = fieldText(`=${nameField ?? ''}`, reading.encoding)
  if (name === undefined || !/^[a-z-]{1,40}$/.test(name)) return
  if (!frame.body) {
    keep(reading.listings, name, unavailable('malformed', 'The probe’s record of this listing does not decode.'))
    return
  }
  const limit = Number(limitField)
  const isTruncated = frame.body.byteLength > limit
  const { text } = decodeText(isTruncated ? frame.body.subarray(0, limit) : frame.body, isTruncated)
  const lines = text.split('\n')
  // The last line is empty, or was cut.
  lines.pop()
  const rows = redactedListings.has(name) ? lines.map(redactRow) : lines
  keep(reading.listings, name, { rows, ...(isTruncated ? { isTruncated } : {}) })
}
