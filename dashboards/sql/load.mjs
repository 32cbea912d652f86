#!/usr/bin/env node
// Loads result files into a SQLite database, for dashboards and questions in SQL. Runs wherever kube-assay does (Node.js 22.13 and newer).
//   node dashboards/sql/load.mjs results.sqlite reports/*/*/result.json
// Loading a file again changes nothing; a run is known by its report id.
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

const schema = readFileSync(new URL('schema.sql', import.meta.url), 'utf8')
const severities = ['critical', 'high', 'medium', 'low', 'info']

/** Adds a result to an open database. Returns false when it is there already. */
export function addResult(database, result) {
  createTables(database)
  if (database.prepare('SELECT 1 FROM run WHERE report_id = ?').get(result.reportId) !== undefined) return false
  database.exec('BEGIN')
  try {
    const run = addRun(database, result)
    addRules(database, run, result)
    addWaivers(database, run, result)
    linkRuns(database, result.cluster.name)
    database.exec('COMMIT')
    return true
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

/** Databases of before waivers were kept get the columns that they lack. */
function createTables(database) {
  database.exec(schema)
  const later = { rule: 'accepted INTEGER NOT NULL DEFAULT 0', finding: 'waiver TEXT' }
  for (const [table, column] of Object.entries(later)) {
    const known = database.prepare('SELECT 1 FROM pragma_table_info(?) WHERE name = ?')
    if (known.get(table, column.split(' ', 1)[0]) === undefined)
      database.exec(`ALTER TABLE ${table} ADD COLUMN ${column}`)
  }
}

function addWaivers(database, run, { waivers }) {
  const insert = database.prepare(
    'INSERT INTO waiver (run, id, state, owner, approver, reason, ticket, expires, failing, unknown) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  for (const { id, state, owner, approver, reason, ticket, expires, waived } of waivers?.list ?? [])
    insert.run(
      run,
      id,
      state,
      owner,
      approver ?? null,
      reason,
      ticket ?? null,
      expires,
      waived.fail,
      waived.unknown + waived.error,
    )
}

function addRun(database, { reportId, cluster, snapshot, score }) {
  const insert = database.prepare(
    'INSERT INTO run (report_id, cluster, time, kubernetes, score_lower, score_upper, coverage, nodes, nodes_read) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const time = Math.floor(Date.parse(snapshot.finishedAt) / 1000)
  const { lastInsertRowid } = insert.run(
    reportId,
    cluster.name,
    time,
    cluster.version ?? null,
    score.lower ?? null,
    score.upper ?? null,
    score.coverage,
    cluster.nodes,
    cluster.nodesReached,
  )
  return lastInsertRowid
}

function addRules(database, run, { rules }) {
  const insertRule = database.prepare(
    'INSERT INTO rule (run, id, title, severity, severity_rank, outcome, failing, unknown, passing, accepted, findings_total) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const insertFinding = database.prepare(
    'INSERT INTO finding (run, rule, unit, namespace, node, outcome, fingerprint, message, observed, expected, source, reason, waiver) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  for (const { id, title, severity, outcome, counts, findings, findingsTotal, waived } of rules) {
    const unknown = counts.unknown + counts.error
    const rank = severities.indexOf(severity)
    const accepted = waived?.fail ?? 0
    insertRule.run(run, id, title, severity, rank, outcome, counts.fail, unknown, counts.pass, accepted, findingsTotal)
    for (const { unit, outcome: own, fingerprint, evidence, missing = [], waiver } of findings) {
      const [first] = evidence
      const [gap] = missing
      insertFinding.run(
        run,
        id,
        unit.id,
        unit.namespace ?? null,
        unit.node ?? null,
        own,
        fingerprint ?? `${id} ${unit.id}`,
        first?.message ?? null,
        first?.observed ?? null,
        first?.expected ?? null,
        first?.source ?? null,
        gap === undefined ? null : `${gap.reason}: ${gap.detail}`,
        waiver?.id ?? null,
      )
    }
  }
}

/** Each run of the cluster to the one before it in time, whatever order they were loaded in. */
function linkRuns(database, cluster) {
  database
    .prepare(
      'UPDATE run SET previous = (SELECT id FROM run AS old WHERE old.cluster = run.cluster AND old.time < run.time ORDER BY old.time DESC LIMIT 1) WHERE cluster = ?',
    )
    .run(cluster)
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) {
  const [path, ...files] = process.argv.slice(2)
  if (path === undefined || files.length === 0) {
    process.stderr.write('usage: node load.mjs <database> <result.json>…\n')
    process.exit(2)
  }
  const database = new DatabaseSync(path)
  for (const file of files) {
    const isNew = addResult(database, JSON.parse(readFileSync(file, 'utf8')))
    process.stdout.write(`${isNew ? 'loaded' : 'known'}  ${file}\n`)
  }
  database.close()
}
