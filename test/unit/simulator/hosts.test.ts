// The demo's hosts as folders: /proc as the kernel lays it out, modes and times as described, nothing outside the folder.

import { execFile } from 'node:child_process'
import { lstat, mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demoHosts, type HostTree, type MaterialisedHost, materialiseHost } from '../../../src/simulator/hosts/index.ts'
import { demoNodes } from '../../../src/simulator/objects/index.ts'

const run = promisify(execFile)
let folder = ''
const hosts = new Map<string, MaterialisedHost>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-hosts-'))
  for (const tree of demoHosts) {
    const place = await mkdtemp(join(folder, `${tree.hostname}-`))
    hosts.set(tree.hostname, await materialiseHost(tree, place))
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function host(name: string): MaterialisedHost {
  const made = hosts.get(name)
  if (made === undefined) throw new Error(`no host ${name}`)
  return made
}

const read = (name: string, path: string) => readFile(join(host(name).root, path), 'utf8')

test('the demo has three control-plane nodes and three workers, each with its host', () => {
  expect(demoNodes.map(({ name, isControlPlane }) => [name, isControlPlane])).toEqual([
    ['cp-1', true],
    ['cp-2', true],
    ['cp-3', true],
    ['worker-1', false],
    ['worker-2', false],
    ['worker-3', false],
  ])
  expect(demoHosts.map(({ hostname }) => hostname)).toEqual(demoNodes.map(({ name }) => name))
})

describe.each(demoNodes)('$name', ({ name, osImage, kernelVersion, containerRuntimeVersion }) => {
  test('is the host that its node object describes', async () => {
    const pretty = /^PRETTY_NAME="(.*)"$/m.exec(await read(name, '/usr/lib/os-release'))?.[1]
    const [runtime = '', version = ''] = containerRuntimeVersion.split('://')
    const daemon = { containerd: 'containerd', 'cri-o': 'crio', docker: 'dockerd' }[runtime] ?? ''
    const { stdout } = await run(join(host(name).commands, daemon), ['--version'])
    expect({
      pretty,
      kernel: await read(name, '/proc/sys/kernel/osrelease'),
      version: stdout.includes(version),
    }).toEqual({
      pretty: osImage,
      kernel: `${kernelVersion}\n`,
      version: true,
    })
  })

  test('runs one kubelet, whose arguments are separated by NUL', async () => {
    const pids = (await readdir(join(host(name).root, 'proc'))).filter((entry) => /^\d+$/.test(entry))
    const names = await Promise.all(pids.map((pid) => read(name, `/proc/${pid}/comm`)))
    const kubelet = pids[names.indexOf('kubelet\n')]
    expect(names.filter((text) => text === 'kubelet\n')).toHaveLength(1)
    const words = (await read(name, `/proc/${kubelet}/cmdline`)).split('\0')
    expect(words.slice(0, 2)).toEqual([
      '/usr/bin/kubelet',
      '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
    ])
    expect(words.at(-1)).toBe('')
  })

  test('has no file link that leads out of its folder', async () => {
    const { root } = host(name)
    const entries = await readdir(root, { recursive: true, withFileTypes: true })
    const links = entries.filter((entry) => entry.isSymbolicLink() && !entry.parentPath.startsWith(join(root, 'proc')))
    const leading = await Promise.all(
      links.map(async (entry) => resolve(entry.parentPath, await readlink(join(entry.parentPath, entry.name)))),
    )
    expect(leading.filter((target) => !target.startsWith(`${root}/`))).toEqual([])
    expect(links.length).toBeGreaterThan(0)
  })

  test('belongs to root for whoever asks stat as the probe does', async () => {
    const path = join(host(name).root, 'etc/fstab')
    const { stdout } = await run('stat', ['-L', '-c', '%a %u %g %U %G', path], {
      env: { PATH: `${host(name).commands}:/usr/bin:/bin` },
    })
    expect(stdout).toBe('644 0 0 root root\n')
  })
})

test('the process of a kubelet is laid out as proc(5) says', async () => {
  const tree = demoHosts[0]
  const fields = (await read('cp-1', '/proc/912/stat')).replace(/^.*\) /, '').split(' ')
  expect({
    state: fields[0],
    ticks: fields[19],
    executable: await readlink(join(host('cp-1').root, 'proc/912/exe')),
    boot: /^btime (\d+)$/m.exec(await read('cp-1', '/proc/stat'))?.[1],
    mountNamespace: await readlink(join(host('cp-1').root, 'proc/912/ns/mnt')),
  }).toEqual({
    state: 'S',
    ticks: '1200',
    executable: '/usr/bin/kubelet',
    boot: `${tree?.bootTime}`,
    mountNamespace: await readlink(join(host('cp-1').root, 'proc/1/ns/mnt')),
  })
})

test('a static pod’s process is in namespaces of its own', async () => {
  const root = host('cp-1').root
  const status = await read('cp-1', '/proc/1544/status')
  expect(status).toContain('NSpid:\t1544\t1\n')
  expect(await readlink(join(root, 'proc/1544/ns/mnt'))).not.toBe(await readlink(join(root, 'proc/1/ns/mnt')))
})

test('files have the mode and time of their description, others those of the installation', async () => {
  const at = async (name: string, path: string) => {
    const { mode, mtimeMs } = await stat(join(host(name).root, path))
    return [(mode & 0o777).toString(8), new Date(mtimeMs).toISOString()]
  }
  expect({
    edited: await at('cp-3', '/var/lib/kubelet/kubeadm-flags.env'),
    hardened: await at('cp-1', '/var/lib/kubelet/config.yaml'),
    environment: await at('cp-1', '/proc/912/environ'),
  }).toEqual({
    edited: ['644', '2026-11-12T14:02:00.000Z'],
    hardened: ['600', '2026-09-14T08:00:00.000Z'],
    environment: ['400', '2026-09-14T08:00:00.000Z'],
  })
})

test('folders are open to every user even under a strict umask, so that only a file’s own mode denies it', async () => {
  const before = process.umask(0o077)
  try {
    const place = await mkdtemp(join(folder, 'umask-'))
    const tree = demoHosts[5]
    if (tree === undefined) throw new Error('there is no sixth host')
    const { root, commands } = await materialiseHost(tree, place)
    const modes = await Promise.all(
      [root, join(root, 'var/lib/kubelet'), commands, join(commands, 'uname')].map(
        async (path) => (await lstat(path)).mode & 0o777,
      ),
    )
    expect(modes).toEqual([0o755, 0o755, 0o755, 0o755])
  } finally {
    process.umask(before)
  }
})

test.each(['etc/passwd', '/etc/../../passwd', '/etc//passwd', '/etc/'])('a tree may not name %s', async (path) => {
  const tree: HostTree = {
    hostname: 'bad',
    bootTime: 0,
    installedAt: 0,
    files: { [path]: 'x' },
    directories: [],
    processes: [],
    commands: {},
    sudo: true,
  }
  await expect(materialiseHost(tree, await mkdtemp(join(folder, 'bad-')))).rejects.toThrow(
    /not an absolute, plain path/,
  )
})
