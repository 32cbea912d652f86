// The parts of the controller manager that the way `pod` counts on: ServiceAccounts of new namespaces, the end of deleted ones,
// and garbage collection. May not: do what the API server itself does.
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { ControlPlane } from './control-plane.ts'

const storedSchema = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    uid: z.string(),
    deletionTimestamp: z.string().optional(),
    annotations: z.record(z.string(), z.string()).optional(),
    ownerReferences: z.array(z.looseObject({ uid: z.string() })).optional(),
  }),
  spec: z.record(z.string(), z.unknown()).optional(),
})
/** An object as the API server stored it. */
export type Stored = z.infer<typeof storedSchema>
const listSchema = z.object({ items: z.array(storedSchema) })

export async function getObject({ call }: ControlPlane, path: string): Promise<Stored> {
  return storedSchema.parse(await call('GET', path))
}

export async function listObjects({ call }: ControlPlane, path: string): Promise<readonly Stored[]> {
  return listSchema.parse(await call('GET', path)).items
}

export interface Controllers {
  /** Resolves when the round under way is over. */
  stop(): Promise<void>
}

/** `accountDelayMs`: how long a namespace is without its ServiceAccount. */
export function startControllers(cluster: ControlPlane, accountDelayMs = 0): Controllers {
  const born = new Map<string, number>()
  let isStopped = false
  const run = async () => {
    while (!isStopped) {
      // What changes between two of its requests is seen in the next round.
      await round(cluster, born, accountDelayMs).catch(() => undefined)
      await pause(150)
    }
  }
  const running = run()
  return {
    async stop() {
      isStopped = true
      await running
    },
  }
}

async function round(cluster: ControlPlane, born: Map<string, number>, accountDelayMs: number): Promise<void> {
  for (const { metadata } of await listObjects(cluster, '/api/v1/namespaces')) {
    const since = born.get(metadata.name) ?? Date.now()
    born.set(metadata.name, since)
    if (metadata.deletionTimestamp !== undefined) await endNamespace(cluster, metadata.name)
    else if (Date.now() - since >= accountDelayMs) await giveAccount(cluster, metadata.name)
  }
  await collectGarbage(cluster)
}

async function endNamespace(cluster: ControlPlane, name: string): Promise<void> {
  const path = `/api/v1/namespaces/${name}`
  for (const kind of ['pods', 'configmaps']) {
    for (const object of await listObjects(cluster, `${path}/${kind}`)) {
      await remove(cluster, `${path}/${kind}/${object.metadata.name}`)
    }
  }
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: { finalizers: [] } }
  await cluster.call('PUT', `${path}/finalize`, body)
}

async function giveAccount({ call }: ControlPlane, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts`
  // Refused from the second round on: it is there.
  await call('POST', path, { metadata: { name: 'default' } }).catch(() => undefined)
}

async function collectGarbage(cluster: ControlPlane): Promise<void> {
  const owners = new Set((await listObjects(cluster, '/api/v1/configmaps')).map(({ metadata }) => metadata.uid))
  for (const { metadata } of await listObjects(cluster, '/api/v1/pods')) {
    if (metadata.ownerReferences?.some(({ uid }) => !owners.has(uid)) !== true) continue
    await remove(cluster, `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`)
  }
}

async function remove({ call }: ControlPlane, path: string): Promise<void> {
  await call('DELETE', path, { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 })
}
