// A signature over a run: an in-toto Statement v1 whose subjects are the files, in a DSSE envelope.
// https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md and https://github.com/secure-systems-lab/dsse
// May not: trust anything in a payload before its signature holds.
import { createHash, sign, verify } from 'node:crypto'
import { z } from 'zod'
import { type Manifest, manifestSchema } from '../model/manifest.ts'
import type { SigningKey } from './keys.ts'

export const manifestName = 'manifest.json'
export const signatureName = 'manifest.dsse.json'

const payloadType = 'application/vnd.in-toto+json'
const statementType = 'https://in-toto.io/Statement/v1'
/** What the predicate is: the manifest without its list of files, which are the subjects. Documented in docs/integrity.md. */
export const predicateType = 'https://kube-assay.io/attestation/run/v1'

/** One text for the same bytes: unused bits and line breaks are refused. */
const base64Schema = z.string().refine((text) => Buffer.from(text, 'base64').toString('base64') === text)

const envelopeSchema = z.strictObject({
  payloadType: z.literal(payloadType),
  payload: base64Schema,
  signatures: z.array(z.strictObject({ keyid: z.string().optional(), sig: base64Schema })).min(1),
})

/** The manifest as it is written: the only bytes of it that `verify` takes. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifestSchema.parse(manifest), null, 2)}\n`
}

/** The envelope as it is written. */
export function signManifest(manifest: Manifest, { key, id }: SigningKey): string {
  const payload = statementOf(manifest)
  const sig = sign(digestFor(key.asymmetricKeyType), encodeForSigning(payload), key)
  const signatures = [{ keyid: id, sig: sig.toString('base64') }]
  return `${JSON.stringify({ payloadType, payload: payload.toString('base64'), signatures }, null, 2)}\n`
}

/** The same bytes for the same manifest; the manifest's own digest is among the subjects. */
function statementOf(manifest: Manifest): Buffer {
  const { files, ...predicate } = manifest
  const own = createHash('sha256').update(manifestText(manifest)).digest('hex')
  const subject = [{ name: manifestName, sha256: own }, ...files].map(({ name, sha256 }) => ({
    name,
    digest: { sha256 },
  }))
  return Buffer.from(JSON.stringify({ _type: statementType, subject, predicateType, predicate }))
}

/** DSSE's pre-authentication encoding: what is signed. */
function encodeForSigning(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `), payload])
}

/** Ed25519 hashes by itself. */
function digestFor(type: string | undefined): 'sha256' | null {
  return type === 'ed25519' ? null : 'sha256'
}

export type SignatureCheck =
  | { readonly state: 'valid' }
  /** `why`: a clause that begins with a verb. */
  | { readonly state: 'bad'; readonly why: string }

/** Whether a signature of the envelope is by the key, and what was signed is this very manifest. */
export function checkSignature(envelope: string, manifest: Manifest, { key }: SigningKey): SignatureCheck {
  const parsed = readEnvelope(envelope)
  if (parsed === undefined) return { state: 'bad', why: 'is no DSSE envelope of an in-toto statement, or was altered' }
  const payload = Buffer.from(parsed.payload, 'base64')
  const signed = encodeForSigning(payload)
  const isBy = parsed.signatures.some(({ sig }) =>
    verify(digestFor(key.asymmetricKeyType), signed, key, Buffer.from(sig, 'base64')),
  )
  if (!isBy) return { state: 'bad', why: 'was not made with this key, or what it signs was altered' }
  if (payload.equals(statementOf(manifest))) return { state: 'valid' }
  return { state: 'bad', why: 'is valid, but of another manifest than the one that is here' }
}

/** The ids of keys that an envelope names, unchecked. */
export function signersOf(envelope: string): string[] {
  const parsed = readEnvelope(envelope)
  return parsed === undefined ? [] : parsed.signatures.flatMap(({ keyid }) => (keyid === undefined ? [] : [keyid]))
}

function readEnvelope(text: string): z.infer<typeof envelopeSchema> | undefined {
  return envelopeSchema.safeParse(readOwnJson(text)).data
}

/**
 * The value of JSON that is laid out as we write it; undefined for any other. So a key that stands twice, which other readers
 * may take otherwise than we do, is refused.
 */
export function readOwnJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return `${JSON.stringify(value, null, 2)}\n` === text ? value : undefined
  } catch {
    return undefined
  }
}
