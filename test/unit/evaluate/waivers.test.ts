// Accepted risks through projection, derivation and the real rules: which finding falls under which waiver, that no verdict moves,
// and what is said of waivers that have ended, take too much, or match nothing.
import { describe, expect, it } from 'vitest'
import type { WaiversInput } from '../../../src/evaluate/index.ts'
import { unavailable } from '../../../src/model/fact.ts'
import { type Result, resultSchema } from '../../../src/model/result.ts'
import { type Waiver, waiverSchema } from '../../../src/model/waiver.ts'
import {
  barePod,
  deployment,
  evaluateRaw,
  nodeObject,
  podOf,
  type RawCluster,
  replicaSet,
  smallCatalogue,
} from '../../support/raw-cluster.ts'

const rules = ['privileged-containers', 'kubelet-anonymous-authentication']
const good: Waiver = {
  id: 'w1',
  rule: 'privileged-containers',
  match: { namespace: 'shop' },
  owner: 'Shop team',
  approver: 'CISO',
  reason: 'The driver needs it',
  ticket: 'SEC-7',
  created: '2026-11-01',
  expires: '2027-02-01',
}
const cluster: RawCluster = {
  objects: {
    deployments: [deployment('cart', 'shop', { tier: 'web' }), deployment('cart', 'stage'), deployment('db', 'shop')],
    nodes: [nodeObject('worker-1'), nodeObject('worker-2')],
  },
}

function given(waivers: readonly Partial<Waiver>[], config: WaiversInput['config'] = {}): WaiversInput {
  return {
    files: [{ path: 'waivers.yaml', sha256: 'a'.repeat(64) }],
    waivers: waivers.map((parts, index) => ({
      ...waiverSchema.parse({ ...good, id: `w${index + 1}`, ...parts }),
      source: `waivers.yaml:${index + 1}`,
    })),
    config,
  }
}

async function run(waivers?: WaiversInput, of: RawCluster = cluster, judged = rules): Promise<Result> {
  return resultSchema.parse(await evaluateRaw(of, judged, waivers === undefined ? {} : { waivers }))
}

const waivedUnits = (result: Result) =>
  result.rules.flatMap(({ findings }) =>
    findings.flatMap(({ unit, waiver }) => (waiver ? [`${unit.id}: ${waiver.id}`] : [])),
  )
const issues = (result: Result) => result.waivers?.issues.map(({ id, waiver }) => `${waiver}: ${id}`)

describe('a waiver', () => {
  it('stands beside the finding, and leaves every verdict, count and bound as it was', async () => {
    const before = await run()
    const after = await run(given([{}]))
    const rule = after.rules.find(({ id }) => id === 'privileged-containers')
    expect(rule?.findings[0]?.waiver).toEqual({
      id: 'w1',
      owner: 'Shop team',
      reason: 'The driver needs it',
      expires: '2027-02-01',
    })
    expect(rule?.waived).toEqual({ fail: 2, unknown: 0, error: 0, manual: 0 })
    expect(after.waivers?.list).toEqual([
      {
        id: 'w1',
        source: 'waivers.yaml:1',
        rules: ['privileged-containers'],
        controls: [],
        selects: 'namespace shop',
        outcomes: ['fail'],
        owner: 'Shop team',
        approver: 'CISO',
        reason: 'The driver needs it',
        ticket: 'SEC-7',
        created: '2026-11-01',
        expires: '2027-02-01',
        state: 'active',
        waived: { fail: 2, unknown: 0, error: 0, manual: 0 },
      },
    ])
    const withoutWaivers = structuredClone(after)
    delete withoutWaivers.waivers
    delete withoutWaivers.score.withAcceptedRisks
    for (const one of withoutWaivers.rules) {
      delete one.waived
      for (const finding of one.findings) delete finding.waiver
    }
    expect(withoutWaivers).toEqual(before)
  })

  it('gives a second score only, without the units it covers', async () => {
    const whole = await run(given([{ match: { name: '*', namespace: ['shop', 'stage'] } }]), cluster, [
      'privileged-containers',
    ])
    const part = await run(given([{}]), cluster, ['privileged-containers'])
    expect([whole.score.lower, whole.score.withAcceptedRisks]).toEqual([0, {}])
    expect([part.score.lower, part.score.withAcceptedRisks]).toEqual([0, { lower: 0, upper: 0 }])
  })

  it.each<[string, Partial<Waiver>, string[]]>([
    ['by namespace', { match: { namespace: 'sta*' } }, ['stage/Deployment/cart']],
    ['by name', { match: { name: 'cart' } }, ['shop/Deployment/cart', 'stage/Deployment/cart']],
    ['by all that is named', { match: { name: 'cart', namespace: 'shop' } }, ['shop/Deployment/cart']],
    ['by one of a list', { match: { name: ['db', 'x'] } }, ['shop/Deployment/db']],
    ['by label', { match: { labels: { tier: 'w*' }, namespace: 'shop' } }, ['shop/Deployment/cart']],
    ['by a label of its pods', { match: { labels: { app: 'db' }, namespace: 'shop' } }, ['shop/Deployment/db']],
    ['by kind', { match: { kind: 'StatefulSet' } }, []],
    ['by section', { rule: 'pods/*' }, ['shop/Deployment/cart', 'shop/Deployment/db']],
    [
      'by control',
      { rule: undefined, control: 'cis-kubernetes@2.0:5.2.2' },
      ['shop/Deployment/cart', 'shop/Deployment/db'],
    ],
    ['by a control of that version alone', { rule: undefined, control: 'cis-kubernetes@2.0:4.2.6' }, []],
    ['by cluster', { match: { cluster: 'pro*', name: 'db' } }, ['shop/Deployment/db']],
    ['by cluster uid', { match: { cluster: 'cluster-1', name: 'db' } }, ['shop/Deployment/db']],
    ['of another cluster', { match: { cluster: 'stage', name: 'db' } }, []],
    ['of a node, which no workload is', { match: { node: 'worker-1' } }, []],
    ['that is not about failures', { outcomes: ['unknown'] }, []],
    [
      'of unknown findings, where it says so',
      { rule: 'kubelet-*', match: { node: '*-1' }, outcomes: ['unknown'] },
      ['node/worker-1'],
    ],
    [
      'by a node’s label',
      { rule: 'kubelet-*', match: { labels: { pool: 'blue' }, name: 'worker-2' }, outcomes: ['unknown'] },
      ['node/worker-2'],
    ],
  ])('selects %s', async (_name, parts, units) => {
    expect(waivedUnits(await run(given([parts])))).toEqual(units.map((unit) => `${unit}: w1`))
  })

  it('is the first that counts, of several', async () => {
    const result = await run(
      given([{ expires: '2026-11-19' }, { match: { name: 'db' } }, {}, { match: { name: 'db' } }]),
    )
    expect(waivedUnits(result)).toEqual(['shop/Deployment/cart: w3', 'shop/Deployment/db: w2'])
    expect(issues(result)).toEqual(['w1: waiver-expired', 'w4: waiver-unused'])
    expect(result.waivers?.issues[0]?.message).toBe('Ended on 2026-11-19. 2 findings that it would cover count again.')
  })

  it('is counted beyond the cap too', async () => {
    const result = await evaluateRaw(cluster, ['privileged-containers'], { waivers: given([{}]), findingsCap: 1 })
    const [rule] = result.rules
    expect([rule?.findings.length, rule?.waived?.fail, rule?.capped?.fail?.length, rule?.cappedWaived?.length]).toEqual(
      [1, 2, 2, 1],
    )
  })
})

describe('what is wrong with a waiver', () => {
  it.each<[string, Partial<Waiver>, string[], string[]]>([
    ['nothing', {}, ['shop/Deployment/cart', 'shop/Deployment/db'], []],
    ['it ends today', { expires: '2026-11-20' }, ['shop/Deployment/cart', 'shop/Deployment/db'], ['waiver-expiring']],
    ['it ended yesterday', { expires: '2026-11-19' }, [], ['waiver-expired']],
    [
      'it ends within 30 days',
      { expires: '2026-12-20' },
      ['shop/Deployment/cart', 'shop/Deployment/db'],
      ['waiver-expiring'],
    ],
    [
      'it lasts a year',
      { created: '2026-11-01', expires: '2027-11-01' },
      ['shop/Deployment/cart', 'shop/Deployment/db'],
      [],
    ],
    ['it lasts longer', { created: '2026-11-01', expires: '2027-11-02' }, [], ['waiver-too-long']],
    ['it has not begun', { created: '2026-11-21' }, [], ['waiver-not-started']],
    ['its rule is none', { rule: 'priviledged-containers' }, [], ['waiver-never-matching']],
    ['its object is none', { match: { name: 'renamed' } }, [], ['waiver-never-matching']],
    ['it takes everything', { rule: '*', match: undefined }, [], ['waiver-too-broad']],
    [
      'it takes everything, said otherwise',
      { rule: '**', match: { namespace: '*', name: '**' } },
      [],
      ['waiver-too-broad'],
    ],
    [
      'it takes every unit of its rule',
      { match: undefined },
      ['shop/Deployment/cart', 'shop/Deployment/db', 'stage/Deployment/cart'],
      ['waiver-too-broad'],
    ],
    ['labels alone select', { match: { labels: { tier: 'web' } } }, ['shop/Deployment/cart'], ['waiver-too-broad']],
    ['it is for another cluster', { match: { cluster: 'other', name: 'renamed' } }, [], []],
    ['nothing it accepts is found', { match: { namespace: 'shop' }, outcomes: ['manual'] }, [], ['waiver-unused']],
  ])('%s', async (_name, parts, units, wrong) => {
    const result = await run(given([parts]))
    expect(waivedUnits(result)).toEqual(units.map((unit) => `${unit}: w1`))
    expect(issues(result)).toEqual(wrong.map((id) => `w1: ${id}`))
  })

  it('has limits that can be set', async () => {
    const config = { maxDays: 30, warnDays: 100, maxUnits: 1 }
    expect(issues(await run(given([{}], config)))).toEqual(['w1: waiver-too-long', 'w1: waiver-expiring'])
    expect(issues(await run(given([{ expires: '2026-11-29' }], config)))).toEqual([
      'w1: waiver-expiring',
      'w1: waiver-too-broad',
    ])
  })

  it('is not said to be idle where the run did not see what it is about', async () => {
    const gaps = { deployments: unavailable('forbidden', 'no') }
    expect(issues(await run(given([{ match: { name: 'renamed' } }]), { ...cluster, gaps }))).toEqual([])
    const leftOut = new Map([['privileged-containers', '--exclude']])
    expect((await evaluateRaw(cluster, rules, { waivers: given([{}]), leftOut })).waivers?.issues).toEqual([])
  })
})

describe('when things change', () => {
  const byPrint = async (of: RawCluster, outcomes: Waiver['outcomes'] = ['fail']) => {
    const found = await run(undefined, of)
    const fingerprint = found.rules.flatMap(({ findings }) => findings.flatMap((one) => one.fingerprint ?? []))
    return given([{ rule: '*', match: { fingerprint }, outcomes }])
  }

  it('a pod made again, and a roll-out, stay under the waiver', async () => {
    const shop = (hash: string, suffix: string): RawCluster => ({
      objects: {
        deployments: [deployment('cart')],
        replicasets: [replicaSet('cart', hash)],
        pods: [podOf('cart', hash, suffix)],
      },
    })
    const waivers = await byPrint(shop('6d5f8c7b9', 'aaaaa'))
    for (const later of [shop('6d5f8c7b9', 'bbbbb'), shop('7b99d8fc4', 'ccccc')]) {
      const result = await run(waivers, later)
      expect([waivedUnits(result), issues(result)]).toEqual([['shop/Deployment/cart: w1'], []])
    }
  })

  it('a renamed Deployment does not, and the waiver is told to match nothing', async () => {
    const waivers = given([{ match: { namespace: 'shop', kind: 'Deployment', name: 'cart' } }])
    const result = await run(waivers, { objects: { deployments: [deployment('basket')] } })
    expect([waivedUnits(result), issues(result)]).toEqual([[], ['w1: waiver-never-matching']])
    const exact = await run(await byPrint({ objects: { deployments: [deployment('cart')] } }), {
      objects: { deployments: [deployment('basket')] },
    })
    expect([waivedUnits(exact), issues(exact)]).toEqual([[], ['w1: waiver-never-matching']])
  })

  it('a replaced node keeps what goes by its name, and loses what goes by fingerprint', async () => {
    const before = { objects: { nodes: [nodeObject('worker-1')] } }
    const after = { objects: { nodes: [nodeObject('worker-1', { machineID: 'new' })] } }
    const byName = given([{ rule: 'kubelet-*', match: { node: 'worker-1' }, outcomes: ['unknown'] }])
    expect(waivedUnits(await run(byName, after))).toEqual(['node/worker-1: w1'])
    const exact = await byPrint(before, ['unknown'])
    expect(waivedUnits(await run(exact, before))).toEqual(['node/worker-1: w1'])
    const result = await run(exact, after)
    expect([waivedUnits(result), issues(result)]).toEqual([[], ['w1: waiver-never-matching']])
  })

  it('a retired rule is named, with what takes its place', async () => {
    const retired = [{ id: 'old-rule', since: '0.2.0', reason: 'Split in two.', successors: ['privileged-containers'] }]
    const catalogue = { ...(await smallCatalogue(rules)), retired }
    const result = await evaluateRaw(cluster, rules, { catalogue, waivers: given([{ rule: 'old-rule' }]) })
    expect(result.waivers?.issues).toMatchObject([
      {
        id: 'waiver-retired-rule',
        message: 'Names the rule old-rule, which is no more since 0.2.0: Split in two.',
        remedy:
          'Have the risk accepted for what takes its place: privileged-containers. Findings of those have other fingerprints.',
      },
    ])
  })
})

describe('an annotation', () => {
  const asking = (text: string): RawCluster => {
    const annotations = { 'kube-assay.io/waive': text }
    return { objects: { pods: [barePod('debug', { annotations }), barePod('other')] } }
  }
  const text = 'rule=privileged-containers; until=2027-01-31; reason=Debugging; owner=ops; ticket=OPS-1'
  const allowed = given([], { annotations: 'allowed' })

  it('counts for nothing where the run does not allow it, which is said', async () => {
    for (const waivers of [undefined, given([])]) {
      const result = await run(waivers, asking(text))
      expect(waivedUnits(result)).toEqual([])
      expect(result.waivers?.issues).toMatchObject([
        {
          id: 'waiver-not-allowed',
          severity: 'info',
          message: 'Objects ask for waivers by annotation, which this run does not allow: Pod shop/debug.',
        },
      ])
    }
  })

  it('waives on its own object alone where it is allowed', async () => {
    const result = await run(allowed, asking(text))
    expect(waivedUnits(result)).toEqual(['shop/Pod/debug: annotation:shop/Pod/debug'])
    expect(result.waivers?.list).toEqual([
      {
        id: 'annotation:shop/Pod/debug',
        source: 'annotation kube-assay.io/waive of Pod shop/debug',
        rules: ['privileged-containers'],
        controls: [],
        selects: 'Pod shop/debug',
        outcomes: ['fail'],
        owner: 'ops',
        reason: 'Debugging',
        ticket: 'OPS-1',
        expires: '2027-01-31',
        state: 'active',
        waived: { fail: 1, unknown: 0, error: 0, manual: 0 },
      },
    ])
  })

  it.each<[string, string, string]>([
    ['without an end', 'rule=privileged-containers; reason=x', 'waiver-malformed'],
    ['without a reason', 'rule=privileged-containers; until=2027-01-31', 'waiver-malformed'],
    ['with a pattern', 'rule=*; until=2027-01-31; reason=x', 'waiver-malformed'],
    ['with a day that is none', 'rule=a; until=2027-02-30; reason=x', 'waiver-malformed'],
    ['with a key twice', 'rule=a; rule=b; until=2027-01-31; reason=x', 'waiver-malformed'],
    ['with other words', 'please waive', 'waiver-malformed'],
    ['too long to be read', `${text}${' '.repeat(1000)}`, 'waiver-malformed'],
    ['that ended', text.replace('2027-01-31', '2026-11-19'), 'waiver-expired'],
    ['that never ends', text.replace('2027-01-31', '2999-01-01'), 'waiver-too-long'],
  ])('waives nothing %s', async (_name, annotation, issue) => {
    const result = await run(allowed, asking(annotation))
    expect([waivedUnits(result), result.waivers?.issues.map(({ id }) => id)]).toEqual([[], [issue]])
  })
})
