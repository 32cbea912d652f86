// Facts of the API versions that objects were written with. May not: know how they are derived.
import { z } from 'zod'
import { observed } from './fact.ts'

const text = z.string()

/** Objects written with API versions that Kubernetes has deprecated or removed. */
export const outdatedApiVersionsSchema = z.strictObject({
  /** The minor version that the next upgrade goes to; of files, the one after the newest known. "1.37". */
  nextVersion: text,
  objects: z.array(
    z.strictObject({
      /** "HorizontalPodAutoscaler shop/cart". */
      object: text,
      kind: text,
      apiVersion: text,
      /** The version to write instead. */
      replacement: text,
      /** "kubectl apply", "field manager helm, last on 2024-03-01", "the manifest". */
      writtenBy: text,
      /** Minor versions such as "1.35". */
      deprecatedIn: text,
      removedIn: text,
      /**
       * next: the server serves it, the next version does not. removed: nor does this server, so that what wrote it works no more.
       * later: deprecated, and served by the next version too. Of files, everything that `nextVersion` does not serve is `next`.
       */
      removal: z.enum(['next', 'removed', 'later']),
    }),
  ),
  /** That every list of objects was read whole. */
  isComplete: observed(z.boolean()),
})
