// API objects that decide what other objects are let in: webhooks, admission policies, PodSecurityPolicies; and storage that leads to
// nodes. Field names are Kubernetes' own. May not: keep a certificate, an expression's text or an address with its path.
import { z } from 'zod'
import { labelSelectorSchema, meta } from './objects-common.ts'

const text = z.string()
const texts = z.array(text)

/** Empty lists match nothing, `*` everything. */
const admissionRule = z.strictObject({
  apiGroups: texts,
  apiVersions: texts,
  resources: texts,
  operations: texts,
  scope: text.optional(),
  /** Of policies: the objects that the rule is limited to. */
  resourceNames: texts.optional(),
})

/** The configuration's webhooks; where they are called, without certificate and path. */
export const webhookConfigurationObjectSchema = z.strictObject({
  ...meta,
  webhooks: z.array(
    z.strictObject({
      name: text,
      failurePolicy: text.optional(),
      timeoutSeconds: z.number().int().optional(),
      matchPolicy: text.optional(),
      rules: z.array(admissionRule),
      namespaceSelector: labelSelectorSchema.optional(),
      objectSelector: labelSelectorSchema.optional(),
      /** How many conditions narrow it down further. */
      matchConditions: z.number().int().optional(),
      service: z.strictObject({ namespace: text, name: text, port: z.number().int().optional() }).optional(),
      /** Host and port of a webhook outside the cluster's Services. */
      urlHost: text.optional(),
    }),
  ),
})

export const admissionPolicyObjectSchema = z.strictObject({
  ...meta,
  failurePolicy: text.optional(),
  rules: z.array(admissionRule),
  excluded: z.array(admissionRule).optional(),
  namespaceSelector: labelSelectorSchema.optional(),
  objectSelector: labelSelectorSchema.optional(),
  matchConditions: z.number().int().optional(),
  validations: z.number().int(),
  /** Whether it takes parameters, without which it may do nothing. */
  paramKind: text.optional(),
})

export const admissionPolicyBindingObjectSchema = z.strictObject({
  ...meta,
  policyName: text,
  validationActions: texts,
  namespaceSelector: labelSelectorSchema.optional(),
  objectSelector: labelSelectorSchema.optional(),
  /** Rules of the binding narrow the policy's; how many there are. */
  rules: z.number().int().optional(),
})

/** Up to 1.24. */
export const podSecurityPolicyObjectSchema = z.strictObject({
  ...meta,
  privileged: z.boolean().optional(),
  hostNetwork: z.boolean().optional(),
  hostPID: z.boolean().optional(),
  hostIPC: z.boolean().optional(),
  allowedUnsafeSysctls: texts.optional(),
  allowedCapabilities: texts.optional(),
  volumes: texts.optional(),
})

export const persistentVolumeObjectSchema = z.strictObject({
  ...meta,
  /** The key of the volume source: hostPath, local, csi, nfs, … */
  type: text,
  /** Of a hostPath or local volume. */
  path: text.optional(),
  csiDriver: text.optional(),
  accessModes: texts.optional(),
  storageClassName: text.optional(),
  phase: text.optional(),
  claim: z.strictObject({ namespace: text, name: text }).optional(),
})

export const persistentVolumeClaimObjectSchema = z.strictObject({
  ...meta,
  volumeName: text.optional(),
  storageClassName: text.optional(),
  phase: text.optional(),
})
