import { expect, it } from 'vitest'
import { deriveSecurityContexts } from '../../../../src/derive/workloads/security-contexts.ts'
import type { PodSpec } from '../../../../src/model/pod.ts'
import { container, spec } from './evidence-builder.ts'

it.each<[string, PodSpec, string[][]]>([
  ['none', spec(), [[]]],
  [
    'its own',
    spec({ containers: [container({ securityContext: { runAsUser: 1, privileged: false } })] }),
    [['privileged', 'runAsUser']],
  ],
  ['its pod’s', spec({ securityContext: { runAsNonRoot: true } }), [['runAsNonRoot']]],
  [
    'what is about volumes and kernel parameters',
    spec({ securityContext: { fsGroup: 1, supplementalGroups: [2], sysctls: [] } }),
    [[]],
  ],
  [
    'of each container',
    spec({ containers: [container({ kind: 'init' }), container({ securityContext: { runAsUser: 1 } })] }),
    [[], ['runAsUser']],
  ],
])('%s', (_, of, expected) => {
  expect(deriveSecurityContexts(of).containers.map(({ settings }) => settings)).toEqual(expected)
})
