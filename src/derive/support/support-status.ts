// Looks a version up in the table of support dates. May not: read a clock, or call supported what the table does not reach.
import { type SupportedProduct, type SupportLine, tableDate, tableHorizon } from './table.ts'

export type SupportStatus =
  | {
      readonly status: 'supported' | 'ended'
      /** "Debian 12". */
      readonly line: string
      /** Last day of support, ISO 8601. Absent for a line without an announced end that was in support on the table's date. */
      readonly ends?: string
      /** The maker's page, with the date on which it was read, and extended support where that is what counts. */
      readonly source: string
    }
  | { readonly status: 'unknown'; readonly reason: string }

/**
 * Whether a version of a product got security fixes on `date` (ISO 8601; the day counts). Versions below every line of the table
 * have ended; newer ones, and days beyond the table's horizon, are unknown. Extended support for subscribers cannot be seen from
 * outside, so that a line which lives only by it is unknown, not ended.
 */
export function supportStatus(product: SupportedProduct, version: string, date: string): SupportStatus {
  const day = date.slice(0, 10)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return unknown(`"${date.slice(0, 40)}" is no date.`)
  const shown = version.slice(0, 40)
  const line = findLine(product, version)
  if (line !== undefined) return judge(product, line, day)
  const oldest = product.lines.at(-1)
  if (oldest?.ends !== undefined && isBefore(version, oldest.version) && day > lastDay(oldest)) {
    return ended(product, shown, lastDay(oldest), `older than ${product.name} ${oldest.version}`)
  }
  return unknown(`The table of support dates (as of ${tableDate}) has no line for ${product.name} ${shown}.`)
}

function judge(product: SupportedProduct, line: SupportLine, day: string): SupportStatus {
  const { ends, extended } = line
  if (ends === undefined) {
    if (day <= tableDate) return supported(product, line)
    return unknown(
      `No end of ${product.name} ${line.version} was announced on ${tableDate}, when the table was last checked.`,
    )
  }
  if (day <= ends) return day <= tableHorizon ? supported(product, line, ends) : beyondHorizon(product, line)
  if (extended === undefined || day > extended.ends) return ended(product, line.version, lastDay(line))
  if (extended.to === 'open') {
    if (day > tableHorizon) return beyondHorizon(product, line)
    return supported(product, line, extended.ends, `${extended.name}; the regular support ended on ${ends}`)
  }
  return unknown(
    `The support of ${product.name} ${line.version} ended on ${ends}. ${extended.name} goes on until ${extended.ends} for those who have it, which a node does not tell.`,
  )
}

function beyondHorizon(product: SupportedProduct, line: SupportLine): SupportStatus {
  return unknown(
    `The table of support dates (as of ${tableDate}) is not trusted after ${tableHorizon}, and ${product.name} ${line.version} had not ended by then.`,
  )
}

function lastDay({ ends, extended }: SupportLine): string {
  return extended?.ends ?? ends ?? ''
}

function supported(product: SupportedProduct, line: SupportLine, ends?: string, note?: string): SupportStatus {
  return {
    status: 'supported',
    line: `${product.name} ${line.version}`,
    ...(ends === undefined ? {} : { ends }),
    source: sourceOf(product, note),
  }
}

function ended(product: SupportedProduct, version: string, ends: string, note?: string): SupportStatus {
  return { status: 'ended', line: `${product.name} ${version}`, ends, source: sourceOf(product, note) }
}

function sourceOf({ source }: SupportedProduct, note?: string): string {
  return `${source} as of ${tableDate}${note === undefined ? '' : ` (${note})`}`
}

function unknown(reason: string): SupportStatus {
  return { status: 'unknown', reason }
}

/** The most exact line: "15.7" before "15". */
function findLine({ lines }: SupportedProduct, version: string): SupportLine | undefined {
  return lines
    .filter((line) => version === line.version || version.startsWith(`${line.version}.`))
    .toSorted((a, b) => b.version.length - a.version.length)[0]
}

function isBefore(version: string, other: string): boolean {
  const [a, b] = [parts(version), parts(other)]
  if (a === undefined || b === undefined) return false
  for (let index = 0; index < b.length; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}

function parts(version: string): readonly number[] | undefined {
  const [whole] = /^\d{1,6}(?:\.\d{1,6}){0,3}/.exec(version) ?? []
  return whole?.split('.').map(Number)
}
