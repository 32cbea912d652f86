// Bootstrap tokens over real HTTPS: one type of one namespace is asked for, metadata alone, and nothing else of Secrets arrives.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { collectObjects } from '../../src/collect/objects.ts'
import type { EvidenceRecord } from '../../src/model/snapshot.ts'
import { type ApiServer, startApiServer, tableProvider } from '../../src/simulator/api-server.ts'
import { collectionsOf, demoObjects, secretMarker } from '../../src/simulator/objects/index.ts'
import { openKubeSource } from '../../src/transport/kube.ts'

let folder = ''
let server: ApiServer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-tokens-'))
  server = await startApiServer({ provider: tableProvider(collectionsOf(demoObjects())) })
  await writeFile(join(folder, 'config'), server.kubeconfig())
})
afterAll(async () => {
  await server?.close()
  await rm(folder, { recursive: true, force: true })
})

it('are listed by name and age, and no other Secret is', async () => {
  const records: EvidenceRecord[] = []
  const source = await openKubeSource({ kubeconfig: join(folder, 'config'), env: {} })
  const signal = new AbortController().signal
  await collectObjects({
    source,
    concurrency: 1,
    signal,
    emit: (record) => records.push(record),
    families: ['bootstraptokens'],
  })
  await source.close()
  expect(records).toMatchObject([
    {
      record: 'object',
      family: 'bootstraptokens',
      object: { name: 'bootstrap-token-abcdef', namespace: 'kube-system', creationTimestamp: '2026-03-02T09:00:00Z' },
    },
    {
      record: 'family',
      count: 1,
      source: 'GET /api/v1/namespaces/kube-system/secrets?fieldSelector=type=bootstrap.kubernetes.io/token',
    },
  ])
  expect(JSON.stringify(records)).not.toContain(secretMarker)
  expect(
    server.requests.map(({ path, query, accept }) => [
      path,
      query['fieldSelector'],
      accept.includes('as=PartialObjectMetadataList'),
    ]),
  ).toEqual([['/api/v1/namespaces/kube-system/secrets', 'type=bootstrap.kubernetes.io/token', true]])
})
