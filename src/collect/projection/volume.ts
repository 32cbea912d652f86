// What is kept of a volume: its kind and what it refers to, under a name that all pods of one owner share.
// May not: keep contents or options of a volume source.
import type { z } from 'zod'
import type { volumeSchema } from '../../model/pod.ts'
import { child, isRaw, list, type Problems, type Raw, sparse, text } from './read.ts'

type Volume = z.infer<typeof volumeSchema>

const tokenVolume = /^kube-api-access-[a-z0-9]{5}$/

/** The name without the random end that admission gives the ServiceAccount token volume of every single pod. */
export function volumeName(name: string): string {
  return tokenVolume.test(name) ? 'kube-api-access' : name
}

/** `podSuffix`: "-<pod name>" of a StatefulSet's pod, whose claims end with it. */
export function projectVolume(raw: Raw, podSuffix: string | undefined, problems: Problems): Volume {
  const name = text(raw, 'name', problems)
  const type = Object.keys(raw).find((key) => key !== 'name' && isRaw(raw[key]))
  if (name === undefined) problems.note('volumes.name')
  if (type === undefined) {
    // A volume without a source is an emptyDir, as the API server fills it in.
    if (Object.keys(raw).some((key) => key !== 'name' && raw[key] !== null)) problems.note('volumes')
    return { name: volumeName(name ?? ''), type: 'emptyDir' }
  }
  const source = child(raw, type, problems) ?? {}
  const claim = type === 'persistentVolumeClaim' ? text(source, 'claimName', problems) : undefined
  return sparse({
    name: volumeName(name ?? ''),
    type,
    hostPath: type === 'hostPath' ? projectHostPath(source, problems) : undefined,
    secretName: type === 'secret' ? text(source, 'secretName', problems) : undefined,
    csiDriver: type === 'csi' ? text(source, 'driver', problems) : undefined,
    claimName: claim === undefined ? undefined : claimOfOwner(claim, podSuffix),
    serviceAccountToken: type === 'projected' && hasToken(source, problems) ? true : undefined,
  })
}

function projectHostPath(source: Raw, problems: Problems): Volume['hostPath'] | undefined {
  const path = text(source, 'path', problems)
  if (path === undefined) {
    problems.note('hostPath.path')
    return undefined
  }
  return sparse({ path, type: text(source, 'type', problems) || undefined })
}

/** `data-web-0` of pod `web-0` becomes `data-web-*`: all pods of the StatefulSet have one of these. */
function claimOfOwner(claim: string, podSuffix: string | undefined): string {
  if (podSuffix === undefined || !claim.endsWith(podSuffix)) return claim
  return claim.replace(/-\d+$/, '-*')
}

function hasToken(source: Raw, problems: Problems): boolean {
  return list(source, 'sources', problems)?.some((part) => isRaw(part['serviceAccountToken'])) ?? false
}
