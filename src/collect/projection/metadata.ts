// What every family keeps of ObjectMeta, and who manages an object.
// May not: keep annotations (kubectl's last-applied-configuration repeats the whole object, Secret data included).
import { redactMessage } from '../redact.ts'
import { bool, isRaw, list, type Problems, present, type Raw, text, textMap } from './read.ts'

interface ObjectMeta {
  name: string
  namespace?: string
  uid?: string
  creationTimestamp?: string
  labels?: Record<string, string>
  owner?: { kind: string; name: string; uid?: string }
}

const none: Raw = {}

/** The object's `metadata`; notes a problem when there is none. */
export function metadataOf(raw: Raw, problems: Problems): Raw {
  const { metadata } = raw
  if (isRaw(metadata)) return metadata
  problems.note('metadata')
  return none
}

/** `labels` narrows the labels that are kept. */
export function projectMeta(metadata: Raw, problems: Problems, labels?: (name: string) => boolean): ObjectMeta {
  return present({
    name: readName(metadata, problems),
    namespace: nonEmpty(text(metadata, 'namespace', problems)),
    uid: text(metadata, 'uid', problems),
    creationTimestamp: text(metadata, 'creationTimestamp', problems),
    labels: textMap(metadata, 'labels', problems, labels),
    owner: projectOwner(metadata, problems),
  })
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}

/** A manifest may leave the name to the API server; then the prefix stands for the objects made from it. */
function readName(metadata: Raw, problems: Problems): string {
  const name = nonEmpty(text(metadata, 'name', problems))
  if (name !== undefined) return name
  const prefix = nonEmpty(text(metadata, 'generateName', problems))
  if (prefix !== undefined) return `${prefix}*`
  problems.note('metadata.name')
  return ''
}

const waiveAnnotation = 'kube-assay.io/waive'
const waiveLimit = 1000

/** What an object asks to have waived. Cut, it is no longer what was asked, and then not well-formed either. */
export function waiveOf(metadata: Raw, problems: Problems): string | undefined {
  const asked = textMap(metadata, 'annotations', problems, (name) => name === waiveAnnotation)?.[waiveAnnotation]
  if (asked === undefined) return undefined
  return asked.length > waiveLimit ? 'longer than 1000 characters' : redactMessage(asked)
}

/** The prefix that the API server made a name from; absent where the name was given. */
export function generatedFrom(metadata: Raw, name: string, problems: Problems): string | undefined {
  const prefix = nonEmpty(text(metadata, 'generateName', problems))
  return prefix !== undefined && name.length > prefix.length && name.startsWith(prefix) ? prefix : undefined
}

/** The owner reference with `controller: true`, raw. */
export function controllingOwner(metadata: Raw, problems: Problems): Raw | undefined {
  return list(metadata, 'ownerReferences', problems)?.find((owner) => bool(owner, 'controller', problems) === true)
}

function projectOwner(metadata: Raw, problems: Problems): ObjectMeta['owner'] | undefined {
  const owner = controllingOwner(metadata, problems)
  if (owner === undefined) return undefined
  const kind = text(owner, 'kind', problems)
  const name = text(owner, 'name', problems)
  if (kind === undefined || name === undefined) {
    problems.note('metadata.ownerReferences')
    return undefined
  }
  return present({ kind, name, uid: text(owner, 'uid', problems) })
}

const builtInGroups = new Set(['v1', 'apps/v1', 'batch/v1'])

/**
 * Who will overwrite a change made by hand, most specific first: an operator's resource, a GitOps controller, Helm,
 * or whatever the managed-by label says.
 */
export function managedBy(metadata: Raw, problems: Problems): string | undefined {
  const owner = controllingOwner(metadata, problems)
  if (owner !== undefined) {
    const version = text(owner, 'apiVersion', problems) ?? ''
    if (version !== '' && !builtInGroups.has(version)) {
      return `${text(owner, 'kind', problems) ?? 'resource'} ${text(owner, 'name', problems) ?? ''}`.trim()
    }
  }
  const labels = textMap(metadata, 'labels', problems, (name) => managerLabels.has(name)) ?? {}
  const annotations = textMap(metadata, 'annotations', problems, (name) => managerAnnotations.has(name)) ?? {}
  const argo = annotations['argocd.argoproj.io/tracking-id']?.split(':', 1)[0] ?? labels['argocd.argoproj.io/instance']
  if (argo !== undefined) return `Argo CD application ${argo}`
  const kustomization = labels['kustomize.toolkit.fluxcd.io/name']
  if (kustomization !== undefined) return `Flux kustomization ${kustomization}`
  const fluxRelease = labels['helm.toolkit.fluxcd.io/name']
  if (fluxRelease !== undefined) return `Flux Helm release ${fluxRelease}`
  const release = annotations['meta.helm.sh/release-name']
  if (release !== undefined) return `Helm release ${release}`
  return labels['app.kubernetes.io/managed-by']
}

const managerLabels = new Set([
  'app.kubernetes.io/managed-by',
  'argocd.argoproj.io/instance',
  'kustomize.toolkit.fluxcd.io/name',
  'helm.toolkit.fluxcd.io/name',
])
const managerAnnotations = new Set(['argocd.argoproj.io/tracking-id', 'meta.helm.sh/release-name'])
