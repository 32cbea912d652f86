// Builds an API node object for derive tests.
import type { NodeObject } from '../../../src/model/objects.ts'

export function buildNode(name: string, nodeInfo: NodeObject['nodeInfo']): NodeObject {
  return { name, roles: ['worker'], addresses: [], nodeInfo }
}
