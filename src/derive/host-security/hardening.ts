// The hostHardening fact, row F2: what the kernel says of its own protections.
// May not: take a file that could not be read for one that is not there.
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { type Listing, readFile, readListing } from '../nodes/host.ts'
import { short } from '../nodes/kubelet-document.ts'
import { PersistedSysctls } from '../nodes/sysctl-files.ts'
import { bootEffect, hardeningParameters, unusualModules } from './parameters.ts'

type Hardening = FactValue<'hostHardening'>

export function deriveHostHardening(host: HostEvidence, init: Observed<string>): Hardening {
  const values = readValues(host)
  return {
    lockdown: readLockdown(host),
    bootSwitches: fromRows(host, 'boot', '/proc/cmdline', (rows) =>
      rows.flatMap((parameter) => {
        const effect = bootEffect(parameter)
        return effect === undefined ? [] : [{ parameter, effect }]
      }),
    ),
    vulnerabilities: fromRows(host, 'vulnerabilities', '/sys/devices/system/cpu/vulnerabilities', (rows) =>
      rows.flatMap((row) => {
        const [name = '', status = ''] = row.split('\t')
        return status.startsWith('Vulnerable') ? [{ name, status: short(status) }] : []
      }),
    ),
    parameters: isUnavailable(values) ? values : readParameters(host, values, init),
    unprivilegedUserNamespaces: readUserNamespaces(values),
    unprivilegedBpf: readBpf(values),
    forwards: readForwarding(values),
    modules: readModules(host),
    timeDaemons: fromRows(host, 'time', 'processes of the host', (rows) => [
      ...new Set(rows.filter((row) => row !== '')),
    ]),
  }
}

function fromRows<T>(
  host: HostEvidence,
  name: string,
  source: string,
  read: (rows: readonly string[]) => T[],
): Observed<T[]> {
  const listing = whole(host, name, source)
  return isUnavailable(listing) ? listing : { value: read(listing.rows), source }
}

function readModules(host: HostEvidence): Hardening['modules'] {
  const source = '/proc/modules'
  // Where /proc is there and this is not, the kernel was built or started without modules.
  if (readListing(host, 'modules') === undefined && !isUnavailable(whole(host, 'sysctl', '/proc/sys'))) {
    return { value: [], source: `${source} (does not exist: the kernel loads no modules)` }
  }
  return fromRows(host, 'modules', source, (rows) =>
    rows.flatMap((name) => {
      const why = Object.hasOwn(unusualModules, name) ? unusualModules[name] : undefined
      return why === undefined ? [] : [{ name, why }]
    }),
  )
}

function whole(host: HostEvidence, name: string, source: string): Listing | Unavailable {
  const listing = readListing(host, name)
  if (listing === undefined) return unavailable('unsupported', `This host has no ${source}.`)
  if (isUnavailable(listing)) return listing
  return listing.isTruncated ? unavailable('too-large', `${source} has more than is read.`) : listing
}

/** The mode in brackets: "none [integrity] confidentiality". */
function readLockdown(host: HostEvidence): Hardening['lockdown'] {
  const path = '/sys/kernel/security/lockdown'
  const file = readFile(host, path)
  if (isUnavailable(file)) return file
  if (file === undefined) return { source: `${path} (does not exist)` }
  const mode = /\[([a-z]+)\]/.exec(file.content)?.[1]
  return mode === undefined
    ? unavailable('malformed', `${path} holds "${short(file.content.trim())}".`)
    : { value: mode, source: path }
}

type Values = ReadonlyMap<string, string>

function readValues(host: HostEvidence): Values | Unavailable {
  const listing = whole(host, 'sysctl', '/proc/sys')
  if (isUnavailable(listing)) return listing
  return new Map(
    listing.rows.map((row) => {
      const at = row.indexOf('\t')
      return [row.slice(0, at), row.slice(at + 1).trim()] as const
    }),
  )
}

/** Undefined: the kernel has no such parameter. */
function parameterValue(values: Values, name: string): Observed<string> | undefined {
  const path = name.replaceAll('.', '/')
  const value = values.get(path)
  if (value === undefined) return undefined
  if (value === '!namespace') {
    return unavailable(
      'unsupported',
      `The kernel answers /proc/sys/${path} for the reader’s own namespaces, not for the host’s.`,
    )
  }
  return value === '!denied'
    ? unavailable('permission-denied', `/proc/sys/${path} is not readable.`)
    : { value, source: `/proc/sys/${path}` }
}

function readParameters(host: HostEvidence, values: Values, init: Observed<string>): Hardening['parameters'] {
  const files = new PersistedSysctls(host, init)
  const parameters = hardeningParameters.flatMap(({ name, accepted, why }) => {
    const value = parameterValue(values, name)
    if (value === undefined) return []
    const found = files.find(name)
    const persisted = isUnavailable(found)
      ? found
      : { ...(found.value === undefined ? {} : { value: found.value }), source: found.source }
    const isMet = isUnavailable(value) ? value : { value: accepted.includes(value.value), source: value.source }
    const [wanted = ''] = accepted
    return [{ name, value, isMet, wanted, accepted: accepted.join(' or '), why, persisted }]
  })
  return { value: parameters, source: '/proc/sys' }
}

/** Three switches can each forbid them: Debian's, AppArmor's, and the number of namespaces allowed. */
function readUserNamespaces(values: Values | Unavailable): Observed<boolean> {
  if (isUnavailable(values)) return values
  const forbidding: readonly (readonly [name: string, value: string])[] = [
    ['kernel.unprivileged_userns_clone', '0'],
    ['kernel.apparmor_restrict_unprivileged_userns', '1'],
    ['user.max_user_namespaces', '0'],
  ]
  const read: { source: string; value: string }[] = []
  let unread: Unavailable | undefined
  for (const [name, off] of forbidding) {
    const value = parameterValue(values, name)
    if (value === undefined) continue
    if (isUnavailable(value)) {
      unread = value
      continue
    }
    if (value.value === off) return { value: false, source: `${value.source} = ${value.value}` }
    read.push(value)
  }
  if (unread !== undefined) return unread
  if (!read.some(({ source }) => source.endsWith('max_user_namespaces'))) {
    return {
      value: false,
      source: '/proc/sys/user/max_user_namespaces (does not exist: the kernel has no user namespaces)',
    }
  }
  return { value: true, source: read.map(({ source, value }) => `${source} = ${short(value)}`).join(', ') }
}

function readBpf(values: Values | Unavailable): Observed<boolean> {
  if (isUnavailable(values)) return values
  const value = parameterValue(values, 'kernel.unprivileged_bpf_disabled')
  if (value === undefined) {
    return unavailable(
      'unsupported',
      'The kernel has no kernel.unprivileged_bpf_disabled: it is older than 4.4 or without BPF.',
    )
  }
  if (isUnavailable(value)) return value
  return { value: value.value === '0', source: `${value.source} = ${short(value.value)}` }
}

function readForwarding(values: Values | Unavailable): Observed<boolean> {
  if (isUnavailable(values)) return values
  const value = parameterValue(values, 'net.ipv4.ip_forward')
  if (value === undefined) return unavailable('unsupported', 'The kernel has no net.ipv4.ip_forward.')
  return isUnavailable(value) ? value : { value: value.value === '1', source: value.source }
}
