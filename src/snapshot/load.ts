// Loads a whole snapshot into memory, as derive/ needs it.
import type { ComponentEvidence } from '../model/component-evidence.ts'
import type { Evidence } from '../model/evidence.ts'
import type { NodeEvidence } from '../model/node-evidence.ts'
import type { Family, FamilyObjects } from '../model/objects.ts'
import type { PodTemplate } from '../model/pod.ts'
import type { EvidenceRecord, SnapshotHeader, SnapshotTrailer } from '../model/snapshot.ts'
import { type Families, forEachFamily } from './families.ts'
import { type OpenBytes, readSnapshot, SnapshotError } from './read.ts'
import { Sharing } from './share.ts'

/** Reads, verifies and groups a snapshot. Throws SnapshotError. */
export async function loadSnapshot(path: string, open?: OpenBytes): Promise<Evidence> {
  let header: SnapshotHeader | undefined
  let trailer: SnapshotTrailer | undefined
  const content = createContent()
  for await (const line of readSnapshot(path, open)) {
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
  const families = forEachFamily(() => ({ objects: [] }))
  const templates = new Map<string, PodTemplate>()
  const nodes: NodeEvidence[] = []
  const components: ComponentEvidence[] = []
  let places = new Places('live')
  const sharing = new Sharing()

  return {
    from({ source }: SnapshotHeader): void {
      places = new Places(source.kind)
    },
    add(record: EvidenceRecord): void {
      switch (record.record) {
        case 'object':
          addObject(families, record, places)
          sharing.of(record.object, 1)
          return
        case 'restart':
          // The list began anew (410 Gone): what came before would be counted twice.
          families[record.family].objects.length = 0
          places.forget(record.family)
          return
        case 'template':
          templates.set(record.template.id, record.template)
          return
        case 'family':
          families[record.family].status = record
          return
        case 'node':
          // The entries of files, directories, processes, commands …
          nodes.push(sharing.of(record.evidence, 3))
          return
        case 'component':
          components.push(record.evidence)
      }
    },
    finish(): Pick<Evidence, 'families' | 'templates' | 'nodes' | 'components'> {
      nodes.sort((a, b) => (a.node < b.node ? -1 : 1))
      return { families, templates, nodes, components }
    },
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
  families: Families,
  { family, object }: { family: F; object: FamilyObjects[F] },
  places: Places,
): void {
  const list = families[family].objects
  list[places.of(family, object, list.length)] = object
}
