// Systems that let nobody in: SSH is not tried on them, and the ways that work are named.
import { describe, expect, it } from 'vitest'
import { nodeTargets } from '../../../src/collect/nodes.ts'
import { withoutShell } from '../../../src/collect/shell-less.ts'
import { buildNode } from '../derive/node-builder.ts'

describe('a node', () => {
  it.each([
    [
      'Talos (v1.11.2)',
      'n1 runs Talos Linux, which has neither a shell nor an SSH server. Read it through the API (--node-access api), or by a pod (--node-access pod).',
    ],
    [
      'Bottlerocket OS 1.49.0 (aws-k8s-1.34)',
      'n1 runs Bottlerocket, which has no shell on its host, and no SSH server outside a container of its own. Read it through the API (--node-access api), or by a pod (--node-access pod).',
    ],
    ['Ubuntu 24.04.3 LTS', undefined],
    ['Not Talos (v1)', undefined],
    ['', undefined],
  ])('%s', (osImage, expected) => {
    const node = buildNode('n1', { osImage })
    expect(withoutShell(node)?.unavailable.detail).toBe(expected)
    expect(nodeTargets([node]).targets[0]?.noSsh).toBe(expected)
  })
})
