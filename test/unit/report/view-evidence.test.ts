import { expect, test } from 'vitest'
import type { Finding } from '../../../src/model/result.ts'
import { paperLimits, type ViewLimits } from '../../../src/report/limits.ts'
import { buildView } from '../../../src/report/view.ts'
import { nodeUnit, result, rule } from '../../support/result-builder.ts'

type Unit = Finding['unit']
type Line = readonly [observed: string, expected: string, source: string]

const workload = (name: string, more: Partial<Unit> = {}): Unit => ({ kind: 'workloads', id: name, name, ...more })
const finding = (unit: Unit, ...lines: Line[]): Finding => ({
  unit,
  outcome: 'fail',
  evidence: lines.map(([observed, expected, source]) => ({ message: 'm', observed, expected, source })),
})

function evidenceOf(findings: Finding[], limits: Partial<ViewLimits> = {}) {
  const one = rule({ id: 'r', title: 'r', severity: 'low', each: findings[0]?.unit.kind ?? 'nodes', findings })
  const view = buildView(result({ rules: [one] }), { limits: { ...paperLimits, ...limits } })
  const block = view.findings.groups[0]?.blocks[0]
  const tables = (block?.evidence ?? []).map(({ groups, wanted, from }) => [
    `wanted ${wanted || 'each'}, from ${from || 'each'}`,
    ...groups.map(({ units, first, more }) => [units, ...[first, ...more].map((line) => line.observed)]),
  ])
  return { tables, note: block?.evidenceNote, shown: block?.shownFindings }
}

test('a line of many containers stands once, with the units and their containers', () => {
  const of = (name: string, container: string, path = 'spec.template.spec') =>
    finding(workload(name), [`${container}: not set`, 'set', `${name}: ${path}.containers[${container}].image`])
  const { tables, note } = evidenceOf([
    of('Deployment ci/runner', 'runner'),
    of('Deployment shop/cart', 'web'),
    of('Pod shop/once', 'once', 'spec'),
  ])
  expect(tables).toEqual([
    [
      'wanted set, from each',
      ['Deployment ci/runner [runner], shop/cart [web]; Pod shop/once [once]', '‹container›: not set'],
    ],
  ])
  expect(note).toBe('')
})

test('static pods of one name are named once, with their nodes', () => {
  const pod = (node: string) => workload(`StaticPod kube-system/etcd on ${node}`, { node })
  const { tables } = evidenceOf(['cp-1', 'cp-2', 'cp-3'].map((node) => finding(pod(node), ['seen', 'wanted', 'file'])))
  expect(tables).toEqual([['wanted wanted, from each', ['StaticPod kube-system/etcd on cp-1, cp-2, cp-3', 'seen']]])
})

test('lines of several units come first, and what many want is said once for each', () => {
  const { tables } = evidenceOf([
    finding(nodeUnit('n-1'), ['a', 'x', 'f'], ['b', 'x', 'f'], ['c', 'y', 'f']),
    finding(nodeUnit('n-2'), ['a', 'x', 'f'], ['d', 'y', 'g']),
  ])
  expect(tables).toEqual([
    ['wanted x, from f', ['n-1, n-2', 'a'], ['n-1', 'b']],
    ['wanted y, from each', ['n-1', 'c'], ['n-2', 'd']],
  ])
})

test('what is cut is counted: units of which nothing is shown, and lines', () => {
  const findings = [1, 2, 3].map((index) =>
    finding(nodeUnit(`n-${index}`), ['all', 'x', 'f'], [`own ${index}`, 'y', 'f']),
  )
  expect(evidenceOf(findings, { evidenceGroups: 2 })).toEqual({
    tables: [
      ['wanted x, from each', ['n-1, n-2, n-3', 'all']],
      ['wanted y, from each', ['n-1', 'own 1']],
    ],
    note: '2 of 4 different lines of evidence shown, all in result.json',
    shown: 1,
  })
  const apart = [1, 2, 3].map((index) => finding(nodeUnit(`n-${index}`), [`own ${index}`, 'y', 'f']))
  expect(evidenceOf(apart, { evidenceGroups: 2 }).note).toBe('2 of 3 nodes shown, all in result.json')
})

test('of more units than can be named, the first are', () => {
  const findings = Array.from({ length: 30 }, (_, index) => finding(nodeUnit(`n-${index + 10}`), ['a', 'x', 'f']))
  expect(evidenceOf(findings).tables).toEqual([['wanted x, from each', ['n-10, n-11, n-12 and 27 more', 'a']]])
})
