// What one probe run on one node brought back: files, processes and command outputs as read, redacted, not interpreted.
// Interpretation belongs to derive/, so that an old snapshot can be scored by a newer catalogue.
import { z } from 'zod'
import { unavailableSchema } from './fact.ts'

/** Of the file itself, links followed. Numeric, and names as the node resolves them. */
export const fileStatSchema = z.strictObject({
  /** Octal permission bits as text, such as "0644". */
  mode: z.string(),
  uid: z.number().int(),
  gid: z.number().int(),
  owner: z.string().optional(),
  group: z.string().optional(),
  /** Seconds since the epoch. */
  modifiedAt: z.number().int(),
})

/** A file: its content, the positive observation that it does not exist, or why it could not be read. */
export const fileEvidenceSchema = z.union([
  z.strictObject({
    content: z.string(),
    /** Where the path really is, when it or a parent is a symbolic link. */
    resolved: z.string().optional(),
    /** Set when only the first bytes were kept; the value is the file's full size in bytes. */
    truncatedFrom: z.number().int().optional(),
    /** Set when the content was not UTF-8 and has replacement characters. */
    lossy: z.boolean().optional(),
    stat: fileStatSchema.optional(),
  }),
  z.strictObject({ absent: z.literal(true) }),
  unavailableSchema,
])
export type FileEvidence = z.infer<typeof fileEvidenceSchema>

/** A directory listing: entries' names relative to it (for recursive listings, relative paths of files). */
export const directoryEvidenceSchema = z.union([
  z.strictObject({ entries: z.array(z.string()), resolved: z.string().optional() }),
  z.strictObject({ absent: z.literal(true) }),
  unavailableSchema,
])
export type DirectoryEvidence = z.infer<typeof directoryEvidenceSchema>

/** Who may do what with a path, content unread. `absent`: seen not to exist. */
export const pathStatusSchema = z.union([
  z.strictObject({
    /** Of what the path leads to, links followed. */
    kind: z.enum(['file', 'directory', 'other']),
    stat: fileStatSchema,
    /** Where the path really is, when it or a parent is a symbolic link. */
    resolved: z.string().optional(),
    /** Whether it has an access control list beside its mode; left out where the host has no tool that tells. */
    acl: z.boolean().optional(),
  }),
  z.strictObject({ absent: z.literal(true) }),
  unavailableSchema,
])
export type PathStatus = z.infer<typeof pathStatusSchema>

/** The public certificates of a file, taken out on the host; whatever else the file holds never left it. */
export const certificateEvidenceSchema = z.union([
  z.strictObject({
    certificates: z.array(
      z.strictObject({
        /** "certificate", or the kubeconfig key that holds it: "client-certificate-data", "certificate-authority-data". */
        use: z.string(),
        /** DER, in base64. */
        der: z.string(),
      }),
    ),
    /** Paths that a kubeconfig names as its client certificate. */
    clientCertificates: z.array(z.string()).optional(),
    /** Paths that it names as the keys of these. */
    clientKeys: z.array(z.string()).optional(),
    /** Hosts and ports of the API servers that it names. */
    servers: z.array(z.string()).optional(),
    /** Of a kubeconfig: "off" where one of its clusters has insecure-skip-tls-verify; absent where the probe did not look. */
    tlsVerification: z.enum(['on', 'off', 'unclear']).optional(),
    /** Blocks that are no certificate, which were dropped. */
    malformed: z.number().int().optional(),
  }),
  z.strictObject({ absent: z.literal(true) }),
  unavailableSchema,
])
export type CertificateEvidence = z.infer<typeof certificateEvidenceSchema>

/** A table that the kernel keeps as many small files, put together by the probe: one row a line, fields separated by tabs. */
export const listingEvidenceSchema = z.union([
  z.strictObject({
    rows: z.array(z.string()),
    /** Set when rows beyond the probe's bound were left out. */
    isTruncated: z.boolean().optional(),
  }),
  z.strictObject({ absent: z.literal(true) }),
  unavailableSchema,
])
export type ListingEvidence = z.infer<typeof listingEvidenceSchema>

export const processEvidenceSchema = z.strictObject({
  pid: z.number().int(),
  /** /proc/<pid>/comm. */
  name: z.string(),
  /** Target of /proc/<pid>/exe, absent when not readable. */
  executable: z.string().optional(),
  /** argv from /proc/<pid>/cmdline, NUL-separated at the source, secrets redacted. */
  arguments: z.array(z.string()),
  /** Only KUBELET_CONFIG_DROPIN_DIR_ALPHA of kubelets; of etcd the ETCD_* variables, values only where they hold no secret. */
  environment: z.record(z.string(), z.string()).optional(),
  /** Seconds since the epoch. */
  startedAt: z.number().int().optional(),
  /** Of a kube-proxy in a pod: where the host has the file that --config names, as the kernel tells of its mounts. */
  configurationOnHost: z.string().optional(),
})
export type ProcessEvidence = z.infer<typeof processEvidenceSchema>

export const commandEvidenceSchema = z.union([
  z.strictObject({ exitCode: z.number().int(), output: z.string() }),
  z.strictObject({ absent: z.literal(true) }),
  unavailableSchema,
])
export type CommandEvidence = z.infer<typeof commandEvidenceSchema>

export const probeRunSchema = z.strictObject({
  /** ssh, local, pod; how the node was reached. */
  transport: z.string(),
  address: z.string().optional(),
  user: z.string().optional(),
  /** root: logged in as root; sudo: through sudo -n; user: neither, so files that need root are unavailable. */
  privilege: z.enum(['root', 'sudo', 'user']),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  durationMs: z.number().int(),
  bytes: z.number().int(),
  probeVersion: z.string(),
  /** Set when the node ran a copy of the probe that is installed there: SHA-256 of it, and whether it is the one of this tool. */
  installedProbe: z.strictObject({ digest: z.string(), isCurrent: z.boolean() }).optional(),
})

/** All that is known of one host, keyed by absolute path or command name. Absence of a key: the probe did not ask. */
export const hostEvidenceSchema = z.strictObject({
  run: probeRunSchema,
  files: z.record(z.string(), fileEvidenceSchema),
  directories: z.record(z.string(), directoryEvidenceSchema),
  /** By path as named; the folders above each are there too. Left out by probes before they read it. */
  statuses: z.record(z.string(), pathStatusSchema).optional(),
  certificates: z.record(z.string(), certificateEvidenceSchema).optional(),
  /** "cgroups", "sockets", "sysctl", … Left out by probes before they read them. */
  listings: z.record(z.string(), listingEvidenceSchema).optional(),
  processes: z.union([z.array(processEvidenceSchema), unavailableSchema]),
  /** "xfs_info /var/lib/containerd", "uname -r", "containerd --version", … */
  commands: z.record(z.string(), commandEvidenceSchema),
  /** Set when the answer broke off: what was not read yet is unavailable for this reason. */
  incomplete: unavailableSchema.shape.unavailable.optional(),
})
export type HostEvidence = z.infer<typeof hostEvidenceSchema>

/** A way to the node that was tried before the one that counts, and why it did not give (all of) the evidence. */
export const triedWaySchema = z.strictObject({ way: z.string(), ...unavailableSchema.shape.unavailable.shape })
export type TriedWay = z.infer<typeof triedWaySchema>

export const nodeEvidenceSchema = z.strictObject({
  node: z.string(),
  host: z.union([hostEvidenceSchema, unavailableSchema]),
  /** In the order in which they were tried. Absent: the first way was enough, or only one was given. */
  tried: z.array(triedWaySchema).optional(),
})
export type NodeEvidence = z.infer<typeof nodeEvidenceSchema>
