// Runs the probe on the stored hosts of the distributions and derives their facts, as an audit of a cluster of that one node would.
// May not: add a fact that the host or the API's answer does not give.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseProbe } from '../../src/collect/probe/parse.ts'
import { createNonce, renderProbe } from '../../src/collect/probe/script.ts'
import { projectNode } from '../../src/collect/projection/cluster.ts'
import { Problems } from '../../src/collect/projection/read.ts'
import { withoutShell } from '../../src/collect/shell-less.ts'
import { deriveFacts } from '../../src/derive/index.ts'
import { isUnavailable } from '../../src/model/fact.ts'
import type { NodeEvidence } from '../../src/model/node-evidence.ts'
import type { NodeObject } from '../../src/model/objects.ts'
import type { FactSet } from '../../src/model/unit.ts'
import type { DistributionHost } from '../../src/simulator/hosts/distributions/index.ts'
import { materialiseHost } from '../../src/simulator/hosts/index.ts'
import { buildEvidence } from '../unit/derive/workloads/evidence-builder.ts'

export interface DistributionReading {
  readonly host: NodeEvidence['host']
  readonly node: NodeObject
  readonly facts: FactSet
  /** All that the probe printed, decoded. */
  readonly output: string
}

export async function readDistribution({ id, tree, node: given }: DistributionHost): Promise<DistributionReading> {
  const node = objectOf(tree?.hostname ?? id, given)
  const read = tree === undefined ? undefined : await probe(tree)
  const host = read?.host ?? withoutShell(node)
  if (host === undefined) throw new Error(`${id} has no host, and a shell`)
  const evidence = buildEvidence({ objects: { nodes: [node] } })
  const cluster = { ...evidence.header.cluster, version: given.kubeletVersion }
  const header = { ...evidence.header, cluster }
  const facts = deriveFacts({ ...evidence, header, nodes: [{ node: node.name, host }] })
  return { host, node, facts, output: read?.output ?? '' }
}

function objectOf(name: string, given: DistributionHost['node']): NodeObject {
  const { roles, labels = {}, annotations = {}, providerID, ...nodeInfo } = given
  const roleLabels = Object.fromEntries(roles.map((role) => [`node-role.kubernetes.io/${role}`, '']))
  const raw = {
    metadata: { name, labels: { ...labels, ...roleLabels }, annotations },
    spec: { providerID },
    status: { addresses: [], nodeInfo: { ...nodeInfo, operatingSystem: 'linux', architecture: 'amd64' } },
  }
  const problems = new Problems()
  const node = projectNode(raw, problems)
  if (problems.first !== undefined) throw new Error(`${name}: ${problems.first}`)
  return node
}

async function probe(tree: NonNullable<DistributionHost['tree']>) {
  const folder = mkdtempSync(join(tmpdir(), 'distribution-'))
  try {
    const { root, commands } = await materialiseHost(tree, folder)
    const nonce = createNonce()
    const { stdout, status } = spawnSync('/bin/sh', ['-s'], {
      input: renderProbe(nonce),
      env: { PATH: commands, KUBE_ASSAY_ROOT: root },
      maxBuffer: 64 * 1024 * 1024,
    })
    if (status !== 0) throw new Error(`${tree.hostname}: the probe ended with ${status}`)
    const startedAt = new Date().toISOString()
    const host = parseProbe(stdout, nonce, { transport: 'local', startedAt, durationMs: 1 })
    if (isUnavailable(host)) throw new Error(`${tree.hostname}: ${host.unavailable.detail}`)
    const text = stdout.toString('latin1')
    const bodies = text.split('\n').filter((line) => !line.startsWith('#'))
    return { host, output: [text, ...bodies.map((line) => Buffer.from(line, 'base64').toString('latin1'))].join('\n') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
