// One certificate in the terms that rules compare.
// May not: judge more than the strength of a key or a signature; never throws for what the certificate holds.
import { type KeyObject, X509Certificate } from 'node:crypto'
import { unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'

type Observed = FactValue<'certificates'>['files'][number]['certificate']

const day = 86_400_000
const soon = 30

/** `der` is base64; `readAt` is when the node was read, in milliseconds since the epoch. */
export function describeCertificate(der: string, path: string, readAt: number): Observed {
  const certificate = describeOnce(der)
  if (certificate === undefined) return unavailable('malformed', `A certificate in ${path} does not parse.`)
  const { from, to, names, ...rest } = certificate
  const left = to - readAt
  const value = {
    ...rest,
    names: [...names],
    notBefore: new Date(from).toISOString(),
    notAfter: new Date(to).toISOString(),
    daysLeft: Math.floor(left / day),
    isExpired: left < 0,
    isNotYetValid: from > readAt,
    expiresSoon: left >= 0 && left < soon * day && left < (to - from) / 10,
  }
  return { value, source: path }
}

/** A cluster's authorities lie on every node: each content is parsed once, as long as it is among those that came last. */
const described = new Map<string, ReturnType<typeof describe> | undefined>()
const mostDescribed = 2_000

function describeOnce(der: string): ReturnType<typeof describe> | undefined {
  const isKnown = described.has(der)
  const known = isKnown ? described.get(der) : tryDescribe(der)
  described.delete(der)
  described.set(der, known)
  const { value: oldest = der } = described.keys().next()
  if (described.size > mostDescribed) described.delete(oldest)
  return known
}

function tryDescribe(der: string): ReturnType<typeof describe> | undefined {
  try {
    const bytes = Buffer.from(der, 'base64')
    return describe(new X509Certificate(bytes), bytes)
  } catch {
    return undefined
  }
}

/** What does not depend on when the node was read. Moments in milliseconds since the epoch. */
function describe(certificate: X509Certificate, bytes: Buffer) {
  const from = new Date(certificate.validFrom).getTime()
  const to = new Date(certificate.validTo).getTime()
  const signatureAlgorithm = readSignatureAlgorithm(bytes)
  const isSelfSigned = certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey)
  return {
    from,
    to,
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: certificate.subjectAltName?.split(', ') ?? [],
    validDays: Math.floor((to - from) / day),
    ...describeKey(certificate.publicKey),
    signatureAlgorithm,
    isSignatureWeak: !isSelfSigned && /md[245]|sha1/i.test(signatureAlgorithm),
    isCA: certificate.ca,
    isSelfSigned,
    isOfSystemMasters: attributesOf(certificate.subject).includes('O=system:masters'),
  }
}

/** Node gives each part of the name a line, and joins the attributes of one part by " + "; a plus of a value's own is escaped. */
function attributesOf(name: string): readonly string[] {
  return name.split(/\n| \+ /)
}

function oneLine(name: string): string {
  return name.split('\n').join(', ')
}

const curveBits: Readonly<Record<string, number>> = {
  prime256v1: 256,
  secp256k1: 256,
  secp384r1: 384,
  secp521r1: 521,
  secp224r1: 224,
  prime192v1: 192,
}

/** Key types with one size. */
const fixedBits: Readonly<Record<string, number>> = { ed25519: 256, ed448: 456 }

function describeKey(key: KeyObject): { keyType: string; keyBits: number; isKeyWeak: boolean } {
  const keyType = key.asymmetricKeyType ?? 'unknown'
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {}
  const keyBits = modulusLength ?? (namedCurve === undefined ? fixedBits[keyType] : curveBits[namedCurve]) ?? 0
  const least = modulusLength === undefined ? 224 : 2048
  // A size that is not known is shown as 0 and not called weak.
  return { keyType, keyBits, isKeyWeak: keyBits > 0 && keyBits < least }
}

const algorithms: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.2': 'md2WithRSAEncryption',
  '1.2.840.113549.1.1.4': 'md5WithRSAEncryption',
  '1.2.840.113549.1.1.5': 'sha1WithRSAEncryption',
  '1.2.840.113549.1.1.10': 'rsassaPss',
  '1.2.840.113549.1.1.11': 'sha256WithRSAEncryption',
  '1.2.840.113549.1.1.12': 'sha384WithRSAEncryption',
  '1.2.840.113549.1.1.13': 'sha512WithRSAEncryption',
  '1.2.840.10040.4.3': 'dsa-with-sha1',
  '1.2.840.10045.4.1': 'ecdsa-with-SHA1',
  '1.2.840.10045.4.3.2': 'ecdsa-with-SHA256',
  '1.2.840.10045.4.3.3': 'ecdsa-with-SHA384',
  '1.2.840.10045.4.3.4': 'ecdsa-with-SHA512',
  '1.3.101.112': 'ed25519',
  '1.3.101.113': 'ed448',
}

/** Certificate ::= SEQUENCE { tbs SEQUENCE, algorithm SEQUENCE { OID … } … }; Node before 24.9 does not tell it. */
function readSignatureAlgorithm(bytes: Buffer): string {
  const certificate = contentOf(bytes, 0)
  const body = contentOf(bytes, certificate.start)
  const algorithm = contentOf(bytes, body.end)
  const identifier = contentOf(bytes, algorithm.start)
  const dotted = dottedOid(bytes.subarray(identifier.start, identifier.end))
  return algorithms[dotted] ?? dotted
}

/** Where the content of the DER element at `at` begins and ends. */
function contentOf(bytes: Buffer, at: number): { readonly start: number; readonly end: number } {
  const first = bytes.readUInt8(at + 1)
  if (first < 0x80) return { start: at + 2, end: at + 2 + first }
  const count = first & 0x7f
  return { start: at + 2 + count, end: at + 2 + count + bytes.readUIntBE(at + 2, count) }
}

function dottedOid(content: Buffer): string {
  const numbers: number[] = []
  let value = 0
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    numbers.push(
      ...(numbers.length > 0
        ? [value]
        : [Math.min(Math.floor(value / 40), 2), value - 40 * Math.min(Math.floor(value / 40), 2)]),
    )
    value = 0
  }
  return numbers.join('.')
}
