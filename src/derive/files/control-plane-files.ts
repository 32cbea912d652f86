// The controlPlaneFiles fact, CIS 1.1: each list from the settings of the components that run here, kubeadm's places where none says.
// May not: list a file that is not there as one that is wrong.
import { isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { AuditedFile } from '../../model/facts-files.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import type { ComponentName } from '../control-plane/components.ts'
import { child, readPlainDocument } from '../control-plane/documents.ts'
import type { StaticPods } from '../control-plane/manifests.ts'
import type { Running } from '../control-plane/running.ts'
import { listDirectory } from '../nodes/host.ts'
import { own } from '../nodes/kubelet-document.ts'
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
    adminKubeconfigs: adminKubeconfigs(host),
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
  const config = lastValue(state, 'config-file') ?? state.environment?.['ETCD_CONFIG_FILE']
  const inFile = config ? dataFolderOf(state, config) : undefined
  if (isUnavailable(inFile)) return inFile
  const given = inFile ?? flag ?? state.environment?.['ETCD_DATA_DIR']
  if (given === undefined) {
    return unavailable('unsupported', `etcd (${state.place}) was given no --data-dir, so its folder is not known.`)
  }
  const path = state.hostPath(given)
  if (typeof path !== 'string') return path
  const named = flag === undefined ? 'ETCD_DATA_DIR' : '--data-dir'
  const source = inFile === undefined ? `${named} of ${state.place}` : `data-dir in ${config ?? ''}`
  return { value: [auditNamedFile(host, path.replace(/(?<=.)\/+$/, ''), source)], source }
}

/** With a configuration file etcd takes nothing else. */
function dataFolderOf(state: Running, config: string): string | undefined | Unavailable {
  const read = readPlainDocument(state, config)
  if (isUnavailable(read)) return read
  const value = own(read.document, 'data-dir')
  return typeof value === 'string' ? value : undefined
}

/** Those the component names; else the usual one, which is a credential also where nothing uses it. */
function kubeconfigs({ host, states }: ControlPlaneFilesInput, name: ComponentName, usual: string): Files {
  const state = states.get(name)
  if (state !== undefined && !isUnavailable(state)) {
    const named = namedFiles(state, /kubeconfig$/)
    const config = lastValue(state, 'config')
    if (named.length === 0 && config) {
      const inFile = kubeconfigInFile(state, config)
      if (isUnavailable(inFile)) return inFile
      if (inFile !== undefined) return { value: [auditReference(host, inFile)], source: inFile.source }
    }
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

/** clientConnection.kubeconfig of a file that holds a component's settings. */
function kubeconfigInFile(
  state: Running,
  config: string,
): { readonly path: string | Unavailable; readonly source: string } | undefined | Unavailable {
  const read = readPlainDocument(state, config)
  if (isUnavailable(read)) return read
  const connection = child(read.document, 'clientConnection')
  const path = connection === undefined ? undefined : own(connection, 'kubeconfig')
  if (typeof path !== 'string' || path === '') return undefined
  return { path: state.hostPath(path), source: `clientConnection.kubeconfig in ${config}` }
}

function auditReference(
  host: HostEvidence,
  { path, source }: { readonly path: string | Unavailable; readonly source: string },
): AuditedFile {
  return typeof path === 'string' ? auditNamedFile(host, path, source) : { path: source, source, access: path }
}

/** Of other distributions only those that the probe found a reason to ask for. */
function adminKubeconfigs(host: HostEvidence): Files {
  const source = 'kubeadm’s places for them'
  const usual = ['/etc/kubernetes/admin.conf', '/etc/kubernetes/super-admin.conf'].flatMap(
    (path) => auditFile(host, path, source) ?? [],
  )
  const asked = Object.keys(host.statuses ?? {}).filter((path) => adminPlaces.some((pattern) => pattern.test(path)))
  const others = asked.sort().flatMap((path) => auditFile(host, path, 'the distribution’s place for it') ?? [])
  const all = [...usual, ...others]
  return { value: all, source: others.length === 0 ? source : others.map(({ path }) => path).join(', ') }
}

const adminPlaces: readonly RegExp[] = [
  /^\/etc\/rancher\/(?:k3s\/k3s|rke2\/rke2)\.yaml$/,
  /\/server\/cred\/(?:admin|supervisor)\.kubeconfig$/,
  /^\/var\/lib\/k0s\/pki\/admin\.conf$/,
  /^\/var\/snap\/microk8s\/current\/credentials\/client\.config$/,
  /\/kube-apiserver-certs\/secrets\/node-kubeconfigs\/[\w-]+\.kubeconfig$/,
]

function lastValue({ commandLine }: Running, name: string): string | undefined {
  return commandLine.occurrences.findLast((occurrence) => occurrence.name === name)?.value
}
