// A real kubelet with a real containerd on this machine, joined to the API server under test, with one static pod. Everything lies in
// a temporary folder and is ended and removed again. Needs root, `kubelet` in $KUBEBUILDER_ASSETS, and containerd, its shim, ctr and
// runc on the PATH (Debian: containerd, runc) beside a static busybox, of which the only image is made.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../support/free-port.ts'
import type { ControlPlane } from './control-plane.ts'

/** The API server reaches the kubelet by it. */
export const nodeName = 'localhost'
export const image = 'registry.test/kube-assay-e2e:1'

const programs = ['containerd', 'containerd-shim-runc-v2', 'ctr', 'runc', 'busybox', 'tar', 'umount'] as const

/** Why no node can be started here; undefined: it can. */
export function whyNoNode(assets: string): string | undefined {
  if (process.getuid?.() !== 0) return 'a kubelet needs root'
  if (!existsSync(join(assets, 'kubelet'))) return `${assets} holds no kubelet`
  const missing = programs.find((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
  if (missing !== undefined) return `${missing} is not on the PATH`
  try {
    const probe = existsSync('/sys/fs/cgroup/cgroup.controllers') ? '/sys/fs/cgroup/e2e' : '/sys/fs/cgroup/memory/e2e'
    mkdirSync(probe)
    execFileSync('rmdir', [probe])
    return undefined
  } catch {
    return 'control groups cannot be made here'
  }
}

export interface RealNode {
  /** Of the static pod's container: folders of its control groups, by controller on cgroup v1. */
  readonly groups: () => readonly string[]
  /** What the kubelet says it runs with. The API server's proxy refuses nodes on loopback. */
  readonly configz: () => Promise<Readonly<Record<string, unknown>>>
  readonly close: () => Promise<void>
}

export async function startNode(assets: string, cluster: ControlPlane): Promise<RealNode> {
  const folder = mkdtempSync(join(tmpdir(), 'kube-assay-node-'))
  const at = (...parts: string[]) => join(folder, ...parts)
  for (const name of ['manifests', 'cni', 'logs']) mkdirSync(at(name))
  const socket = at('containerd.sock')
  writeFileSync(at('containerd.toml'), containerdConfiguration(folder, socket))
  const port = await freePort()
  writeFileSync(at('kubelet.yaml'), kubeletConfiguration(folder, socket, port))
  writeFileSync(at('manifests', 'app.yaml'), staticPod)
  // The shims' own folder, whatever the state folder is.
  const hadRuntime = existsSync('/run/containerd')
  const children: ChildProcess[] = []
  const start = (command: string, args: readonly string[]) => {
    const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr?.on('data', (chunk: Buffer) => {
      words = `${words}${chunk}`.slice(-20_000)
    })
    children.push(child)
  }
  let words = ''
  const ctr = (...args: string[]) =>
    spawnSync('ctr', ['--address', socket, '--namespace', 'k8s.io', ...args], { encoding: 'utf8' }).stdout ?? ''
  const close = async () => {
    await end(children.pop())
    for (const task of ctr('tasks', 'ls', '-q').split('\n').filter(Boolean)) {
      ctr('tasks', 'kill', '-s', 'KILL', task)
      await pause(200)
      ctr('tasks', 'delete', '-f', task)
      ctr('containers', 'delete', task)
    }
    await end(children.pop())
    unmountBelow(folder)
    spawnSync('sh', ['-c', 'find /sys/fs/cgroup -depth -type d -path "*/kubepods*" -exec rmdir {} +'])
    spawnSync('find', ['/var/log/containers', '-lname', `${folder}/*`, '-delete'])
    if (!hadRuntime) rmSync('/run/containerd', { recursive: true, force: true })
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    start('containerd', ['--config', at('containerd.toml')])
    await until(
      () => ctr('version').includes('Server:'),
      'containerd',
      () => words,
    )
    ctr('images', 'import', makeImage(folder))
    start(join(assets, 'kubelet'), [
      `--config=${at('kubelet.yaml')}`,
      `--kubeconfig=${cluster.kubeconfig}`,
      `--root-dir=${at('kubelet')}`,
      `--cert-dir=${at('kubelet', 'pki')}`,
      `--hostname-override=${nodeName}`,
    ])
    await until(
      () => ctr('tasks', 'ls').split('RUNNING').length > 2,
      'the static pod',
      () => words,
    )
    await until(
      () => isRunning(cluster),
      'the mirror pod',
      () => words,
    )
  } catch (error) {
    await close()
    throw error
  }
  return { groups: () => groupsOf(ctr('tasks', 'ls')), configz: () => readConfigz(port), close }
}

async function isRunning(cluster: ControlPlane): Promise<boolean> {
  const pod = await cluster.call('GET', `/api/v1/namespaces/default/pods/app-${nodeName}`).catch(() => undefined)
  return JSON.stringify(pod ?? '').includes('"containerID":"containerd://')
}

async function until(isSo: () => boolean | Promise<boolean>, what: string, words: () => string): Promise<void> {
  for (let tries = 0; tries < 240; tries += 1) {
    if (await isSo()) return
    await pause(500)
  }
  throw new Error(
    `${what} did not start within 120 s: ${words()
      .split('\n')
      .filter((line) => /^E|error/.test(line))
      .slice(-5)
      .join('\n')}`,
  )
}

function readConfigz(port: number): Promise<Readonly<Record<string, unknown>>> {
  return new Promise((resolve, reject) => {
    const sent = get({ host: '127.0.0.1', port, path: '/configz', rejectUnauthorized: false }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      response.on('end', () => resolve(JSON.parse(text).kubeletconfig))
    })
    sent.on('error', reject)
  })
}

/** Group folders of the running tasks that have a memory limit, which the sandbox has not. */
function groupsOf(tasks: string): readonly string[] {
  const pids = [...tasks.matchAll(/^\S+\s+(\d+)\s+RUNNING/gm)].map(([, pid = '']) => pid)
  return pids
    .flatMap((pid) => {
      const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n')
      const folders = lines.flatMap((line) => {
        const [, controllers = '', path = ''] = line.split(':')
        return controllers.includes('=') ? [] : [join('/sys/fs/cgroup', controllers === '' ? '.' : controllers, path)]
      })
      const limit = folders.map(
        (folder) => read(join(folder, 'memory.max')) ?? read(join(folder, 'memory.limit_in_bytes')),
      )
      return limit.includes('67108864') ? [folders] : []
    })
    .flat()
}

function read(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined
}

function containerdConfiguration(folder: string, socket: string): string {
  return `version = 2
root = "${folder}/root"
state = "${folder}/state"
[grpc]
  address = "${socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${image}"
  # Where the machine does not let anybody lower it, as in a container.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    conf_dir = "${folder}/cni"
`
}

function kubeletConfiguration(folder: string, socket: string, port: number): string {
  return `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: { anonymous: { enabled: true }, webhook: { enabled: false } }
authorization: { mode: AlwaysAllow }
address: 127.0.0.1
port: ${port}
healthzPort: 0
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
localStorageCapacityIsolation: false
containerRuntimeEndpoint: unix://${socket}
staticPodPath: ${folder}/manifests
podLogsDir: ${folder}/logs
streamingConnectionIdleTimeout: 0s
`
}

const staticPod = `apiVersion: v1
kind: Pod
metadata: { name: app, namespace: default }
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 1
  containers:
    - name: app
      image: ${image}
      imagePullPolicy: Never
      resources: { requests: { cpu: 100m, memory: 32Mi }, limits: { cpu: 500m, memory: 64Mi } }
`

/** One layer with a static busybox, as "docker save" writes it. */
function makeImage(folder: string): string {
  const root = join(folder, 'image', 'rootfs')
  mkdirSync(join(root, 'bin'), { recursive: true })
  mkdirSync(join(root, 'tmp'))
  const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim()
  for (const name of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    if (name !== 'busybox') symlinkSync('busybox', join(root, 'bin', name))
  }
  copyFileSync(busybox, join(root, 'bin', 'busybox'))
  const place = join(folder, 'image')
  execFileSync('tar', ['-C', root, '-cf', join(place, 'layer.tar'), '.'])
  const digest = createHash('sha256')
    .update(readFileSync(join(place, 'layer.tar')))
    .digest('hex')
  const config = {
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Env: ['PATH=/bin'], Cmd: ['/bin/sleep', '2147483'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  }
  writeFileSync(join(place, 'config.json'), JSON.stringify(config))
  const manifest = [{ Config: 'config.json', RepoTags: [image], Layers: ['layer.tar'] }]
  writeFileSync(join(place, 'manifest.json'), JSON.stringify(manifest))
  execFileSync('tar', ['-C', place, '-cf', join(folder, 'image.tar'), 'manifest.json', 'config.json', 'layer.tar'])
  return join(folder, 'image.tar')
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.pid === undefined) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  await Promise.race([ended, pause(10_000)])
  child.kill('SIGKILL')
}

/** Deepest first. */
function unmountBelow(folder: string): void {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[1] ?? [])
    .filter((path) => path.startsWith(`${folder}/`))
  for (const path of mounts.toReversed()) spawnSync('umount', ['-l', path])
}
