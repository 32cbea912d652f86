// Single values of a control group against what may stand there: rounding by page and by systemd is allowed for, nothing else.
// May not: take a value that does not parse for one that fits.
import { curvedWeight, linearWeight, quotaOf, sharesOf } from './amounts.ts'

/** `undecided`: the value is right for one way a kubelet can be set up, and which way is not known. */
export type Verdict = 'same' | 'differs' | 'undecided' | 'unread'

/** Values at and above this are the kernel's way of saying "no limit" on v1. */
const unlimitedV1 = 1n << 62n

/** Undefined: it does not parse. `none`: no limit. */
export function readMemory(text: string): bigint | 'none' | undefined {
  if (text === 'max') return 'none'
  if (!/^\d{1,20}$/.test(text)) return undefined
  const bytes = BigInt(text)
  return bytes >= unlimitedV1 ? 'none' : bytes
}

/** The kernel keeps whole pages. */
export function judgeMemory(
  text: string | undefined,
  wanted: bigint | undefined,
  pageSizes: readonly bigint[],
): Verdict {
  if (text === undefined) return 'unread'
  const found = readMemory(text)
  if (found === undefined) return 'unread'
  if (wanted === undefined || wanted === 0n) return found === 'none' ? 'same' : 'differs'
  if (found === 'none') return 'differs'
  return pageSizes.some((size) => (wanted / size) * size === found) ? 'same' : 'differs'
}

export interface CpuTime {
  /** Microseconds; undefined: no limit. */
  readonly quota: bigint | undefined
  readonly period: bigint
}

/** `cpu.max` of v2 ("20000 100000", "max 100000"), or quota and period of v1. */
export function readCpuTime(values: Readonly<Record<string, string>>): CpuTime | undefined {
  const [quota, period] =
    values['cpu.max'] === undefined
      ? [values['cpu.cfs_quota_us'], values['cpu.cfs_period_us']]
      : values['cpu.max'].split(' ')
  if (quota === undefined || period === undefined || !/^[1-9]\d{0,9}$/.test(period)) return undefined
  if (quota === 'max' || quota === '-1') return { quota: undefined, period: BigInt(period) }
  return /^\d{1,15}$/.test(quota) ? { quota: BigInt(quota), period: BigInt(period) } : undefined
}

/** What the kubelet may do about CPU limits; undefined where it is not known. */
export interface QuotaPolicy {
  /** cpuCFSQuota. */
  readonly isEnforced: boolean | undefined
  /** Whether containers with CPUs of their own are spared (static CPU manager). */
  readonly sparesExclusive: boolean | undefined
}

export function judgeQuota(
  found: CpuTime | undefined,
  milliCpu: bigint | undefined,
  policy: QuotaPolicy & { readonly mayBeExclusive: boolean },
): Verdict {
  if (found === undefined) return 'unread'
  const wanted = quotaOf(milliCpu, found.period)
  if (found.quota === undefined) {
    if (wanted === undefined || policy.isEnforced === false) return 'same'
    if (policy.mayBeExclusive && policy.sparesExclusive === true) return 'same'
    if (policy.isEnforced === undefined || (policy.mayBeExclusive && policy.sparesExclusive === undefined))
      return 'undecided'
    return 'differs'
  }
  if (wanted === undefined || policy.isEnforced === false) return 'differs'
  return found.quota === wanted || found.quota === systemdQuota(wanted, found.period) ? 'same' : 'differs'
}

/** systemd keeps CPU time per second in steps of 10 ms, and writes that back whenever it reloads. */
function systemdQuota(quota: bigint, period: bigint): bigint {
  const step = 10_000n
  const perSecond = (quota * 1_000_000n) / period
  const rounded = ((perSecond + step - 1n) / step) * step
  return (rounded * period) / 1_000_000n
}

/** Pods are given theirs by the kubelet, which knows only the linear formula up to 1.36; containers by their runtime. */
export function judgeWeight(
  values: Readonly<Record<string, string>>,
  milliCpu: bigint | undefined,
  formulas: 'linear' | 'either',
): Verdict {
  const shares = sharesOf(milliCpu)
  const weight = values['cpu.weight']
  if (weight !== undefined) {
    if (!/^\d{1,6}$/.test(weight)) return 'unread'
    const found = BigInt(weight)
    if (found === linearWeight(shares)) return 'same'
    return formulas === 'either' && found === curvedWeight(shares) ? 'same' : 'differs'
  }
  const v1 = values['cpu.shares']
  if (v1 === undefined || !/^\d{1,7}$/.test(v1)) return 'unread'
  return BigInt(v1) === shares ? 'same' : 'differs'
}
