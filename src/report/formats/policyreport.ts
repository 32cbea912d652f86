// PolicyReports of the older API (wgpolicyk8s.io/v1alpha2) as a list of objects that kubectl apply takes.
import type { Exporter } from './format.ts'
import { policyReports, reportObjects } from './policy-reports.ts'
import { Items, writeJson } from './write-json.ts'

export const exporter: Exporter = {
  fileName: () => 'policyreports.json',
  render: (result) =>
    writeJson({ apiVersion: 'v1', kind: 'List', metadata: {}, items: new Items(reportObjects(result, policyReports)) }),
}
