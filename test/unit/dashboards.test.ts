// The dashboards and alert rules ask for what the metrics and result files hold. promtool itself is in the integration tests.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { addResult } from '../../dashboards/sql/load.mjs'
import type { Result } from '../../src/model/result.ts'
import { exporter } from '../../src/report/formats/prometheus.ts'
import { alertExpressions, dashboardExpressions, dashboardsFolder, grafanaDashboard } from '../support/dashboards.ts'
import { acceptedResult } from '../support/format-results.ts'
import { demoResult } from '../support/sample-results.ts'

/** Metric → labels of what is written for a result. */
function emitted(result: Result): Map<string, Set<string>> {
  const labels = new Map<string, Set<string>>()
  for (const line of [...exporter.render(result, {})].join('').split('\n')) {
    const match = /^(kube_assay_\w+)\{(.*)\} /.exec(line)
    if (match === null) continue
    const [, name = '', pairs = ''] = match
    const known = labels.get(name) ?? new Set<string>()
    for (const [, label = ''] of pairs.matchAll(/(\w+)="/g)) known.add(label)
    labels.set(name, known)
  }
  return labels
}

const metrics = emitted(acceptedResult())

test.each([...dashboardExpressions(), ...alertExpressions()])(
  'uses metrics and labels that are written: %s',
  (expression) => {
    const uses = [...expression.matchAll(/(kube_assay_\w+)(?:\{([^}]*)\})?/g)]
    expect(uses.length).toBeGreaterThan(0)
    for (const [, name = '', selector = ''] of uses) {
      expect([...metrics.keys()]).toContain(name)
      for (const [, label] of selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g))
        expect([...(metrics.get(name) ?? [])]).toContain(label)
    }
  },
)

test('every alert has a severity, a summary and a description, and is told in a test of its own', () => {
  const { groups } = parse(readFileSync(join(dashboardsFolder, 'prometheus', 'alerts.yaml'), 'utf8'))
  const { tests } = parse(readFileSync(join(dashboardsFolder, 'prometheus', 'alerts.test.yaml'), 'utf8'))
  const firing = new Set<string>()
  for (const { alert_rule_test: cases } of tests)
    for (const one of cases) if (one.exp_alerts !== undefined) firing.add(one.alertname)
  for (const { alert, labels, annotations } of groups[0].rules) {
    expect(firing).toContain(alert)
    expect(
      [labels.severity, annotations.summary, annotations.description].every((text) => typeof text === 'string'),
    ).toBe(true)
  }
})

describe.each(['clusters', 'results-sql'])('the dashboard %s', (name) => {
  const dashboard = grafanaDashboard(name)
  test('can be provisioned from a file: own uid, data source and clusters as variables', () => {
    expect(dashboard).toMatchObject({ uid: expect.stringMatching(/^kube-assay-/), schemaVersion: expect.any(Number) })
    expect('__inputs' in dashboard).toBe(false)
    expect(dashboard.templating.list.map(({ name: own, type, multi }) => [own, type, multi])).toEqual([
      ['datasource', 'datasource', false],
      ['cluster', 'query', true],
    ])
  })

  test('every panel has its id, its place and the chosen data source', () => {
    const ids = dashboard.panels.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    for (const { datasource, targets } of dashboard.panels)
      for (const own of [datasource, ...targets.map((target) => target.datasource)])
        expect(own.uid).toBe('${datasource}')
  })
})

describe('result files through SQL', () => {
  const database = new DatabaseSync(':memory:')
  const later = { ...demoResult(), reportId: 'KA-later' }
  const earlier: Result = {
    ...demoResult(),
    reportId: 'KA-earlier',
    snapshot: { ...demoResult().snapshot, finishedAt: '2026-11-19T02:01:17Z' },
    rules: demoResult().rules.filter(({ id }) => id !== 'cluster-admin-bindings'),
  }
  // The later one first: what is the last run goes by time.
  const added = [later, earlier, later].map((result) => addResult(database, result))
  const rowsOf = (title: string) => {
    const [target] = grafanaDashboard('results-sql').panels.find((panel) => panel.title === title)?.targets ?? []
    return database.prepare((target?.rawQueryText ?? '').replaceAll('${cluster:sqlstring}', "'prod-eu-1'")).all()
  }

  test('a file that is loaded again changes nothing', () => {
    expect(added).toEqual([true, true, false])
    expect(database.prepare('SELECT count(*) AS runs FROM run').get()).toEqual({ runs: 2 })
  })

  test.each(grafanaDashboard('results-sql').panels.map(({ title }) => [title]))(
    'the query of %s gives rows',
    (title) => {
      expect(rowsOf(title).length).toBeGreaterThan(0)
    },
  )

  test('what is new is what failed for the first time in the last run', () => {
    expect(rowsOf('New since the run before')).toEqual([
      { cluster: 'prod-eu-1', rule: 'cluster-admin-bindings', unit: 'ClusterRoleBinding/legacy-admin' },
    ])
  })

  test('numbers are those of the result', () => {
    const failing = rowsOf('Failing rules by severity').map(({ severity, rules }) => [severity, rules])
    const wanted = Object.entries(demoResult().summary.failingBySeverity).filter(([, count]) => count > 0)
    expect(failing).toEqual(wanted)
    expect(rowsOf('Clusters')).toMatchObject([
      {
        cluster: 'prod-eu-1',
        read_at: '2026-11-20 02:01:17',
        nodes_read: '5 of 6',
        score_from: demoResult().score.lower,
      },
    ])
  })
})

describe('accepted risks through SQL', () => {
  const accepted = acceptedResult()
  const load = (prepare: (database: DatabaseSync) => void = () => undefined) => {
    const database = new DatabaseSync(':memory:')
    prepare(database)
    addResult(database, accepted)
    return database
  }
  const waived = accepted.rules.flatMap(({ id, findings }) =>
    findings.flatMap(({ unit, waiver }) => (waiver === undefined ? [] : [`${id} ${unit.id} ${waiver.id}`])),
  )

  test('findings name their waiver, and waivers say who, until when and how much', () => {
    const database = load()
    const found = database.prepare('SELECT rule, unit, waiver FROM finding WHERE waiver IS NOT NULL').all()
    expect(waived.length).toBeGreaterThan(0)
    expect(found.map(({ rule, unit, waiver }) => `${rule} ${unit} ${waiver}`)).toEqual(waived)
    const list = accepted.waivers?.list ?? []
    expect(database.prepare('SELECT id, state, expires, failing FROM waiver').all()).toEqual(
      list.map(({ id, state, expires, waived: covered }) => ({ id, state, expires, failing: covered.fail })),
    )
    const sum = accepted.rules.reduce((total, rule) => total + (rule.waived?.fail ?? 0), 0)
    expect(database.prepare('SELECT sum(accepted) AS accepted FROM rule').get()).toEqual({ accepted: sum })
  })

  test('a database of before waivers were kept is carried on', () => {
    const old = readFileSync(join(dashboardsFolder, 'sql', 'schema.sql'), 'utf8')
      .replace(/CREATE TABLE IF NOT EXISTS waiver [\s\S]*?\);/, '')
      .replace(/,\n[^\n]*\n {2}waiver TEXT/, '')
      .replace(/[^\n]*\n {2}accepted [^\n]*\n/, '')
    expect(old).not.toMatch(/waiver TEXT|accepted INTEGER/)
    const database = load((one) => one.exec(old))
    expect(database.prepare('SELECT count(*) AS n FROM finding WHERE waiver IS NOT NULL').get()).toEqual({
      n: waived.length,
    })
  })

  const readme = readFileSync(join(dashboardsFolder, 'README.md'), 'utf8')
  test.each([...readme.matchAll(/^```sql\n([\s\S]*?)^```/gm)].map(([, query = '']) => [query]))('runs: %s', (query) => {
    expect(() => load().prepare(query).all()).not.toThrow()
  })
})
