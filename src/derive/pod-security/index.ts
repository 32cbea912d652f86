// A pod template against the Pod Security Standards of one version of Kubernetes, by the API server's own conditions.
// May not: know namespaces' labels or exemptions. What admission would let through here is another question.
import { type Fact, isUnavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { PodTemplate } from '../../model/pod.ts'
import { baselineChange } from './baseline-change.ts'
import type { FindBreaches, PodSecurityCheck, PodSecurityLevel, Violation } from './check.ts'
import { newestKnownMinor, podSecurityChecks } from './checks.ts'

interface ActiveCheck {
  readonly check: PodSecurityCheck
  readonly find: FindBreaches
  readonly isOverridden: boolean
}

/** Everything that level `level` of Kubernetes 1.`minor` forbids, by check and in the order of the template; empty: it meets it. */
export function evaluatePodSecurity(template: PodTemplate, level: PodSecurityLevel, minor: number): Violation[] {
  return findViolations(template, minor).filter((violation) =>
    level === 'baseline' ? violation.level === 'baseline' : !violation.isOverridden,
  )
}

/** Unavailable when the cluster's version is: the standards differ between versions. */
export function derivePodSecurity(
  template: PodTemplate,
  version: Fact<FactValue<'clusterVersion'>>,
): Fact<FactValue<'podSecurity'>> {
  if (isUnavailable(version)) {
    const { reason, detail } = version.unavailable
    return unavailable(reason, `The Pod Security Standards depend on the cluster's version: ${detail}`)
  }
  const isKnown = version.major <= 1 && version.minor <= newestKnownMinor
  const minor = isKnown ? version.minor : newestKnownMinor
  const violations = findViolations(template, minor)
  return {
    version: `1.${minor}`,
    note: isKnown
      ? ''
      : `The cluster runs ${version.major}.${version.minor}; 1.${minor} is the newest version of the standards known here.`,
    violations,
    baselineChange: baselineChange(template, violations),
  }
}

function findViolations(template: PodTemplate, minor: number): Violation[] {
  return activeChecks(minor).flatMap(({ check: { id, level }, find, isOverridden }) =>
    find(template).map((breach) => ({ check: id, level, isOverridden, ...breach })),
  )
}

const activeByMinor = new Map<number, readonly ActiveCheck[]>()

function activeChecks(minor: number): readonly ActiveCheck[] {
  const known = activeByMinor.get(minor)
  if (known !== undefined) return known
  const active = podSecurityChecks.flatMap((check) => {
    const version = check.versions.findLast(({ since }) => since <= minor)
    return version === undefined ? [] : [{ check, find: version.find }]
  })
  const overridden = new Set(active.flatMap(({ check }) => check.overrides ?? []))
  const checks = active.map((one) => ({ ...one, isOverridden: overridden.has(one.check.id) }))
  activeByMinor.set(minor, checks)
  return checks
}
