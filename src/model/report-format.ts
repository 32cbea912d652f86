// The names that `--format` and the configuration take. Each export format has its file in src/report/formats/.

/** Made by a stage of their own: templates, the browser, the result itself, and scripts. */
const documents = ['html', 'pdf', 'json', 'remediation'] as const

/** One file each, for other tools to read. */
export const exportFormats = [
  'sarif',
  'junit',
  'csv',
  'markdown',
  'oscal',
  'ocsf',
  'openreports',
  'policyreport',
  'hdf',
  'asff',
  'defectdojo',
  'kube-bench',
  'ndjson',
  'prometheus',
] as const
export type ExportFormat = (typeof exportFormats)[number]

export const reportFormats = [...documents, ...exportFormats] as const
export type ReportFormat = (typeof reportFormats)[number]

export function isExportFormat(format: ReportFormat): format is ExportFormat {
  return exportFormats.some((name) => name === format)
}
