import { describe, expect, it } from 'vitest'
import { deriveKernelParameters } from '../../../../src/derive/nodes/kernel-parameters.ts'
import { kernelParametersSchema } from '../../../../src/model/facts-node.ts'
import { absent, buildHost, denied, type HostParts } from '../host-builder.ts'

const systemd = { value: 'systemd', source: '/run/systemd/system' }
const folders = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d', '/lib/sysctl.d']
const name = 'vm.overcommit_memory'

type Files = NonNullable<HostParts['files']>

function persisted(
  files: Files,
  init: Parameters<typeof deriveKernelParameters>[1] = systemd,
  broken: Files = {},
): unknown {
  const directories = Object.fromEntries(
    folders.map((folder) => [
      folder,
      Object.keys(files)
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1)),
    ]),
  )
  const host = buildHost({
    files: { '/etc/sysctl.conf': absent, ...files },
    directories: { ...directories, ...Object.fromEntries(Object.keys(broken).map((key) => [key, denied])) },
  })
  const fact = kernelParametersSchema.parse(deriveKernelParameters(host, init))
  return fact.required.find((parameter) => parameter.name === name)?.persisted
}

const nothing = { source: 'nothing in /etc/sysctl.d, /usr/local/lib/sysctl.d, /usr/lib/sysctl.d sets it' }

describe('persisted kernel parameters', () => {
  it.each<[string, Files, unknown]>([
    ['nothing sets it', {}, nothing],
    [
      'with dots',
      { '/etc/sysctl.d/a.conf': `# x\n; y\n${name} = 1\n` },
      { value: 1, source: '/etc/sysctl.d/a.conf:3' },
    ],
    [
      'with slashes',
      { '/etc/sysctl.d/a.conf': 'vm/overcommit_memory=1' },
      { value: 1, source: '/etc/sysctl.d/a.conf:1' },
    ],
    ['errors ignored', { '/etc/sysctl.d/a.conf': `-${name}=1` }, { value: 1, source: '/etc/sysctl.d/a.conf:1' }],
    [
      'last line of a file',
      { '/etc/sysctl.d/a.conf': `${name}=2\n${name}=1\n` },
      { value: 1, source: '/etc/sysctl.d/a.conf:2' },
    ],
    [
      'later name wins, whatever its folder',
      { '/etc/sysctl.d/10.conf': `${name}=2`, '/usr/lib/sysctl.d/50.conf': `${name}=1` },
      { value: 1, source: '/usr/lib/sysctl.d/50.conf:1' },
    ],
    [
      'of one name, the higher folder hides the other',
      { '/etc/sysctl.d/50.conf': 'kernel.panic=10', '/usr/lib/sysctl.d/50.conf': `${name}=1` },
      nothing,
    ],
    [
      'masked by a link to /dev/null',
      { '/etc/sysctl.d/50.conf': { content: '', resolved: '/dev/null' }, '/usr/lib/sysctl.d/50.conf': `${name}=1` },
      nothing,
    ],
    ['only *.conf', { '/etc/sysctl.d/50.conf.bak': `${name}=1` }, nothing],
    ['a pattern', { '/etc/sysctl.d/50.conf': 'vm.over* = 1' }, { value: 1, source: '/etc/sysctl.d/50.conf:1' }],
    [
      'its own word is above a later pattern',
      { '/etc/sysctl.d/50.conf': `${name}=2\nvm.* = 1` },
      { value: 2, source: '/etc/sysctl.d/50.conf:1' },
    ],
    ['kept away from patterns', { '/etc/sysctl.d/50.conf': `vm.* = 1\n-${name}` }, nothing],
    ['no pattern across parts', { '/etc/sysctl.d/50.conf': '* = 1' }, nothing],
    ['another parameter', { '/etc/sysctl.d/50.conf': 'vm.overcommit_memory_x = 1\nvm.overcommit = 1' }, nothing],
    [
      'not a number',
      { '/etc/sysctl.d/50.conf': `${name} = yes` },
      {
        unavailable: { reason: 'malformed', detail: '/etc/sysctl.d/50.conf:1 holds "yes", which is no whole number.' },
      },
    ],
    ['/etc/sysctl.conf is not read by systemd', { '/etc/sysctl.conf': `${name}=1` }, nothing],
    [
      '/etc/sysctl.conf through a link',
      {
        '/etc/sysctl.conf': `${name}=1`,
        '/etc/sysctl.d/99-sysctl.conf': { content: `\n${name}=1`, resolved: '/etc/sysctl.conf' },
      },
      { value: 1, source: '/etc/sysctl.conf:2 (through /etc/sysctl.d/99-sysctl.conf)' },
    ],
    [
      '/run does not outlive the boot',
      { '/run/sysctl.d/50.conf': `${name}=1` },
      { source: `${nothing.source}; /run/sysctl.d/50.conf:1 does, but /run/sysctl.d is empty at boot` },
    ],
    [
      'an unreadable file may set it',
      { '/etc/sysctl.d/10.conf': `${name}=1`, '/etc/sysctl.d/20.conf': denied },
      denied,
    ],
    [
      'a later file settles it',
      { '/etc/sysctl.d/10.conf': denied, '/etc/sysctl.d/20.conf': `${name}=1` },
      { value: 1, source: '/etc/sysctl.d/20.conf:1' },
    ],
    ['a pattern does not settle it', { '/etc/sysctl.d/10.conf': denied, '/etc/sysctl.d/20.conf': 'vm.*=1' }, denied],
  ])('%s', (_case, files, expected) => {
    expect(persisted(files)).toEqual(expected)
  })

  it('is not known when a folder could not be listed', () => {
    expect(persisted({ '/etc/sysctl.d/a.conf': `${name}=1` }, systemd, { '/usr/lib/sysctl.d': '' })).toEqual(denied)
  })

  it.each<[string, Files, unknown]>([
    [
      'read last',
      { '/etc/sysctl.conf': `${name}=1`, '/etc/sysctl.d/99.conf': `${name}=2` },
      { value: 1, source: '/etc/sysctl.conf:1' },
    ],
    ['silent', { '/etc/sysctl.d/99.conf': `${name}=2` }, { value: 2, source: '/etc/sysctl.d/99.conf:1' }],
    ['unreadable', { '/etc/sysctl.conf': denied, '/etc/sysctl.d/99.conf': `${name}=2` }, denied],
  ])('/etc/sysctl.conf without systemd: %s', (_case, files, expected) => {
    expect(persisted(files, { value: 'openrc', source: '/proc/1/comm' })).toEqual(expected)
  })

  it.each<[string, Files, unknown]>([
    [
      'differs',
      { '/etc/sysctl.conf': `${name}=1`, '/etc/sysctl.d/99.conf': `${name}=2` },
      {
        unavailable: {
          reason: 'unsupported',
          detail: `/etc/sysctl.conf:1 sets ${name}, but whether this host reads that file at boot is not known.`,
        },
      },
    ],
    [
      'agrees',
      { '/etc/sysctl.conf': `${name}=1`, '/etc/sysctl.d/99.conf': `${name}=1` },
      { value: 1, source: '/etc/sysctl.d/99.conf:1' },
    ],
  ])('/etc/sysctl.conf under an unknown init: %s', (_case, files, expected) => {
    expect(persisted(files, denied)).toEqual(expected)
  })
})

describe('running kernel parameters', () => {
  it('reads all six, each for itself', () => {
    const files = {
      '/proc/sys/vm/overcommit_memory': '1\n',
      '/proc/sys/vm/panic_on_oom': '0\n',
      '/proc/sys/kernel/panic': 'ten\n',
      '/proc/sys/kernel/panic_on_oops': denied,
      '/proc/sys/kernel/keys/root_maxkeys': absent,
    }
    const fact = kernelParametersSchema.parse(deriveKernelParameters(buildHost({ files }), systemd))
    expect(
      fact.required.map(({ name: parameter, expected, kernelDefault, running }) => [
        parameter,
        expected,
        kernelDefault,
        running,
      ]),
    ).toEqual([
      ['vm.overcommit_memory', 1, 0, { value: 1, source: '/proc/sys/vm/overcommit_memory' }],
      ['vm.panic_on_oom', 0, 0, { value: 0, source: '/proc/sys/vm/panic_on_oom' }],
      [
        'kernel.panic',
        10,
        0,
        {
          unavailable: { reason: 'malformed', detail: '/proc/sys/kernel/panic holds "ten", which is no whole number.' },
        },
      ],
      ['kernel.panic_on_oops', 1, 0, denied],
      [
        'kernel.keys.root_maxkeys',
        1_000_000,
        1_000_000,
        { unavailable: { reason: 'unsupported', detail: 'This kernel has no /proc/sys/kernel/keys/root_maxkeys.' } },
      ],
      [
        'kernel.keys.root_maxbytes',
        25_000_000,
        25_000_000,
        {
          unavailable: {
            reason: 'not-collected',
            detail: '/proc/sys/kernel/keys/root_maxbytes was not read by the probe.',
          },
        },
      ],
    ])
  })
})
