import { expect, it } from 'vitest'
import { readWrittenAs } from '../../../../src/collect/projection/written-as.ts'

const lastApplied = (text: string) => ({ annotations: { 'kubectl.kubernetes.io/last-applied-configuration': text } })
const written = (apiVersion: string, more = {}) => ({ managedFields: [{ manager: 'helm', apiVersion, ...more }] })

it.each<[string, Record<string, unknown>, unknown]>([
  ['nothing noted', { metadata: {} }, undefined],
  ['the listed version', { apiVersion: 'autoscaling/v2', metadata: written('autoscaling/v2') }, undefined],
  ['a manifest', { apiVersion: 'autoscaling/v2beta2' }, [{ apiVersion: 'autoscaling/v2beta2', by: 'manifest' }]],
  ['an item of a list of metadata', { apiVersion: 'meta.k8s.io/v1', metadata: {} }, undefined],
  [
    'a field manager',
    { metadata: written('autoscaling/v2beta2', { time: '2023-01-05T08:00:00Z' }) },
    [{ apiVersion: 'autoscaling/v2beta2', by: 'helm', at: '2023-01-05T08:00:00Z' }],
  ],
  ['the status only', { metadata: written('autoscaling/v2beta1', { subresource: 'status' }) }, undefined],
  [
    'kubectl apply',
    { metadata: lastApplied('{"apiVersion":"autoscaling/v2beta1","kind":"HorizontalPodAutoscaler"}\n') },
    [{ apiVersion: 'autoscaling/v2beta1', by: 'kubectl apply' }],
  ],
  [
    'kubectl apply and its field manager say it once',
    { metadata: { ...lastApplied('{"apiVersion":"autoscaling/v2beta1"}'), ...written('autoscaling/v2beta1') } },
    [{ apiVersion: 'autoscaling/v2beta1', by: 'kubectl apply' }],
  ],
  ['another group', { metadata: written('evil.example/v1') }, undefined],
  ['a text that is no version', { metadata: written('autoscaling/v2\u001b[2J') }, undefined],
  [
    'wrong types',
    { apiVersion: 7, metadata: { annotations: 'x', managedFields: [null, { apiVersion: {} }, 'y'] } },
    undefined,
  ],
  [
    'a flood of versions',
    {
      metadata: {
        managedFields: Array.from({ length: 50 }, (_, n) => ({ manager: 'm', apiVersion: `autoscaling/w${n}` })),
      },
    },
    Array.from({ length: 8 }, (_, n) => ({ apiVersion: `autoscaling/w${n}`, by: 'm' })),
  ],
])('%s', (_name, raw, expected) => {
  expect(readWrittenAs({ apiGroup: 'autoscaling', apiVersion: 'autoscaling/v2' }, raw)).toEqual(expected)
})

it('takes the group extensions for where apps came from, and asks nothing of the core group', () => {
  const raw = { apiVersion: 'extensions/v1beta1', metadata: written('extensions/v1beta1') }
  expect(readWrittenAs({ apiGroup: 'apps', apiVersion: 'apps/v1' }, raw)).toEqual([
    { apiVersion: 'extensions/v1beta1', by: 'manifest' },
  ])
  expect(readWrittenAs({ apiGroup: '', apiVersion: 'v1' }, raw)).toBeUndefined()
})
