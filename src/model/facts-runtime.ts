// Facts of a node's container runtime beyond its name: registries, sockets, log rotation, storage, and of what pulls through it.
// May not: know how they are derived.
import { z } from 'zod'
import { observed } from './fact.ts'

const text = z.string()
const int = z.number().int()
const texts = z.array(text)

/**
 * Row E2: registries that the node's runtime asks without TLS, or without looking at their certificate. What could not be read
 * is an element of the list that nobody observed. Empty where all that the runtime reads was read and names none.
 */
export const nodeRegistriesSchema = z.strictObject({
  insecure: z.array(
    observed(
      z.strictObject({
        /** As images name it: "registry.example:5000", "docker.io", with "*" for any, a path or a CIDR block where the runtime takes one. */
        registry: text,
        /** Where the runtime goes: the registry itself, or a mirror of it. */
        endpoint: text,
        /** "plain HTTP", "TLS without verification", or "TLS without verification, else plain HTTP". */
        how: text,
      }),
    ),
  ),
  /** Asked in this order for images that name no registry. */
  searched: observed(texts),
})

/** Row E2: the workload's images whose registry the nodes of its pods ask insecurely. */
export const insecurePullsSchema = z.strictObject({
  pulls: z.array(
    observed(
      z.strictObject({
        container: text,
        /** As written. */
        image: text,
        registry: text,
        endpoint: text,
        how: text,
        /** Nodes of the workload's pods on which it is so: the first five by name, and how many in all. */
        nodes: texts,
        nodeCount: int,
      }),
    ),
  ),
})
