// Kubernetes resource quantities ("500m", "1.5Gi", "2e3") as exact integers, by the grammar of apimachinery's
// resource.Quantity. May not: round a value that a comparison then relies on, or guess at a text that is no quantity.

const decimalPowers: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
}
const binaryPowers: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 }

const grammar = /^([+-]?)(\d*)(?:\.(\d*))?([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d{1,3})?$/

/** Longer than any quantity an API server accepts; a hostile one must not cost time. */
const maxLength = 64

/** Decimal places kept: Kubernetes stores nothing finer than nano, and rounds away from zero. */
const scale = 9

/**
 * The quantity in billionths of its unit (nano-cores, nano-bytes), or undefined when the text is not a quantity.
 * Finer fractions are rounded away from zero as the API server does.
 */
export function parseQuantity(text: string): bigint | undefined {
  if (text.length > maxLength) return undefined
  const match = grammar.exec(text)
  if (!match) return undefined
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match
  if (whole === '' && fraction === '') return undefined
  const digits = BigInt(whole + fraction)
  const binary = binaryPowers[suffix]
  const magnitude =
    binary === undefined
      ? shift(digits, decimalPower(suffix) - fraction.length + scale)
      : shift(digits << BigInt(binary), scale - fraction.length)
  return sign === '-' ? -magnitude : magnitude
}

function decimalPower(suffix: string): number {
  return decimalPowers[suffix] ?? Number(suffix.slice(1))
}

/** `value` × 10^`power`, rounded up where digits are lost. */
function shift(value: bigint, power: number): bigint {
  if (power >= 0) return value * 10n ** BigInt(power)
  const divisor = 10n ** BigInt(-power)
  return (value + divisor - 1n) / divisor
}
