// Facts of a node's host and of its kubelet. May not: know how they are derived.
import { z } from 'zod'
import { observed, observedOptional } from './fact.ts'

const text = z.string()
const bool = z.boolean()
const int = z.number().int()
const texts = z.array(text)

/** Row B2: pods that run on some nodes only, because nodes differ in what they allow. */
export const unsafeSysctlSupportSchema = z.strictObject({
  allowing: z.array(z.strictObject({ node: text, patterns: texts, source: text })),
  refusing: texts,
  /** Nodes whose kubelet configuration is not known. */
  unknown: texts,
  /** Whether every node allows the same patterns; unavailable while a node of `unknown` could change the answer. */
  isUniform: observed(bool),
})

export const nodeSchema = z.strictObject({
  name: text,
  roles: texts,
  /** From the API's node status; the probe's own reading is in the other facts. */
  kubeletVersion: observed(text),
  kubeletMinor: observed(int),
  containerRuntimeVersion: observed(text),
  osImage: observed(text),
  kernelVersion: observed(text),
})

export const operatingSystemSchema = z.strictObject({
  id: observed(text),
  versionId: observed(text),
  name: observed(text),
  kernelRelease: observed(text),
  kernelMajor: observed(int),
  kernelMinor: observed(int),
  /** Lowest kernel that the kubelet of this node's version is validated on (kubeadm system-validators), and whether this one is. */
  kernelSupported: observed(bool),
  kernelWanted: observed(text),
  /** systemd, openrc, sysvinit, … */
  init: observed(text),
})

/** Rows A2, A4. `expected` is Kubernetes' own value (component-helpers/node/util/sysctl). */
export const kernelParametersSchema = z.strictObject({
  required: z.array(
    z.strictObject({
      name: text,
      expected: int,
      running: observed(int),
      /** Value that the next boot will set; absent value: no file sets it, the kernel's default returns. */
      persisted: observedOptional(int),
      /** The kernel's own default where no file sets it. */
      kernelDefault: int,
    }),
  ),
})

/**
 * Rows A1, B2, D1, C6, F2 and CIS 4.2: effective values, each with the layer that gave it. Rules choose the place of the fix by how
 * `source` begins: "--flag…" for the command line, "/path…" for the configuration file or a drop-in, "default…" when nothing sets it.
 */
export const kubeletConfigurationSchema = z.strictObject({
  /** Path of the --config file; value absent when there is none. */
  configurationFile: observedOptional(text),
  protectKernelDefaults: observed(bool),
  makeIPTablesUtilChains: observed(bool),
  allowedUnsafeSysctls: observed(texts),
  failSwapOn: observed(bool),
  swapBehavior: observed(text),
  failCgroupV1: observed(bool),
  cgroupDriver: observed(text),
  seccompDefault: observed(bool),
  readOnlyPort: observed(int),
  anonymousAuthentication: observed(bool),
  webhookAuthentication: observed(bool),
  authorizationMode: observed(text),
  clientCAFile: observed(text),
  streamingConnectionIdleTimeoutSeconds: observed(int),
  eventRecordQPS: observed(int),
  rotateCertificates: observed(bool),
  serverTLSBootstrap: observed(bool),
  /** The feature gate, on unless it or all gates of its stage are switched off. */
  rotateKubeletServerCertificate: observed(bool),
  tlsCertFile: observed(text),
  tlsPrivateKeyFile: observed(text),
  tlsCipherSuites: observed(texts),
  tlsMinVersion: observed(text),
  podPidsLimit: observed(int),
  hostnameOverride: observedOptional(text),
})

/** Row E4: what the running kubelet was started with against what its unit, drop-ins and environment files say now. */
export const kubeletServiceSchema = z.strictObject({
  pid: int,
  unitFiles: texts,
  environmentFiles: texts,
  differences: z.array(z.strictObject({ flag: text, configured: text, running: text, source: text })),
  /** Configuration files changed after the process started (path, change time against start time), edited but not restarted. */
  changedSinceStart: texts,
})

/** Row E4: what the kubelet says of its running configuration (/configz) against what its flags and files give now. */
export const kubeletRunningSchema = z.strictObject({
  /** The request that told, such as "GET /api/v1/nodes/worker-1/proxy/configz". */
  endpoint: text,
  /** Fields compared. */
  compared: int,
  /** `source`: the flag or file that holds the configured value. */
  differences: z.array(z.strictObject({ field: text, configured: text, running: text, source: text })),
  /** Why the kubelet would not start again on what is on disk. */
  refused: text.optional(),
})

/** Row D1. */
export const swapSchema = z.strictObject({
  active: observed(z.array(z.strictObject({ device: text, kind: text, sizeKiB: int }))),
  /** What brings swap back at the next boot: fstab lines, systemd swap units, zram generators. */
  persistent: observed(z.array(z.strictObject({ device: text, source: text }))),
})

/** Rows C5, C6. */
export const cgroupsSchema = z.strictObject({
  /** "v1", "v2" or "hybrid". */
  version: observed(text),
  controllers: observed(texts),
  /** Of those the kubelet needs, the ones that are not there. */
  missingControllers: observed(texts),
  initDriver: observed(text),
  kubeletDriver: observed(text),
  runtimeDriver: observed(text),
})

export const containerRuntimeSchema = z.strictObject({
  /** containerd, cri-o, docker. */
  name: observed(text),
  version: observed(text),
  configurationFiles: texts,
  rootDirectory: observed(text),
  /** Socket at which the kubelet speaks to it, without unix://. */
  kubeletEndpoint: observed(text),
  /** The socket that /etc/crictl.yaml names; value absent: it names none, or is not there. */
  crictlEndpoint: observedOptional(text),
})

/** Row E1: the file system under the runtime's root directory. */
export const runtimeStorageSchema = z.strictObject({
  path: text,
  mountPoint: observed(text),
  device: observed(text),
  fileSystem: observed(text),
  mountOptions: observed(texts),
  /** Whether directory entries carry their type (XFS ftype=1; always on ext4 and btrfs). */
  dType: observed(bool),
})

/** Row F2. */
export const hostIsolationSchema = z.strictObject({
  /** "enforcing", "permissive" or "disabled". */
  selinux: observed(text),
  /** SELINUX= of /etc/selinux/config, which the next boot uses. */
  selinuxConfigured: observedOptional(text),
  appArmor: observed(bool),
  seccomp: observed(bool),
})

const support = z.strictObject({
  /** For people: "Debian GNU/Linux 12 (bookworm)", "containerd 2.1.4". */
  name: observed(text),
  /** Whether it got security fixes when the snapshot was taken; unavailable where the table of support dates cannot tell. */
  isSupported: observed(bool),
  /** Last day with security fixes, ISO 8601; value absent: no end was announced. */
  until: observedOptional(text),
})

/** Rows E3 and F2: what of a node still gets security fixes, by a dated table. */
export const supportStatusSchema = z.strictObject({
  /** Day on which the table was last held against its sources. */
  tableDate: text,
  distribution: support,
  /** A kernel built by the distribution ends with the distribution; others by the lines of kernel.org. */
  kernel: support,
  kubelet: support,
  runtime: support,
})

const enforcedDifferences = z.array(
  z.strictObject({
    /** "shop/cart-0". */
    pod: text,
    /** Empty: the pod as a whole. */
    container: text,
    /** The kernel's file: memory.max, cpu.max, cpu.weight, or their names on v1. */
    setting: text,
    enforced: text,
    /** What the pod's spec asks. */
    expected: text,
    path: text,
  }),
)

/** Rows C2 and C5: the control groups above pods, how all of them are made, and what else containers are given of memory. */
export const podCgroupLevelsSchema = z.strictObject({
  root: text,
  /** What the kubelet sets for kubepods and for the classes below it. */
  classes: z.array(
    observed(
      z.strictObject({
        /** "kubepods", "burstable", "besteffort". */
        group: text,
        setting: text,
        enforced: text,
        expected: text,
        isMet: bool,
        path: text,
      }),
    ),
  ),
  /** Groups of kubepods, a class or a pod that are threaded, or do not hand a controller on to those below; the first fifty. */
  structure: observed(z.array(z.strictObject({ path: text, problem: text }))),
  /** Containers that may swap more than the kubelet's settings give them; a part of them when there are many. */
  swap: observed(enforcedDifferences),
  swapCount: observed(int),
  /** Containers with memory.min or memory.high that no kubelet set. */
  reservations: observed(enforcedDifferences),
  reservationCount: observed(int),
})

/** Row C2: what the kernel enforces for the node's pods, where it is not what their specs ask. */
export const podCgroupsSchema = z.strictObject({
  root: text,
  /** "systemd" or "cgroupfs", by the names in the tree. */
  driver: text,
  /** Pods and containers that were compared. */
  pods: int,
  containers: int,
  /** Pods that run by the API and have no control group, and groups of pods the API does not list: they came or went in between. */
  absentPods: int,
  unlistedPods: int,
  /** Memory and CPU limits; a part of them when there are many. */
  limits: enforcedDifferences,
  limitCount: int,
  /** CPU weights. */
  weights: enforcedDifferences,
  weightCount: int,
  /** Unavailable where something of a pod that is in the tree could not be compared. */
  isComplete: observed(bool),
})
