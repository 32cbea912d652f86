// The memoryKills fact, rows C3 and C4: what the kernel killed for want of memory since boot.
// May not: call it none because the log does not reach back that far.
import { isUnavailable, type Observed, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { readListing } from '../nodes/host.ts'
import { readPodTree } from '../pod-cgroups/tree.ts'

type MemoryKills = FactValue<'memoryKills'>
type Kill = { process: string; secondsAfterBoot: number }

const shown = 20

export function deriveMemoryKills(host: HostEvidence): MemoryKills {
  const total = readTotal(host)
  const log = readLog(host)
  const system = readSystemKills(total, log)
  return {
    total,
    inPods: readPodKills(host),
    bySystem: isUnavailable(system) ? system : { value: system.value.slice(0, shown), source: system.source },
    bySystemCount: isUnavailable(system) ? system : { value: system.value.length, source: system.source },
  }
}

/** Counted by Linux since 4.13. */
function readTotal(host: HostEvidence): Observed<number> {
  const listing = readListing(host, 'vmstat')
  if (listing === undefined) return unavailable('unsupported', 'This host has no /proc/vmstat.')
  if (isUnavailable(listing)) return listing
  const count = /^oom_kill\t(\d{1,15})$/.exec(listing.rows[0] ?? '')?.[1]
  return count === undefined
    ? unavailable(
        'unsupported',
        'This kernel does not count what it kills (oom_kill of /proc/vmstat, since Linux 4.13).',
      )
    : { value: Number(count), source: 'oom_kill of /proc/vmstat' }
}

/** v2 counts at the root for all below it, past ones included. */
function readPodKills(host: HostEvidence): Observed<number> {
  const listing = readListing(host, 'cgroups')
  if (listing === undefined)
    return unavailable('not-found', 'No control group of pods (kubepods) was found on this host.')
  if (isUnavailable(listing)) return listing
  const root = readPodTree(listing)?.root
  const count = root?.values['oom_kill']
  if (root?.values['memory.limit_in_bytes'] !== undefined) {
    return unavailable(
      'unsupported',
      'On cgroup v1 the control group of all pods does not count what was killed below it.',
    )
  }
  if (root === undefined || count === undefined || !/^\d{1,15}$/.test(count)) {
    return unavailable(
      'unsupported',
      'The control group of all pods does not tell how many processes were killed in it.',
    )
  }
  return { value: Number(count), source: `/sys/fs/cgroup/${root.path}` }
}

interface Log {
  readonly kills: readonly (Kill & { readonly isSystem: boolean })[]
  readonly source: string
}

function readLog(host: HostEvidence): Log | ReturnType<typeof unavailable> {
  const listing = readListing(host, 'memory-kills')
  if (listing === undefined)
    return unavailable('unsupported', 'dmesg is not installed, so that the kernel log was not read.')
  if (isUnavailable(listing)) return listing
  const first = listing.rows.find((row) => row.startsWith('from\t'))
  if (first === undefined) return unavailable('malformed', 'The lines of the kernel log carry no times.')
  const kills = listing.rows.flatMap((row) => {
    const [seconds = '', kind = '', process = ''] = row.split('\t')
    return /^\d{1,12}$/.test(seconds)
      ? [{ process, secondsAfterBoot: Number(seconds), isSystem: kind === 'system' }]
      : []
  })
  return { kills, source: 'kernel log (dmesg)' }
}

/** None at all needs no log. A log that lacks some of the counted kills cannot say that none was the system's. */
function readSystemKills(total: Observed<number>, log: ReturnType<typeof readLog>): Observed<Kill[]> {
  if (!isUnavailable(total) && total.value === 0) return { value: [], source: total.source }
  if (isUnavailable(log)) return log
  const found = log.kills.flatMap(({ isSystem, ...kill }) => (isSystem ? [kill] : []))
  if (found.length > 0) return { value: found, source: log.source }
  if (isUnavailable(total)) return total
  if (log.kills.length >= total.value) return { value: [], source: log.source }
  return unavailable(
    'unsupported',
    `${total.value} processes were killed since boot (${total.source}), and the kernel log still tells of ${log.kills.length} of them.`,
  )
}
