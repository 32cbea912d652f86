// A snapshot of the first version that wrote one, as it was written: it loads, is judged, and what it lacks is unknown with a reason.
// The file is never made anew.
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadCatalogue, selectBenchmark } from '../../../src/catalog/index.ts'
import { deriveFacts } from '../../../src/derive/index.ts'
import { evaluate } from '../../../src/evaluate/index.ts'
import { loadSnapshot } from '../../../src/snapshot/index.ts'
import { rulesFolder } from '../catalog/support.ts'

const evidence = await loadSnapshot(join(import.meta.dirname, '../../snapshots/first.ndjson.zst'))
const catalogue = await loadCatalogue(rulesFolder)
const result = evaluate({
  evidence,
  facts: deriveFacts(evidence),
  catalogue,
  benchmark: selectBenchmark(catalogue, 'auto', evidence.header.cluster.version),
  now: evidence.trailer.finishedAt,
  tool: evidence.header.tool,
  findingsCap: 1000,
})

/** Facts of nodes that its probe did not ask for. */
const later = ['kubeletRunning', 'listeningSockets', 'memoryKills', 'podCgroups', 'hostHardening', 'runtimeSockets']

it('is judged by rules that did not exist, none of which breaks', () => {
  expect(result.rules.filter(({ outcome }) => outcome === 'error').map(({ id }) => id)).toEqual([])
  expect(result.summary.units.pass).toBeGreaterThan(0)
})

it.each(later)('lacks %s of every node, and says so', (name) => {
  const index = result.coverage.columns.findIndex(({ fact }) => fact === name)
  const reasons = result.coverage.nodes.map(({ facts }) => facts[index]?.reason)
  expect(new Set(reasons).difference(new Set(['not-collected', 'sudo-denied'])).size).toBe(0)
})

it('passes no node by a fact that it lacks as a whole', () => {
  const whole = ['kubeletRunning', 'listeningSockets', 'memoryKills', 'podCgroups']
  const needing = catalogue.rules.filter(
    ({ rule }) => rule.each === 'nodes' && rule.needs.some((need) => whole.includes(need)),
  )
  const passed = needing.flatMap(({ rule }) => {
    const found = result.rules.find(({ id }) => id === rule.id)
    return found?.outcome === 'pass' ? [rule.id] : []
  })
  expect(needing.length).toBeGreaterThan(3)
  expect(passed).toEqual([])
})
