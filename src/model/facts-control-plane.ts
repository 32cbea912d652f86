// Facts of the control plane's components and etcd on a node. May not: know how they are derived.
import { z } from 'zod'
import { observed, observedOptional } from './fact.ts'

const text = z.string()
const bool = z.boolean()
const int = z.number().int()
const texts = z.array(text)

/** What each component of the control plane tells of itself. Where `runs` is false, all other values are `not-running`. */
const component = {
  runs: observed(bool),
  /** Such as "1.34.2", by the tag of its image; else what the API server says of itself. */
  version: observed(text),
  /** The manifest of its static pod on this node; value absent: no manifest there starts it. */
  manifest: observedOptional(text),
}

/**
 * CIS 1.2, 3.2 and row I1: effective settings of the API server on this node. Files are paths as the process sees them, "" where none
 * is set. `source` begins with "--flag of pid …" (or "of mirror pod …"), "/path…" for a structured file, or "default of …".
 */
export const apiServerSchema = z.strictObject({
  ...component,
  anonymousAuthentication: observed(bool),
  /** Paths that anonymous requests are let in for; empty: all of them, where anonymous authentication is on. */
  anonymousPaths: observed(texts),
  tokenAuthFile: observed(text),
  /** Node, RBAC, Webhook, ABAC, AlwaysAllow, AlwaysDeny, in the order in which they are asked. */
  authorizationModes: observed(texts),
  /** Defaults of the version + enabled − disabled, sorted. */
  admissionPlugins: observed(texts),
  /** As the flags name them, for the change that keeps the others. */
  enabledAdmissionPlugins: observed(texts),
  disabledAdmissionPlugins: observed(texts),
  /** Plug-ins that the file of --admission-control-config-file configures. */
  configuredAdmissionPlugins: observed(texts),
  /** What Pod Security admission does in namespaces without labels of their own. */
  podSecurityDefaults: observed(
    z.strictObject({
      enforce: text,
      enforceVersion: text,
      audit: text,
      auditVersion: text,
      warn: text,
      warnVersion: text,
    }),
  ),
  /** Whom Pod Security admission leaves out. */
  podSecurityExemptions: observed(z.strictObject({ usernames: texts, namespaces: texts, runtimeClasses: texts })),
  /** defaultAllow of the image policy webhook; value absent: none is configured. */
  imagePolicyDefaultAllow: observedOptional(bool),
  /** Ways for people to be known besides certificates and tokens of ServiceAccounts, such as "OpenID Connect (--oidc-issuer-url …)". */
  userAuthenticators: observed(texts),
  bootstrapTokenAuthentication: observed(bool),
  profiling: observed(bool),
  auditPolicyFile: observed(text),
  auditLogPath: observed(text),
  auditWebhookConfigFile: observed(text),
  /** Days. */
  auditLogMaxAge: observed(int),
  auditLogMaxBackup: observed(int),
  /** Megabytes. */
  auditLogMaxSize: observed(int),
  /** What the policy records of telling requests by an ordinary user: None, Metadata, Request, RequestResponse. */
  auditLevels: observed(z.array(z.strictObject({ request: text, level: text, wanted: text, isEnough: bool }))),
  requestTimeoutSeconds: observed(int),
  serviceAccountLookup: observed(bool),
  serviceAccountKeyFiles: observed(texts),
  serviceAccountExtendTokenExpiration: observed(bool),
  kubeletClientCertificate: observed(text),
  kubeletClientKey: observed(text),
  kubeletCertificateAuthority: observed(text),
  /** Where it keeps its data; "unix://…" is a socket on the node, such as that of k3s or MicroK8s. */
  etcdServers: observed(texts),
  /** Whether each of them is a socket on the node, where no certificate is of use. */
  etcdIsLocalSocket: observed(bool),
  etcdCertFile: observed(text),
  etcdKeyFile: observed(text),
  etcdCAFile: observed(text),
  clientCAFile: observed(text),
  tlsCertFile: observed(text),
  tlsPrivateKeyFile: observed(text),
  tlsCipherSuites: observed(texts),
  tlsMinVersion: observed(text),
  encryptionConfigFile: observed(text),
  /** Entries of the file in order; the first provider writes, and the first entry that names a resource holds for it. */
  encryptionEntries: observed(z.array(z.strictObject({ resources: texts, providers: texts }))),
  /** The provider that writes Secrets to etcd; "identity" is none. */
  secretsProvider: observed(text),
})

/** CIS 1.3. */
export const controllerManagerSchema = z.strictObject({
  ...component,
  terminatedPodGCThreshold: observed(int),
  profiling: observed(bool),
  useServiceAccountCredentials: observed(bool),
  /** The controller token-cleaner-controller (tokencleaner), off by default. */
  cleansBootstrapTokens: observed(bool),
  serviceAccountPrivateKeyFile: observed(text),
  rootCAFile: observed(text),
  /** The feature gate RotateKubeletServerCertificate. */
  rotateKubeletServerCertificate: observed(bool),
  bindAddress: observed(text),
})

/** CIS 1.4. */
export const schedulerSchema = z.strictObject({
  ...component,
  configurationFile: observed(text),
  profiling: observed(bool),
  bindAddress: observed(text),
})

/** CIS 2: from the configuration file alone where there is one, else flags above ETCD_* variables. */
export const etcdSchema = z.strictObject({
  ...component,
  configurationFile: observed(text),
  certFile: observed(text),
  keyFile: observed(text),
  clientCertAuth: observed(bool),
  autoTLS: observed(bool),
  trustedCAFile: observed(text),
  peerCertFile: observed(text),
  peerKeyFile: observed(text),
  peerClientCertAuth: observed(bool),
  peerAutoTLS: observed(bool),
  peerTrustedCAFile: observed(text),
  listenClientURLs: observed(texts),
  listenPeerURLs: observed(texts),
  /** Whether it trusts the certificate authority that signs the clients of the API server on this node. */
  trustsClusterCA: observed(bool),
})

/** Static pods of the control plane: what their manifests, their processes and the API say of their arguments. */
export const staticPodsSchema = z.strictObject({
  folder: text,
  components: texts,
  differences: z.array(z.strictObject({ component: text, flag: text, configured: text, running: text, source: text })),
})

const outdatedFlags = z.array(
  z.strictObject({
    component: text,
    flag: text,
    /** Such as "deprecated since 1.27, gone in 1.35". */
    status: text,
    /** What takes its place. */
    advice: text,
    source: text,
  }),
)

/** Row F3: flags in use that the running version, or a later one, has deprecated or removed. */
export const componentFlagsSchema = z.strictObject({
  kubelet: observed(outdatedFlags),
  controlPlane: observed(outdatedFlags),
})

const setGates = observed(
  z.array(
    z.strictObject({
      component: text,
      /** "Name=true". */
      gate: text,
      /** At the running version, such as "GA since 1.34, locked to true"; "" where no list has the gate. */
      stage: text,
      /** Why the running version or a later one does not start with it; "" when all that are known do. */
      refusal: observed(text),
      /** GA or deprecated: the gate is on its way out. */
      isSettled: bool,
      source: text,
    }),
  ),
)

/** Row F3: the same of kube-proxies, by their own version. */
export const kubeProxySettingsSchema = z.strictObject({
  /** How many run on the node. */
  count: int,
  gates: setGates,
  outdated: observed(outdatedFlags),
})

/** Row F3: feature gates that are set; empty where the component does not run here. */
export const featureGatesSchema = z.strictObject({
  kubelet: setGates,
  apiServer: setGates,
  controllerManager: setGates,
  scheduler: setGates,
})
