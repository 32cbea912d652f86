import { describe, expect, it } from 'vitest'
import { parseQuantity } from '../../../src/util/quantity.ts'

const one = 1_000_000_000n

describe('parseQuantity', () => {
  it.each([
    ['1', one],
    ['0', 0n],
    ['0.1', 100_000_000n],
    ['100m', 100_000_000n],
    ['.5', 500_000_000n],
    ['5.', 5n * one],
    ['250u', 250_000n],
    ['7n', 7n],
    ['128k', 128_000n * one],
    ['512M', 512_000_000n * one],
    ['1G', 1_000_000_000n * one],
    ['1E', 10n ** 18n * one],
    ['1Ki', 1024n * one],
    ['1.5Gi', 1_610_612_736n * one],
    ['16Ei', 2n ** 64n * one],
    ['2e3', 2000n * one],
    ['2E3', 2000n * one],
    ['1e-3', 1_000_000n],
    ['+1Ki', 1024n * one],
    ['-1', -one],
    // Nothing finer than nano is stored: rounded away from zero.
    ['0.1n', 1n],
    ['-0.1n', -1n],
    ['0.0000000001', 1n],
    // Beyond the precision of a double.
    ['9007199254740993', 9_007_199_254_740_993n * one],
  ])('reads %s', (text, expected) => {
    expect(parseQuantity(text)).toBe(expected)
  })

  it.each([
    '',
    '.',
    'm',
    'Ki',
    'e3',
    '1e',
    '1 Gi',
    ' 1',
    '1\n',
    '128MB',
    '1gb',
    '1K',
    '1i',
    '0x10',
    '1,5',
    '１',
    'NaN',
    '1'.repeat(65),
  ])('refuses %j', (text) => {
    expect(parseQuantity(text)).toBeUndefined()
  })
})
