// A pod's shape without what differs from pod to pod of one owner, and its digest: 150,000 pods share a few thousand.
// May not: drop anything a rule could need; what is normalized away is generated, and named here.
import { hash } from 'node:crypto'
import type { Container, PodSpec, PodTemplate } from '../../model/pod.ts'
import { notEmpty, projectContainer, projectIsolation, projectResources } from './container.ts'
import {
  bool,
  child,
  compact,
  int,
  ints,
  list,
  type Problems,
  quantities,
  type Raw,
  sparse,
  text,
  textMap,
  withoutAbsent,
} from './read.ts'
import { projectVolume } from './volume.ts'

/** Labels that controllers stamp on single pods, Jobs or revisions. The pod itself keeps them. */
export const generatedLabels: ReadonlySet<string> = new Set([
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'controller-uid',
  'job-name',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'batch.kubernetes.io/job-completion-index',
])

const annotationNames: ReadonlySet<string> = new Set([
  'kubernetes.io/config.source',
  'seccomp.security.alpha.kubernetes.io/pod',
  'security.alpha.kubernetes.io/sysctls',
  'security.alpha.kubernetes.io/unsafe-sysctls',
  'sidecar.istio.io/inject',
  'sidecar.istio.io/rewriteAppHTTPProbers',
])
const annotationPrefixes = [
  'container.apparmor.security.beta.kubernetes.io/',
  'container.seccomp.security.alpha.kubernetes.io/',
  'traffic.sidecar.istio.io/',
]

/** Only annotations that change how a pod runs. */
function isKeptAnnotation(name: string): boolean {
  return annotationNames.has(name) || annotationPrefixes.some((prefix) => name.startsWith(prefix))
}

/** A template that has not been written yet is given its final form by `read`; most pods never need it. */
export interface ProjectedTemplate {
  readonly id: string
  readonly read: () => PodTemplate
}

/**
 * Template of a pod or of a controller's pod template. `podSuffix`: see projectVolume. The id is a digest of the canonical
 * JSON: field order is fixed here and maps are sorted, so equal shapes have equal ids on every run.
 */
export function projectTemplate(metadata: Raw, spec: Raw, problems: Problems, podSuffix?: string): ProjectedTemplate {
  const template = sparse({
    labels: textMap(metadata, 'labels', problems, (name) => !generatedLabels.has(name)),
    annotations: textMap(metadata, 'annotations', problems, isKeptAnnotation),
    spec: projectSpec(spec, podSuffix, problems),
  })
  const json = JSON.stringify(template)
  const id = hash('sha256', json, 'hex').slice(0, 32)
  return { id, read: () => ({ id, ...withoutAbsent(template) }) }
}

function projectSpec(spec: Raw, podSuffix: string | undefined, problems: Problems): PodSpec {
  const os = child(spec, 'os', problems)
  return sparse({
    serviceAccountName:
      text(spec, 'serviceAccountName', problems) || text(spec, 'serviceAccount', problems) || undefined,
    automountServiceAccountToken: bool(spec, 'automountServiceAccountToken', problems),
    hostNetwork: bool(spec, 'hostNetwork', problems),
    hostPID: bool(spec, 'hostPID', problems),
    hostIPC: bool(spec, 'hostIPC', problems),
    hostUsers: bool(spec, 'hostUsers', problems),
    shareProcessNamespace: bool(spec, 'shareProcessNamespace', problems),
    os: os === undefined ? undefined : text(os, 'name', problems),
    runtimeClassName: text(spec, 'runtimeClassName', problems),
    priorityClassName: text(spec, 'priorityClassName', problems),
    restartPolicy: text(spec, 'restartPolicy', problems),
    securityContext: projectPodSecurity(spec, problems),
    containers: projectContainers(spec, problems),
    volumes: notEmpty(list(spec, 'volumes', problems)?.map((volume) => projectVolume(volume, podSuffix, problems))),
    resourceClaims: notEmpty(
      list(spec, 'resourceClaims', problems)?.map((claim) => text(claim, 'name', problems) ?? ''),
    ),
    resources: projectResources(spec, problems),
    overhead: quantities(spec, 'overhead', problems),
  })
}

/** Init containers first, in the order they run. */
function projectContainers(spec: Raw, problems: Problems): Container[] {
  const containers: Container[] = []
  for (const raw of list(spec, 'initContainers', problems) ?? [])
    containers.push(projectContainer(raw, 'init', problems))
  for (const raw of list(spec, 'containers', problems) ?? []) {
    containers.push(projectContainer(raw, 'container', problems))
  }
  for (const raw of list(spec, 'ephemeralContainers', problems) ?? []) {
    containers.push(projectContainer(raw, 'ephemeral', problems))
  }
  return containers
}

function projectPodSecurity(spec: Raw, problems: Problems): PodSpec['securityContext'] {
  const context = child(spec, 'securityContext', problems)
  if (context === undefined) return undefined
  return compact({
    runAsUser: int(context, 'runAsUser', problems),
    runAsGroup: int(context, 'runAsGroup', problems),
    runAsNonRoot: bool(context, 'runAsNonRoot', problems),
    fsGroup: int(context, 'fsGroup', problems),
    supplementalGroups: notEmpty(ints(context, 'supplementalGroups', problems)),
    ...projectIsolation(context, problems),
    sysctls: notEmpty(list(context, 'sysctls', problems)?.map((sysctl) => projectSysctl(sysctl, problems))),
  })
}

function projectSysctl(raw: Raw, problems: Problems): { name: string; value: string } {
  const name = text(raw, 'name', problems)
  const value = text(raw, 'value', problems)
  if (name === undefined || value === undefined) problems.note('securityContext.sysctls')
  return { name: name ?? '', value: value ?? '' }
}
