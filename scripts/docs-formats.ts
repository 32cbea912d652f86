// The tables of docs/formats.md, made from the mappings; the rest of the page is written by hand.
import { outcomes, severities } from '../src/model/outcome.ts'
import { metricHelp } from '../src/report/formats/metric-names.ts'
import { acceptedStates, outcomeStates, severityStates } from '../src/report/formats/states.ts'

/** The page with its tables anew. Throws when a place for one is missing. */
export function formatsPage(page: string): string {
  const tables = { outcomes: outcomeTable(), severities: severityTable(), metrics: metricTable() }
  return Object.entries(tables).reduce((text, [name, content]) => fill(text, name, content), page)
}

function fill(page: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [from, to] = [page.indexOf(start), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/formats.md has no place for the table ${name}.`)
  return `${page.slice(0, from + start.length)}\n${content}\n${page.slice(to)}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const columns = [
  'SARIF',
  'JUnit',
  'OSCAL',
  'OCSF',
  'OpenReports, PolicyReport',
  'HDF',
  'ASFF',
  'kube-bench',
  'DefectDojo',
]

function outcomeTable(): string {
  const rows = outcomes.toReversed().map((outcome) => {
    const { sarif, junit, oscal, ocsf, policyReport, hdf, asff, kubeBench, defectDojo } = outcomeStates[outcome]
    const target = oscal === undefined ? 'excluded' : `${oscal.state} (${oscal.reason})`
    const cells = [sarif, junit, target, `${ocsf.id} ${ocsf.name}`, policyReport, hdf, asff, kubeBench, defectDojo]
    return [`\`${outcome}\``, ...cells]
  })
  const { sarif, junit, oscal, ocsf, policyReport, hdf, asff, kubeBench, defectDojo } = acceptedStates
  const workflow = `${asff.compliance}, workflow ${asff.workflow}`
  const status = `3 Fail, status ${ocsf.statusId} ${ocsf.status}`
  return table(
    ['outcome', ...columns],
    [...rows, ['`fail`, accepted', sarif, junit, oscal, status, policyReport, hdf, workflow, kubeBench, defectDojo]],
  )
}

function severityTable(): string {
  return table(
    [
      'severity',
      'SARIF level',
      'security-severity',
      'OCSF',
      'OpenReports, PolicyReport',
      'HDF impact',
      'ASFF',
      'DefectDojo',
    ],
    severities.map((severity) => {
      const { sarifLevel, securitySeverity, ocsf, policyReport, hdfImpact, asff, defectDojo } = severityStates[severity]
      const cells = [
        sarifLevel,
        securitySeverity,
        `${ocsf.id} ${ocsf.name}`,
        policyReport,
        String(hdfImpact),
        asff,
        defectDojo,
      ]
      return [`\`${severity}\``, ...cells]
    }),
  )
}

function metricTable(): string {
  return table(
    ['metric', 'meaning'],
    Object.entries(metricHelp).map(([name, help]) => [`\`${name}\``, help]),
  )
}
