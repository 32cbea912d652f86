import { expect, test } from 'vitest'
import { nearest } from '../../../src/util/did-you-mean.ts'

test.each<[string, string[], string]>([
  ['kubelt', ['kubelet', 'kube-proxy'], ' (did you mean kubelet?)'],
  ['cis-kube', ['cis-aks', 'cis-kubernetes'], ' (did you mean cis-kubernetes?)'],
  ['cis', ['cis-aks', 'cis-kubernetes'], ''],
  ['zzzzzz', ['kubelet'], ''],
])('what was probably meant by %s among %j', (name, known, expected) => {
  expect(nearest(name, known)).toBe(expected)
})
