// Keys for signatures from PEM files: Ed25519 and ECDSA P-256, which openssl and cosign know too.
// May not: put a key or a passphrase into a message.
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { InputError } from '../util/input-error.ts'
import { readSmallFile } from '../util/read-small-file.ts'
import { visibleText } from '../util/visible-text.ts'

export interface SigningKey {
  readonly key: KeyObject
  /** `sha256:` and the digest of the public key's SPKI DER. A hint for people, no proof. */
  readonly id: string
}

const make =
  'openssl genpkey -algorithm ed25519 -out key.pem (or -algorithm EC -pkeyopt ec_paramgen_curve:P-256) makes one.'

/** Throws InputError for a file that holds no such key, or one whose passphrase is missing or wrong. */
export async function readSigningKey(
  path: string,
  passphraseEnv: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<SigningKey> {
  const shown = visibleText(path)
  const pem = await readSmallFile(path)
  const isEncrypted = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem)
  if (!isEncrypted && !/-----BEGIN (?:EC )?PRIVATE KEY-----/.test(pem)) throw new InputError(`${shown} ${whyNot(pem)}`)
  const passphrase = isEncrypted ? passphraseOf(shown, passphraseEnv, env) : undefined
  try {
    const key = createPrivateKey({ key: pem, format: 'pem', ...(passphrase !== undefined && { passphrase }) })
    return { key: supported(shown, key), id: keyId(createPublicKey(key)) }
  } catch (error) {
    if (error instanceof InputError) throw error
    const why = isEncrypted
      ? `cannot be opened with the passphrase in ${passphraseEnv}`
      : 'holds no key that can be read'
    throw new InputError(`${shown} ${why}.`)
  }
}

/** A public key (SPKI). Throws InputError. */
export async function readPublicKey(path: string): Promise<SigningKey> {
  const shown = visibleText(path)
  const pem = await readSmallFile(path)
  if (!pem.includes('-----BEGIN PUBLIC KEY-----')) {
    const isPrivate = pem.includes('PRIVATE KEY-----')
    const what = isPrivate ? 'is a private key' : 'is no public key in PEM'
    throw new InputError(`${shown} ${what}. openssl pkey -in key.pem -pubout prints the public one.`)
  }
  try {
    const key = supported(shown, createPublicKey({ key: pem, format: 'pem' }))
    return { key, id: keyId(key) }
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(`${shown} holds no key that can be read.`)
  }
}

function passphraseOf(shown: string, name: string | undefined, env: NodeJS.ProcessEnv): string {
  if (name === undefined)
    throw new InputError(
      `${shown} is encrypted. Name the environment variable with its passphrase: --sign-passphrase-env.`,
    )
  const value = env[name]
  if (value === undefined || value === '')
    throw new InputError(`--sign-passphrase-env ${name}: this variable is not set or empty.`)
  return value
}

function whyNot(pem: string): string {
  if (pem.includes('SIGSTORE PRIVATE KEY-----') || pem.includes('COSIGN PRIVATE KEY-----'))
    return `is a key in cosign's own format. Give one in PKCS 8; cosign verifies with its public key too. ${make}`
  if (pem.includes('OPENSSH PRIVATE KEY-----')) return `is a key of OpenSSH. Give one in PKCS 8. ${make}`
  if (pem.includes('PUBLIC KEY-----')) return 'is a public key. Signing needs the private one.'
  return `is no private key in PEM. ${make}`
}

function supported(shown: string, key: KeyObject): KeyObject {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (type === 'ed25519' || (type === 'ec' && details?.namedCurve === 'prime256v1')) return key
  const name = type === 'ec' ? `EC ${details?.namedCurve ?? ''}` : (type ?? 'unknown')
  throw new InputError(`${shown} is a key of type ${name}. Signatures are Ed25519 or ECDSA P-256. ${make}`)
}

function keyId(key: KeyObject): string {
  return `sha256:${createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')}`
}
