// Facts of a workload that rest on lists beside the pods: the Services that select it.
// May not: say "no Service" where their list is missing or partial.
import type { Evidence } from '../../model/evidence.ts'
import { isUnavailable, type Observed, type Unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { ServiceObject } from '../../model/objects.ts'
import type { UnitFacts } from '../../model/unit.ts'
import { compareText, familyGap } from '../family-gap.ts'
import { selectedOf } from '../label-selector.ts'
import type { WorkloadGroup } from './owners.ts'
import { isLongRunning, missingProbes, undeclaredPorts } from './probe-services.ts'
import type { TemplateFacts } from './template-facts.ts'
import type { Variant } from './variants.ts'

export class NetworkLists {
  readonly #services: ReadonlyMap<string, readonly ServiceObject[]>
  readonly #servicesGap: Unavailable | undefined

  constructor(evidence: Evidence) {
    this.#services = Map.groupBy(evidence.families.services.objects, ({ namespace = '' }) => namespace)
    this.#servicesGap = familyGap(evidence, 'services')
  }

  facts(group: WorkloadGroup, variant: Variant, template: TemplateFacts | Unavailable): UnitFacts {
    if (isUnavailable(template)) return { probes: template }
    return { probes: this.#probes(group, variant, template) }
  }

  #probes(group: WorkloadGroup, variant: Variant, { spec, probes, labels }: TemplateFacts): FactValue<'probes'> {
    const services = this.#servicesOf(group.namespace, labels, variant)
    const missing = missingProbes(spec.containers, services)
    return {
      ...probes,
      isLongRunning: isLongRunning(group.kind, spec.restartPolicy),
      services: this.#observed(services.map(({ name }) => name)),
      missing: this.#observed(missing),
      undeclaredPorts: this.#observed(undeclaredPorts(spec.containers, services, missing)),
    }
  }

  #observed<T>(value: T): Observed<T> {
    return this.#servicesGap ?? { value, source: 'services' }
  }

  /** A Service without a selector gets its endpoints from elsewhere, one of type ExternalName has none. */
  #servicesOf(namespace: string, labels: Readonly<Record<string, string>>, { pods }: Variant): ServiceObject[] {
    return (this.#services.get(namespace) ?? [])
      .filter(({ selector, type }) => {
        if (selector === undefined || type === 'ExternalName') return false
        return selectedOf({ matchLabels: selector }, labels, pods) !== 'none'
      })
      .sort((a, b) => compareText(a.name, b.name))
  }
}
