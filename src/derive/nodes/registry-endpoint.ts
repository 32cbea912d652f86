// How a runtime speaks to one endpoint of a registry, in the words of the nodeRegistries fact.
// May not: know where a runtime keeps its settings.
import type { Observed } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'

export type InsecureRegistry = Extract<FactValue<'nodeRegistries'>['insecure'][number], { value: unknown }>['value']

/** What one runtime's files say; gaps are what of them could not be read. */
export interface Registries {
  readonly insecure: readonly Observed<InsecureRegistry>[]
  readonly searched: Observed<string[]>
}

type How = 'plain HTTP' | 'TLS without verification' | 'TLS without verification, else plain HTTP'

/** `undefined` where the endpoint is asked over TLS and its certificate verified. Without a scheme it is https. */
export function howAsked(endpoint: string, skipsVerification: boolean): How | undefined {
  if (/^http:\/\//i.test(endpoint)) return 'plain HTTP'
  return skipsVerification ? 'TLS without verification' : undefined
}

export function insecureEndpoint(
  registry: string,
  endpoint: string,
  skipsVerification: boolean,
): InsecureRegistry | undefined {
  const how = howAsked(endpoint, skipsVerification)
  return how === undefined ? undefined : { registry, endpoint, how }
}
