// How a runtime speaks to one endpoint of a registry, in the words of the nodeRegistries fact.
// May not: know where a runtime keeps its settings.
import type { InsecureRegistry } from './registries.ts'

export type How = 'plain HTTP' | 'TLS without verification' | 'TLS without verification, else plain HTTP'

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
