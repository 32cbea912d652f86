// Fingerprints through projection, derivation and the real rules: what keeps a finding the same one, and what makes it another.
import { describe, expect, it } from 'vitest'
import { fingerprintOf } from '../../../src/evaluate/fingerprint.ts'
import { unavailable } from '../../../src/model/fact.ts'
import {
  barePod,
  deployment,
  evaluateRaw,
  jobPod,
  nodeObject,
  podOf,
  type RawCluster,
  replicaSet,
} from '../../support/raw-cluster.ts'

const rules = ['privileged-containers', 'kubelet-anonymous-authentication']
const forbidden = unavailable('forbidden', 'no')

async function prints(cluster: RawCluster, rule: string): Promise<(string | undefined)[]> {
  const result = await evaluateRaw(cluster, rules)
  const found = result.rules.find(({ id }) => id === rule)?.findings ?? []
  return found.filter(({ unit }) => !unit.id.startsWith('(')).map(({ fingerprint }) => fingerprint)
}
const workloads = (objects: RawCluster['objects'], parts: Omit<RawCluster, 'objects'> = {}) =>
  prints({ objects, ...parts }, 'privileged-containers')
const nodes = (...objects: NonNullable<RawCluster['objects']['nodes']>) =>
  prints({ objects: { nodes: objects } }, 'kubelet-anonymous-authentication')

const shop = (hash: string, suffix: string) => ({
  deployments: [deployment('cart')],
  replicasets: [replicaSet('cart', hash)],
  pods: [podOf('cart', hash, suffix)],
})

describe('a finding of a workload', () => {
  it('is the same after a roll-out, and when its pod is made again', async () => {
    const [before, ...others] = await workloads(shop('6d5f8c7b9', 'x2k9p'))
    expect(before).toMatch(/^fp1:[0-9a-f]{32}$/)
    expect(others).toEqual([])
    expect(await workloads(shop('6d5f8c7b9', 'qqq77'))).toEqual([before])
    expect(await workloads(shop('7b99d8fc4', 'abcde'))).toEqual([before])
    expect(await workloads({ deployments: [deployment('cart')] })).toEqual([before])
  })

  it('is another one when the Deployment has another name, namespace, or cluster', async () => {
    const made = [
      await workloads({ deployments: [deployment('cart')] }),
      await workloads({ deployments: [deployment('basket')] }),
      await workloads({ deployments: [deployment('cart', 'stage')] }),
      await workloads({ deployments: [deployment('cart')] }, { uid: 'cluster-2' }),
    ].flat()
    expect(new Set(made).size).toBe(4)
  })

  it('does not depend on the name of the cluster, the order of lists, or what else there is', async () => {
    const [cart] = await workloads({ deployments: [deployment('cart')] })
    expect(await workloads({ deployments: [deployment('cart')] }, { name: 'renamed' })).toEqual([cart])
    const more = { deployments: [deployment('zebra'), deployment('cart'), deployment('ark')] }
    const reversed = { deployments: more.deployments.toReversed() }
    expect(await workloads(more)).toContain(cart)
    expect(await workloads(reversed)).toEqual(await workloads(more))
  })

  it('is another one for each rule', async () => {
    const { rules: judged } = await evaluateRaw({ objects: { deployments: [deployment('cart')] } }, [
      'privileged-containers',
      'root-containers',
    ])
    expect(new Set(judged.map(({ findings }) => findings[0]?.fingerprint)).size).toBe(2)
  })

  it('does not hang on the hash of a ReplicaSet whose list is forbidden', async () => {
    const unlisted = (hash: string, suffix: string) =>
      workloads({ pods: [podOf('cart', hash, suffix)] }, { gaps: { replicasets: forbidden } })
    const [first] = await unlisted('6d5f8c7b9', 'x2k9p')
    expect(await unlisted('7b99d8fc4', 'abcde')).toEqual([first])
    expect(first).not.toBe((await workloads({ deployments: [deployment('cart')] }))[0])
  })

  it('does not hang on the minute of a Job whose list is forbidden', async () => {
    const run = (job: string) => workloads({ pods: [jobPod(job, 'x2k9p')] }, { gaps: { jobs: forbidden } })
    expect(await run('backup-29384760')).toEqual(await run('backup-29386200'))
    expect(await run('backup-29384760')).not.toEqual(await run('restore-29384760'))
    expect(await run('backup-eu-1')).not.toEqual(await run('backup-eu-2'))
  })

  it('does not hang on a generated name of a pod without owner, and counts several', async () => {
    const runner = (suffix: string) => barePod(`runner-${suffix}`, { generateName: 'runner-' })
    const [one] = await workloads({ pods: [runner('aaaaa')] })
    expect(await workloads({ pods: [runner('zzzzz')] })).toEqual([one])
    const both = await workloads({ pods: [runner('bbbbb'), runner('ccccc')] })
    expect(both).toContain(one)
    expect(new Set(both).size).toBe(2)
    expect(await workloads({ pods: [barePod('debug')] })).toEqual(await workloads({ pods: [barePod('debug')] }))
    expect(await workloads({ pods: [barePod('runner-aaaaa')] })).not.toEqual([one])
  })
})

describe('a finding of a node', () => {
  it('stays with the machine when it restarts, is upgraded or registers again', async () => {
    const [before] = await nodes(nodeObject('worker-1', { bootID: 'a' }))
    expect(await nodes(nodeObject('worker-1', { bootID: 'b', kubeletVersion: 'v1.37.0' }))).toEqual([before])
    expect(await nodes(nodeObject('worker-1', {}, 'registered-again'))).toEqual([before])
  })

  it('is another one for a machine that replaced it under its name', async () => {
    const made = [
      await nodes(nodeObject('worker-1')),
      await nodes(nodeObject('worker-1', { machineID: 'new' })),
      await nodes(nodeObject('worker-1', { systemUUID: 'new' })),
      await nodes(nodeObject('worker-1', { machineID: '', systemUUID: '' }, 'uid-1')),
      await nodes(nodeObject('worker-1', { machineID: '', systemUUID: '' }, 'uid-2')),
      await nodes(nodeObject('worker-2')),
    ].flat()
    expect(new Set(made).size).toBe(6)
  })
})

it('is kept for findings that the cap leaves out, and each is told once', async () => {
  const objects = { deployments: ['a', 'b', 'c', 'd'].map((name) => deployment(name)) }
  const [whole] = (await evaluateRaw({ objects }, ['privileged-containers'])).rules
  const [cut] = (await evaluateRaw({ objects }, ['privileged-containers'], { findingsCap: 1 })).rules
  const all = whole?.findings.map(({ fingerprint }) => fingerprint)
  expect(new Set(all).size).toBe(4)
  expect(whole?.capped).toBeUndefined()
  expect(cut?.findings.map(({ fingerprint }) => fingerprint)).toEqual(all?.slice(0, 1))
  expect(cut?.capped).toEqual({ fail: all?.slice(1) })
  expect(cut?.findingsTotal).toBe(4)
})

it('never changes for the same input: these are the published values of version 1', () => {
  const unit = { kind: 'workloads', id: 'shop/Deployment/cart' } as const
  expect(fingerprintOf({ name: 'prod', uid: 'u-1' }, 'privileged-containers', unit)).toBe(
    'fp1:09cbc86c35b0d089d1d254a72c5624c5',
  )
  expect(fingerprintOf({ name: 'prod' }, 'privileged-containers', unit)).toBe('fp1:14a134279e90956045d4086d5ee5812d')
})
