// The listeningSockets fact: what listens on which address of the host, who holds it, and what the configuration says of it.
// May not: take a socket of a pod's own network for one of the host; the probe reads the network of process 1 only.
import { type Fact, isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { commandOutput, readListing } from '../nodes/host.ts'
import { pickText } from '../nodes/kubelet-configuration.ts'
import { short } from '../nodes/kubelet-document.ts'
import type { EffectiveKubelet } from '../nodes/kubelet-effective.ts'

type Sockets = FactValue<'listeningSockets'>
type Socket = Extract<Sockets['sockets'], { value: unknown }>['value'][number]

export function deriveListeningSockets(
  host: HostEvidence,
  kubelet: EffectiveKubelet | Unavailable,
  daemon: Fact<FactValue<'runtimeDaemon'>>,
): Fact<Sockets> {
  const listing = readListing(host, 'sockets')
  if (listing === undefined) return unavailable('unsupported', 'This host shows no /proc/1/net/tcp.')
  if (isUnavailable(listing)) return listing
  if (listing.isTruncated) return unavailable('too-large', 'More sockets listen on this host than the probe reads.')
  const machine = commandOutput(host, 'uname -m')
  const words = !isUnavailable(machine) && machine.trim() === 's390x' ? bigEndian : littleEndian
  const sockets = listing.rows.flatMap((row) => readSocket(row, words, kubelet)).map((socket) => stated(socket, daemon))
  sockets.sort((a, b) => a.port - b.port || (a.address < b.address ? -1 : 1))
  return { sockets: { value: sockets, source: '/proc/1/net/tcp and /proc/1/net/tcp6' } }
}

/** The kernel writes addresses as words in the byte order of the machine. */
const littleEndian = [6, 4, 2, 0] as const
const bigEndian = [0, 2, 4, 6] as const

function readSocket(row: string, words: readonly number[], kubelet: EffectiveKubelet | Unavailable): Socket[] {
  const [protocol, place = '', , pid = '', name = ''] = row.split('\t')
  const [hexAddress = '', hexPort = ''] = place.split(':')
  const port = /^[0-9A-F]{4}$/.test(hexPort) ? Number.parseInt(hexPort, 16) : undefined
  const address = protocol === 'tcp6' ? readV6(hexAddress, words) : readV4(hexAddress, words)
  if (port === undefined || address === undefined) return []
  const isLoopback = /^127\.|^::1$|^::ffff:127\./.test(address)
  const holder = pid === '' ? '' : `${short(name)} (pid ${pid})`
  return [
    {
      port,
      address,
      shown: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
      isLoopback,
      process: holder,
      contradiction: contradiction(port, name, isLoopback, kubelet),
    },
  ]
}

/** A socket that the runtime's own settings open unprotected is one finding, not two. What they protect may not yet be so. */
function stated(socket: Socket, daemon: Fact<FactValue<'runtimeDaemon'>>): Socket {
  if (isUnavailable(daemon) || isUnavailable(daemon.networkListeners)) return socket
  const { value, source } = daemon.networkListeners
  if (!socket.process.endsWith(`(pid ${daemon.pid})`)) return socket
  const isNamed = value.some(
    ({ address, protection }) => address.endsWith(`:${socket.port}`) && protection !== 'TLS with client certificates',
  )
  return isNamed ? { ...socket, statedBy: source } : socket
}

function readV4(hex: string, words: readonly number[]): string | undefined {
  if (!/^[0-9A-F]{8}$/.test(hex)) return undefined
  return words.map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.')
}

function readV6(hex: string, words: readonly number[]): string | undefined {
  if (!/^[0-9A-F]{32}$/.test(hex)) return undefined
  const bytes = [0, 8, 16, 24].flatMap((word) => words.map((at) => hex.slice(word + at, word + at + 2).toLowerCase()))
  const mapped = bytes.slice(0, 12).join('') === '00000000000000000000ffff'
  if (mapped)
    return `::ffff:${bytes
      .slice(12)
      .map((byte) => Number.parseInt(byte, 16))
      .join('.')}`
  const groups = Array.from({ length: 8 }, (_, index) =>
    `${bytes[2 * index]}${bytes[2 * index + 1]}`.replace(/^0{1,3}/, ''),
  )
  return groups.join(':').replace(/(?:^|:)0(?::0)+(?::|$)/, '::')
}

/** A socket is seen; what a file or flag says is what somebody meant. */
function contradiction(
  port: number,
  process: string,
  isLoopback: boolean,
  kubelet: EffectiveKubelet | Unavailable,
): string {
  if (process !== 'kubelet' || isUnavailable(kubelet)) return ''
  if (port === 10255) {
    const set = kubelet.value('readOnlyPort')
    return !isUnavailable(set) && set.value === 0 ? `although readOnlyPort is 0 (${set.source})` : ''
  }
  if (port === 10248 && !isLoopback) {
    const set = pickText(kubelet, 'healthzBindAddress')
    return !isUnavailable(set) && /^127\.|^::1$/.test(set.value)
      ? `although healthzBindAddress is ${set.value} (${set.source})`
      : ''
  }
  return ''
}
