// The changes of docker's files, run word for word on copies: what they take out, what they leave, and that the files stay readable.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readFixtures } from '../catalog/support.ts'

const fixtures = new Map(readFixtures().map(({ fixture }) => [fixture?.rule ?? '', fixture?.cases ?? []]))
const root = mkdtempSync(join(tmpdir(), 'kube-assay-docker-'))
afterAll(() => rmSync(root, { recursive: true }))

/** The printed change without what restarts or drains, with the root of the node somewhere else. */
function run(rule: string, node: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(node, path)), { recursive: true })
    writeFileSync(join(node, path), text)
  }
  mkdirSync(join(node, 'etc/systemd/system'), { recursive: true })
  const printed = (fixtures.get(rule) ?? []).flatMap(({ remediation = [] }) => remediation)
  const script = (printed.find((one) => one.includes('sed ')) ?? '')
    .split('\n')
    .filter((line) => !/^(systemctl|kubectl) /.test(line))
    .join('\n')
    .replaceAll(/\/(?=etc\/|usr\/lib\/)/g, `${node}/`)
  const { status, stderr } = spawnSync('sh', ['-euc', script], { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
}

describe.each(['docker-tcp-socket', 'runtime-network-access'])('%s', (rule) => {
  it.each([
    ['{"hosts": ["unix:///var/run/docker.sock", "tcp://0.0.0.0:2375"]}', ['unix:///var/run/docker.sock']],
    ['{\n  "hosts": [\n    "tcp://[::]:2375",\n    "fd://"\n  ],\n  "debug": true\n}\n', ['fd://']],
    ['{\n  "hosts": [\n    "fd://",\n    "tcp://0.0.0.0:2375"\n  ]\n}\n', ['fd://']],
    ['{ "hosts": ["tcp://0.0.0.0:2375"] }', []],
  ])('daemon.json %j', (text, hosts) => {
    const node = mkdtempSync(join(root, 'node-'))
    run(rule, node, { 'etc/docker/daemon.json': text })
    const file = join(node, 'etc/docker/daemon.json')
    const before: object = JSON.parse(text)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ ...before, hosts })
    expect(readFileSync(`${file}.before`, 'utf8')).toBe(text)
  })

  it('takes the option out of a unit, its drop-in and the defaults, and leaves the rest', () => {
    const node = mkdtempSync(join(root, 'node-'))
    const unit = (options: string) =>
      `[Service]\nExecStart=/usr/bin/dockerd${options} --containerd=/run/c.sock\nRestart=always\n`
    run(rule, node, {
      'usr/lib/systemd/system/docker.service': unit(' -H fd:// -H tcp://0.0.0.0:2375'),
      'etc/systemd/system/docker.service.d/tcp.conf': unit(' --host=tcp://0.0.0.0:2375 -H unix://'),
      'etc/systemd/system/docker.service.d/other.conf': '[Service]\nLimitNOFILE=infinity\n',
      'etc/default/docker': 'DOCKER_OPTS="--debug -H tcp://0.0.0.0:2375"\n',
    })
    const words = (path: string) => readFileSync(join(node, path), 'utf8').split(/\s+/)
    expect(words('usr/lib/systemd/system/docker.service')).toContain('tcp://0.0.0.0:2375')
    expect(words('etc/systemd/system/docker.service')).toEqual(
      words('usr/lib/systemd/system/docker.service').filter((_, at) => at !== 4 && at !== 5),
    )
    expect(words('etc/systemd/system/docker.service.d/tcp.conf').join(' ')).toBe(
      '[Service] ExecStart=/usr/bin/dockerd -H unix:// --containerd=/run/c.sock Restart=always ',
    )
    expect(words('etc/default/docker').join(' ')).toBe('DOCKER_OPTS="--debug " ')
    expect(existsSync(join(node, 'etc/systemd/system/docker.service.d/other.conf.before'))).toBe(false)
  })
})

describe('docker-kernel-check', () => {
  it.each([
    ['["overlay2.override_kernel_check=true"]', []],
    ['[\n"overlay2.override_kernel_check=true",\n"overlay2.size=10G"]', ['overlay2.size=10G']],
    ['["overlay2.size=10G", "overlay2.override_kernel_check=1"]', ['overlay2.size=10G']],
  ])('storage-opts %j', (options, left) => {
    const node = mkdtempSync(join(root, 'node-'))
    run('docker-kernel-check', node, {
      'etc/docker/daemon.json': `{"storage-opts": ${options}, "debug": true}`,
      'etc/systemd/system/docker.service':
        'ExecStart=dockerd --storage-opt overlay2.override_kernel_check=true --debug\n',
    })
    expect(JSON.parse(readFileSync(join(node, 'etc/docker/daemon.json'), 'utf8'))).toEqual({
      'storage-opts': left,
      debug: true,
    })
    expect(readFileSync(join(node, 'etc/systemd/system/docker.service'), 'utf8').split(/\s+/).join(' ')).toBe(
      'ExecStart=dockerd --debug ',
    )
  })
})
