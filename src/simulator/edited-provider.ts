// A provider whose lists change while it serves: what a cluster does between two audits.
// May not: change the objects of the provider behind it.
import { collectionOf, type ObjectProvider } from './api-provider.ts'

/** The objects of a list path as they are now. */
export type EditObjects = (path: string, objects: readonly object[]) => readonly object[]

export function editedProvider(provider: ObjectProvider, edit: EditObjects): ObjectProvider {
  return {
    ...provider,
    list(path) {
      const list = provider.list(path)
      if (list === undefined) return undefined
      return collectionOf(list.kind, list.apiVersion, edit(path, [...list.slice(0, list.count)]))
    },
  }
}
