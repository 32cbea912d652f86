import { describe, expect, test } from 'vitest'
import { type ProbeRun, parseProbe } from '../../../../src/collect/probe/parse.ts'
import { hostEvidenceSchema } from '../../../../src/model/node-evidence.ts'

const nonce = 'f00dfacef00dfacef00dfacef00dface'
const run: ProbeRun = {
  transport: 'ssh',
  address: '10.0.0.1',
  user: 'audit',
  startedAt: '2026-11-20T00:00:00.000Z',
  durationMs: 12.4,
}

function b64(text: string | Uint8Array): string {
  return Buffer.from(text).toString('base64')
}
function frame(...fields: string[]): string {
  return `#${nonce} ${fields.join(' ')}\n`
}
function withBody(fields: string[], body: string | Uint8Array): string {
  return `${frame(...fields)}${b64(body).replace(/.{76}/g, '$&\n')}\n${frame('.', '0')}`
}
const header = frame('H', '1', '0', 'none', 'base64', '~')
const end = frame('Z')
const complete = (...records: string[]): string => header + records.join('') + frame('Q', 'complete') + end

function parse(text: string | Uint8Array, given: ProbeRun = run) {
  const evidence = parseProbe(Buffer.from(text), nonce, given)
  if ('unavailable' in evidence) return evidence
  expect(hostEvidenceSchema.safeParse(evidence).error).toBeUndefined()
  return evidence
}
function host(text: string | Uint8Array, given: ProbeRun = run) {
  const evidence = parse(text, given)
  if ('unavailable' in evidence) throw new Error(`unavailable: ${evidence.unavailable.detail}`)
  return evidence
}

test('a whole answer', () => {
  const text = complete(
    frame('B', '1700000000', '100'),
    frame('T', '=/proc/sys/vm/panic_on_oom', '=0'),
    withBody(['F', 'plain', '=/etc/os-release', '=/usr/lib/os-release', '262144'], 'ID=debian\n'),
    frame('D', '=/etc/sysctl.d', '=/data/sysctl.d') + frame('E', '=a.conf', `~${b64('b c.conf')}`) + frame('.', '0'),
    withBody(['P', '812', '=kubelet', '=/usr/bin/kubelet', '12345'], 'kubelet\0--config=/x\0--token\0abc\0'),
    frame('V', '812', 'KUBELET_CONFIG_DROPIN_DIR_ALPHA', '=/etc/k.d'),
    withBody(['C', `~${b64('containerd --version')}`], 'containerd 2.0\n\n0'),
    frame('A', 'F', '=/etc/fstab'),
    frame('A', 'D', '=/run/sysctl.d'),
    frame('A', 'C', `~${b64('crio --version')}`),
    withBody(['L', 'modules', '100'], 'sctp\nxfs\n'),
    withBody(['L', 'sockets', '10'], 'tcp\ta\ntcp\tb\n'),
    frame('A', 'L', '=cgroups'),
    withBody(['L', 'sysctl', '100'], 'kernel/core_pattern\t|/x --password=hunter2\n'),
    withBody(['L', '__proto__', '100'], 'x\n'),
    frame('X', 'L', '=time', 'denied'),
    withBody(['S'], '600\t0\t0\t1700000001\t10\t/usr/lib/os-release\troot\tdomain users\n'),
  )
  expect(parse(text)).toEqual({
    run: {
      transport: 'ssh',
      address: '10.0.0.1',
      user: 'audit',
      privilege: 'root',
      startedAt: '2026-11-20T00:00:00.000Z',
      durationMs: 12,
      bytes: text.length,
      probeVersion: '1',
    },
    files: {
      '/proc/sys/vm/panic_on_oom': { content: '0\n' },
      '/etc/os-release': {
        content: 'ID=debian\n',
        resolved: '/usr/lib/os-release',
        stat: { mode: '0600', uid: 0, gid: 0, owner: 'root', group: 'domain users', modifiedAt: 1700000001 },
      },
      '/etc/fstab': { absent: true },
    },
    directories: {
      '/etc/sysctl.d': { entries: ['a.conf', 'b c.conf'], resolved: '/data/sysctl.d' },
      '/run/sysctl.d': { absent: true },
    },
    processes: [
      {
        pid: 812,
        name: 'kubelet',
        executable: '/usr/bin/kubelet',
        arguments: ['kubelet', '--config=/x', '--token', '<redacted>'],
        environment: { KUBELET_CONFIG_DROPIN_DIR_ALPHA: '/etc/k.d' },
        startedAt: 1700000123,
      },
    ],
    statuses: {},
    certificates: {},
    listings: {
      modules: { rows: ['sctp', 'xfs'] },
      sockets: { rows: ['tcp\ta'], isTruncated: true },
      cgroups: { absent: true },
      sysctl: { rows: ['kernel/core_pattern\t|/x'] },
      time: { unavailable: { reason: 'permission-denied', detail: 'Not readable for audit.' } },
    },
    commands: {
      'containerd --version': { exitCode: 0, output: 'containerd 2.0\n' },
      'crio --version': { absent: true },
    },
  })
})

test.each([
  ['0', 'none', 'root'],
  ['0', 'used', 'sudo'],
  ['1000', 'denied', 'user'],
  ['1000', 'none', 'user'],
])('euid %s, sudo %s: %s', (euid, sudo, privilege) => {
  const text = frame('H', '1', euid, sudo, 'base64', '~') + frame('Q', 'complete') + end
  expect(host(text).run.privilege).toBe(privilege)
})

test.each([
  ['denied', 'none', 'permission-denied'],
  ['denied', 'denied', 'sudo-denied'],
  ['directory', 'none', 'unsupported'],
  ['special', 'none', 'unsupported'],
  ['limit', 'none', 'too-large'],
  ['failed', 'none', 'unsupported'],
  ['refused', 'none', 'not-collected'],
  ['relative', 'none', 'unsupported'],
  ['elsewhere', 'none', 'unsupported'],
  ['news', 'none', 'malformed'],
])('not read, %s with sudo %s: %s', (why, sudo, reason) => {
  const text =
    frame('H', '1', '1000', sudo, 'base64', '~') + frame('X', 'F', '=/etc/x', why) + frame('Q', 'complete') + end
  expect(host(text).files['/etc/x']).toEqual({ unavailable: { reason, detail: expect.stringMatching(/\.$/) } })
})

test.each([
  ['hidden', 'none', 'permission-denied'],
  ['hidden', 'denied', 'sudo-denied'],
  ['unsupported', 'none', 'unsupported'],
])('processes %s, sudo %s: %s', (state, sudo, reason) => {
  const text =
    frame('H', '1', '1000', sudo, 'base64', '~') +
    withBody(['P', '1', '=etcd', '~', '1'], 'etcd\0') +
    frame('Q', state) +
    end
  expect(host(text).processes).toEqual({ unavailable: { reason, detail: expect.any(String) } })
})

describe('odd bytes', () => {
  test('od encoding gives the same', () => {
    const hex = (text: string): string => Buffer.from(text).toString('hex').replace(/../g, ' $&')
    const text =
      frame('H', '1', '0', 'none', 'od', '~') +
      `${frame('F', 'plain', `~${Buffer.from('/etc/a b').toString('hex')}`, '~', '10')}${hex('x\n')}\n${frame('.', '0')}` +
      frame('Q', 'complete') +
      end
    expect(host(text).files).toEqual({ '/etc/a b': { content: 'x\n' } })
  })
  test('content that is not UTF-8 says so; a NUL, a frame look-alike and line breaks are content', () => {
    const text = complete(
      withBody(['F', 'raw', '=/a', '~', '100'], Buffer.from([0x61, 0xff, 0x00, 0x0a])),
      withBody(['F', 'raw', '=/b', '~', '100'], `\0#${nonce} Z\n`),
    )
    expect(host(text).files).toEqual({
      '/a': { content: 'a\ufffd\0\n', lossy: true },
      '/b': { content: `\0#${nonce} Z\n` },
    })
  })
  test('a character cut by the limit is left out, and the full size kept', () => {
    const text = complete(
      withBody(['F', 'plain', '=/a', '~', '2'], 'aé'),
      withBody(['S'], '644\t0\t0\t1\t999\t/a\tUNKNOWN\troot\n'),
    )
    expect(host(text).files['/a']).toEqual({
      content: 'a',
      truncatedFrom: 999,
      stat: { mode: '0644', uid: 0, gid: 0, group: 'root', modifiedAt: 1 },
    })
  })
  test('names that are not UTF-8 stay apart', () => {
    const name = (...bytes: number[]): string => `~${b64(Buffer.from([0x61, ...bytes]))}`
    const text = complete(
      frame('D', '=/d', '~') + frame('E', name(0xfe), name(0xff), `~${b64('a\nb')}`) + frame('.', '0'),
    )
    expect(host(text).directories).toEqual({ '/d': { entries: ['a\\xfe', 'a\\xff', 'a\nb'] } })
  })
  test('__proto__ is a name like others', () => {
    const evidence = host(complete(frame('T', '=__proto__', '=x')))
    expect(Object.keys(evidence.files)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(evidence.files)).toBe(Object.prototype)
  })
  test('noise before and between frames is no evidence', () => {
    const noise = 'Welcome!\n#other Z\n\0\n'
    expect(host(noise + complete(noise, frame('A', 'F', '=/x'))).files).toEqual({ '/x': { absent: true } })
  })
  test('noise within a body spoils that record only', () => {
    const spoiled = `${frame('F', 'raw', '=/a', '~', '9')}YQ==\noops!\n${frame('.', '0')}`
    const evidence = host(complete(spoiled, frame('A', 'F', '=/x')))
    expect(evidence.files).toEqual({
      '/a': { unavailable: { reason: 'malformed', detail: 'The probe’s record of this file does not decode.' } },
      '/x': { absent: true },
    })
  })
})

describe('commands', () => {
  test.each([
    [
      'a time-out',
      'half\n124',
      { unavailable: { reason: 'timeout', detail: 'The command did not end within 10 seconds.' } },
    ],
    ['a failure', 'no such device\n\n1', { exitCode: 1, output: 'no such device\n' }],
    [
      'too much output',
      'x'.repeat(16_384),
      { unavailable: { reason: 'too-large', detail: 'The command printed more than 16 KiB.' } },
    ],
  ])('%s', (_name, body, wanted) => {
    expect(host(complete(withBody(['C', '=x'], body))).commands).toEqual({ x: wanted })
  })
})

describe('secrets', () => {
  test.each([
    ['env', '/etc/default/kubelet', 'TOKEN=abc\n', 'TOKEN=<redacted>\n'],
    ['unit', '/etc/systemd/system/kubelet.service', 'ExecStart=/k --token=abc\n', 'ExecStart=/k --token=<redacted>\n'],
    ['conf', '/etc/containerd/config.toml', 'password = "x"\n', 'password = "<redacted>"\n'],
    ['fstab', '/etc/fstab', '//h/s /m cifs password=x 0 0\n', '//h/s /m cifs password=<redacted> 0 0\n'],
    ['plain', '/etc/sysctl.conf', '# https://u:p@h/\n', '# https://u:<redacted>@h/\n'],
  ])('%s', (kind, path, content, wanted) => {
    expect(host(complete(withBody(['F', kind, `=${path}`, '~', '999'], content))).files).toEqual({
      [path]: { content: wanted },
    })
  })
})

describe('nothing usable', () => {
  test.each([
    ['no output', '', run, 'malformed'],
    ['another program', 'This account is not available.\n', run, 'malformed'],
    ['a header that is cut', header.slice(0, -1), run, 'malformed'],
    ['interrupted', 'x', { ...run, interrupted: { reason: 'timeout', detail: 'No answer.' } } as ProbeRun, 'timeout'],
  ])('%s', (_name, text, given, reason) => {
    expect(parse(text, given)).toEqual({ unavailable: { reason, detail: expect.any(String) } })
  })
  test('another run’s frames do not count', () => {
    expect(parse(complete().replaceAll(nonce, nonce.replace('f', 'e')))).toHaveProperty(
      'unavailable.reason',
      'malformed',
    )
  })
  test('incomplete says why the transport stopped', () => {
    const evidence = host(header + frame('A', 'F', '=/x'), {
      ...run,
      interrupted: { reason: 'too-large', detail: 'Too much.' },
    })
    expect(evidence.incomplete).toEqual({ reason: 'too-large', detail: 'Too much. 2 records arrived whole.' })
    expect(evidence.processes).toEqual({ unavailable: evidence.incomplete })
    expect(evidence.files).toEqual({ '/x': { absent: true } })
  })
})
