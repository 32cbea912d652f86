// Objects that somebody wrote with an API version that the next minor version of Kubernetes serves no more, or a later one.
// May not: take a kind that the server does not list at its current version for one that has no objects, unless the server has
// no such kind.
import type { Evidence } from '../../model/evidence.ts'
import { type Fact, isUnavailable, type Observed } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import { families as listed } from '../../model/objects.ts'
import { compareText, familyGap } from '../family-gap.ts'
import { type LifecycleFamily, lifecycles, newestMinor, type OutdatedVersion } from './lifecycle.ts'

type Outdated = FactValue<'outdatedApiVersions'>
type OutdatedObject = Outdated['objects'][number]

export function deriveOutdatedApiVersions(
  evidence: Evidence,
  clusterVersion: Fact<FactValue<'clusterVersion'>>,
): Fact<Outdated> {
  const isFiles = evidence.header.source.kind === 'manifests'
  if (!isFiles && isUnavailable(clusterVersion)) return clusterVersion
  // Files name no server: they are held against the version after the newest that the table knows.
  const minor = isUnavailable(clusterVersion) ? newestMinor : clusterVersion.minor
  const families = Object.keys(lifecycles).filter(isLifecycleFamily)
  const removalOf = ({ removed }: OutdatedVersion): OutdatedObject['removal'] => {
    if (removed > minor + 1) return 'later'
    return removed === minor + 1 || isFiles ? 'next' : 'removed'
  }
  return {
    nextVersion: `1.${minor + 1}`,
    objects: families
      .flatMap((family) => outdatedOf(evidence, family, minor, removalOf))
      .sort((a, b) => compareText(`${a.object} ${a.apiVersion}`, `${b.object} ${b.apiVersion}`)),
    isComplete: completeness(evidence, families),
  }
}

function outdatedOf(
  evidence: Evidence,
  family: LifecycleFamily,
  minor: number,
  removalOf: (version: OutdatedVersion) => OutdatedObject['removal'],
): OutdatedObject[] {
  const { kind, versions } = lifecycles[family]
  return evidence.families[family].objects.flatMap(({ name, namespace, writtenAs = [] }) =>
    writtenAs.flatMap(({ apiVersion, by, at }) => {
      const version = versions.find((known) => known.apiVersion === apiVersion)
      // Deprecated later than this server: it is the version to use.
      if (version === undefined || version.deprecated > minor) return []
      return [
        {
          object: `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`,
          kind,
          apiVersion,
          replacement: listed[family].apiVersion,
          writtenBy: writerInWords(by, at),
          deprecatedIn: `1.${version.deprecated}`,
          removedIn: `1.${version.removed}`,
          removal: removalOf(version),
        },
      ]
    }),
  )
}

function writerInWords(by: string, at: string | undefined): string {
  if (by === 'manifest') return 'the manifest'
  if (by === 'kubectl apply') return by
  return `field manager ${by}${at === undefined ? '' : `, last on ${at.slice(0, 10)}`}`
}

function completeness(evidence: Evidence, families: readonly LifecycleFamily[]): Observed<boolean> {
  // Kinds that a server does not have at their current version have, by the policy of deprecation, no older one that it drops next.
  return familyGap(evidence, ...families) ?? { value: true, source: 'the lists of objects' }
}

function isLifecycleFamily(name: string): name is LifecycleFamily {
  return Object.hasOwn(lifecycles, name)
}
