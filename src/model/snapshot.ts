// The evidence file: one NDJSON record per line, compressed with zstd; header first, trailer with counts and digest last.
import { z } from 'zod'
import { componentEvidenceSchema } from './component-evidence.ts'
import { unavailableSchema } from './fact.ts'
import { nodeEvidenceSchema } from './node-evidence.ts'
import { type Family, families, familyNames } from './objects.ts'
import { podTemplateSchema } from './pod.ts'

export const snapshotSchemaVersion = '1.0'

export const snapshotHeaderSchema = z.strictObject({
  record: z.literal('header'),
  schemaVersion: z.string(),
  tool: z.strictObject({ name: z.string(), version: z.string() }),
  cluster: z.strictObject({
    /** Name for people: from the configuration, else the kubeconfig's cluster. */
    name: z.string(),
    /** UID of the kube-system namespace: the cluster's identity across names. */
    uid: z.union([z.string(), unavailableSchema]),
    /** gitVersion of the API server, such as v1.36.2. */
    version: z.union([z.string(), unavailableSchema]),
  }),
  source: z.union([
    z.strictObject({
      kind: z.literal('live'),
      server: z.string(),
      context: z.string().optional(),
      user: z.string().optional(),
    }),
    z.strictObject({ kind: z.literal('manifests'), paths: z.array(z.string()) }),
  ]),
  startedAt: z.string(),
})
export type SnapshotHeader = z.infer<typeof snapshotHeaderSchema>

const familyName = z.enum(familyNames as [Family, ...Family[]])

/** Status of one list, written after its objects. A list that broke off keeps what arrived and says so here. */
export const familyStatusSchema = z.strictObject({
  record: z.literal('family'),
  family: familyName,
  /** Objects of this family in the snapshot. */
  count: z.number().int(),
  /** Such as "GET /api/v1/pods" or "manifests". */
  source: z.string(),
  startedAt: z.string(),
  finishedAt: z.string(),
  /** Absent: the list is complete. Present: why it is missing or partial. */
  unavailable: unavailableSchema.shape.unavailable.optional(),
  /** The server does not have the resource, so that there are no objects of it. Only of families for which that is an answer. */
  notServed: z.literal(true).optional(),
})
export type FamilyStatus = z.infer<typeof familyStatusSchema>

export const snapshotTrailerSchema = z.strictObject({
  record: z.literal('trailer'),
  finishedAt: z.string(),
  /** Records before this one, by kind. */
  counts: z.record(z.string(), z.number().int()),
  /** SHA-256, hex, of every byte before this line (uncompressed). */
  sha256: z.string(),
  /** Set when the collection was stopped early; the evidence up to then is whole. */
  interrupted: z.boolean().optional(),
})
export type SnapshotTrailer = z.infer<typeof snapshotTrailerSchema>

export const templateRecordSchema = z.strictObject({ record: z.literal('template'), template: podTemplateSchema })
export const nodeRecordSchema = z.strictObject({ record: z.literal('node'), evidence: nodeEvidenceSchema })
/** What a component said of itself over the API. Left out by tools before they asked. */
export const componentRecordSchema = z.strictObject({
  record: z.literal('component'),
  evidence: componentEvidenceSchema,
})

/** The list of a family began anew (410 Gone): its objects before this record are void. */
export const restartRecordSchema = z.strictObject({ record: z.literal('restart'), family: familyName })

const objectRecord = <F extends Family, S extends z.ZodType>(name: F, schema: S) =>
  z.strictObject({ record: z.literal('object'), family: z.literal(name), object: schema })
/** Written out, because only a literal list keeps the pairing of family and object in the type. */
const objectRecordSchema = z.discriminatedUnion('family', [
  objectRecord('namespaces', families.namespaces.schema),
  objectRecord('nodes', families.nodes.schema),
  objectRecord('pods', families.pods.schema),
  objectRecord('deployments', families.deployments.schema),
  objectRecord('replicasets', families.replicasets.schema),
  objectRecord('statefulsets', families.statefulsets.schema),
  objectRecord('daemonsets', families.daemonsets.schema),
  objectRecord('jobs', families.jobs.schema),
  objectRecord('cronjobs', families.cronjobs.schema),
  objectRecord('replicationcontrollers', families.replicationcontrollers.schema),
  objectRecord('serviceaccounts', families.serviceaccounts.schema),
  objectRecord('clusterroles', families.clusterroles.schema),
  objectRecord('roles', families.roles.schema),
  objectRecord('clusterrolebindings', families.clusterrolebindings.schema),
  objectRecord('rolebindings', families.rolebindings.schema),
  objectRecord('limitranges', families.limitranges.schema),
  objectRecord('resourcequotas', families.resourcequotas.schema),
  objectRecord('services', families.services.schema),
  objectRecord('networkpolicies', families.networkpolicies.schema),
  objectRecord('secrets', families.secrets.schema),
  objectRecord('bootstraptokens', families.bootstraptokens.schema),
  objectRecord('validatingwebhookconfigurations', families.validatingwebhookconfigurations.schema),
  objectRecord('mutatingwebhookconfigurations', families.mutatingwebhookconfigurations.schema),
  objectRecord('validatingadmissionpolicies', families.validatingadmissionpolicies.schema),
  objectRecord('validatingadmissionpolicybindings', families.validatingadmissionpolicybindings.schema),
  objectRecord('podsecuritypolicies', families.podsecuritypolicies.schema),
  objectRecord('persistentvolumes', families.persistentvolumes.schema),
  objectRecord('persistentvolumeclaims', families.persistentvolumeclaims.schema),
  objectRecord('customresourcedefinitions', families.customresourcedefinitions.schema),
  objectRecord('horizontalpodautoscalers', families.horizontalpodautoscalers.schema),
  objectRecord('poddisruptionbudgets', families.poddisruptionbudgets.schema),
  objectRecord('ingresses', families.ingresses.schema),
  objectRecord('ingressclasses', families.ingressclasses.schema),
  objectRecord('servicecidrs', families.servicecidrs.schema),
  objectRecord('flowschemas', families.flowschemas.schema),
  objectRecord('prioritylevelconfigurations', families.prioritylevelconfigurations.schema),
  objectRecord('priorityclasses', families.priorityclasses.schema),
  objectRecord('runtimeclasses', families.runtimeclasses.schema),
  objectRecord('storageclasses', families.storageclasses.schema),
  objectRecord('csidrivers', families.csidrivers.schema),
  objectRecord('volumeattributesclasses', families.volumeattributesclasses.schema),
  objectRecord('deviceclasses', families.deviceclasses.schema),
  objectRecord('resourceclaimtemplates', families.resourceclaimtemplates.schema),
  objectRecord('mutatingadmissionpolicies', families.mutatingadmissionpolicies.schema),
  objectRecord('mutatingadmissionpolicybindings', families.mutatingadmissionpolicybindings.schema),
])

/** What a collector emits, in any order except that a template precedes the first object that names it. */
export const evidenceRecordSchema = z.discriminatedUnion('record', [
  objectRecordSchema,
  templateRecordSchema,
  familyStatusSchema,
  nodeRecordSchema,
  componentRecordSchema,
  restartRecordSchema,
])
export type EvidenceRecord = z.infer<typeof evidenceRecordSchema>
