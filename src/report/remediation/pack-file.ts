// A file of the pack, and names of files made from names in a cluster.
import { createHash } from 'node:crypto'

export interface PackFile {
  /** Below the pack's folder. */
  readonly path: string
  readonly content: string
  /** Whether it is meant to be run. */
  readonly isScript: boolean
}

/** The name itself where Kubernetes would allow it, else what is left of it with a digest, so that no two meet. */
export function fileName(name: string): string {
  if (/^[a-z0-9](?:[a-z0-9.-]{0,198}[a-z0-9])?$/.test(name) && !name.includes('..')) return name
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/\.{2,}/g, '.')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
    .slice(0, 100)
  return `${plain === '' ? 'unnamed' : plain}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
}
