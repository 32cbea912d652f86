// A small X.509 issuer for the simulated cluster: ECDSA P-256 authorities and the certificates they sign, valid or wrong on
// purpose (expired, other name). Node can read certificates but not make them, and a fresh machine may have no openssl.
// May not: be used for anything that faces a network; keys live as long as the process.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'

export interface Identity {
  /** PEM certificate. */
  readonly cert: string
  /** PEM private key (PKCS #8). */
  readonly key: string
}

export interface CertificateOptions {
  readonly commonName: string
  /** Subject organizations; Kubernetes reads them as groups. */
  readonly organizations?: readonly string[]
  /** DNS names and IP addresses of the subject alternative name. */
  readonly names?: readonly string[]
  readonly usage: 'server' | 'client'
  readonly notBefore?: Date
  readonly notAfter?: Date
}

export interface Authority extends Identity {
  issue(options: CertificateOptions): Identity
}

const day = 86_400_000
const oids = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const

/** Makes a self-signed authority that can issue server and client certificates. */
export function createAuthority(commonName: string, validity: { notBefore?: Date; notAfter?: Date } = {}): Authority {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer = name(commonName, [])
  const identifier = keyIdentifier(pair.publicKey)
  const self = certificate({
    issuer,
    subject: issuer,
    publicKey: pair.publicKey,
    signer: pair.privateKey,
    validity: period(validity.notBefore, validity.notAfter),
    extensions: [
      extension(oids.basicConstraints, sequence(boolean(true)), true),
      extension(oids.keyUsage, bitString(Buffer.from([0x06]), 1), true), // keyCertSign, cRLSign
      extension(oids.subjectKeyIdentifier, octets(identifier)),
    ],
  })
  return {
    cert: self,
    key: privatePem(pair.privateKey),
    issue: (options) => issue(options, { issuer, identifier, signer: pair.privateKey }),
  }
}

interface Issuer {
  readonly issuer: Buffer
  readonly identifier: Buffer
  readonly signer: KeyObject
}

function issue(options: CertificateOptions, { issuer, identifier, signer }: Issuer): Identity {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const extensions = [
    extension(oids.basicConstraints, sequence(), true),
    extension(oids.keyUsage, bitString(Buffer.from([0x80]), 7), true), // digitalSignature
    extension(oids.extendedKeyUsage, sequence(oid(options.usage === 'server' ? oids.serverAuth : oids.clientAuth))),
    extension(oids.authorityKeyIdentifier, sequence(tagged(0x80, identifier))),
  ]
  if (options.names !== undefined && options.names.length > 0) {
    extensions.push(extension(oids.subjectAltName, sequence(...options.names.map(alternativeName))))
  }
  const cert = certificate({
    issuer,
    subject: name(options.commonName, options.organizations ?? []),
    publicKey: pair.publicKey,
    signer,
    validity: period(options.notBefore, options.notAfter),
    extensions,
  })
  return { cert, key: privatePem(pair.privateKey) }
}

interface CertificateParts {
  readonly issuer: Buffer
  readonly subject: Buffer
  readonly publicKey: KeyObject
  readonly signer: KeyObject
  readonly validity: Buffer
  readonly extensions: readonly Buffer[]
}

/** RFC 5280 Certificate as PEM. */
function certificate(parts: CertificateParts): string {
  const algorithm = sequence(oid(oids.ecdsaWithSha256))
  const serial = Buffer.concat([Buffer.from([0x01]), randomBytes(15)]) // leading 01: positive and never empty
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))), // version 3
    tagged(0x02, serial),
    algorithm,
    parts.issuer,
    parts.validity,
    parts.subject,
    parts.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...parts.extensions)),
  )
  const der = sequence(body, algorithm, bitString(sign('sha256', body, parts.signer), 0))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function privatePem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
}

function period(notBefore: Date | undefined, notAfter: Date | undefined): Buffer {
  return sequence(time(notBefore ?? new Date(Date.now() - day)), time(notAfter ?? new Date(Date.now() + 365 * day)))
}

function name(commonName: string, organizations: readonly string[]): Buffer {
  const attributes: [string, string][] = organizations.map((value) => [oids.organization, value])
  attributes.push([oids.commonName, commonName])
  const sets = attributes.map(([type, value]) => tagged(0x31, sequence(oid(type), tagged(0x0c, Buffer.from(value)))))
  return sequence(...sets)
}

function alternativeName(value: string): Buffer {
  if (isIPv4(value)) return tagged(0x87, Buffer.from(value.split('.').map(Number)))
  if (isIPv6(value)) return tagged(0x87, ipv6Bytes(value))
  return tagged(0x82, Buffer.from(value, 'ascii'))
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail] = address.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const zeros = new Array<number>(8 - left.length - right.length).fill(0)
  const bytes = Buffer.alloc(16)
  for (const [index, group] of [...left, ...zeros, ...right].entries()) bytes.writeUInt16BE(group, index * 2)
  return bytes
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return critical ? sequence(oid(id), boolean(true), octets(value)) : sequence(oid(id), octets(value))
}

// DER building blocks (X.690).
function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), length(content.length), content])
}
function length(value: number): Buffer {
  if (value < 0x80) return Buffer.from([value])
  const bytes: number[] = []
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return Buffer.from([0x80 | bytes.length, ...bytes])
}
function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}
function octets(content: Buffer): Buffer {
  return tagged(0x04, content)
}
function boolean(value: boolean): Buffer {
  return tagged(0x01, Buffer.from([value ? 0xff : 0]))
}
function bitString(content: Buffer, unusedBits: number): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([unusedBits]), content]))
}
function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const part of rest) {
    const group = [part % 128]
    for (let value = Math.floor(part / 128); value > 0; value = Math.floor(value / 128))
      group.unshift((value % 128) | 0x80)
    bytes.push(...group)
  }
  return tagged(0x06, Buffer.from(bytes))
}
/** UTCTime up to 2049, GeneralizedTime after. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return date.getUTCFullYear() < 2050 ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits))
}
