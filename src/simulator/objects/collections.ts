// Gathered objects as the lists of an API server.
// May not: leave a resource out; an empty list is an answer, a missing one would be 404.
import { collectionOf, type ObjectCollection } from '../api-provider.ts'
import { type ClusterObjects, type Resource, resources } from './store.ts'

export function listPath(resource: Resource): string {
  const [, apiVersion] = resources[resource]
  return `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}/${resource}`
}

/** Every list by path. */
export function collectionsOf(objects: ClusterObjects): Record<string, ObjectCollection> {
  const lists: Record<string, ObjectCollection> = {}
  for (const resource of Object.keys(resources).filter(isResource)) {
    const [kind, apiVersion] = resources[resource]
    lists[listPath(resource)] = collectionOf(`${kind}List`, apiVersion, objects[resource] ?? [])
  }
  return lists
}

export function isResource(name: string): name is Resource {
  return Object.hasOwn(resources, name)
}
