// UUIDs of version 5 (RFC 9562 §5.5): the same name gives the same id in every run.
import { createHash } from 'node:crypto'

/** Of kube-assay's names; drawn once. */
const namespace = Buffer.from('6f2f3a0e5f0c4a7e9c4be1d7a9b35c18', 'hex')

export function nameUuid(...name: readonly string[]): string {
  const bytes = createHash('sha1').update(namespace).update(JSON.stringify(name)).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
