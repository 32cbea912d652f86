// Facts of a node's container runtime beyond its name: registries, sockets, log rotation, storage, and of what pulls through it.
// May not: know how they are derived.
import { z } from 'zod'
import { observed } from './fact.ts'

const text = z.string()
const bool = z.boolean()
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

/** Rows E3 and E4: the daemon of the runtime that the kubelet uses, as it was started and as its files say. */
export const runtimeDaemonSchema = z.strictObject({
  pid: int,
  /** containerd, crio, dockerd. */
  process: text,
  /** "overlay2" of docker, "overlayfs" of containerd, "overlay" of CRI-O … */
  storageDriver: observed(text),
  /** What is wrong with that driver; "" where nothing is. */
  storageDriverProblem: observed(text),
  /** docker's overlay2.override_kernel_check; false for the others, which have nothing like it. */
  overridesKernelCheck: observed(bool),
  /** Addresses in the network at which the daemon takes orders. */
  networkListeners: observed(
    z.array(
      z.strictObject({
        address: text,
        /** "none", "TLS", "TLS with client certificates". */
        protection: text,
      }),
    ),
  ),
  /** Whether the runtime speaks CRI, which the kubelet needs since 1.24: itself, or docker through cri-dockerd. */
  speaksCri: observed(bool),
  /** Options of the unit that systemd would start now against those of the running process. */
  differences: observed(z.array(z.strictObject({ option: text, configured: text, running: text, source: text }))),
  /** Files of its configuration that changed after it started, with both times. */
  changedSinceStart: observed(texts),
})

/** Row E3: who keeps the output of containers from filling the disk. */
export const containerLogsSchema = z.strictObject({
  /** "kubelet", which rotates the files of CRI runtimes, or "docker". */
  rotatedBy: text,
  /** docker's log driver; "CRI log files" of the others. */
  driver: observed(text),
  isBounded: observed(bool),
  /** "10Mi in 5 files". */
  limits: observed(text),
})

/** Sockets at which container runtimes of the node take orders, row E3. */
export const runtimeSocketsSchema = z.strictObject({
  sockets: observed(
    z.array(
      z.strictObject({
        path: text,
        /** Which setting names it. */
        source: text,
        /** Process that listens there. */
        process: text,
        access: observed(
          z.strictObject({
            /** "0660". */
            mode: text,
            ownership: text,
            /** What connecting takes is the right to write. */
            isOpenToAll: bool,
            isOwnedByRoot: bool,
            accessControlList: text,
          }),
        ),
        /** Accounts that are in the socket's group, where that may write to it and is not root's; else none. */
        members: observed(texts),
      }),
    ),
  ),
})

/** CIS 4.3: every kube-proxy that runs on the node; none where another program does its work, such as Cilium. */
export const kubeProxySchema = z.strictObject({
  proxies: z.array(
    z.strictObject({
      pid: int,
      /** --config, as the process names it; "" where it has none. */
      configurationFile: text,
      metricsBindAddress: observed(text),
      /** The address is one of the loopback interface. */
      isMetricsLocal: observed(bool),
    }),
  ),
})

/** Row E1: the file systems under the folders that a node lives by. */
export const nodeStorageSchema = z.strictObject({
  directories: z.array(
    z.strictObject({
      /** "container runtime", "kubelet" or "etcd". */
      purpose: text,
      path: text,
      location: observed(
        z.strictObject({
          mountPoint: text,
          device: text,
          fileSystem: text,
          options: texts,
          /** It shares the root file system. */
          isOnRoot: bool,
          /** Kept by another machine: nfs, cifs, ceph … */
          isRemote: bool,
          /** Gone after a restart: tmpfs, ramfs. */
          isVolatile: bool,
          isReadOnly: bool,
        }),
      ),
    }),
  ),
})
