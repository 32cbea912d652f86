// The controlPlaneFiles fact, CIS 1.1: each list from the settings of the components that run here, kubeadm's places where none says.
// May not: list a file that is not there as one that is wrong.
import { isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { AuditedFile } from '../../model/facts-files.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import type { ComponentName } from '../control-plane/components.ts'
import type { StaticPods } from '../control-plane/manifests.ts'
import type { Running } from '../control-plane/running.ts'
import { listDirectory } from '../nodes/host.ts'
import { auditFile, auditNamedFile } from './access.ts'
import { auditPki } from './pki.ts'
import { type ComponentStates, hasControlPlane, namedFiles } from './settings.ts'

type ControlPlaneFiles = FactValue<'controlPlaneFiles'>
type Files = ControlPlaneFiles['pkiKeys']

export interface ControlPlaneFilesInput {
  readonly host: HostEvidence
  readonly states: ComponentStates
  readonly staticPods: StaticPods | Unavailable
}

export function deriveControlPlaneFiles(input: ControlPlaneFilesInput): ControlPlaneFiles | Unavailable {
  const { host, states } = input
  if (host.statuses === undefined) {
    return unavailable('not-collected', 'The probe that read this node did not ask for modes.')
  }
  return {
    apiServerManifests: manifests(input, 'kube-apiserver'),
    controllerManagerManifests: manifests(input, 'kube-controller-manager'),
    schedulerManifests: manifests(input, 'kube-scheduler'),
    etcdManifests: manifests(input, 'etcd'),
    etcdData: etcdData(input),
    adminKubeconfigs: usualFiles(host, ['/etc/kubernetes/admin.conf', '/etc/kubernetes/super-admin.conf']),
    schedulerKubeconfigs: kubeconfigs(input, 'kube-scheduler', '/etc/kubernetes/scheduler.conf'),
    controllerManagerKubeconfigs: kubeconfigs(
      input,
      'kube-controller-manager',
      '/etc/kubernetes/controller-manager.conf',
    ),
    ...auditPki(host, states, hasControlPlane(input)),
  }
}

/** Files of the kubelet's folder that start the component; also those called after it, whose content may not be readable. */
function manifests({ host, states, staticPods }: ControlPlaneFilesInput, name: ComponentName): Files {
  const state = states.get(name)
  if (isUnavailable(staticPods)) return state === undefined ? notHere(name) : staticPods
  const { folder, pods, unread } = staticPods
  const entries = folder.startsWith('/') ? listDirectory(host, folder) : []
  if (isUnavailable(entries)) return state === undefined ? notHere(name) : entries
  const called = (entries ?? []).filter((entry) => isCalledAfter(entry, name)).map((entry) => `${folder}/${entry}`)
  const paths = new Set([...called, ...pods.filter((pod) => pod.component === name).map(({ path }) => path)])
  if (paths.size === 0 && unread !== undefined && state !== undefined) return unread
  const source = `static pod of ${folder}`
  return { value: [...paths].sort().map((path) => auditNamedFile(host, path, source)), source }
}

function isCalledAfter(entry: string, name: ComponentName): boolean {
  return entry.startsWith(name) && /^[-.]/.test(entry.slice(name.length))
}

function notHere(name: ComponentName): Files {
  return { value: [], source: `${name} was seen not to run here` }
}

function etcdData({ host, states }: ControlPlaneFilesInput): Files {
  const state = states.get('etcd')
  if (state === undefined) return notHere('etcd')
  if (isUnavailable(state)) return state
  const flag = lastValue(state, 'data-dir')
  const given = flag ?? state.environment?.['ETCD_DATA_DIR']
  if (given === undefined) {
    return unavailable('unsupported', `etcd (${state.place}) was given no --data-dir, so its folder is not known.`)
  }
  const path = state.hostPath(given)
  if (typeof path !== 'string') return path
  const source = `${flag === undefined ? 'ETCD_DATA_DIR' : '--data-dir'} of ${state.place}`
  return { value: [auditNamedFile(host, path.replace(/(?<=.)\/+$/, ''), source)], source }
}

/** Those the component names; else the usual one, which is a credential also where nothing uses it. */
function kubeconfigs({ host, states }: ControlPlaneFilesInput, name: ComponentName, usual: string): Files {
  const state = states.get(name)
  if (state !== undefined && !isUnavailable(state)) {
    const named = namedFiles(state, /kubeconfig$/)
    if (named.length > 0)
      return { value: named.map((file) => auditReference(host, file)), source: `flags of ${state.place}` }
  }
  const found = auditFile(host, usual, 'kubeadm’s place for it')
  if (found !== undefined) return { value: [found], source: 'kubeadm’s place for it' }
  if (state === undefined) return notHere(name)
  return isUnavailable(state)
    ? state
    : unavailable(
        'unsupported',
        `${name} (${state.place}) names no kubeconfig in its arguments, and ${usual} is not there.`,
      )
}

function auditReference(
  host: HostEvidence,
  { path, source }: { readonly path: string | Unavailable; readonly source: string },
): AuditedFile {
  return typeof path === 'string' ? auditNamedFile(host, path, source) : { path: source, source, access: path }
}

function usualFiles(host: HostEvidence, paths: readonly string[]): Files {
  const source = 'kubeadm’s places for them'
  return { value: paths.flatMap((path) => auditFile(host, path, source) ?? []), source }
}

function lastValue({ commandLine }: Running, name: string): string | undefined {
  return commandLine.occurrences.findLast((occurrence) => occurrence.name === name)?.value
}
