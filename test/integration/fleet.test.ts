// A fleet with every kind of broken node at once: the report accounts for each, and takes no longer than the slowest budget.
import { expect, test } from 'vitest'
import { accountOf, auditFleet, isAccountRight } from '../../bench/fleet.ts'
import { fleetFaults } from '../../src/simulator/fleet-faults.ts'

const timeoutSeconds = 20

test('52 nodes, of which 13 are broken in 13 ways', { timeout: 180_000 }, async () => {
  const run = await auditFleet({ nodes: 52, share: 0.25, parallel: 32, connectTimeoutSeconds: 5, timeoutSeconds })
  expect(run.exitCode).toBe(0)
  expect(new Set([...run.broken.values()].map(({ name }) => name))).toEqual(
    new Set(fleetFaults.map(({ name }) => name)),
  )
  expect(run.result.coverage.nodes).toHaveLength(52)
  const wrong = run.result.coverage.nodes.flatMap(({ node }) => {
    const account = accountOf(run.result, node)
    const fault = run.broken.get(node)
    return isAccountRight(account, fault) ? [] : [{ node, fault: fault?.name ?? 'none', account }]
  })
  expect(wrong).toEqual([])
  // The rest of the run (start, lists, healthy nodes, evaluation) beside the one budget that hanging nodes use up together.
  expect(run.wallMs).toBeLessThan((timeoutSeconds + 40) * 1000)
})

test('a total budget ends a fleet that would take longer, and names itself', { timeout: 180_000 }, async () => {
  const run = await auditFleet({
    nodes: 26,
    share: 0.5,
    parallel: 1,
    connectTimeoutSeconds: 5,
    timeoutSeconds: 60,
    totalTimeoutSeconds: 8,
  })
  const accounts = run.result.coverage.nodes.map(({ node }) => accountOf(run.result, node))
  const gaps = accounts.flatMap((account) => account?.gaps ?? [])
  const cut = gaps.filter(({ detail }) => detail.includes('The budget of 8 s for all nodes (--total-timeout)'))
  expect(accounts.filter((account) => account !== undefined)).toHaveLength(26)
  expect(cut.length).toBeGreaterThan(0)
  expect(new Set(cut.map(({ reason }) => reason))).toEqual(new Set(['timeout']))
  expect(run.wallMs).toBeLessThan(48_000)
})
