// The remediation pack of a result: an ordered plan, a script per node, and per namespace patches with the script that applies
// them. Every file is text made from the result alone.
// May not: change anything itself, or write a value into a script or patch that is not quoted for it.
import type { Result } from '../../model/result.ts'
import { gatherRemedies, type Remedy } from './gather.ts'
import { namespaceFiles } from './namespace-script.ts'
import { nodeScript } from './node-script.ts'
import { fileName, type PackFile } from './pack-file.ts'
import { planPage } from './plan.ts'

/** All files of the pack, the plan first. Deterministic: same result, same bytes. */
export function* renderRemediation(result: Result): Generator<PackFile> {
  const remedies = gatherRemedies(result)
  const nodes = groupBy(remedies, ({ way }) => (way.kind === 'node' ? way.node : undefined))
  const namespaces = groupBy(remedies, ({ way }) => (way.kind === 'object' ? way.namespace : undefined))
  const nodeFiles = new Map([...nodes.keys()].map((node) => [node, `nodes/${fileName(node)}.sh`]))
  const folders = new Map([...namespaces.keys()].map((namespace) => [namespace, `namespaces/${fileName(namespace)}`]))
  yield {
    path: 'plan.md',
    content: planPage(result, remedies, { nodes: nodeFiles, namespaces: folders }),
    isScript: false,
  }
  for (const [node, ofNode] of nodes) {
    yield { path: nodeFiles.get(node) ?? '', content: nodeScript(result, node, ofNode), isScript: true }
  }
  for (const [namespace, ofNamespace] of namespaces) {
    yield* namespaceFiles(result, namespace, ofNamespace, folders.get(namespace) ?? '')
  }
}

function groupBy(remedies: readonly Remedy[], key: (remedy: Remedy) => string | undefined): Map<string, Remedy[]> {
  const groups = new Map<string, Remedy[]>()
  for (const remedy of remedies) {
    const name = key(remedy)
    if (name === undefined) continue
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [remedy])
    else group.push(remedy)
  }
  return new Map([...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
