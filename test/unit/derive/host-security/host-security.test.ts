import { describe, expect, it } from 'vitest'
import { deriveHostHardening } from '../../../../src/derive/host-security/hardening.ts'
import { deriveMemoryKills } from '../../../../src/derive/host-security/memory-kills.ts'
import { bootEffect } from '../../../../src/derive/host-security/parameters.ts'
import { deriveListeningSockets } from '../../../../src/derive/host-security/sockets.ts'
import { isUnavailable, unavailable } from '../../../../src/model/fact.ts'
import {
  hostHardeningSchema,
  listeningSocketsSchema,
  memoryKillsSchema,
} from '../../../../src/model/facts-host-security.ts'
import type { HostEvidence } from '../../../../src/model/node-evidence.ts'
import { absent, buildHost, denied, type HostParts } from '../host-builder.ts'

type Listings = NonNullable<HostEvidence['listings']>
const rows = (...lines: readonly string[]) => ({ rows: [...lines] })
const host = (listings: Listings, parts: HostParts = {}): HostEvidence => ({ ...buildHost(parts), listings })
const systemd = { value: 'systemd', source: 'test' }

describe('boot switches', () => {
  it.each([
    ['mitigations=off', 'all mitigations of processor flaws are off'],
    ['mitigations=auto', undefined],
    ['mitigations=auto,nosmt', undefined],
    ['mitigations=auto,no_guest_host', 'mitigations of some attacks are off'],
    ['nopti', 'kernel memory is mapped into every process (Meltdown)'],
    ['pti=on', undefined],
    ['spectre_v2=off', 'the mitigation of spectre_v2 is off'],
    ['mds=full', undefined],
    ['selinux=1', undefined],
    ['selinux=0', 'SELinux is off'],
    ['lsm=lockdown,yama,apparmor', undefined],
    ['constructor', undefined],
  ])('%s', (parameter, effect) => expect(bootEffect(parameter)).toBe(effect))
})

describe('hardening', () => {
  const derive = (listings: Listings, parts: HostParts = {}) =>
    hostHardeningSchema.parse(deriveHostHardening(host(listings, parts), systemd))

  it('reads what the kernel says', () => {
    const found = derive(
      {
        boot: rows('mitigations=off', 'audit=1'),
        vulnerabilities: rows(
          'mds\tVulnerable: no microcode',
          'l1tf\tMitigation: PTE Inversion',
          'itlb_multihit\tKVM: Vulnerable',
        ),
        modules: rows('xfs', 'dccp', 'toString'),
        time: rows('chronyd', 'chronyd'),
        sysctl: rows('kernel/kptr_restrict\t0', 'net/ipv4/ip_forward\t1', 'kernel/unprivileged_bpf_disabled\t2'),
      },
      { files: { '/sys/kernel/security/lockdown': 'none [integrity] confidentiality\n' } },
    )
    expect(found).toMatchObject({
      lockdown: { value: 'integrity' },
      bootSwitches: { value: [{ parameter: 'mitigations=off' }] },
      vulnerabilities: { value: [{ name: 'mds', status: 'Vulnerable: no microcode' }] },
      modules: { value: [{ name: 'dccp' }] },
      timeDaemons: { value: ['chronyd'] },
      forwards: { value: true },
      unprivilegedBpf: { value: false },
    })
  })

  it.each<[string, HostParts['files'], unknown]>([
    [
      'no lockdown in this kernel',
      { '/sys/kernel/security/lockdown': absent },
      { source: '/sys/kernel/security/lockdown (does not exist)' },
    ],
    ['refused', { '/sys/kernel/security/lockdown': denied }, denied],
    [
      'something else',
      { '/sys/kernel/security/lockdown': 'x' },
      expect.objectContaining({ unavailable: expect.objectContaining({ reason: 'malformed' }) }),
    ],
  ])('lockdown: %s', (_name, files, expected) => expect(derive({}, { files: files ?? {} }).lockdown).toEqual(expected))

  it.each<[string, readonly string[], boolean | undefined]>([
    ['only the limit', ['user/max_user_namespaces\t96365'], true],
    ['a limit of none', ['user/max_user_namespaces\t0'], false],
    ['Debian', ['user/max_user_namespaces\t96365', 'kernel/unprivileged_userns_clone\t0'], false],
    ['AppArmor', ['user/max_user_namespaces\t96365', 'kernel/apparmor_restrict_unprivileged_userns\t1'], false],
    ['AppArmor off', ['user/max_user_namespaces\t96365', 'kernel/apparmor_restrict_unprivileged_userns\t0'], true],
    ['no such thing', [], false],
    [
      'one that may not be read',
      ['user/max_user_namespaces\t96365', 'kernel/unprivileged_userns_clone\t!denied'],
      undefined,
    ],
  ])('user namespaces: %s', (_name, lines, expected) => {
    const { unprivilegedUserNamespaces: found } = derive({ sysctl: rows(...lines) })
    expect(isUnavailable(found) ? undefined : found.value).toBe(expected)
  })

  it('judges parameters that are there, one by one', () => {
    const { parameters } = derive({
      sysctl: rows(
        'kernel/kptr_restrict\t2',
        'kernel/dmesg_restrict\t0',
        'fs/protected_fifos\t!denied',
        'kernel/yama/ptrace_scope\t',
      ),
    })
    if (isUnavailable(parameters)) throw new Error('not read')
    const shown = parameters.value.map(({ name, isMet, wanted }) => [
      name,
      isUnavailable(isMet) ? undefined : isMet.value,
      wanted,
    ])
    expect(shown).toEqual([
      ['kernel.kptr_restrict', true, '1'],
      ['kernel.dmesg_restrict', false, '1'],
      ['kernel.yama.ptrace_scope', false, '1'],
      ['fs.protected_fifos', undefined, '1'],
    ])
  })

  it.each<[string, Listings, object]>([
    ['a kernel without modules', { modules: absent, sysctl: rows() }, { value: [] }],
    ['no /proc at all', { modules: absent, sysctl: absent }, { unavailable: { reason: 'unsupported' } }],
    ['refused', { modules: unavailable('permission-denied', 'x') }, { unavailable: { reason: 'permission-denied' } }],
    ['cut', { modules: { rows: ['xfs'], isTruncated: true } }, { unavailable: { reason: 'too-large' } }],
  ])('modules: %s', (_name, listings, expected) => expect(derive(listings).modules).toMatchObject(expected))

  it('knows nothing of a host that an older probe read', () => {
    expect(JSON.stringify(derive({}))).not.toContain('"value"')
  })
})

describe('sockets', () => {
  const kubelet = (values: Readonly<Record<string, unknown>>) => ({
    value: (field: string) => ({ value: values[field] ?? null, source: '/var/lib/kubelet/config.yaml:12' }),
  })
  const nothing = unavailable('not-running', 'x')
  type Daemon = Parameters<typeof deriveListeningSockets>[2]
  const derive = (
    lines: readonly string[],
    values?: Readonly<Record<string, unknown>>,
    machine = 'x86_64',
    daemon: Daemon = nothing,
  ) => {
    const evidence = host({ sockets: rows(...lines) }, { commands: { 'uname -m': `${machine}\n` } })
    const fact = deriveListeningSockets(evidence, values ? (kubelet(values) as never) : nothing, daemon)
    if (isUnavailable(fact)) throw new Error(fact.unavailable.detail)
    const { sockets } = listeningSocketsSchema.parse(fact)
    return isUnavailable(sockets) ? [] : sockets.value
  }
  it.each<[string, string, number, string | undefined, string?]>([
    ['its own address', '0.0.0.0:2375', 700, '/etc/docker/daemon.json'],
    ['another port', '0.0.0.0:2376', 700, undefined],
    ['another process', '0.0.0.0:2375', 701, undefined],
    ['one that is to be protected, after a restart', '0.0.0.0:2375', 700, undefined, 'TLS with client certificates'],
  ])('says which setting of the runtime opens a socket: %s', (_case, address, pid, statedBy, protection = 'none') => {
    const networkListeners = { value: [{ address, protection }], source: '/etc/docker/daemon.json' }
    const daemon = { pid, process: 'dockerd', networkListeners } as Daemon
    const [socket] = derive(['tcp\t00000000:0947\t0\t700\tdockerd'], undefined, 'x86_64', daemon)
    expect(socket?.statedBy).toBe(statedBy)
  })

  it.each([
    ['tcp\t0100007F:2808\t0\t812\tkubelet', '127.0.0.1:10248', true, 'kubelet (pid 812)'],
    ['tcp\t00000000:280F\t0\t\t', '0.0.0.0:10255', false, ''],
    ['tcp6\t00000000000000000000000000000000:0050\t33\t77\tnginx', '[::]:80', false, 'nginx (pid 77)'],
    ['tcp6\t00000000000000000000000001000000:0050\t33\t77\tnginx', '[::1]:80', true, 'nginx (pid 77)'],
    ['tcp6\t0000000000000000FFFF00000100007F:0050\t33\t77\tnginx', '[::ffff:127.0.0.1]:80', true, 'nginx (pid 77)'],
    [
      'tcp6\tB80D01200000000067452301EFCDAB89:0050\t33\t77\tnginx',
      '[2001:db8::123:4567:89ab:cdef]:80',
      false,
      'nginx (pid 77)',
    ],
  ])('%s', (row, shown, isLoopback, process) => {
    expect(derive([row])).toEqual([expect.objectContaining({ shown, isLoopback, process, contradiction: '' })])
  })
  it('reads words as the machine writes them', () => {
    expect(derive(['tcp\t7F000001:2808\t0\t\t'], undefined, 's390x')[0]?.shown).toBe('127.0.0.1:10248')
  })
  it('leaves out what is no socket', () => {
    expect(derive(['hidden', '', 'tcp\tx:y\t0\t1\ta', 'tcp\t0100007F:280\t0\t1\ta'])).toEqual([])
  })
  it.each([
    [
      'tcp\t00000000:280F\t0\t812\tkubelet',
      { readOnlyPort: 0 },
      'although readOnlyPort is 0 (/var/lib/kubelet/config.yaml:12)',
    ],
    ['tcp\t00000000:280F\t0\t812\tkubelet', { readOnlyPort: 10255 }, ''],
    ['tcp\t00000000:280F\t0\t812\tother', { readOnlyPort: 0 }, ''],
    [
      'tcp\t00000000:2808\t0\t812\tkubelet',
      { healthzBindAddress: '127.0.0.1' },
      'although healthzBindAddress is 127.0.0.1 (/var/lib/kubelet/config.yaml:12)',
    ],
    ['tcp\t0100007F:2808\t0\t812\tkubelet', { healthzBindAddress: '127.0.0.1' }, ''],
  ])('%s against %j', (row, values, contradiction) => {
    expect(derive([row], values)[0]?.contradiction).toBe(contradiction)
  })
})

describe('kills for want of memory', () => {
  const derive = (listings: Listings) => {
    const fact = memoryKillsSchema.parse(deriveMemoryKills(host(listings)))
    const show = (one: (typeof fact)['total']) => (isUnavailable(one) ? one.unavailable.reason : one.value)
    return [show(fact.total), show(fact.inPods), show(fact.bySystemCount)]
  }
  const none = rows('from\t0')
  it.each<[string, Listings, readonly unknown[]]>([
    [
      'none, and no log is needed',
      { vmstat: rows('oom_kill\t0'), 'memory-kills': absent, cgroups: absent },
      [0, 'not-found', 0],
    ],
    [
      'all in pods',
      {
        vmstat: rows('oom_kill\t1'),
        'memory-kills': rows('from\t0', '9\tgroup\tjava'),
        cgroups: rows('kubepods.slice\toom_kill=1'),
      },
      [1, 1, 0],
    ],
    [
      'one by the system',
      { vmstat: rows('oom_kill\t2'), 'memory-kills': rows('9\tsystem\tjava', 'from\t0') },
      [2, 'not-collected', 1],
    ],
    [
      'the log lost some',
      { vmstat: rows('oom_kill\t2'), 'memory-kills': rows('9\tgroup\tjava', 'from\t8') },
      [2, 'not-collected', 'unsupported'],
    ],
    [
      'log refused',
      { vmstat: rows('oom_kill\t2'), 'memory-kills': unavailable('permission-denied', 'x') },
      [2, 'not-collected', 'permission-denied'],
    ],
    ['log without times', { vmstat: rows('oom_kill\t2'), 'memory-kills': rows() }, [2, 'not-collected', 'malformed']],
    [
      'an old kernel, empty log',
      { vmstat: rows(), 'memory-kills': none },
      ['unsupported', 'not-collected', 'unsupported'],
    ],
    [
      'cgroup v1 counts no sums',
      {
        vmstat: rows('oom_kill\t0'),
        cgroups: rows('memory/kubepods\toom_kill=0\tmemory.limit_in_bytes=9223372036854771712'),
      },
      [0, 'unsupported', 0],
    ],
    ['an older probe', {}, ['not-collected', 'not-collected', 'not-collected']],
  ])('%s', (_name, listings, expected) => expect(derive(listings)).toEqual(expected))
})
