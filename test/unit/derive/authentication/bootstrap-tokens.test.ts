import { expect, it } from 'vitest'
import { deriveBootstrapTokens } from '../../../../src/derive/authentication/bootstrap-tokens.ts'
import { isUnavailable } from '../../../../src/model/fact.ts'
import { buildEvidence, type EvidenceParts, forbidden } from '../workloads/evidence-builder.ts'

const token = (name: string, creationTimestamp?: string) => ({
  name,
  namespace: 'kube-system',
  ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
})
/** The audit of the evidence began on 2026-11-20 at 10:00. */
function ages(parts: EvidenceParts): unknown {
  const fact = deriveBootstrapTokens(buildEvidence(parts))
  if (isUnavailable(fact)) return fact.unavailable.reason
  return fact.tokens.map((one) =>
    isUnavailable(one) ? one.unavailable.reason : `${one.value.ageHours}: ${one.value.age}`,
  )
}

it.each<[string, EvidenceParts, unknown]>([
  ['none', {}, []],
  [
    'ages up to when the audit began',
    {
      objects: {
        bootstraptokens: [
          token('a', '2026-11-20T09:00:00Z'),
          token('b', '2026-11-20T07:59:00Z'),
          token('c', '2026-02-01T10:00:00Z'),
          // A clock that runs ahead makes nothing younger than new.
          token('d', '2026-11-20T11:00:00Z'),
        ],
      },
    },
    ['1: 1 hour', '2: 2 hours', '7008: 292 days', '0: 0 hours'],
  ],
  [
    'an age that is not known',
    { objects: { bootstraptokens: [token('a'), token('b', 'yesterday')] } },
    ['malformed', 'malformed'],
  ],
  ['a list that is forbidden', { gaps: { bootstraptokens: forbidden } }, 'forbidden'],
  ['a list that nobody asked for', { gaps: { bootstraptokens: 'not asked' } }, 'not-collected'],
  [
    'a list that broke off',
    { objects: { bootstraptokens: [token('a', '2026-11-20T09:00:00Z')] }, gaps: { bootstraptokens: forbidden } },
    ['1: 1 hour', 'forbidden'],
  ],
])('%s', (_, parts, expected) => {
  expect(ages(parts)).toEqual(expected)
})
