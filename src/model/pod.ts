// What the audit keeps of a pod: the fields rules need, nothing that identifies a run and no environment values.
// Field names are Kubernetes' own (core/v1 PodSpec), so that an evidence path reads like the object.
import { z } from 'zod'

const strings = z.record(z.string(), z.string())

const seLinuxOptions = z.strictObject({
  user: z.string().optional(),
  role: z.string().optional(),
  type: z.string().optional(),
  level: z.string().optional(),
})
const profile = z.strictObject({ type: z.string().optional(), localhostProfile: z.string().optional() })
const windowsOptions = z.strictObject({ hostProcess: z.boolean().optional(), runAsUserName: z.string().optional() })

export const containerSecurityContextSchema = z.strictObject({
  privileged: z.boolean().optional(),
  allowPrivilegeEscalation: z.boolean().optional(),
  readOnlyRootFilesystem: z.boolean().optional(),
  runAsUser: z.number().int().optional(),
  runAsGroup: z.number().int().optional(),
  runAsNonRoot: z.boolean().optional(),
  procMount: z.string().optional(),
  capabilities: z
    .strictObject({ add: z.array(z.string()).optional(), drop: z.array(z.string()).optional() })
    .optional(),
  seLinuxOptions: seLinuxOptions.optional(),
  seccompProfile: profile.optional(),
  appArmorProfile: profile.optional(),
  windowsOptions: windowsOptions.optional(),
})

/** Numbers or names of ports are kept as text. `handler` is one of exec, httpGet, tcpSocket, grpc. */
export const probeSchema = z.strictObject({
  handler: z.string(),
  port: z.string().optional(),
  path: z.string().optional(),
  host: z.string().optional(),
  scheme: z.string().optional(),
  initialDelaySeconds: z.number().int().optional(),
  periodSeconds: z.number().int().optional(),
  timeoutSeconds: z.number().int().optional(),
  successThreshold: z.number().int().optional(),
  failureThreshold: z.number().int().optional(),
})

export const containerSchema = z.strictObject({
  name: z.string(),
  kind: z.enum(['container', 'init', 'ephemeral']),
  image: z.string().optional(),
  /** Redacted before it is kept. */
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  /** `Always` on an init container makes it a native sidecar. */
  restartPolicy: z.string().optional(),
  ports: z
    .array(
      z.strictObject({
        name: z.string().optional(),
        containerPort: z.number().int().optional(),
        hostPort: z.number().int().optional(),
        protocol: z.string().optional(),
      }),
    )
    .optional(),
  /** Values never leave the collector; `from` is `value`, `secret:<name>`, `configMap:<name>`, `field` or `resource`. */
  env: z.array(z.strictObject({ name: z.string(), from: z.string() })).optional(),
  envFrom: z.array(z.string()).optional(),
  /** Istio's record of the probes it replaced (ISTIO_KUBE_APP_PROBERS): the one environment value that is kept. */
  istioAppProbers: z.string().optional(),
  resources: z.strictObject({ requests: strings.optional(), limits: strings.optional() }).optional(),
  securityContext: containerSecurityContextSchema.optional(),
  volumeMounts: z
    .array(
      z.strictObject({
        name: z.string(),
        mountPath: z.string(),
        readOnly: z.boolean().optional(),
        mountPropagation: z.string().optional(),
        subPath: z.string().optional(),
      }),
    )
    .optional(),
  livenessProbe: probeSchema.optional(),
  readinessProbe: probeSchema.optional(),
  startupProbe: probeSchema.optional(),
  /** Lifecycle handlers with the host they call, which Pod Security looks at from 1.34 on. */
  lifecycle: z.strictObject({ postStart: probeSchema.optional(), preStop: probeSchema.optional() }).optional(),
})
export type Container = z.infer<typeof containerSchema>

export const volumeSchema = z.strictObject({
  name: z.string(),
  /** The key of the volume source in the API: hostPath, secret, configMap, persistentVolumeClaim, projected, … */
  type: z.string(),
  hostPath: z.strictObject({ path: z.string(), type: z.string().optional() }).optional(),
  secretName: z.string().optional(),
  claimName: z.string().optional(),
  /** Of an inline volume of a CSI driver. */
  csiDriver: z.string().optional(),
  /** Set when a projected volume carries a ServiceAccount token. */
  serviceAccountToken: z.boolean().optional(),
})

export const podSpecSchema = z.strictObject({
  serviceAccountName: z.string().optional(),
  automountServiceAccountToken: z.boolean().optional(),
  hostNetwork: z.boolean().optional(),
  hostPID: z.boolean().optional(),
  hostIPC: z.boolean().optional(),
  hostUsers: z.boolean().optional(),
  shareProcessNamespace: z.boolean().optional(),
  os: z.string().optional(),
  runtimeClassName: z.string().optional(),
  priorityClassName: z.string().optional(),
  restartPolicy: z.string().optional(),
  securityContext: z
    .strictObject({
      runAsUser: z.number().int().optional(),
      runAsGroup: z.number().int().optional(),
      runAsNonRoot: z.boolean().optional(),
      fsGroup: z.number().int().optional(),
      supplementalGroups: z.array(z.number().int()).optional(),
      seLinuxOptions: seLinuxOptions.optional(),
      seccompProfile: profile.optional(),
      appArmorProfile: profile.optional(),
      windowsOptions: windowsOptions.optional(),
      sysctls: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
    })
    .optional(),
  containers: z.array(containerSchema),
  volumes: z.array(volumeSchema).optional(),
  /** Names of the pod's claims for dynamic resource allocation. */
  resourceClaims: z.array(z.string()).optional(),
  /** Pod-level resources (gate PodLevelResources). */
  resources: z.strictObject({ requests: strings.optional(), limits: strings.optional() }).optional(),
  /** What the RuntimeClass adds to every pod of its kind. */
  overhead: strings.optional(),
})
export type PodSpec = z.infer<typeof podSpecSchema>

/**
 * A pod's shape without what differs from pod to pod of one owner (node, generated volume names, claim ordinals).
 * 150,000 pods share a few thousand of these; `id` is a digest of the content.
 */
export const podTemplateSchema = z.strictObject({
  id: z.string(),
  labels: strings.optional(),
  /** Only annotations that change how a pod runs (AppArmor, seccomp, Istio, mirror pod). */
  annotations: strings.optional(),
  spec: podSpecSchema,
})
export type PodTemplate = z.infer<typeof podTemplateSchema>
