// Facts of admission: what decides which objects are let in, and what is left of what decided it before 1.25.
// May not: know how they are derived.
import { z } from 'zod'
import { observed } from './fact.ts'

const text = z.string()
const bool = z.boolean()
const int = z.number().int()
const texts = z.array(text)

/** CIS 5.2.1, row B4: what keeps pods that break the Pod Security Standards out of a namespace. */
export const podAdmissionSchema = z.strictObject({
  name: text,
  /** Of the namespace, one entry for each of enforce, audit and warn that is set. */
  labels: z.array(
    z.strictObject({
      mode: text,
      label: text,
      /** As admission takes it: a level that it cannot read is restricted where it enforces. */
      level: text,
      /** "latest" or "v1.<minor>". */
      version: text,
      /** -1 for latest. */
      pinnedMinor: int,
      problem: text,
    }),
  ),
  /** Labels with the prefix that nothing reads. */
  strayLabels: texts,
  /** The admission plug-in PodSecurity is in effect on every API server. */
  plugin: observed(bool),
  isExempt: observed(bool),
  /** What is enforced in the end, plug-in, labels, defaults and exemptions taken together. */
  enforce: observed(z.strictObject({ level: text, version: text })),
  /** What else is asked before a pod is created here. Whether it refuses anything is not known. */
  gates: z.array(
    observed(
      z.strictObject({
        name: text,
        /** The product it seems to belong to, by name; "" where none is recognised. */
        engine: text,
        /** Fail or Ignore. */
        onFailure: text,
        /** Why it may not be asked about every pod. */
        conditions: texts,
      }),
    ),
  ),
})

/** What Pod Security admission leaves out, on any API server. */
export const podSecurityExemptionsSchema = z.strictObject({
  exemptions: z.array(
    observed(
      z.strictObject({
        /** user, namespace or runtimeClass. */
        kind: text,
        name: text,
        /** A user of a controller, so that all pods it makes are left out; or a namespace that is not kube-system; or "". */
        reach: text,
      }),
    ),
  ),
})

export const admissionWebhooksSchema = z.strictObject({
  webhooks: z.array(
    z.strictObject({
      kind: text,
      configuration: text,
      name: text,
      engine: text,
      failurePolicy: text,
      timeoutSeconds: int,
      rules: text,
      /** "namespace/name", or "" for one at an address. */
      service: text,
      urlHost: text,
      serviceExists: observed(bool),
      /** The creation of pods. */
      coversPods: bool,
      coversEverything: bool,
      conditions: texts,
      /** It is asked about objects of kube-system. */
      coversSystem: observed(bool),
    }),
  ),
})

/** CIS 5.5.1: what may refuse images by where they come from. */
export const imageProvenanceSchema = z.strictObject({
  /** The admission plug-in ImagePolicyWebhook is in effect on every API server. */
  plugin: observed(bool),
  /** No API server lets images in while the image policy does not answer. */
  refusesOnFailure: observed(bool),
  /** Webhooks and bound policies that are asked about pods; whether about their images is not known. */
  gates: z.array(observed(z.strictObject({ name: text, engine: text }))),
})

/** CIS 5.4.2: signs of a store for secrets outside the cluster. */
export const secretStoresSchema = z.strictObject({
  /** Whose definitions are installed. */
  products: texts,
  /** Workloads that mount from the store, such as "Deployment shop/cart". */
  mounts: texts,
  /** The provider that writes Secrets to etcd; "identity" is none. */
  provider: observed(text),
})
