// Loads a whole snapshot into memory, as derive/ needs it.
import type { ComponentEvidence } from '../model/component-evidence.ts'
import type { Evidence } from '../model/evidence.ts'
import type { NodeEvidence } from '../model/node-evidence.ts'
import type { Family, FamilyObjects } from '../model/objects.ts'
import type { PodTemplate } from '../model/pod.ts'
import type { EvidenceRecord, FamilyStatus, SnapshotHeader, SnapshotTrailer } from '../model/snapshot.ts'
import { readSnapshot, SnapshotError } from './read.ts'

type Objects = { [F in Family]: FamilyObjects[F][] }

/** Reads, verifies and groups a snapshot. Throws SnapshotError. */
export async function loadSnapshot(path: string): Promise<Evidence> {
  let header: SnapshotHeader | undefined
  let trailer: SnapshotTrailer | undefined
  const content = createContent()
  for await (const line of readSnapshot(path)) {
    if (line.record === 'header') {
      header = line
      content.from(line)
    } else if (line.record === 'trailer') trailer = line
    else content.add(line)
  }
  if (header === undefined || trailer === undefined) throw new SnapshotError(`${path} is not a snapshot.`)
  return { header, trailer, ...content.finish() }
}

function createContent() {
  const objects = emptyObjects()
  const statuses = new Map<Family, FamilyStatus>()
  const templates = new Map<string, PodTemplate>()
  const nodes: NodeEvidence[] = []
  const components: ComponentEvidence[] = []
  let places = new Places('live')

  return {
    from({ source }: SnapshotHeader): void {
      places = new Places(source.kind)
    },
    add(record: EvidenceRecord): void {
      switch (record.record) {
        case 'object':
          addObject(objects, record, places)
          return
        case 'restart':
          // The list began anew (410 Gone): what came before would be counted twice.
          objects[record.family].length = 0
          places.forget(record.family)
          return
        case 'template':
          templates.set(record.template.id, record.template)
          return
        case 'family':
          statuses.set(record.family, record)
          return
        case 'node':
          nodes.push(record.evidence)
          return
        case 'component':
          components.push(record.evidence)
      }
    },
    finish(): Pick<Evidence, 'families' | 'templates' | 'nodes' | 'components'> {
      nodes.sort((a, b) => (a.node < b.node ? -1 : 1))
      return { families: withStatuses(objects, statuses), templates, nodes, components }
    },
  }
}

function emptyObjects(): Objects {
  return {
    namespaces: [],
    nodes: [],
    pods: [],
    deployments: [],
    replicasets: [],
    statefulsets: [],
    daemonsets: [],
    jobs: [],
    cronjobs: [],
    replicationcontrollers: [],
    serviceaccounts: [],
    clusterroles: [],
    roles: [],
    clusterrolebindings: [],
    rolebindings: [],
    limitranges: [],
    resourcequotas: [],
    services: [],
    networkpolicies: [],
    secrets: [],
    bootstraptokens: [],
    validatingwebhookconfigurations: [],
    mutatingwebhookconfigurations: [],
    validatingadmissionpolicies: [],
    validatingadmissionpolicybindings: [],
    podsecuritypolicies: [],
    persistentvolumes: [],
    persistentvolumeclaims: [],
    customresourcedefinitions: [],
    horizontalpodautoscalers: [],
    poddisruptionbudgets: [],
    ingresses: [],
    ingressclasses: [],
    servicecidrs: [],
    flowschemas: [],
    prioritylevelconfigurations: [],
    priorityclasses: [],
    runtimeclasses: [],
    storageclasses: [],
    csidrivers: [],
    volumeattributesclasses: [],
    deviceclasses: [],
    resourceclaimtemplates: [],
    mutatingadmissionpolicies: [],
    mutatingadmissionpolicybindings: [],
  }
}

/**
 * Where each object stands, because a list may give one twice: a live one that moved between pages, and then the later is the
 * newer; or the same manifest in two files. Manifests of one name that differ are different objects.
 */
class Places {
  readonly #kind: SnapshotHeader['source']['kind']
  readonly #byFamily = new Map<Family, Map<string, number>>()

  constructor(kind: SnapshotHeader['source']['kind']) {
    this.#kind = kind
  }

  /** The place of an object that is already there; otherwise `next`, which is then its place. */
  of(family: Family, object: FamilyObjects[Family], next: number): number {
    const { namespace = '', name, uid = '' } = object
    const key = this.#kind === 'live' ? `${namespace}/${name}/${uid}` : JSON.stringify(object)
    const places = this.#byFamily.get(family) ?? new Map<string, number>()
    this.#byFamily.set(family, places)
    const known = places.get(key)
    if (known === undefined) places.set(key, next)
    return known ?? next
  }

  forget(family: Family): void {
    this.#byFamily.delete(family)
  }
}

function addObject<F extends Family>(
  objects: Objects,
  { family, object }: { family: F; object: FamilyObjects[F] },
  places: Places,
): void {
  const list = objects[family]
  list[places.of(family, object, list.length)] = object
}

function withStatuses(objects: Objects, statuses: ReadonlyMap<Family, FamilyStatus>): Evidence['families'] {
  const one = <F extends Family>(family: F) => {
    const status = statuses.get(family)
    return { objects: objects[family], ...(status === undefined ? {} : { status }) }
  }
  return {
    namespaces: one('namespaces'),
    nodes: one('nodes'),
    pods: one('pods'),
    deployments: one('deployments'),
    replicasets: one('replicasets'),
    statefulsets: one('statefulsets'),
    daemonsets: one('daemonsets'),
    jobs: one('jobs'),
    cronjobs: one('cronjobs'),
    replicationcontrollers: one('replicationcontrollers'),
    serviceaccounts: one('serviceaccounts'),
    clusterroles: one('clusterroles'),
    roles: one('roles'),
    clusterrolebindings: one('clusterrolebindings'),
    rolebindings: one('rolebindings'),
    limitranges: one('limitranges'),
    resourcequotas: one('resourcequotas'),
    services: one('services'),
    networkpolicies: one('networkpolicies'),
    secrets: one('secrets'),
    bootstraptokens: one('bootstraptokens'),
    validatingwebhookconfigurations: one('validatingwebhookconfigurations'),
    mutatingwebhookconfigurations: one('mutatingwebhookconfigurations'),
    validatingadmissionpolicies: one('validatingadmissionpolicies'),
    validatingadmissionpolicybindings: one('validatingadmissionpolicybindings'),
    podsecuritypolicies: one('podsecuritypolicies'),
    persistentvolumes: one('persistentvolumes'),
    persistentvolumeclaims: one('persistentvolumeclaims'),
    customresourcedefinitions: one('customresourcedefinitions'),
    horizontalpodautoscalers: one('horizontalpodautoscalers'),
    poddisruptionbudgets: one('poddisruptionbudgets'),
    ingresses: one('ingresses'),
    ingressclasses: one('ingressclasses'),
    servicecidrs: one('servicecidrs'),
    flowschemas: one('flowschemas'),
    prioritylevelconfigurations: one('prioritylevelconfigurations'),
    priorityclasses: one('priorityclasses'),
    runtimeclasses: one('runtimeclasses'),
    storageclasses: one('storageclasses'),
    csidrivers: one('csidrivers'),
    volumeattributesclasses: one('volumeattributesclasses'),
    deviceclasses: one('deviceclasses'),
    resourceclaimtemplates: one('resourceclaimtemplates'),
    mutatingadmissionpolicies: one('mutatingadmissionpolicies'),
    mutatingadmissionpolicybindings: one('mutatingadmissionpolicybindings'),
  }
}
