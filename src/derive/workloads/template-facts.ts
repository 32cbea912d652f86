// The facts that follow from a pod template alone, computed once per template however many pods share it.
import { type Fact, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { PodSpec, PodTemplate } from '../../model/pod.ts'
import { derivePodSecurity } from '../pod-security/index.ts'
import { deriveTemplateResources, type TemplateResources } from './container-resources.ts'
import { deriveContainerSecurity } from './container-security.ts'
import { deriveDeviceUse } from './device-use.ts'
import { deriveHostAccess } from './host-access.ts'
import { deriveImages } from './images.ts'
import { derivePodSysctls } from './pod-sysctls.ts'
import { deriveTemplateProbes, type TemplateProbes } from './probes.ts'
import { deriveSecretVariables } from './secret-variables.ts'
import { deriveSecurityContexts } from './security-contexts.ts'
import { deriveSysctlWorkarounds } from './sysctl-workarounds.ts'

export interface TemplateFacts {
  readonly spec: PodSpec
  /** app.kubernetes.io/managed-by of the pods, or "". */
  readonly managedBy: string
  readonly podSysctls: Fact<FactValue<'podSysctls'>>
  readonly sysctlWorkarounds: FactValue<'sysctlWorkarounds'>
  readonly resources: TemplateResources
  readonly hostAccess: FactValue<'hostAccess'>
  readonly containerSecurity: FactValue<'containerSecurity'>
  readonly podSecurity: Fact<FactValue<'podSecurity'>>
  readonly labels: Readonly<Record<string, string>>
  readonly probes: TemplateProbes
  readonly images: FactValue<'images'>
  readonly secretVariables: FactValue<'secretVariables'>
  readonly deviceUse: FactValue<'deviceUse'>
  readonly securityContexts: FactValue<'securityContexts'>
}

/** Remembers the facts by template id. */
export class TemplateFactsCache {
  readonly #templates: ReadonlyMap<string, PodTemplate>
  readonly #version: Fact<FactValue<'clusterVersion'>>
  readonly #known = new Map<string, TemplateFacts>()

  constructor(templates: ReadonlyMap<string, PodTemplate>, version: Fact<FactValue<'clusterVersion'>>) {
    this.#templates = templates
    this.#version = version
  }

  get(id: string): TemplateFacts | Unavailable {
    const known = this.#known.get(id)
    if (known !== undefined) return known
    const template = this.#templates.get(id)
    if (template === undefined)
      return unavailable('malformed', `The snapshot names pod template ${id} but does not hold it.`)
    const facts = this.#derive(template)
    this.#known.set(id, facts)
    return facts
  }

  #derive(template: PodTemplate): TemplateFacts {
    const { spec, labels } = template
    return {
      spec,
      managedBy: labels?.['app.kubernetes.io/managed-by'] ?? '',
      podSysctls: derivePodSysctls(spec, this.#version),
      sysctlWorkarounds: deriveSysctlWorkarounds(spec),
      resources: deriveTemplateResources(spec, this.#version),
      hostAccess: deriveHostAccess(spec),
      containerSecurity: deriveContainerSecurity(spec),
      podSecurity: derivePodSecurity(template, this.#version),
      labels: labels ?? {},
      probes: deriveTemplateProbes(template),
      images: deriveImages(spec),
      secretVariables: deriveSecretVariables(spec),
      deviceUse: deriveDeviceUse(spec),
      securityContexts: deriveSecurityContexts(spec),
    }
  }
}
