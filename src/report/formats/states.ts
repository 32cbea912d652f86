// What our outcomes and severities are called in every other format: the only place that decides it. docs/formats.md shows it.
// The line that must hold: nothing but `pass` becomes a state that a reader takes for a pass.
// May not: look at a result.
import type { Outcome, Severity } from '../../model/outcome.ts'

export interface OutcomeStates {
  /** SARIF 2.1.0 §3.27.9. `open`: could not be told; `review`: for a person. Passing rules have no result. */
  readonly sarif: 'fail' | 'open' | 'review' | 'pass' | 'notApplicable'
  readonly junit: 'failure' | 'error' | 'skipped' | 'passed'
  /** A target has two states; the reason says more. Absent: the control is told as excluded from the assessment. */
  readonly oscal?: { readonly state: 'satisfied' | 'not-satisfied'; readonly reason: 'pass' | 'fail' | 'other' }
  /** compliance.status_id. */
  readonly ocsf: { readonly id: 1 | 2 | 3 | 99; readonly name: 'Pass' | 'Warning' | 'Fail' | 'Other' }
  /** OpenReports and PolicyReport. */
  readonly policyReport: 'pass' | 'fail' | 'warn' | 'error' | 'skip'
  readonly hdf: 'passed' | 'failed' | 'skipped' | 'error'
  /** NOT_AVAILABLE is for what does not apply only: Security Hub archives such findings. */
  readonly asff: 'PASSED' | 'FAILED' | 'WARNING' | 'NOT_AVAILABLE'
  /** kube-bench has no state for errors; what it could not carry out is WARN. */
  readonly kubeBench: 'PASS' | 'FAIL' | 'WARN' | 'INFO'
  /** DefectDojo: a finding of the rule's severity, one of severity Info under review, or none. */
  readonly defectDojo: 'finding' | 'under review' | 'none'
}

/** Nothing could be told: neither a pass nor a failure, whatever the reason. */
const notTold: OutcomeStates = {
  sarif: 'open',
  junit: 'error',
  oscal: { state: 'not-satisfied', reason: 'other' },
  ocsf: { id: 2, name: 'Warning' },
  policyReport: 'error',
  hdf: 'error',
  asff: 'WARNING',
  kubeBench: 'WARN',
  defectDojo: 'under review',
}

export const outcomeStates: { readonly [O in Outcome]: OutcomeStates } = {
  fail: {
    sarif: 'fail',
    junit: 'failure',
    oscal: { state: 'not-satisfied', reason: 'fail' },
    ocsf: { id: 3, name: 'Fail' },
    policyReport: 'fail',
    hdf: 'failed',
    asff: 'FAILED',
    kubeBench: 'FAIL',
    defectDojo: 'finding',
  },
  error: notTold,
  unknown: notTold,
  manual: {
    sarif: 'review',
    junit: 'skipped',
    oscal: { state: 'not-satisfied', reason: 'other' },
    ocsf: { id: 99, name: 'Other' },
    policyReport: 'warn',
    hdf: 'skipped',
    asff: 'WARNING',
    kubeBench: 'WARN',
    defectDojo: 'under review',
  },
  pass: {
    sarif: 'pass',
    junit: 'passed',
    oscal: { state: 'satisfied', reason: 'pass' },
    ocsf: { id: 1, name: 'Pass' },
    policyReport: 'pass',
    hdf: 'passed',
    asff: 'PASSED',
    kubeBench: 'PASS',
    defectDojo: 'none',
  },
  notApplicable: {
    sarif: 'notApplicable',
    junit: 'skipped',
    ocsf: { id: 99, name: 'Other' },
    policyReport: 'skip',
    hdf: 'skipped',
    asff: 'NOT_AVAILABLE',
    kubeBench: 'INFO',
    defectDojo: 'none',
  },
}

/** How each format tells of a failure that someone accepted. The outcome stays beside it in words or a property. */
export const acceptedStates = {
  sarif: 'fail, with an accepted suppression',
  junit: 'skipped',
  oscal: 'not-satisfied, with a risk of status deviation-approved',
  ocsf: { statusId: 3, status: 'Suppressed' },
  policyReport: 'skip',
  hdf: 'failed, with waiver_data',
  asff: { compliance: 'FAILED', workflow: 'SUPPRESSED' },
  kubeBench: 'WARN',
  defectDojo: 'finding, inactive and risk_accepted',
} as const

export interface SeverityStates {
  readonly sarifLevel: 'error' | 'warning' | 'note'
  /** GitHub's bands: critical above 9.0, high from 7.0, medium from 4.0, low above 0. */
  readonly securitySeverity: string
  readonly ocsf: { readonly id: 1 | 2 | 3 | 4 | 5; readonly name: string }
  readonly policyReport: Severity
  /** 0–1; 0 would say that the control does not apply. */
  readonly hdfImpact: number
  readonly asff: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW' | 'INFORMATIONAL'
  readonly defectDojo: 'Critical' | 'High' | 'Medium' | 'Low' | 'Info'
}

export const severityStates: { readonly [S in Severity]: SeverityStates } = {
  critical: {
    sarifLevel: 'error',
    securitySeverity: '9.5',
    ocsf: { id: 5, name: 'Critical' },
    policyReport: 'critical',
    hdfImpact: 0.9,
    asff: 'CRITICAL',
    defectDojo: 'Critical',
  },
  high: {
    sarifLevel: 'error',
    securitySeverity: '8.0',
    ocsf: { id: 4, name: 'High' },
    policyReport: 'high',
    hdfImpact: 0.7,
    asff: 'HIGH',
    defectDojo: 'High',
  },
  medium: {
    sarifLevel: 'warning',
    securitySeverity: '5.0',
    ocsf: { id: 3, name: 'Medium' },
    policyReport: 'medium',
    hdfImpact: 0.5,
    asff: 'MEDIUM',
    defectDojo: 'Medium',
  },
  low: {
    sarifLevel: 'note',
    securitySeverity: '2.0',
    ocsf: { id: 2, name: 'Low' },
    policyReport: 'low',
    hdfImpact: 0.3,
    asff: 'LOW',
    defectDojo: 'Low',
  },
  info: {
    sarifLevel: 'note',
    securitySeverity: '0.1',
    ocsf: { id: 1, name: 'Informational' },
    policyReport: 'info',
    hdfImpact: 0.1,
    asff: 'INFORMATIONAL',
    defectDojo: 'Info',
  },
}
