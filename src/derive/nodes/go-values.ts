// Text ↔ value as Go's strconv and time packages read and print them, because the kubelet does.
// May not: know which field or flag the text belongs to.

const boolTexts: Readonly<Record<string, boolean>> = {
  '1': true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  '0': false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
}

/** strconv.ParseBool. */
export function parseGoBool(text: string): boolean | undefined {
  return Object.hasOwn(boolTexts, text) ? boolTexts[text] : undefined
}

/** strconv.ParseInt(text, 0, bits): decimal, 0x, 0o, 0b, a leading 0 for octal. Beyond 2^53 a value is not exact and refused. */
export function parseGoInt(text: string, bits: 32 | 64): number | undefined {
  const match = /^([+-]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9]\d*)$/.exec(text)
  if (!match) return undefined
  const [, sign, digits = ''] = match
  const value = Number(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits)
  const signed = sign === '-' ? -value : value
  return isGoInt(signed, bits) ? signed : undefined
}

/** Whether a number fits Go's int32, or int64 as far as it is exact here. */
export function isGoInt(value: number, bits: 32 | 64): boolean {
  if (!Number.isSafeInteger(value)) return false
  return bits === 64 || (value >= -(2 ** 31) && value < 2 ** 31)
}

const unitNanoseconds: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}

/** time.ParseDuration, in nanoseconds. */
export function parseGoDuration(text: string): number | undefined {
  const match = /^([+-]?)(.+)$/s.exec(text)
  if (!match || text.length > 64) return undefined
  const [, sign, body = ''] = match
  if (body === '0') return 0
  const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y
  let total = 0
  while (part.lastIndex < body.length) {
    const found = part.exec(body)
    if (!found) return undefined
    total += Number(found[1]) * (unitNanoseconds[found[2] ?? ''] ?? Number.NaN)
  }
  const rounded = Math.round(total)
  if (!Number.isFinite(rounded) || rounded > 2 ** 63) return undefined
  return sign === '-' ? -rounded : rounded
}

/** time.Duration.String(): "4h0m0s", "1m30s", "100ms", "0s". */
export function formatGoDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s'
  const sign = nanoseconds < 0 ? '-' : ''
  const value = Math.abs(nanoseconds)
  if (value < 1e3) return `${sign}${value}ns`
  if (value < 1e6) return `${sign}${value / 1e3}µs`
  if (value < 1e9) return `${sign}${value / 1e6}ms`
  const hours = Math.floor(value / 3600e9)
  const minutes = Math.floor((value % 3600e9) / 60e9)
  const seconds = (value % 60e9) / 1e9
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`
}
