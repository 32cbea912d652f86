// OpenReports (openreports.io/v1alpha1) as a list of objects that kubectl apply takes.
import type { Exporter } from './format.ts'
import { openReports, reportObjects } from './policy-reports.ts'
import { Items, writeJson } from './write-json.ts'

export const exporter: Exporter = {
  fileName: () => 'openreports.json',
  render: (result) =>
    writeJson({ apiVersion: 'v1', kind: 'List', metadata: {}, items: new Items(reportObjects(result, openReports)) }),
}
