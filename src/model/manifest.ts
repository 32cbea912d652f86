// `manifest.json`: every file of a run with its size and digest, and what made them; and the settings of signing and encryption.
// Keys are only added within a major version. May not: hold anything of a cluster but its name and uid; it is never encrypted.
import { z } from 'zod'

const text = z.string()
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'Expected 64 hex digits.')

export const manifestVersion = '1.0'

/** A path below the manifest's folder, in plain form: no empty part, no "." or "..", no backslash, no control character. */
const fileNameSchema = z
  .string()
  .min(1)
  .max(1024)
  .refine((name) => isPlainPath(name), 'The name leaves the folder, or is not in plain form.')

function isPlainPath(name: string): boolean {
  if (/[\p{Cc}\p{Cs}\\]/u.test(name) || /^[A-Za-z]:/.test(name)) return false
  return name.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

export const manifestFileSchema = z.strictObject({
  name: fileNameSchema.describe('Path below the folder of the manifest, parts divided by "/".'),
  size: z.number().int().min(0).describe('Bytes.'),
  sha256: sha256Schema,
})
export type ManifestFile = z.infer<typeof manifestFileSchema>

export const manifestSchema = z.strictObject({
  kind: z.literal('kube-assay/manifest'),
  schemaVersion: text,
  reportId: text,
  tool: z.strictObject({ name: text, version: text }),
  catalogue: z.strictObject({
    version: text,
    digest: text,
    rules: z.number().int(),
    packs: z
      .array(z.strictObject({ name: text, digest: text, rules: z.number().int() }))
      .optional()
      .describe('Rule packs of users, in order.'),
  }),
  cluster: z.strictObject({
    name: text,
    uid: text.optional().describe('Of the namespace kube-system; absent for files and where it could not be read.'),
  }),
  snapshot: z
    .strictObject({ sha256: text, startedAt: text, finishedAt: text })
    .describe('Digest of the records, as in the trailer of the snapshot and in the result.'),
  result: z
    .strictObject({ sha256: sha256Schema })
    .describe('Digest of result.json in clear, which HTML and PDF print, whether or not that file was written.'),
  evaluatedAt: text,
  writtenAt: text,
  encryption: z
    .strictObject({ format: z.literal('age'), recipients: z.number().int().min(1) })
    .optional()
    .describe('Present where the files are encrypted; sizes and digests are then of the encrypted files.'),
  files: z.array(manifestFileSchema).describe('Every file of the run but the manifest and its signature, by name.'),
})
export type Manifest = z.infer<typeof manifestSchema>

export const signingConfigSchema = z.strictObject({
  key: z.string().min(1).describe('Private key in PEM: Ed25519 or ECDSA P-256.'),
  passphraseEnv: z
    .string()
    .min(1)
    .optional()
    .describe('Name of the environment variable that holds the key’s passphrase. Never a passphrase itself.'),
})
