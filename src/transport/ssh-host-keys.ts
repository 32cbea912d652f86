// Judges the key a host shows, and says what to do about one that is refused.
// May not: let a key through that known_hosts does not vouch for, unless the audit accepts new hosts and this one is new.
import { failures, type SshFailure } from './ssh-errors.ts'
import { fingerprint, type HostKey, type HostKeyVerdict, type KnownHosts, knownHostsName } from './ssh-known-hosts.ts'

export interface CheckedHost {
  readonly host: string
  readonly port: number
  readonly where: string
  readonly knownHosts: KnownHosts
  readonly hostKeyAlias?: string
}

export interface HostKeyPolicy {
  readonly acceptNew: boolean
  readonly onNote: (note: string) => void
}

type Unknown = Extract<HostKeyVerdict, { kind: 'unknown' }>

/** Nothing when the key is the host's, or is new and may be and was written down; else why it is refused. */
export function checkHostKey(hop: CheckedHost, key: HostKey, policy: HostKeyPolicy): SshFailure | undefined {
  const verdict = hop.knownHosts.check(hop.host, hop.port, key, hop.hostKeyAlias)
  const shown = `${key.type} ${fingerprint(key.blob)}`
  switch (verdict.kind) {
    case 'known':
      return undefined
    case 'revoked':
      return failures.hostKey('host-key-mismatch', `${hop.where} shows a key that is revoked (${verdict.source}).`)
    case 'changed':
      return failures.hostKey(
        'host-key-mismatch',
        `${hop.where} shows another key than the known one: ${shown}, expected ${verdict.known.join(' or ')} (${verdict.source}).`,
      )
    case 'unknown':
      return unknownHost(hop, key, verdict, policy)
    default:
      return verdict satisfies never
  }
}

function unknownHost(hop: CheckedHost, key: HostKey, verdict: Unknown, policy: HostKeyPolicy): SshFailure | undefined {
  const { others, hasAuthority } = verdict
  const name = hop.hostKeyAlias ?? knownHostsName(hop.host, hop.port)
  const keyscan = `ssh-keyscan -p ${hop.port} ${hop.host} | ssh-keygen -lf -`
  const shown = `${key.type} ${fingerprint(key.blob)}`
  if (others.length > 0) {
    return failures.hostKey(
      'host-key-unknown',
      `${hop.where} shows ${shown}; only its ${others.join(', ')} key is known. Compare: ${keyscan}`,
    )
  }
  if (hasAuthority) {
    return failures.hostKey(
      'host-key-unknown',
      `${hop.where} is known by a certificate authority only, and host certificates cannot be checked here. Add its own key (${shown}) to known_hosts. Compare: ${keyscan}`,
    )
  }
  if (!policy.acceptNew) {
    return failures.hostKey(
      'host-key-unknown',
      `${name} is not in known_hosts. It shows ${shown}. Compare: ${keyscan}; then log in once: ssh -p ${hop.port} ${hop.host}`,
    )
  }
  try {
    hop.knownHosts.accept(name, key)
    policy.onNote(`${name} was new and is now in known_hosts: ${shown}.`)
    return undefined
  } catch {
    return failures.hostKey('host-key-unknown', `${name} is new (${shown}) and known_hosts cannot be written.`)
  }
}
