// The folders of a control plane's certificates, CIS 1.1.19 to 1.1.21: those of the files that its arguments name.
// May not: take a folder of the system for one of the control plane's own.
import { isUnavailable, type Unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { AuditedFile } from '../../model/facts-files.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { auditNamedFile } from './access.ts'
import { auditTree } from './folder.ts'
import { type ComponentStates, namedFiles, runningComponents } from './settings.ts'

type Pki = Pick<FactValue<'controlPlaneFiles'>, 'pkiEntries' | 'pkiCertificates' | 'pkiKeys'>

const usual = '/etc/kubernetes/pki'
/** Flags that name a public certificate, and those that name a private key. service-account-key-file may be either. */
export const certificateFlags = /(?:cert-file|certfile|ca-file|cafile|client-certificate|certificate-authority)$/
const keyFlags = /^(?!service-account-key-file).*(?:key-file|keyfile|client-key)$/
/** Of the system or of people; templates/probe/probe.sh has the same list. */
const notOwn =
  /^(?:\/|\/etc|\/etc\/ssl.*|\/etc\/pki.*|\/etc\/kubernetes|\/usr.*|\/var|\/var\/lib|\/run|\/home.*|\/root.*|\/opt)$/

export function auditPki(host: HostEvidence, states: ComponentStates, isHere: boolean | Unavailable): Pki {
  if (isUnavailable(isHere)) return { pkiEntries: isHere, pkiCertificates: isHere, pkiKeys: isHere }
  if (!isHere) {
    const none = { value: [], source: 'no component of a control plane is on this node' }
    return { pkiEntries: none, pkiCertificates: none, pkiKeys: none }
  }
  const certificates = referenced(host, states, certificateFlags)
  const keys = referenced(host, states, keyFlags)
  const folders = topFolders([...certificates, ...keys])
  const source =
    folders.length === 0 ? `kubeadm’s place for it, ${usual}` : `flags of the control plane: ${folders.join(', ')}`
  const entries = (folders.length === 0 ? [usual] : folders).flatMap((folder) => auditTree(host, folder, folder))
  const all = merge(entries, [...certificates, ...keys])
  const unseen = all.filter(({ path }) => path.endsWith('/*'))
  return {
    pkiEntries: { value: all, source },
    pkiCertificates: {
      value: [
        ...merge(
          entries.filter(({ path }) => path.endsWith('.crt')),
          certificates,
        ),
        ...unseen,
      ],
      source,
    },
    pkiKeys: {
      value: [
        ...merge(
          entries.filter(({ path }) => path.endsWith('.key')),
          keys,
        ),
        ...unseen,
      ],
      source,
    },
  }
}

function referenced(host: HostEvidence, states: ComponentStates, flags: RegExp): AuditedFile[] {
  return runningComponents(states).flatMap((running) =>
    namedFiles(running, flags).map(({ path, source }) =>
      typeof path === 'string' ? auditNamedFile(host, path, source) : { path: source, source, access: path },
    ),
  )
}

/** A folder inside another is listed with that. */
function topFolders(files: readonly AuditedFile[]): string[] {
  const all = new Set(files.map(({ path }) => path.replace(/\/+[^/]*$/, '')))
  const own = [...all].filter((folder) => folder.startsWith('/') && !notOwn.test(folder))
  return own.filter((folder) => !own.some((other) => folder.startsWith(`${other}/`))).sort()
}

/** Each path once; a flag that names it, the first of several, is the better source. */
function merge(entries: readonly AuditedFile[], named: readonly AuditedFile[]): AuditedFile[] {
  const byPath = new Map(entries.map((file) => [file.path, file]))
  for (const file of named.toReversed()) byPath.set(file.path, file)
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}
