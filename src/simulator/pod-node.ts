// What a simulated node does with a pod: runs its command in a real `sh`, with the pod's mounts leading to the node's host tree
// and its ConfigMap's files, or fails in the ways nodes fail. May not: run anything but what the pod's object says.
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isObject } from './api-provider.ts'
import { acquireFakes, killShell } from './ssh-shell.ts'

/** A node's host, as materialise.ts made it. */
export interface PodHost {
  readonly root: string
  readonly commands: string
}

export type PodFault =
  /** The kubelet is away: nothing ever happens to the pod. */
  | 'never-starts'
  | 'image-pull'
  /** The network plug-in makes no sandbox, which only events tell. */
  | 'no-sandbox'
  | 'evicted'
  /** A taint with the effect NoExecute, which pods without a toleration for it do not survive. */
  | 'no-execute'
  /** The same, and admission takes the pod's tolerations away. */
  | 'tolerations-stripped'
  /** The node rotates the log: its beginning is gone. */
  | 'log-rotated'
  /** The probe hangs after its first lines. */
  | 'hangs'
  | 'out-of-memory'

interface PodSpec {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Mount path → folder on this machine. */
  readonly mounts: Readonly<Record<string, string>>
}

export interface Started {
  /** Standard output so far. */
  readonly log: () => Buffer
  readonly exited: Promise<number>
  kill(): void
}

/** The first container of a pod's spec, its volumes made in `folder` as the kubelet makes them. */
export async function readPodSpec(
  spec: Record<string, unknown>,
  { host, folder, configMap }: { host: PodHost; folder: string; configMap: (name: string) => unknown },
): Promise<PodSpec> {
  const [container = {}] = objectsIn(spec['containers'])
  const mounts: Record<string, string> = {}
  for (const mount of objectsIn(container['volumeMounts'])) {
    const at = String(mount['mountPath'])
    const volume = objectsIn(spec['volumes']).find(({ name }) => name === mount['name'])
    if (isObject(volume?.['hostPath'])) mounts[at] = join(host.root, String(volume['hostPath']['path']))
    if (!isObject(volume?.['configMap'])) continue
    const place = join(folder, String(mount['name']))
    mounts[at] = place
    await writeVolume(place, configMap(String(volume['configMap']['name'])))
  }
  return {
    command: Array.isArray(container['command']) ? container['command'].map(String) : [],
    env: Object.fromEntries(objectsIn(container['env']).map(({ name, value }) => [String(name), String(value)])),
    mounts,
  }
}

function objectsIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

async function writeVolume(folder: string, files: unknown): Promise<void> {
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o755)
  for (const [name, content] of Object.entries(isObject(files) ? files : {})) {
    await writeFile(join(folder, name), String(content), { mode: 0o644 })
  }
}

export async function removeVolume(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}

/**
 * Runs the command. Paths below a mount are exchanged for the folders behind it; programs of the host come from the node's
 * folder of commands, where a real pod reaches them through chroot.
 */
export function startContainer({ command, env, mounts }: PodSpec, host: PodHost): Started {
  const fakes = acquireFakes('root')
  const place = (text: string) => {
    const mount = Object.keys(mounts).find((path) => text === path || text.startsWith(`${path}/`))
    return mount === undefined ? text : `${mounts[mount]}${text.slice(mount.length)}`
  }
  const { KUBE_ASSAY_COMMANDS: _, ...rest } = env
  const [program = '', ...args] = command.map(place)
  const child: ChildProcess = spawn(program, args, {
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, place(value)])),
      PATH: `${fakes.folder}:${host.commands}:/usr/bin:/bin`,
    },
  })
  const chunks: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  const exited = new Promise<number>((resolve) => {
    child.once('error', () => resolve(127))
    child.once('close', (code) => resolve(code ?? 137))
  }).finally(() => fakes.release())
  return { log: () => Buffer.concat(chunks), exited, kill: () => killShell(child) }
}
