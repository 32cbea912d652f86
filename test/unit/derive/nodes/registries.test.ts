// Row E2: what each runtime's files say of registries, in every layout, and what is not known where one could not be read.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { deriveNodeUnit } from '../../../../src/derive/nodes/node.ts'
import { nodeRegistriesSchema } from '../../../../src/model/facts-runtime.ts'
import { absent, buildHost, buildProcess, denied, type HostParts } from '../host-builder.ts'
import { buildNode } from '../node-builder.ts'

const packaged = (name: string) =>
  readFileSync(new URL(`../../../runtime-configurations/${name}`, import.meta.url), 'utf8')

interface Setting {
  readonly reported?: string
  readonly daemon?: readonly [name: string, ...rest: string[]]
  readonly files?: HostParts['files']
  readonly directories?: HostParts['directories']
}

function derive({ reported = 'containerd://2.1.4', daemon, files, directories }: Setting) {
  const name = reported.startsWith('docker') ? 'dockerd' : reported.startsWith('cri-o') ? 'crio' : 'containerd'
  const host = buildHost({
    files: {
      '/etc/containerd/config.toml': absent,
      '/etc/crio/crio.conf': absent,
      '/etc/docker/daemon.json': absent,
      '/etc/containers/registries.conf': absent,
      ...files,
    },
    directories: {
      '/etc/crio/crio.conf.d': absent,
      '/etc/containers/registries.conf.d': absent,
      '/etc/containerd/certs.d': absent,
      '/etc/docker/certs.d': absent,
      ...directories,
    },
    processes: [buildProcess(...(daemon ?? ([name] as const)))],
  })
  const object = buildNode('w1', { kubeletVersion: 'v1.34.1', containerRuntimeVersion: reported })
  return nodeRegistriesSchema.parse(deriveNodeUnit({ name: 'w1', object, host }).facts.nodeRegistries)
}

const toml = '/etc/containerd/config.toml'
const certs = '/etc/containerd/certs.d'
const folder = (version: number, plugin: string, path = certs) =>
  `version = ${version}\n[plugins."${plugin}".registry]\n  config_path = "${path}"\n`
const hosts = (registry: string, content: string): Setting => ({
  files: { [toml]: folder(3, 'io.containerd.cri.v1.images'), [`${certs}/${registry}/hosts.toml`]: content },
  directories: { [certs]: [registry] },
})
const entry = (registry: string, endpoint: string, how: string, source: string) => ({
  value: { registry, endpoint, how },
  source,
})
const http = 'plain HTTP'
const unverified = 'TLS without verification'
const either = 'TLS without verification, else plain HTTP'

describe('registries of containerd', () => {
  const r = 'registry.shop.example:5000'
  const file = `${certs}/${r}/hosts.toml`

  it.each<[string, Setting, unknown[]]>([
    ['no file', {}, []],
    ['the default of 1.6', { files: { [toml]: packaged('containerd-1.6.20-default.toml') } }, []],
    ['Debian’s', { files: { [toml]: packaged('containerd-1.6.20-debian.toml') } }, []],
    ['server over HTTP', hosts(r, `server = "http://${r}"`), [entry(r, `http://${r}`, http, file)]],
    [
      'server unverified',
      hosts(r, `server = "https://${r}"\nskip_verify = true`),
      [entry(r, `https://${r}`, unverified, file)],
    ],
    ['skip_verify alone is for the registry itself', hosts(r, 'skip_verify = true'), [entry(r, r, unverified, file)]],
    [
      'mirrors',
      hosts(
        'docker.io',
        'server = "https://registry-1.docker.io"\n[host."http://mirror:5000"]\n[host."https://cache.example"]\nskip_verify = true\n[host."https://safe.example"]\nca = "/ca.crt"\n',
      ),
      [
        entry('docker.io', 'http://mirror:5000', http, `${certs}/docker.io/hosts.toml`),
        entry('docker.io', 'https://cache.example', unverified, `${certs}/docker.io/hosts.toml`),
      ],
    ],
    [
      'a folder for all others',
      hosts('_default', '[host."http://mirror"]'),
      [entry('*', 'http://mirror', http, `${certs}/_default/hosts.toml`)],
    ],
    [
      'a folder without a colon',
      hosts('registry.example_5000_', 'server = "HTTP://x"'),
      [entry('registry.example:5000', 'HTTP://x', http, `${certs}/registry.example_5000_/hosts.toml`)],
    ],
    ['a certificate authority is no exception', hosts(r, `server = "https://${r}"\nca = "/etc/ca.crt"`), []],
    [
      'hosts.toml absent',
      { ...hosts(r, ''), files: { [toml]: folder(3, 'io.containerd.cri.v1.images'), [file]: absent } },
      [],
    ],
    [
      'hosts.toml refused',
      { ...hosts(r, ''), files: { [toml]: folder(3, 'io.containerd.cri.v1.images'), [file]: denied } },
      [denied],
    ],
    [
      'hosts.toml not asked for',
      { ...hosts(r, ''), files: { [toml]: folder(3, 'io.containerd.cri.v1.images') } },
      [{ unavailable: { reason: 'not-collected', detail: `${file} was not read by the probe.` } }],
    ],
    [
      'hosts.toml is not TOML',
      hosts(r, '= ='),
      [{ unavailable: { reason: 'malformed', detail: expect.stringContaining(`${file} is not TOML`) } }],
    ],
    [
      'the folder refused',
      { files: { [toml]: folder(2, 'io.containerd.grpc.v1.cri') }, directories: { [certs]: denied } },
      [denied],
    ],
    [
      'two folders',
      {
        files: {
          [toml]: folder(3, 'io.containerd.cri.v1.images', '/a/:/b'),
          '/a/x/hosts.toml': 'server = "http://x"',
          '/b/y/hosts.toml': 'server = "http://y"',
        },
        directories: { '/a': ['x'], '/b': ['y'] },
      },
      [entry('x', 'http://x', http, '/a/x/hosts.toml'), entry('y', 'http://y', http, '/b/y/hosts.toml')],
    ],
    [
      'config_path under the plug-in of another version',
      {
        files: { [toml]: folder(3, 'io.containerd.grpc.v1.cri'), [file]: 'skip_verify = true' },
        directories: { [certs]: [r] },
      },
      [],
    ],
    [
      'containerd 2.2 looks into the usual folders',
      { reported: 'containerd://2.2.0', files: { [file]: 'skip_verify = true' }, directories: { [certs]: [r] } },
      [entry(r, r, unverified, file)],
    ],
    [
      'mirrors and configs in config.toml, version 2',
      {
        files: {
          [toml]: `version = 2
[plugins."io.containerd.grpc.v1.cri".registry.mirrors."${r}"]
endpoint = ["http://${r}", "https://backup.example/v2"]
[plugins."io.containerd.grpc.v1.cri".registry.configs."backup.example".tls]
insecure_skip_verify = true
[plugins."io.containerd.grpc.v1.cri".registry.configs."fine.example".tls]
ca_file = "/ca.crt"
`,
        },
      },
      [
        entry(r, `http://${r}`, http, `${toml}, registry.mirrors`),
        entry(r, 'https://backup.example/v2', unverified, `${toml}, registry.mirrors`),
        entry('backup.example', 'backup.example', unverified, `${toml}, registry.configs`),
      ],
    ],
    [
      'mirrors in an import',
      {
        files: {
          [toml]: 'version = 2\nimports = ["/etc/containerd/conf.d/*.toml"]\n',
          '/etc/containerd/conf.d/r.toml':
            'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry.mirrors."*"]\nendpoint = ["http://m"]\n',
        },
        directories: { '/etc/containerd/conf.d': ['r.toml'] },
      },
      [entry('*', 'http://m', http, '/etc/containerd/conf.d/r.toml, registry.mirrors')],
    ],
    [
      'version 1',
      { files: { [toml]: '[plugins.cri.registry.mirrors."a.example"]\nendpoint = ["http://a.example"]\n' } },
      [entry('a.example', 'http://a.example', http, `${toml}, registry.mirrors`)],
    ],
    ['config.toml refused', { files: { [toml]: denied } }, [denied]],
    [
      'k3s: its own file, and what it made of it once',
      {
        daemon: ['containerd', '-c', '/var/lib/rancher/k3s/agent/etc/containerd/config.toml'],
        files: {
          '/var/lib/rancher/k3s/agent/etc/containerd/config.toml': folder(3, 'io.containerd.cri.v1.images', '/k'),
          '/k/docker.io/hosts.toml': 'server = "https://registry-1.docker.io/v2"\n[host."http://m.example/v2"]\n',
          '/etc/rancher/k3s/registries.yaml':
            'mirrors:\n  docker.io:\n    endpoint: ["http://m.example"]\nconfigs:\n  r.example:\n    tls: {insecure_skip_verify: true}\n',
        },
        directories: { '/k': ['docker.io'] },
      },
      [
        entry('docker.io', 'http://m.example', http, '/etc/rancher/k3s/registries.yaml, mirrors'),
        entry('r.example', 'r.example', unverified, '/etc/rancher/k3s/registries.yaml, configs'),
      ],
    ],
  ])('%s', (_name, setting, expected) => {
    expect(derive(setting).insecure).toEqual(expected)
  })

  it('says that a daemon that does not run has no known registries', () => {
    const host = buildHost({})
    const object = buildNode('w1', { kubeletVersion: 'v1.34.1', containerRuntimeVersion: 'containerd://2.1.4' })
    expect(deriveNodeUnit({ name: 'w1', object, host }).facts.nodeRegistries).toEqual({
      unavailable: { reason: 'not-running', detail: 'No containerd process runs on this host.' },
    })
  })
})

describe('registries of CRI-O', () => {
  const main = '/etc/containers/registries.conf'
  const dropIns = '/etc/containers/registries.conf.d'
  const crio = (files: HostParts['files'], names: readonly string[] = [], rest: readonly string[] = []): Setting => ({
    reported: 'cri-o://1.34.1',
    daemon: ['crio', ...rest],
    files,
    directories: { [dropIns]: names, '/etc/crio/crio.conf.d': [] },
  })
  const registry = (prefix: string, more = 'insecure = true') => `[[registry]]\nprefix = "${prefix}"\n${more}\n`

  it.each<[string, Setting, unknown[]]>([
    [
      'Debian’s files',
      crio({ [main]: packaged('registries.conf'), [`${dropIns}/shortnames.conf`]: packaged('shortnames.conf') }, [
        'shortnames.conf',
      ]),
      [],
    ],
    ['insecure', crio({ [main]: registry('a.example') }), [entry('a.example', 'a.example', either, main)]],
    [
      'location without a prefix',
      crio({ [main]: '[[registry]]\nlocation = "b.example/team"\ninsecure = true\n' }),
      [entry('b.example/team', 'b.example/team', either, main)],
    ],
    [
      'insecure mirror of a secure registry',
      crio({
        [main]:
          '[[registry]]\nprefix = "docker.io"\nlocation = "docker.io"\n[[registry.mirror]]\nlocation = "m:5000"\ninsecure = true\n',
      }),
      [entry('docker.io', 'm:5000', either, main)],
    ],
    ['blocked', crio({ [main]: registry('a.example', 'insecure = true\nblocked = true') }), []],
    [
      'a drop-in takes it back',
      crio({ [main]: registry('a.example'), [`${dropIns}/10.conf`]: registry('a.example', 'insecure = false') }, [
        '10.conf',
      ]),
      [],
    ],
    [
      'the older format',
      crio({ [main]: "[registries.insecure]\nregistries = ['old.example']\n" }),
      [entry('old.example', 'old.example', either, main)],
    ],
    [
      'crio.conf’s own list',
      crio({ '/etc/crio/crio.conf': '[crio.image]\ninsecure_registries = ["own.example"]\n' }),
      [entry('own.example', 'own.example', either, '/etc/crio/crio.conf, insecure_registries')],
    ],
    [
      'option above the files',
      crio(
        { '/etc/crio/crio.conf': '[crio.image]\ninsecure_registries = ["own.example"]\n' },
        [],
        ['--insecure-registry', 'x,y'],
      ),
      [
        entry('x', 'x', either, '--insecure-registry of pid 812'),
        entry('y', 'y', either, '--insecure-registry of pid 812'),
      ],
    ],
    ['drop-in refused', crio({ [`${dropIns}/10.conf`]: denied }, ['10.conf']), [denied]],
  ])('%s', (_name, setting, expected) => {
    expect(derive(setting).insecure).toEqual(expected)
  })

  it.each<[string, string, unknown]>([
    ['version 2', 'unqualified-search-registries = ["a", "docker.io"]', { value: ['a', 'docker.io'], source: main }],
    ['version 1', "[registries.search]\nregistries = ['b']\n", { value: ['b'], source: main }],
    ['none', '', { value: [], source: `${main} and ${dropIns} name none` }],
  ])('searched: %s', (_name, content, expected) => {
    expect(derive(crio({ [main]: content })).searched).toEqual(expected)
  })
})

describe('registries of docker', () => {
  const json = '/etc/docker/daemon.json'
  const docker = (content: string, rest: readonly string[] = []): Setting => ({
    reported: 'docker://20.10.24',
    daemon: ['dockerd', ...rest],
    files: { [json]: content },
  })

  it.each<[string, Setting, unknown[]]>([
    ['none', docker('{}'), []],
    [
      'daemon.json',
      docker(
        '{"insecure-registries": ["r.example:5000", "10.0.0.0/8"], "registry-mirrors": ["http://m", "https://n"]}',
      ),
      [
        entry('r.example:5000', 'r.example:5000', either, `${json}, insecure-registries`),
        entry('10.0.0.0/8', '10.0.0.0/8', either, `${json}, insecure-registries`),
        entry('docker.io', 'http://m', http, `${json}, registry-mirrors`),
      ],
    ],
    [
      'options of the unit',
      docker('{}', ['--insecure-registry=a', '--insecure-registry', 'b', '--registry-mirror=http://m']),
      [
        entry('a', 'a', either, '--insecure-registry of pid 812'),
        entry('b', 'b', either, '--insecure-registry of pid 812'),
        entry('docker.io', 'http://m', http, '--registry-mirror of pid 812'),
      ],
    ],
    [
      'no list',
      docker('{"insecure-registries": "a"}'),
      [
        {
          unavailable: {
            reason: 'malformed',
            detail: `insecure-registries or registry-mirrors in ${json} is no list.`,
          },
        },
      ],
    ],
    [
      'broken file, and an option',
      docker('{', ['--insecure-registry=a']),
      [
        entry('a', 'a', either, '--insecure-registry of pid 812'),
        { unavailable: { reason: 'malformed', detail: expect.stringContaining('is not JSON') } },
      ],
    ],
  ])('%s', (_name, setting, expected) => {
    expect(derive(setting).insecure).toEqual(expected)
  })
})
