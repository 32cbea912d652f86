// The labels that Pod Security admission reads of a namespace, as it reads them.
// What it cannot read it takes for restricted where it enforces, and for nothing where it only audits or warns:
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/pod-security-admission/api/helpers.go
// May not: take a label with a typing error for none.
import type { FactValue } from '../../model/facts.ts'

type Labels = FactValue<'podAdmission'>['labels']

const prefix = 'pod-security.kubernetes.io/'
const modes = ['enforce', 'audit', 'warn'] as const
const levels: ReadonlySet<string> = new Set(['privileged', 'baseline', 'restricted'])

/** One entry a mode that has a label; `problem` says what is wrong with what is written. */
export function podSecurityLabels(labels: Readonly<Record<string, string>>): Labels {
  const own = (key: string) => (Object.hasOwn(labels, key) ? labels[key] : undefined)
  return modes.flatMap((mode) => {
    const written = own(`${prefix}${mode}`)
    const version = own(`${prefix}${mode}-version`)
    if (written === undefined) return []
    const isLevel = levels.has(written)
    const isVersion = version === undefined || /^(latest|v1\.(0|[1-9]\d*))$/.test(version)
    const problems = [
      ...(isLevel ? [] : [`"${written}" is no level`]),
      ...(isVersion ? [] : [`"${version}" is no version`]),
    ]
    return [
      {
        mode,
        label: `${prefix}${mode}=${written}`,
        level: isLevel ? written : mode === 'enforce' ? 'restricted' : 'privileged',
        version: isVersion ? (version ?? 'latest') : 'latest',
        pinnedMinor: isVersion && version !== undefined && version !== 'latest' ? Number(version.slice(3)) : -1,
        problem: problems.join('; '),
      },
    ]
  })
}

/** Labels of that prefix that nothing reads, such as a mode with a typing error. */
export function strayPodSecurityLabels(labels: Readonly<Record<string, string>>): string[] {
  const known = new Set(modes.flatMap((mode) => [`${prefix}${mode}`, `${prefix}${mode}-version`]))
  return Object.keys(labels)
    .filter((key) => key.startsWith(prefix) && !known.has(key))
    .sort()
}
