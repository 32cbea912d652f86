// Which distribution the cluster as a whole is of, for choosing its benchmark: the API server's own version says, else the nodes do.
// May not: decide where nodes are of different distributions.
import type { Evidence } from '../../model/evidence.ts'
import { isUnavailable } from '../../model/fact.ts'
import type { FactSet } from '../../model/unit.ts'
import { type DistributionName, isDistributionName } from './names.ts'
import { nameByVersion } from './signs.ts'

/** Undefined where nothing tells, or where the nodes do not agree. */
export function distributionOfCluster({ header }: Evidence, { units }: FactSet): DistributionName | undefined {
  const { version } = header.cluster
  const byServer = typeof version === 'string' ? nameByVersion(version) : undefined
  if (byServer !== undefined) return byServer
  const names = units.nodes.flatMap(({ facts: { distribution } }) => {
    if (distribution === undefined || isUnavailable(distribution) || isUnavailable(distribution.name)) return []
    const { value } = distribution.name
    return isDistributionName(value) ? [value] : []
  })
  const [name, ...others] = new Set(names)
  return others.length === 0 ? name : undefined
}
