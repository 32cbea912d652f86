// Facts of a workload: what its pod template asks for and what became of its pods. May not: know how they are derived.
import { z } from 'zod'
import { observed } from './fact.ts'

const text = z.string()
const bool = z.boolean()
const int = z.number().int()
const texts = z.array(text)

export const workloadSchema = z.strictObject({
  namespace: text,
  kind: text,
  name: text,
  pods: int,
  nodes: int,
  /** A static pod's mirror: owned by a node, changed by a file there. */
  isStaticPod: bool,
  /** Helm, an operator or a GitOps tool that would undo a patch; "" for none. */
  managedBy: text,
  /** Where the pod's spec stands in the owner: "spec", "spec.template.spec", "spec.jobTemplate.spec.template.spec"; "" for other kinds. */
  podSpecPath: text,
})

/** Rows B1, B5. */
export const podSysctlsSchema = z.strictObject({
  requested: z.array(
    z.strictObject({
      name: text,
      value: text,
      /** safe: allowed by default in the cluster's version; unsafe: namespaced, needs allowedUnsafeSysctls; node: not namespaced. */
      category: text,
      /** Why it cannot work with the pod's host namespaces, or "". */
      conflict: text,
      reason: text,
    }),
  ),
})

/** Row B3: containers that set sysctls themselves. */
export const sysctlWorkaroundsSchema = z.strictObject({
  containers: z.array(
    z.strictObject({ name: text, kind: text, command: text, privileged: bool, changesNode: bool, parameters: texts }),
  ),
})

/** Row C1. Quantities as written; "" when unset. */
export const containerResourcesSchema = z.strictObject({
  containers: z.array(
    z.strictObject({
      name: text,
      /** container or init; pod for the pod's own resources, listed only where something about them is invalid. */
      kind: text,
      cpuRequest: text,
      cpuLimit: text,
      /** After Kubernetes' rule that a limit without a request is the request. */
      memoryRequest: text,
      memoryLimit: text,
      /** Such as "memory limit"; init containers that run to completion are not asked. */
      missing: texts,
      /** Such as "memory request 2Gi exceeds limit 1Gi" or an unusual unit ("100m" bytes of memory); other resources too. */
      invalid: texts,
    }),
  ),
  /** What quantities were most likely meant to be, by container; one of which that cannot be told is left out. */
  corrections: z.array(
    z.strictObject({
      container: text,
      /** container, init or pod. */
      kind: text,
      /** Such as "memory limit: 512 becomes 512Mi". */
      values: texts,
      /** A strategic merge patch of the pod's spec, as JSON. */
      change: text,
    }),
  ),
  /** Computed as the API server does. */
  qosClass: text,
  /** Distinct status.qosClass of the pods; empty when the workload has none. */
  observedQosClasses: texts,
})

export const hostAccessSchema = z.strictObject({
  hostNetwork: bool,
  hostPID: bool,
  hostIPC: bool,
  privilegedContainers: z.array(z.strictObject({ name: text, kind: text })),
  hostPaths: z.array(
    z.strictObject({
      volume: text,
      path: text,
      /** critical: gives the node away when writable; sensitive: shows its secrets; other. */
      sensitivity: text,
      writable: bool,
      containers: texts,
    }),
  ),
})

/**
 * What the containers' security contexts come to, whatever the cluster's version: a container's own setting, else its pod's.
 * For rules about one setting; `podSecurity` has the verdict of Kubernetes' standards.
 */
export const containerSecuritySchema = z.strictObject({
  /** spec.os.name: "linux", "windows", or "" where the pod does not say. */
  os: text,
  containers: z.array(
    z.strictObject({
      name: text,
      /** container, init or ephemeral. */
      kind: text,
      privileged: bool,
      /** "true", "false" or "not set", which allows it too. */
      allowPrivilegeEscalation: text,
      /** Why it is or may be root, such as "runAsUser: 0"; "" when it cannot be. */
      rootCause: text,
      /** As written. */
      addedCapabilities: texts,
      droppedCapabilities: texts,
      dropsAllCapabilities: bool,
      /** Not dropped, or added again; the runtime's default set is taken to have it. */
      hasNetRaw: bool,
      /** RuntimeDefault, Localhost, Unconfined, or "" where neither container nor pod say. */
      seccompProfile: text,
      /** A Windows container that runs on the node itself. */
      hostProcess: bool,
    }),
  ),
  /** Ports of the node; with hostNetwork the API server makes every port one. */
  hostPorts: z.array(
    z.strictObject({ container: text, kind: text, hostPort: int, containerPort: int, protocol: text }),
  ),
})

/** The Pod Security Standards' verdict on the template, by the checks of the cluster's version. */
export const podSecuritySchema = z.strictObject({
  /** Version of the standards, "1.36". */
  version: text,
  /** Why it is not the cluster's version, or "". */
  note: text,
  /** Level baseline is met when none has level "baseline"; level restricted, when none is left but overridden ones. */
  violations: z.array(
    z.strictObject({
      /** Kubernetes' id of the check, such as "hostNamespaces". */
      check: text,
      /** baseline or restricted. */
      level: text,
      /** At level restricted a stricter check takes the place of this one. */
      isOverridden: bool,
      /** "" where the pod itself has it. */
      container: text,
      /** container, init or ephemeral; "" where the pod itself has it. */
      kind: text,
      /** Below the pod: "spec.containers[app].securityContext.privileged". */
      path: text,
      /** "not set" for what is missing. */
      value: text,
      wanted: text,
      message: text,
    }),
  ),
  /**
   * A strategic merge patch of the pod template, as JSON, that takes away what level baseline forbids; "" where there is nothing to
   * take away, ephemeral containers left out.
   */
  baselineChange: text,
})

/** Rows G1, G2: probes as the application gets them, Kubernetes' defaults filled in; where Istio rewrote one, its original. */
export const probesSchema = z.strictObject({
  /** Pods that go on until somebody stops them, so not those of Jobs. */
  isLongRunning: bool,
  /** Services that select the pods. */
  services: observed(texts),
  /** Istio's sidecar: "container", "init" (native), or "" where the pods have none. */
  sidecar: text,
  /** Annotation sidecar.istio.io/rewriteAppHTTPProbers, or "". */
  rewriting: text,
  probes: z.array(
    z.strictObject({
      container: text,
      /** container or init. */
      containerKind: text,
      /** liveness, readiness or startup. */
      kind: text,
      /** Its field in the container. */
      field: text,
      /** Such as "httpGet /healthz port 8080". */
      target: observed(text),
      initialDelaySeconds: int,
      periodSeconds: int,
      timeoutSeconds: int,
      successThreshold: int,
      failureThreshold: int,
      /** The sidecar makes it in the kubelet's place. */
      isRewritten: bool,
      /** It reaches the sidecar, which accepts every connection. */
      isBlind: observed(bool),
      problems: texts,
      source: text,
    }),
  ),
  /** The change for each probe whose port leads nowhere or that has negative values, and for native sidecars the rest. */
  repairs: z.array(
    z.strictObject({
      container: text,
      /** liveness, readiness or startup. */
      kind: text,
      /** port, negative, or timing: the rest, of a native sidecar alone. */
      problem: text,
      /** The port that the change asks; 0 where none is known, so that the change takes the probe out. */
      port: int,
      /** TCP ports that the container declares: "8080 (web)". */
      declared: texts,
      /** A strategic merge patch of the pod's spec, as JSON. */
      change: text,
    }),
  ),
  /** Containers with both liveness and readiness. */
  shared: z.array(
    z.strictObject({
      container: text,
      containerKind: text,
      target: observed(text),
      /** period × failure threshold: how long it has to fail. */
      livenessSeconds: int,
      readinessSeconds: int,
      readinessPeriodSeconds: int,
      readinessFailureThreshold: int,
      /** The same request, and liveness gives up no later than readiness. */
      isIdentical: observed(bool),
    }),
  ),
  /** liveness or readiness that a container behind Services does not have. */
  missing: observed(
    z.array(
      z.strictObject({
        container: text,
        kind: text,
        services: texts,
        /** The container's TCP port to ask; 0 where there is none. */
        port: int,
        /** Neither Services, probes nor declarations settle the port: it is the first declared one, or the Service's own. */
        isAssumed: bool,
      }),
    ),
  ),
  /** Names of ports that Services send to and no container of the pod declares, so that they do not reach it. */
  undeclaredPorts: observed(
    z.array(
      z.strictObject({
        /** The first container without a probe, which would declare it. */
        container: text,
        service: text,
        /** The Service's own number. */
        servicePort: int,
        name: text,
        /** The number that a probe of the container would ask. */
        port: int,
        /** The name by which the container declares this number, or "". */
        declaredAs: text,
        /** A strategic merge patch of the pod's spec, as JSON, that declares the name. */
        change: text,
      }),
    ),
  ),
})

/** Row I4. */
export const imagesSchema = z.strictObject({
  images: z.array(
    z.strictObject({
      container: text,
      /** container, init or ephemeral. */
      kind: text,
      /** As written. */
      reference: text,
      /** "" where the node decides which registry is asked. */
      registry: text,
      repository: text,
      tag: text,
      digest: text,
      /** Why the same reference can be another image tomorrow, such as "tag latest"; "" with a digest or a version. */
      movingTag: text,
      isPreRelease: bool,
      /** With the registry that containerd and Docker take where none is named. */
      qualified: text,
    }),
  ),
})

/** CIS 5.4.1: Secrets by container that reads them from its environment. */
export const secretVariablesSchema = z.strictObject({
  secrets: z.array(
    z.strictObject({
      container: text,
      /** container, init or ephemeral. */
      kind: text,
      secret: text,
      /** Variables that take one key each. */
      variables: texts,
      /** envFrom: every key is a variable. */
      isWhole: bool,
    }),
  ),
})

/** Rows B2, C3: what happened to the workload's pods. */
export const podStatusesSchema = z.strictObject({
  rejected: z.array(z.strictObject({ pod: text, node: text, reason: text, message: text })),
  oomKilled: z.array(
    z.strictObject({ pod: text, node: text, container: text, restarts: int, at: text, memoryLimit: text }),
  ),
  /** The next memory limit of each container that was killed at one. */
  raises: z.array(
    z.strictObject({
      container: text,
      from: text,
      to: text,
      /** A strategic merge patch of the pod's spec, as JSON: the limit, and the request with it. */
      change: text,
    }),
  ),
})

/** Row F1: devices of the node, handed out or asked for. */
export const deviceUseSchema = z.strictObject({
  /** Paths mounted by which the pod registers device plug-ins with the kubelet. */
  registers: texts,
  requests: z.array(z.strictObject({ container: text, kind: text, resource: text, quantity: text })),
  /** Claims for dynamic resource allocation, by the pod's own names for them. */
  claims: texts,
})

/** CIS 5.6.3: settings of a security context that hold for each container, its own and its pod's, by name. */
export const securityContextsSchema = z.strictObject({
  containers: z.array(z.strictObject({ name: text, kind: text, settings: texts })),
})
