// The probe where the way `pod` runs it: in namespaces of its own, with busybox alone, the pod's capabilities, and this machine
// mounted read-only below /host. What it says must be what the machine says, or unknown; never the container's.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseProbe } from '../../src/collect/probe/parse.ts'
import { createNonce, renderProbe } from '../../src/collect/probe/script.ts'
import type { HostEvidence } from '../../src/model/node-evidence.ts'
import { podObjects } from '../../src/transport/pod.ts'
import { readPodLog } from '../../src/transport/pod-output.ts'

const busybox = spawnSync('/bin/sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).stdout.trim()
// ldd(1) refuses what is not dynamic.
const isStatic = busybox !== '' && spawnSync('ldd', [busybox]).status !== 0
const canUnshare = spawnSync('unshare', ['--mount', '--pid', '--net', '--uts', '--ipc', '--fork', 'true']).status === 0
const isPossible = process.getuid?.() === 0 && isStatic && canUnshare
if (!isPossible) {
  const message = 'the probe in a container needs root, unshare and a static busybox.'
  if (process.env['KUBE_ASSAY_REQUIRE_INTEGRATION'] === '1') throw new Error(message)
  console.warn(`SKIPPED: ${message}`)
}

const base = mkdtempSync(join(tmpdir(), 'kube-assay-container-'))
const root = join(base, 'root')

/** A shell line that makes the container and runs its command. */
function containerLine(capabilities: string): string {
  return `mount --make-rprivate / && mount --rbind / ${root}/host && mount -o remount,ro,bind ${root}/host &&
mount -t proc proc ${root}/proc && mount --bind /dev ${root}/dev && hostname container &&
exec setpriv --bounding-set -all${capabilities} --inh-caps -all --no-new-privs chroot ${root} /bin/sh /probe/run.sh`
}

function host(stdout: Uint8Array, nonce: string): HostEvidence {
  const evidence = parseProbe(stdout, nonce, { transport: 'pod', startedAt: '', durationMs: 0 })
  if ('unavailable' in evidence) throw new Error(evidence.unavailable.detail)
  return evidence
}

function podLog(script: string, capabilities: string): { evidence: HostEvidence; log: Buffer } {
  const nonce = createNonce()
  const [, configMap] = podObjects({ image: 'x' }, `nonce='${nonce}'\n${script}`)
  const data: Record<string, string> = configMap !== undefined && 'data' in configMap ? Object(configMap.data) : {}
  for (const [name, content] of Object.entries(data)) writeFileSync(join(root, 'probe', name), content)
  const flags = ['--mount', '--pid', '--net', '--uts', '--ipc', '--fork']
  const log = execFileSync('unshare', [...flags, '/bin/sh', '-c', containerLine(capabilities)], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', KUBE_ASSAY_ROOT: '/host', KUBE_ASSAY_COMMANDS: 'chroot', nonce },
    maxBuffer: 32 * 1024 * 1024,
  })
  const output = readPodLog(log)
  expect(output.interrupted).toBeUndefined()
  return { evidence: host(output.stdout, nonce), log }
}

function onHost(script: string): HostEvidence {
  const nonce = createNonce()
  const run = spawnSync('/bin/sh', ['-s'], {
    input: `nonce='${nonce}'\n${script}`,
    env: {},
    maxBuffer: 32 * 1024 * 1024,
  })
  return host(run.stdout, nonce)
}

const probe = renderProbe(createNonce()).replace(/^.*\n/, '')
const podCapabilities = ',+dac_read_search,+sys_chroot,+sys_ptrace'

describe.skipIf(!isPossible)('in a container', { timeout: 60_000 }, () => {
  let kubelet: ReturnType<typeof spawn>
  beforeAll(() => {
    for (const folder of ['bin', 'proc', 'host', 'probe', 'dev']) mkdirSync(join(root, folder), { recursive: true })
    copyFileSync(busybox, join(root, 'bin/busybox'))
    for (const applet of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
      if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet))
    }
    // What the image has and the host has not must not be taken for the host's.
    writeFileSync(join(root, 'bin/containerd'), '#!/bin/sh\necho containerd of the image\n')
    chmodSync(join(root, 'bin/containerd'), 0o755)
    const program = join(base, 'kubelet')
    copyFileSync('/bin/sleep', program)
    kubelet = spawn(program, ['600'], { argv0: program, stdio: 'ignore' })
  })
  afterAll(() => {
    kubelet.kill('SIGKILL')
    rmSync(base, { recursive: true, force: true })
  })

  test('it says what the machine says', () => {
    const [{ evidence }, direct] = [podLog(probe, podCapabilities), onHost(probe)]
    const plain = ({ files, directories, statuses, certificates, commands, processes }: HostEvidence) => ({
      files,
      directories,
      statuses,
      certificates,
      commands,
      processes,
    })
    expect(plain(evidence)).toEqual(plain(direct))
    const found = Array.isArray(evidence.processes)
      ? evidence.processes.find(({ name }) => name === 'kubelet')
      : undefined
    expect(found).toMatchObject({
      pid: kubelet.pid,
      executable: join(base, 'kubelet'),
      arguments: [join(base, 'kubelet'), '600'],
    })
    expect(evidence.run.privilege).toBe('root')
    expect(JSON.stringify(evidence)).not.toContain('containerd of the image')
  })

  test('what the kernel answers for the container’s namespaces is not taken', () => {
    const asked = [
      '/proc/sys/net/ipv4/ip_forward',
      '/proc/sys/kernel/hostname',
      '/proc/net/tcp',
      '/proc/self/mountinfo',
    ]
    const script = probe.replace('\nstats\n', `\n${asked.map((path) => `file raw ${path}`).join('\n')}\nstats\n`)
    const { evidence, log } = podLog(script, podCapabilities)
    for (const path of asked) {
      expect([path, evidence.files[path]]).toEqual([
        path,
        {
          unavailable: {
            reason: 'unsupported',
            detail:
              'The kernel answers this for the reader’s own namespaces, which are not the host’s: a container cannot tell.',
          },
        },
      ])
    }
    const sysctl = evidence.listings?.['sysctl']
    const rows = sysctl && 'rows' in sysctl ? sysctl.rows.filter((row) => row.startsWith('net/')) : []
    expect(rows.filter((row) => !row.endsWith('\t!namespace'))).toEqual([])
    expect(log.toString('latin1')).not.toContain('container\n')
  })

  test('without the right to change its root, the host’s commands are unknown, not absent', () => {
    const nonce = createNonce()
    const { stdout } = spawnSync('/bin/sh', ['-s'], {
      input: `nonce='${nonce}'\n${probe}`,
      env: { KUBE_ASSAY_ROOT: '/proc/self/root', KUBE_ASSAY_COMMANDS: 'chroot' },
      maxBuffer: 32 * 1024 * 1024,
      uid: 65_534,
      gid: 65_534,
    })
    const evidence = host(stdout, nonce)
    expect(evidence.commands['uname -m']).toEqual({
      unavailable: {
        reason: 'permission-denied',
        detail: 'The command is the host’s, and may not be run from where its root is mounted (no chroot).',
      },
    })
  })
})
