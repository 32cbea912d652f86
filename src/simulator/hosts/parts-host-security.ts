// What a kernel tells of its protections, of what listens, and of what it killed for want of memory.
// Contents are what Linux prints, so that a parser that is wrong about it is found out here.
import { secretMarker } from './secret-marker.ts'
import type { TreeEntry, TreePart } from './tree.ts'

export interface Listener {
  readonly port: number
  /** Default: all addresses, by IPv6. */
  readonly address?: '127.0.0.1' | '0.0.0.0'
  /** Left out where the process that holds it is none of those described. */
  readonly pid?: number
}

export interface HostSecurityOptions {
  /** Added to a usual command line. */
  readonly boot?: readonly string[]
  readonly lockdown?: 'none' | 'integrity'
  readonly vulnerabilities?: Readonly<Record<string, string>>
  readonly modules?: readonly string[]
  /** By path below /proc/sys. */
  readonly parameters?: Readonly<Record<string, string>>
  readonly listeners: readonly Listener[]
  /** Name of the time daemon's process; none runs where it is left out. */
  readonly timeDaemon?: string
  /** Lines of the kernel log beside the first. */
  readonly log?: readonly string[]
  readonly kills?: number
  /** Whether the login may see whose sockets they are. */
  readonly sudo?: boolean
}

const usualParameters: Readonly<Record<string, string>> = {
  'kernel/kptr_restrict': '1',
  'kernel/dmesg_restrict': '1',
  'kernel/randomize_va_space': '2',
  'kernel/yama/ptrace_scope': '1',
  'kernel/perf_event_paranoid': '4',
  'kernel/core_pattern': '|/usr/share/apport/apport -p%p -s%s -c%c',
  'kernel/unprivileged_bpf_disabled': '2',
  'user/max_user_namespaces': '63507',
  'fs/protected_hardlinks': '1',
  'fs/protected_symlinks': '1',
  'fs/protected_fifos': '1',
  'fs/protected_regular': '2',
  'fs/suid_dumpable': '2',
  'net/ipv4/ip_forward': '1',
  'net/ipv4/tcp_syncookies': '1',
  'net/ipv4/icmp_echo_ignore_broadcasts': '1',
  'net/ipv4/conf/all/accept_redirects': '0',
  'net/ipv6/conf/all/accept_redirects': '0',
  'net/ipv4/conf/all/accept_source_route': '0',
}

const usualVulnerabilities: Readonly<Record<string, string>> = {
  itlb_multihit: 'Not affected',
  l1tf: 'Not affected',
  mds: 'Not affected',
  meltdown: 'Not affected',
  mmio_stale_data: 'Mitigation: Clear CPU buffers; SMT Host state unknown',
  retbleed: 'Mitigation: Enhanced IBRS',
  spec_store_bypass: 'Mitigation: Speculative Store Bypass disabled via prctl',
  spectre_v1: 'Mitigation: usercopy/swapgs barriers and __user pointer sanitization',
  spectre_v2: 'Mitigation: Enhanced / Automatic IBRS; IBPB: conditional; RSB filling; PBRSB-eIBRS: SW sequence',
}

export function hostSecurity(options: HostSecurityOptions): TreePart {
  const files: Record<string, TreeEntry> = {
    '/sys/kernel/security/lockdown':
      options.lockdown === 'none' ? '[none] integrity confidentiality\n' : 'none [integrity] confidentiality\n',
    '/proc/cmdline': `BOOT_IMAGE=/boot/vmlinuz root=/dev/vda1 ro console=ttyS0 ${['ignition.config.url=https://boot.shop.example/?token='.concat(secretMarker), ...(options.boot ?? [])].join(' ')}\n`,
    '/proc/modules': ['overlay', 'br_netfilter', 'nf_conntrack', 'veth', ...(options.modules ?? [])]
      .map((name) => `${name} 49152 1 - Live 0x0000000000000000\n`)
      .join(''),
    '/proc/vmstat': `nr_free_pages 128833\noom_kill ${options.kills ?? 0}\nnuma_hit 1\n`,
    '/proc/1/net/tcp': table(options.listeners.filter(({ address }) => address !== undefined)),
    '/proc/1/net/tcp6': table(options.listeners.filter(({ address }) => address === undefined)),
  }
  for (const [name, value] of Object.entries({ ...usualParameters, ...options.parameters })) {
    files[`/proc/sys/${name}`] = `${value}\n`
  }
  for (const [name, status] of Object.entries({ ...usualVulnerabilities, ...options.vulnerabilities })) {
    files[`/sys/devices/system/cpu/vulnerabilities/${name}`] = `${status}\n`
  }
  if (options.sudo !== false) {
    for (const listener of options.listeners) {
      if (listener.pid === undefined) continue
      files[`/proc/${listener.pid}/fd/${listener.port}`] = { link: `socket:[${inode(listener)}]` }
    }
  }
  const log = ['[    0.000000] Linux version (build) #1 SMP', ...(options.log ?? [])].join('\n')
  return {
    files,
    processes:
      options.timeDaemon === undefined
        ? []
        : [
            {
              pid: 655,
              name: options.timeDaemon,
              executable: `/usr/sbin/${options.timeDaemon}`,
              arguments: [`/usr/sbin/${options.timeDaemon}`],
              startedAfterBoot: 5,
            },
          ],
    commands: {
      dmesg:
        options.sudo === false
          ? 'echo "dmesg: read kernel buffer failed: Operation not permitted" >&2\nexit 1\n'
          : `cat <<'LOG'\n${log}\nLOG\n`,
    },
  }
}

function inode({ port, address }: Listener): number {
  return 40_000 + port * 3 + (address === undefined ? 0 : address === '127.0.0.1' ? 1 : 2)
}

/** As /proc/net/tcp of a little-endian machine has it, with one connection that nobody asked for. */
function table(listeners: readonly Listener[]): string {
  const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
  const rows = listeners.map((listener, index) => {
    const { port, address } = listener
    const hexadecimal = port.toString(16).toUpperCase().padStart(4, '0')
    const place = address === undefined ? '0'.repeat(32) : address === '127.0.0.1' ? '0100007F' : '00000000'
    const remote = '0'.repeat(place.length)
    return `${String(index).padStart(4)}: ${place}:${hexadecimal} ${remote}:0000 0A 00000000:00000000 00:00000000 00000000     0        0 ${inode(listener)} 1 0000000000000000 100 0 0 10 0\n`
  })
  return head + rows.join('')
}
