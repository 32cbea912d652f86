// Static pods of a node as their manifests describe them: command lines, images, and which host path stands behind a path inside.
// May not: take a path inside a container for one of the host without a mount that says so.
import { isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { listDirectory, readFile } from '../nodes/host.ts'
import { isObject, type JsonObject, own, readKindDocument, short } from '../nodes/kubelet-document.ts'
import type { Json } from '../nodes/kubelet-fields.ts'
import { type ComponentName, componentOf } from './components.ts'

export interface Mount {
  /** Inside the container. */
  readonly at: string
  /** On the host; absent for a volume that is no host path. */
  readonly hostPath: string | undefined
}

export interface StaticPod {
  readonly component: ComponentName
  /** The manifest's file. */
  readonly path: string
  readonly arguments: readonly string[]
  /** The arguments stand in a shell script, whose variables are not known. */
  readonly isScript?: boolean
  readonly image: string
  readonly mounts: readonly Mount[]
}

export interface StaticPods {
  readonly folder: string
  readonly pods: readonly StaticPod[]
  /** Manifests that could not be read: one of them may start any component. */
  readonly unread: Unavailable | undefined
}

/** Static pods of the control plane in the kubelet's folder; none where the folder does not exist. */
export function readStaticPods(host: HostEvidence, folder: string): StaticPods | Unavailable {
  const entries = listDirectory(host, folder)
  if (isUnavailable(entries)) return entries
  const pods: StaticPod[] = []
  let unread: Unavailable | undefined
  for (const entry of entries ?? []) {
    // The kubelet leaves out hidden files. It would read other names too; the probe reads these.
    if (entry.startsWith('.') || !entry.endsWith('.yaml')) continue
    const found = readManifest(host, `${folder}/${entry}`)
    if (isUnavailable(found)) unread ??= found
    else pods.push(...found)
  }
  return { folder, pods, unread }
}

function readManifest(host: HostEvidence, path: string): readonly StaticPod[] | Unavailable {
  const file = readFile(host, path)
  if (isUnavailable(file)) return file
  if (file === undefined) return unavailable('not-found', `${path} was listed, but was gone when it was read.`)
  const read = readKindDocument(file.content, { uniqueKeys: false }, () => undefined)
  if ('refused' in read) return unavailable('malformed', `${path}: ${short(read.refused)}.`)
  const spec = child(read.document, 'spec')
  return objects(spec, 'containers').flatMap((container) => describeContainer(path, spec, container))
}

function describeContainer(path: string, spec: JsonObject, container: JsonObject): readonly StaticPod[] {
  const arguments_ = [...texts(container, 'command'), ...texts(container, 'args')]
  const script = componentOf(arguments_) === undefined ? scriptCommand(arguments_) : undefined
  const component = componentOf(script ?? arguments_)
  if (component === undefined) return []
  const image = own(container, 'image')
  const volumes = new Map(objects(spec, 'volumes').map((volume) => [text(volume, 'name'), volume]))
  const mounts = objects(container, 'volumeMounts').map((mount) => {
    const source = text(child(volumes.get(text(mount, 'name')) ?? {}, 'hostPath'), 'path')
    return toMount(text(mount, 'mountPath'), source === '' ? undefined : source, text(mount, 'subPath'))
  })
  return [
    {
      component,
      path,
      arguments: script ?? arguments_,
      ...(script && { isScript: true }),
      image: typeof image === 'string' ? image : '',
      mounts,
    },
  ]
}

/** OpenShift starts its components with a script that ends in "exec … kube-apiserver --flag …". */
function scriptCommand(argv: readonly string[]): readonly string[] | undefined {
  const [shell = '', flag = '', script = ''] = argv
  if (!/^\/bin\/(?:ba)?sh$/.test(shell) || !/^-[a-z]*c$/.test(flag) || script.length > 65_536) return undefined
  const line = script.split('\n').findLast((one) => /^\s*exec\s/.test(one) && !/^\s*exec\s+\{/.test(one))
  const words = line?.trim().split(/\s+/) ?? []
  const at = words.findLastIndex((word) => componentOf([word]) !== undefined)
  return at < 0 ? undefined : words.slice(at)
}

export function toMount(at: string, source: string | undefined, subPath: string): Mount {
  const hostPath = source === undefined || subPath === '' ? source : `${trim(source)}/${subPath}`
  return { at: trim(at), hostPath: hostPath === undefined ? undefined : trim(hostPath) }
}

/** Where a path inside the container is on the host: below the longest mount that holds it. */
export function hostPathOf(mounts: readonly Mount[], path: string): string | Unavailable {
  let best: Mount | undefined
  for (const mount of mounts) {
    const isHolder = path === mount.at || path.startsWith(mount.at === '/' ? '/' : `${mount.at}/`)
    if (isHolder && (best === undefined || mount.at.length > best.at.length)) best = mount
  }
  if (best?.hostPath === undefined) {
    return unavailable(
      'unsupported',
      `${path} is inside the container, and no volume of its pod brings it from the host.`,
    )
  }
  return `${best.hostPath}${path.slice(best.at === '/' ? 0 : best.at.length)}`
}

function trim(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') || '/' : path
}

function child(object: JsonObject, key: string): JsonObject {
  const value = own(object, key)
  return value !== undefined && isObject(value) ? value : {}
}

function objects(object: JsonObject, key: string): readonly JsonObject[] {
  const value = own(object, key)
  return isList(value) ? value.filter((item) => isObject(item)) : []
}

function texts(object: JsonObject, key: string): readonly string[] {
  const value = own(object, key)
  return isList(value) ? value.filter((item) => typeof item === 'string') : []
}

function text(object: JsonObject, key: string): string {
  const value = own(object, key)
  return typeof value === 'string' ? value : ''
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}
