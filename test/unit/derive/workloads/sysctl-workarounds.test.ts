import { describe, expect, it } from 'vitest'
import { deriveSysctlWorkarounds } from '../../../../src/derive/workloads/sysctl-workarounds.ts'
import type { Container, PodSpec } from '../../../../src/model/pod.ts'
import { container, spec } from './evidence-builder.ts'

const privileged = { securityContext: { privileged: true } } as const

function found(argv: readonly string[], parts: Partial<Container> = privileged, pod: Partial<PodSpec> = {}) {
  const one = container({ name: 'tune', kind: 'init', command: [...argv], ...parts })
  return deriveSysctlWorkarounds(spec({ containers: [one], ...pod })).containers
}
const inShell = (script: string) => found(['sh', '-c', script])

it.each([
  'TOKEN=<redacted> sysctl -w vm.x=1',
  'TOKEN=<redacted>; sysctl -w vm.x=1',
  'mysql -p<redacted> && sysctl -w vm.x=1',
  'curl http://u:<redacted>@h/ | sysctl -w vm.x=1',
])('is seen behind what the collector redacted: %s', (script) => {
  expect(inShell(script).map(({ command, parameters }) => ({ command, parameters }))).toEqual([
    { command: 'sysctl -w vm.x=1', parameters: ['vm.x'] },
  ])
})

describe('commands that write', () => {
  it.each<[string, readonly string[], string, string[]]>([
    [
      'sysctl -w',
      ['sysctl', '-w', 'net.core.somaxconn=512'],
      'sysctl -w net.core.somaxconn=512',
      ['net.core.somaxconn'],
    ],
    [
      'a path and slashes',
      ['/sbin/sysctl', '-qw', 'net/core/somaxconn=1'],
      '/sbin/sysctl -qw net/core/somaxconn=1',
      ['net.core.somaxconn'],
    ],
    [
      'without -w',
      ['sysctl', 'vm.swappiness=1', 'kernel.sem=1 2 3 4'],
      "sysctl vm.swappiness=1 'kernel.sem=1 2 3 4'",
      ['vm.swappiness', 'kernel.sem'],
    ],
    [
      'an interface name with a dot',
      ['sysctl', '-w', 'net.ipv4.conf.eth0/100.rp_filter=0'],
      'sysctl -w net.ipv4.conf.eth0/100.rp_filter=0',
      ['net.ipv4.conf.eth0/100.rp_filter'],
    ],
    ['a file of settings', ['sysctl', '-p', '/etc/tune.conf'], 'sysctl -p /etc/tune.conf', []],
    ['all files', ['sysctl', '--system'], 'sysctl --system', []],
    ['a name nobody can read', ['sh', '-c', 'sysctl -w "$KEY=$VALUE"'], 'sysctl -w $KEY=$VALUE', []],
    ['busybox', ['busybox', 'sysctl', '-w', 'a.b=1'], 'busybox sysctl -w a.b=1', ['a.b']],
    [
      'wrappers',
      ['env', 'A=1', 'timeout', '-k', '5', '10s', 'sysctl', '-w', 'a.b=1'],
      'env A=1 timeout -k 5 10s sysctl -w a.b=1',
      ['a.b'],
    ],
    ['a shell with options', ['/bin/bash', '-euo', 'pipefail', '-c', 'sysctl -w a.b=1'], 'sysctl -w a.b=1', ['a.b']],
    ['a shell in a shell', ['sh', '-c', "bash -lc 'sysctl -w a.b=1'"], 'sysctl -w a.b=1', ['a.b']],
    ['eval', ['sh', '-c', 'eval "sysctl -w a.b=1"'], 'sysctl -w a.b=1', ['a.b']],
    ['su', ['su', 'root', '-c', 'sysctl -w a.b=1'], 'sysctl -w a.b=1', ['a.b']],
    [
      'one branch of a condition',
      ['sh', '-c', 'if [ "$(sysctl -n vm.x)" -lt 9 ]; then sysctl -w vm.x=9; fi'],
      'sysctl -w vm.x=9',
      ['vm.x'],
    ],
    [
      'a subshell in a loop',
      ['sh', '-c', 'while true; do (sysctl -w a.b=1 || true) & sleep 9; done'],
      'sysctl -w a.b=1',
      ['a.b'],
    ],
    ['a function', ['sh', '-c', 'tune() { sysctl -w a.b=1; }; tune'], 'sysctl -w a.b=1', ['a.b']],
    [
      'a substitution',
      ['sh', '-c', 'out="$(sysctl -w a.b=1)" && x=`sysctl -w c.d=1`'],
      'sysctl -w a.b=1; sysctl -w c.d=1',
      ['a.b', 'c.d'],
    ],
    ['a case', ['sh', '-c', 'case $1 in on) sysctl -w a.b=1;; esac'], 'sysctl -w a.b=1', ['a.b']],
    [
      'after a here-document',
      ['sh', '-c', 'cat <<-EOF >/tmp/x\n\tsysctl -w no=1\n\tEOF\nsysctl -w a.b=1'],
      'sysctl -w a.b=1',
      ['a.b'],
    ],
    [
      'echo',
      ['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'],
      'echo 1 > /proc/sys/net/ipv4/ip_forward',
      ['net.ipv4.ip_forward'],
    ],
    ['a detour', ['sh', '-c', 'printf 1 >>"/proc//sys/vm/../vm/x"'], 'printf 1 >> /proc//sys/vm/../vm/x', ['vm.x']],
    ['tee', ['sh', '-c', 'echo 1 | tee -a /proc/sys/vm/x >/dev/null'], 'tee -a /proc/sys/vm/x > /dev/null', ['vm.x']],
    ['dd', ['sh', '-c', 'echo 1 | dd of=/proc/sys/vm/x 2>/dev/null'], 'dd of=/proc/sys/vm/x > /dev/null', ['vm.x']],
    [
      'the same twice',
      ['sh', '-c', 'sysctl -w a.b=1; sysctl -w a.b=1; sysctl -w a.b=2'],
      'sysctl -w a.b=1; sysctl -w a.b=2',
      ['a.b'],
    ],
  ])('%s', (_, argv, command, parameters) => {
    expect(found(argv)).toMatchObject([{ name: 'tune', kind: 'init', command, privileged: true, parameters }])
  })

  it.each<[string, Partial<Container>]>([
    ['command and args', { command: ['sh', '-c'], args: ['sysctl -w a.b=1'] }],
    ['args for the image’s own entry point', { args: ['-c', 'sysctl -w a.b=1'] }],
    ['args that are the command', { args: ['sysctl', '-w', 'a.b=1'] }],
  ])('%s', (_, parts) => {
    const one = container({ ...privileged, ...parts })
    expect(deriveSysctlWorkarounds(spec({ containers: [one] }))).toEqual({
      containers: [
        {
          name: 'app',
          kind: 'container',
          command: 'sysctl -w a.b=1',
          privileged: true,
          changesNode: true,
          parameters: ['a.b'],
        },
      ],
    })
  })
})

describe('what is no such command', () => {
  it.each([
    '# sysctl -w a.b=1',
    'true # sysctl -w a.b=1',
    'echo "sysctl -w a.b=1"',
    "echo 'x; sysctl -w a.b=1'",
    'echo sysctl -w a.b=1',
    'echo "a\\"; sysctl -w a.b=1"',
    'curl https://example.com/sysctl?-w=a.b=1',
    'cat <<EOF > /etc/sysctl.d/90.conf\nsysctl -w a.b=1\nEOF\necho done',
    'sysctl -a | grep somaxconn',
    'sysctl -n net.core.somaxconn',
    'sysctl net.core.somaxconn',
    'command -v sysctl',
    'apk add procps-sysctl',
    'cat /proc/sys/vm/x',
    'read x < /proc/sys/vm/x',
    'cp /proc/sys/vm/x /tmp/x',
    'echo never > /sys/kernel/mm/transparent_hugepage/enabled',
    'echo 1 > /proc/sysrq-trigger',
    'echo 1 > /tmp/proc/sys/vm/x',
    'echo $((1 > 0)) > /tmp/x',
  ])('%j', (script) => {
    expect(inShell(script)).toEqual([])
  })

  it.each<[string, readonly string[]]>([
    ['the whole line as one word, which no runtime can start', ['sysctl -w a.b=1']],
    ['an argument of another program', ['my-tool', 'sysctl', '-w', 'a.b=1']],
    ['a script in the image', ['sh', '/scripts/sysctl.sh']],
    ['nothing', []],
  ])('%s', (_, argv) => {
    expect(found(argv, { ...privileged, image: 'example.com/sysctl-tuner' })).toEqual([])
  })
})

describe('whether the node changes', () => {
  const hostProc: Partial<PodSpec> = {
    volumes: [
      { name: 'proc', type: 'hostPath', hostPath: { path: '/proc/' } },
      { name: 'sys', type: 'hostPath', hostPath: { path: '/proc/sys' } },
      { name: 'tmp', type: 'emptyDir' },
    ],
  }
  const mount = (name: string, mountPath: string, readOnly?: true): Partial<Container> => ({
    volumeMounts: [{ name, mountPath, ...(readOnly === undefined ? {} : { readOnly }) }],
  })
  const net = ['sysctl', '-w', 'net.core.somaxconn=1']
  const vm = ['sysctl', '-w', 'vm.x=1']
  it.each<[string, readonly string[], Partial<Container>, Partial<PodSpec>, boolean]>([
    ['net.* in the pod’s own network', net, privileged, {}, false],
    ['net.* in the node’s network', net, privileged, { hostNetwork: true }, true],
    ['net.* with the node’s IPC only', net, privileged, { hostIPC: true }, false],
    ['IPC in the pod’s own namespace', ['sysctl', '-w', 'kernel.shmmax=1'], privileged, { hostNetwork: true }, false],
    ['IPC in the node’s namespace', ['sysctl', '-w', 'fs.mqueue.msg_max=1'], privileged, { hostIPC: true }, true],
    ['a parameter without namespace', vm, privileged, {}, true],
    ['the host name, shared with the network', ['sysctl', '-w', 'kernel.hostname=x'], privileged, {}, false],
    ['without the right to write', vm, {}, {}, false],
    ['with SYS_ADMIN, which can remount', vm, { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }, {}, true],
    ['root of a user namespace', vm, privileged, { hostUsers: false }, false],
    [
      'nsenter into the node’s network',
      ['nsenter', '-t', '1', '-n', '--', ...net],
      privileged,
      { hostPID: true },
      true,
    ],
    [
      'nsenter into its mounts only',
      ['nsenter', '--target=1', '--mount', ...net],
      privileged,
      { hostPID: true },
      false,
    ],
    [
      'nsenter -a of a script',
      ['nsenter', '-at', '1', 'sh', '-c', 'sysctl -w kernel.sem=1'],
      privileged,
      { hostPID: true },
      true,
    ],
    ['names unknown, nothing shared', ['sysctl', '--system'], privileged, {}, false],
    ['names unknown, network shared', ['sysctl', '--system'], privileged, { hostNetwork: true }, true],
    ['a mounted /proc/sys, unprivileged', ['sh', '-c', 'echo 1 > /host/vm/x'], mount('sys', '/host/'), hostProc, true],
    ['below a mounted /proc', ['sh', '-c', 'echo 1 > /host/sys/vm/x'], mount('proc', '/host'), hostProc, true],
    ['a mounted /proc/sys over the own one', vm, mount('sys', '/proc/sys'), hostProc, true],
    [
      'a mounted /proc/sys, read-only',
      ['sh', '-c', 'echo 1 > /host/vm/x'],
      mount('sys', '/host', true),
      hostProc,
      false,
    ],
    [
      'net.* through a mount, own network',
      ['sh', '-c', 'echo 1 > /host/net/x'],
      mount('sys', '/host'),
      hostProc,
      false,
    ],
  ])('%s', (_, argv, parts, pod, changesNode) => {
    expect(found(argv, parts, pod)).toMatchObject([{ changesNode }])
  })

  it('needs a hostPath behind the mount', () => {
    expect(found(['sh', '-c', 'echo 1 > /tmp/vm/x'], mount('tmp', '/tmp'), hostProc)).toEqual([])
  })
})

it('reports each container by its kind', () => {
  const command = ['sysctl', '-w', 'vm.x=1']
  const facts = deriveSysctlWorkarounds(
    spec({
      containers: [
        container({ name: 'a', kind: 'init', command }),
        container({ name: 'b', command: ['app'] }),
        container({ name: 'c', kind: 'ephemeral', command, ...privileged }),
      ],
    }),
  )
  const parts = { command: 'sysctl -w vm.x=1', parameters: ['vm.x'] }
  expect(facts.containers).toEqual([
    { name: 'a', kind: 'init', privileged: false, changesNode: false, ...parts },
    { name: 'c', kind: 'ephemeral', privileged: true, changesNode: true, ...parts },
  ])
})

it.each([
  ['open substitutions', '$('.repeat(50_000)],
  ['open quotes', '"$(\''.repeat(50_000)],
  ['here-documents', 'cat <<E\n'.repeat(20_000)],
  ['wrappers', 'exec env nice '.repeat(20_000)],
  ['nested eval', 'eval '.repeat(50_000)],
])('survives %s', (_, script) => {
  expect(inShell(script)).toEqual([])
})
