// Flags and ETCD_* variables of a running etcd that its version has deprecated or the next one is without. Sources: `etcd --help` of
// 3.5.30, the changelogs of 3.4 to 3.7. May not: name a flag whose fate is not certain, or guess the version of etcd.
import { isUnavailable, type Observed, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { Running } from './running.ts'

type OutdatedFlag = Extract<FactValue<'componentFlags'>['kubelet'], { value: unknown }>['value'][number]

interface Fate {
  readonly flags: RegExp
  /** Minor versions of etcd 3. */
  readonly deprecated: number
  readonly removed: number
  readonly advice: string
}

const fates: readonly Fate[] = [
  {
    flags: /^(?:debug|log-output|log-package-levels)$/,
    deprecated: 4,
    removed: 5,
    advice: 'Use --log-level and --log-outputs.',
  },
  {
    flags:
      /^(?:enable-v2|experimental-enable-v2v3|proxy|proxy-(?:failure-wait|refresh-interval|dial-timeout|write-timeout|read-timeout))$/,
    deprecated: 5,
    removed: 6,
    advice: 'The API of version 2 is gone, and its proxy with it: leave it out once nothing asks for /v2.',
  },
  {
    flags: /^experimental-/,
    deprecated: 6,
    removed: 7,
    advice: 'Use the flag of this name without "experimental-", or the feature gate that took its place.',
  },
]

/** Of etcd 3.6; none of them is gone in a version that is known here. */
const gates: ReadonlySet<string> = new Set([
  'AllAlpha',
  'AllBeta',
  'StopGRPCServiceOnDefrag',
  'TxnModeWriteWithSharedBuffer',
  'InitialCorruptCheck',
  'CompactHashCheck',
  'LeaseCheckpoint',
  'LeaseCheckpointPersist',
  'SetMemberLocalAddr',
])

export function etcdOutdatedFlags(running: Running): Observed<OutdatedFlag[]> {
  const used = new Map(running.commandLine.occurrences.map(({ name }) => [name, `--${name} of ${running.place}`]))
  for (const variable of Object.keys(running.environment ?? {})) {
    const name = variable
      .replace(/^ETCD_/, '')
      .toLowerCase()
      .replaceAll('_', '-')
    if (!used.has(name)) used.set(name, `${variable} of ${running.place}`)
  }
  const found: OutdatedFlag[] = []
  const minor = minorOf(running)
  for (const [name, source] of used) {
    const fate = fates.find(({ flags }) => flags.test(name))
    if (fate === undefined) continue
    if (minor === undefined) {
      return unavailable('unsupported', `What becomes of ${source} depends on the version of etcd, which is not known.`)
    }
    if (minor < fate.deprecated) continue
    const status =
      minor >= fate.removed
        ? `removed in etcd 3.${fate.removed}`
        : `deprecated since etcd 3.${fate.deprecated}, gone in 3.${fate.removed}`
    found.push({ component: 'etcd', flag: `--${name}`, status, advice: fate.advice, source })
  }
  const strange = gatesOf(running).find((gate) => !gates.has(gate))
  if (found.length === 0 && strange !== undefined) {
    return unavailable(
      'unsupported',
      `etcd 3.6 has no feature gate ${strange.slice(0, 80)}; later ones are not known here.`,
    )
  }
  return { value: found, source: running.place }
}

/** By the tag of its image: "3.5.30-0", "v3.6.4". */
function minorOf({ version }: Running): number | undefined {
  const minor = isUnavailable(version) ? undefined : /^v?3\.(\d{1,2})(?:\D|$)/.exec(version.value)?.[1]
  return minor === undefined ? undefined : Number(minor)
}

function gatesOf({ commandLine }: Running): string[] {
  return commandLine.occurrences
    .filter(({ name }) => name === 'feature-gates')
    .flatMap(({ value }) => value.split(','))
    .flatMap((pair) => pair.split('=')[0]?.trim() || [])
}
