import { expect, it } from 'vitest'
import { deriveOutdatedApiVersions } from '../../../../src/derive/api-versions/outdated.ts'
import { isUnavailable, unavailable } from '../../../../src/model/fact.ts'
import type { FamilyObjects } from '../../../../src/model/objects.ts'
import { buildEvidence, type EvidenceParts, forbidden } from '../workloads/evidence-builder.ts'

const version = (minor: number) => ({ gitVersion: `v1.${minor}.0`, major: 1, minor })
const files = { kind: 'manifests' as const, paths: ['deploy'] }
const noVersion = unavailable('not-collected', 'Manifests cannot answer GET /version.')

const scaler = (apiVersion: string, by = 'helm', at?: string): FamilyObjects['horizontalpodautoscalers'] => ({
  name: 'cart',
  namespace: 'shop',
  writtenAs: [{ apiVersion, by, ...(at === undefined ? {} : { at }) }],
})

/** "object apiVersion → replacement, removal, who", or the reason. */
function outdated(parts: EvidenceParts, minor?: number): unknown {
  const fact = deriveOutdatedApiVersions(buildEvidence(parts), minor === undefined ? noVersion : version(minor))
  if (isUnavailable(fact)) return fact.unavailable.reason
  return fact.objects.map(
    ({ object, apiVersion, replacement, removal, writtenBy }) =>
      `${object} ${apiVersion} → ${replacement}, ${removal}, ${writtenBy}`,
  )
}

it.each<[string, EvidenceParts, number | undefined, unknown]>([
  [
    'gone in the next version',
    { objects: { horizontalpodautoscalers: [scaler('autoscaling/v2beta2', 'helm', '2023-01-05T08:00:00Z')] } },
    25,
    [
      'HorizontalPodAutoscaler shop/cart autoscaling/v2beta2 → autoscaling/v2, next, field manager helm, last on 2023-01-05',
    ],
  ],
  [
    'deprecated, and served by the next version too',
    { objects: { horizontalpodautoscalers: [scaler('autoscaling/v2beta2')] } },
    24,
    ['HorizontalPodAutoscaler shop/cart autoscaling/v2beta2 → autoscaling/v2, later, field manager helm'],
  ],
  ['not deprecated yet', { objects: { horizontalpodautoscalers: [scaler('autoscaling/v2beta2')] } }, 22, []],
  [
    'gone already',
    { objects: { horizontalpodautoscalers: [scaler('autoscaling/v2beta2', 'kubectl apply')] } },
    36,
    ['HorizontalPodAutoscaler shop/cart autoscaling/v2beta2 → autoscaling/v2, removed, kubectl apply'],
  ],
  [
    'a file, which no server has to serve yet',
    { source: files, objects: { horizontalpodautoscalers: [scaler('autoscaling/v2beta2', 'manifest')] } },
    undefined,
    ['HorizontalPodAutoscaler shop/cart autoscaling/v2beta2 → autoscaling/v2, next, the manifest'],
  ],
  [
    'a file with a version that the coming Kubernetes drops',
    {
      source: files,
      objects: {
        servicecidrs: [{ name: 'more', writtenAs: [{ apiVersion: 'networking.k8s.io/v1beta1', by: 'manifest' }] }],
      },
    },
    undefined,
    ['ServiceCIDR more networking.k8s.io/v1beta1 → networking.k8s.io/v1, next, the manifest'],
  ],
  [
    'an older version that was never deprecated',
    { objects: { horizontalpodautoscalers: [scaler('autoscaling/v1')] } },
    36,
    [],
  ],
  ['a server whose version is unknown', {}, undefined, 'not-collected'],
])('%s', (_name, parts, minor, expected) => {
  expect(outdated(parts, minor)).toEqual(expected)
})

it('is not complete where a list was forbidden', () => {
  const fact = deriveOutdatedApiVersions(buildEvidence({ gaps: { ingresses: forbidden } }), version(36))
  expect(isUnavailable(fact) ? fact : fact.isComplete).toEqual(forbidden)
})
