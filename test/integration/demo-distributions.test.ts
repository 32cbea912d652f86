// `demo --cluster distributions`: a node of every distribution, read over real SSH where there is something to log in to.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { distributionHosts } from '../../src/simulator/hosts/distributions/index.ts'
import { runCli } from '../support/cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'distributions-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('reads and judges every one of them', { timeout: 300_000 }, async () => {
  const { code, stdout, stderr } = await runCli(['demo', '--cluster', 'distributions', '--output', folder])
  expect([code, stderr.includes('internal error')], stderr).toEqual([0, false])
  expect(stdout).toContain('11 of 13 nodes read')
  const result = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'))
  const column = result.nodes.columns.findIndex(({ label }: { label: string }) => label === 'Distribution')
  const told = result.nodes.nodes.map(({ node, values }: Profile) => [node, values[column]])
  expect(Object.fromEntries(told)).toEqual(
    Object.fromEntries(distributionHosts.map(({ id, tree }) => [tree?.hostname ?? id, expectedName(id)])),
  )
  const failing = (rule: string) =>
    result.rules
      .find(({ id }: { id: string }) => id === rule)
      .findings.filter(({ outcome }: { outcome: string }) => outcome === 'fail')
      .map(({ unit }: { unit: { name: string } }) => `${rule}: ${unit.name}`)
  // What would only tell of a tree that was made badly.
  expect(['certificate-roles', 'kubelet-configuration-applied', 'time-synchronization'].flatMap(failing)).toEqual([])
})

interface Profile {
  readonly node: string
  readonly values: readonly (string | null)[]
}

const expectedName = (id: string): string =>
  ({ 'k3s-hardened': 'k3s', flatcar: 'kubeadm', bottlerocket: 'eks' })[id] ?? id
