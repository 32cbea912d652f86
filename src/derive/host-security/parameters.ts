// Kernel parameters that harden a host, and which values of them are acceptable where Kubernetes runs.
// May not: ask for what breaks pods or network plug-ins. rp_filter, route_localnet, accept_ra and kexec are left out for that reason:
// Cilium and Calico want loose or no reverse path filtering, kube-proxy sets route_localnet, kdump needs kexec.

export interface HardeningParameter {
  /** With dots. */
  readonly name: string
  readonly accepted: readonly string[]
  readonly why: string
}

export const hardeningParameters: readonly HardeningParameter[] = [
  { name: 'kernel.kptr_restrict', accepted: ['1', '2'], why: 'kernel addresses are shown, which exploits need' },
  { name: 'kernel.dmesg_restrict', accepted: ['1'], why: 'every process reads the kernel log' },
  { name: 'kernel.randomize_va_space', accepted: ['2'], why: 'addresses of processes can be foreseen' },
  {
    name: 'kernel.yama.ptrace_scope',
    accepted: ['1', '2', '3'],
    why: 'a process reads the memory of others of its user',
  },
  { name: 'kernel.perf_event_paranoid', accepted: ['2', '3', '4'], why: 'every process measures the kernel' },
  { name: 'fs.protected_hardlinks', accepted: ['1'], why: 'links to files of others can be made and waited for' },
  { name: 'fs.protected_symlinks', accepted: ['1'], why: 'programs of root can be led astray in /tmp' },
  { name: 'fs.protected_fifos', accepted: ['1', '2'], why: 'programs can be fed through pipes planted in /tmp' },
  { name: 'fs.protected_regular', accepted: ['1', '2'], why: 'programs can be led to write to files planted in /tmp' },
  { name: 'fs.suid_dumpable', accepted: ['0', '2'], why: 'memory of set-user-id programs lands in core files' },
  { name: 'net.ipv4.tcp_syncookies', accepted: ['1', '2'], why: 'a flood of SYNs keeps others out' },
  { name: 'net.ipv4.icmp_echo_ignore_broadcasts', accepted: ['1'], why: 'the node amplifies floods of pings' },
  { name: 'net.ipv4.conf.all.accept_source_route', accepted: ['0'], why: 'senders choose the way past filters' },
  { name: 'net.ipv4.conf.all.accept_redirects', accepted: ['0'], why: 'neighbors change the node’s routes' },
  { name: 'net.ipv6.conf.all.accept_redirects', accepted: ['0'], why: 'neighbors change the node’s routes' },
]

/** Switches that take protection away, by how the parameter begins or what it is. */
export function bootEffect(parameter: string): string | undefined {
  const [name = '', value = ''] = parameter.split('=', 2)
  if (name === 'mitigations') {
    if (value === 'off') return 'all mitigations of processor flaws are off'
    return /(?:^|,)no_/.test(value) ? 'mitigations of some attacks are off' : undefined
  }
  if (Object.hasOwn(whenAlone, parameter)) return whenAlone[parameter]
  if (mitigations.has(name) && value.split(',')[0] === 'off') return `the mitigation of ${name} is off`
  return undefined
}

const mitigations: ReadonlySet<string> = new Set([
  'pti',
  'kpti',
  'spectre_v2',
  'spectre_v2_user',
  'spec_store_bypass_disable',
  'ssbd',
  'l1tf',
  'mds',
  'tsx_async_abort',
  'mmio_stale_data',
  'reg_file_data_sampling',
  'retbleed',
  'srbds',
  'gather_data_sampling',
  'indirect_target_selection',
  'tsa',
  'vmscape',
])

const whenAlone: Readonly<Record<string, string>> = {
  nopti: 'kernel memory is mapped into every process (Meltdown)',
  nospectre_v1: 'the mitigation of spectre_v1 is off',
  nospectre_v2: 'the mitigation of spectre_v2 is off',
  nospectre_bhb: 'the mitigation of branch history injection is off',
  nospec_store_bypass_disable: 'the mitigation of spec_store_bypass is off',
  nosmep: 'the kernel may be made to run code of processes',
  nosmap: 'the kernel may be made to read data of processes',
  nokaslr: 'the kernel’s addresses can be foreseen',
  norandmaps: 'addresses of processes can be foreseen',
  'kpti=0': 'kernel memory is mapped into every process (Meltdown)',
  'selinux=0': 'SELinux is off',
  'enforcing=0': 'SELinux starts in permissive mode',
  'apparmor=0': 'AppArmor is off',
  'module.sig_enforce=0': 'unsigned modules may be loaded',
  'audit=0': 'the audit system is off',
  'vsyscall=native': 'code at a fixed address can be run in every process',
}

const network = 'a network protocol hardly a node uses; its code was the way into the kernel before'
const fileSystem = 'a file system hardly a node uses, which mounts images of any origin'

export const unusualModules: Readonly<Record<string, string>> = {
  dccp: network,
  tipc: network,
  rds: network,
  sctp: 'a network protocol with a history of flaws; leave it where a Service or a pod uses SCTP',
  atm: network,
  can: network,
  ax25: network,
  netrom: network,
  rose: network,
  x25: network,
  appletalk: network,
  ipx: network,
  decnet: network,
  n_hdlc: 'a line discipline hardly a node uses; its code was the way into the kernel before',
  cramfs: fileSystem,
  freevxfs: fileSystem,
  hfs: fileSystem,
  hfsplus: fileSystem,
  jffs2: fileSystem,
  udf: fileSystem,
  usb_storage: 'disks that somebody plugs in are mounted and booted from',
  firewire_core: 'a bus whose devices read the memory',
}
