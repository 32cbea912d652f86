// The facts about files' modes and owners and about certificates, CIS 1.1 and 4.1. Lists are empty where nothing of the kind belongs
// on the node, and unavailable where that is not known. May not: know how a fact is derived.
import { z } from 'zod'
import { observed, observedOptional } from './fact.ts'

const text = z.string()
const bool = z.boolean()
const int = z.number().int()

/** Who may do what with a path, links followed. `source` is the path that was asked, and where it leads. */
export const accessSchema = z.strictObject({
  /** "file", "directory" or "other". */
  kind: text,
  /** "0644". */
  mode: text,
  /** "root:root (0:0)"; numbers alone where the host has no names for them. */
  ownership: text,
  uid: int,
  gid: int,
  /** Whether the mode has a bit beyond this one's: 0640 is looser than 0600, 0444 is too. */
  looserThan600: bool,
  looserThan644: bool,
  looserThan700: bool,
  /** User 0 and group 0. */
  ownedByRoot: bool,
  /** User and group are named etcd. */
  ownedByEtcd: bool,
  /** "present", "none", or "not known". With a list, the mode's group bits are the most that the list gives anybody. */
  accessControlList: text,
  /** Folders on the way in which others than root may put another file in the place of this one. */
  openFolders: observed(z.array(z.strictObject({ path: text, mode: text, ownership: text }))),
})

const fileSchema = z.strictObject({
  /** On the host. */
  path: text,
  /** Which setting names it, or whose usual place it is. */
  source: text,
  access: observed(accessSchema),
})
export type AuditedFile = z.infer<typeof fileSchema>
const filesSchema = observed(z.array(fileSchema))

/** CIS 1.1, but for the CNI files, which every node has. */
export const controlPlaneFilesSchema = z.strictObject({
  apiServerManifests: filesSchema,
  controllerManagerManifests: filesSchema,
  schedulerManifests: filesSchema,
  etcdManifests: filesSchema,
  etcdData: filesSchema,
  adminKubeconfigs: filesSchema,
  schedulerKubeconfigs: filesSchema,
  controllerManagerKubeconfigs: filesSchema,
  /** The folders of the certificates and all in them, folders included. */
  pkiEntries: filesSchema,
  pkiCertificates: filesSchema,
  pkiKeys: filesSchema,
})

/** CIS 4.1 and 1.1.9, 1.1.10. */
export const nodeFilesSchema = z.strictObject({
  kubeletUnits: filesSchema,
  proxyKubeconfigs: filesSchema,
  kubeletKubeconfigs: filesSchema,
  kubeletClientCAs: filesSchema,
  /** With a bootstrap token, that should be gone once the node has joined. */
  bootstrapKubeconfigs: filesSchema,
  /** The --config file and its drop-ins. */
  kubeletConfigurations: filesSchema,
  cniFiles: filesSchema,
  /** Of its serving and its client certificate; some of these files hold the certificate, too. Only mode and owner are known. */
  kubeletKeys: filesSchema,
})

/** Row I3: whether the clients on a node verify who answers them. */
export const kubeconfigsSchema = z.strictObject({
  files: z.array(
    z.strictObject({
      path: text,
      /** Whose it is: a flag, or the place at which it usually lies. */
      source: text,
      /** False: a cluster in it has insecure-skip-tls-verify. */
      verifiesServer: observed(bool),
    }),
  ),
})

/** What clients call the API server that runs on the node, against the names in its serving certificate. */
export const apiServerNamesSchema = z.strictObject({
  /** The certificate's path; value absent: no API server runs here. */
  certificate: observedOptional(text),
  names: observed(
    z.array(
      z.strictObject({
        name: text,
        /** Who calls it so: a kubeconfig, or what Kubernetes itself does. */
        usedBy: text,
        isHeld: bool,
      }),
    ),
  ),
})

export const certificatesSchema = z.strictObject({
  files: z.array(
    z.strictObject({
      path: text,
      /** "certificate", "client-certificate-data", "certificate-authority-data"; with a number where the file has several. */
      use: text,
      /** What names the file: a flag, a kubeconfig, the kubelet; "" where nothing that was read does. */
      source: text,
      isInUse: bool,
      /** What its user takes it for: "authority", "leaf"; "" where nothing that was read uses it, and for the rest of a chain. */
      role: text,
      certificate: observed(
        z.strictObject({
          subject: text,
          issuer: text,
          /** "DNS:kubernetes", "IP Address:10.96.0.1". */
          names: z.array(text),
          /** ISO 8601, UTC. */
          notBefore: text,
          notAfter: text,
          /** Whole days from when the node was read; negative when it had expired. */
          daysLeft: int,
          /** Whole days from beginning to end. */
          validDays: int,
          isExpired: bool,
          isNotYetValid: bool,
          /** Less than 30 days, and less than a tenth of its whole time: certificates that are made for days are renewed in hours. */
          expiresSoon: bool,
          /** rsa, ec, ed25519 … */
          keyType: text,
          keyBits: int,
          /** RSA or DSA below 2048 bits, elliptic curves below 224. */
          isKeyWeak: bool,
          /** "sha256WithRSAEncryption", else the object identifier. */
          signatureAlgorithm: text,
          /** MD5 or SHA-1, unless the certificate signs itself, where nobody relies on the signature. */
          isSignatureWeak: bool,
          isCA: bool,
          isSelfSigned: bool,
          /** Kubernetes takes the organizations of the subject for groups; system:masters passes every authorizer. */
          isOfSystemMasters: bool,
        }),
      ),
    }),
  ),
})
