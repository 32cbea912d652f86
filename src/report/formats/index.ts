// All export formats by name, each loaded when it is asked for.
// May not: import a format at load time.
import type { ExportFormat } from '../../model/report-format.ts'
import type { Exporter } from './format.ts'

const loaders: { readonly [F in ExportFormat]: () => Promise<{ readonly exporter: Exporter }> } = {
  sarif: () => import('./sarif.ts'),
  junit: () => import('./junit.ts'),
  csv: () => import('./csv.ts'),
  markdown: () => import('./markdown.ts'),
  oscal: () => import('./oscal.ts'),
  ocsf: () => import('./ocsf.ts'),
  openreports: () => import('./openreports.ts'),
  policyreport: () => import('./policyreport.ts'),
  hdf: () => import('./hdf.ts'),
  asff: () => import('./asff.ts'),
  defectdojo: () => import('./defectdojo.ts'),
  'kube-bench': () => import('./kube-bench.ts'),
  ndjson: () => import('./ndjson.ts'),
  prometheus: () => import('./prometheus.ts'),
}

export async function loadExporter(format: ExportFormat): Promise<Exporter> {
  return (await loaders[format]()).exporter
}
