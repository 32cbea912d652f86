// Takes in the probe's records of paths whose mode is wanted, and of the certificates in files. Only what parses as a certificate
// is kept, so that nothing else of such a file can reach the snapshot. May not: interpret a certificate.
import { X509Certificate } from 'node:crypto'
import { unavailable } from '../../model/fact.ts'
import type { CertificateEvidence, PathStatus } from '../../model/node-evidence.ts'
import { type Frame, fieldText } from './frames.ts'
import { keep } from './keep.ts'

interface NamedPath {
  readonly kind: 'file' | 'directory' | 'other'
  readonly resolved?: string
}

export interface PathReading {
  readonly encoding: string
  /** Paths that exist, until their stat lines arrive. */
  readonly paths: Map<string, NamedPath>
  readonly statuses: Map<string, PathStatus>
  readonly certificates: Map<string, CertificateEvidence>
}

export function takePath(frame: Frame, reading: PathReading): void {
  const [letter, pathField, resolvedField] = frame.fields
  const path = fieldText(pathField, reading.encoding)
  if (path === undefined) return
  const resolved = fieldText(resolvedField, reading.encoding)
  const kind = letter === 'd' ? 'directory' : letter === 'f' ? 'file' : 'other'
  reading.paths.set(path, { kind, ...(resolved ? { resolved } : {}) })
}

export function takeCertificates(frame: Frame, reading: PathReading): void {
  const path = fieldText(frame.fields[0], reading.encoding)
  if (path === undefined) return
  if (!frame.body) {
    keep(reading.certificates, path, unavailable('malformed', 'The probe’s record of this file does not decode.'))
    return
  }
  const certificates: { use: string; der: string }[] = []
  const told = new Map<string, string[]>(toldKeys.map((key) => [key, []]))
  let malformed = 0
  for (const line of frame.body.toString('utf8').split('\n')) {
    const at = line.indexOf(' ')
    if (at < 0) continue
    const [use, text] = [line.slice(0, at), line.slice(at + 1)]
    const list = told.get(use)
    if (list !== undefined) list.push(text)
    else if (uses.has(use) && isCertificate(text)) certificates.push({ use, der: text })
    else malformed += 1
  }
  const [clientCertificates = [], clientKeys = [], servers = [], skips = []] = toldKeys.map((key) => told.get(key))
  keep(reading.certificates, path, {
    certificates,
    ...(clientCertificates.length > 0 && { clientCertificates }),
    ...(clientKeys.length > 0 && { clientKeys }),
    ...(servers.length > 0 && { servers }),
    ...(skips.length > 0 && { tlsVerification: verification(skips) }),
    ...(malformed > 0 && { malformed }),
  })
}

/** What else the probe tells of a kubeconfig, as text. */
const toldKeys = ['client-certificate', 'client-key', 'server', 'skips-verification'] as const

/** Words that YAML takes for true and false; a word that is neither makes the file one that no client reads, or hides something. */
function verification(skips: readonly string[]): 'on' | 'off' | 'unclear' {
  if (skips.some((word) => /^(?:y|yes|true|on)$/i.test(word))) return 'off'
  return skips.every((word) => /^(?:said|n|no|false|off)$/i.test(word)) ? 'on' : 'unclear'
}

const uses: ReadonlySet<string> = new Set(['certificate', 'client-certificate-data', 'certificate-authority-data'])

/** Exactly one certificate: bytes after it would be kept unseen. */
function isCertificate(text: string): boolean {
  try {
    const bytes = Buffer.from(text, 'base64')
    return bytes.toString('base64') === text && new X509Certificate(bytes).raw.equals(bytes)
  } catch {
    return false
  }
}
