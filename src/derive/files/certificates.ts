// The certificates fact: what the public certificates on a node say, and what uses them.
// May not: read a clock. Days are counted to the moment at which the node was read.
import { isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { CertificateEvidence, HostEvidence } from '../../model/node-evidence.ts'
import { compareText } from '../family-gap.ts'
import { pickText } from '../nodes/kubelet-configuration.ts'
import type { EffectiveKubelet } from '../nodes/kubelet-effective.ts'
import { describeCertificate } from './certificate.ts'
import { certificateFlags } from './pki.ts'
import { type ComponentStates, namedFiles, runningComponents } from './settings.ts'

type Certificates = FactValue<'certificates'>
type Item = Certificates['files'][number]

export function deriveCertificates(
  host: HostEvidence,
  states: ComponentStates,
  kubelet: EffectiveKubelet | Unavailable,
): Certificates | Unavailable {
  const { certificates } = host
  if (certificates === undefined) {
    return unavailable('not-collected', 'The probe that read this node did not ask for certificates.')
  }
  const users = findUsers(certificates, states, kubelet)
  const readAt = Date.parse(host.run.startedAt)
  const paths = [...new Set([...Object.keys(certificates), ...users.required])].sort(compareText)
  return { files: [...paths.flatMap((path) => itemsOf(host, path, users, readAt)), ...unnamed(states, kubelet)] }
}

/** Certificates in use whose place could not be learned: without these a node would seem to use none, or only sound ones. */
function unnamed(states: ComponentStates, kubelet: EffectiveKubelet | Unavailable): Item[] {
  const gap = (source: string, certificate: Unavailable): Item => ({
    path: `(named by ${source})`,
    use: 'certificate',
    source,
    isInUse: true,
    role: '',
    certificate,
  })
  const components = [...states].flatMap(([name, state]) => {
    if (state === undefined) return []
    if (isUnavailable(state)) return [gap(name, state)]
    return namedFiles(state, certificateFlags).flatMap(({ path, source }) =>
      typeof path === 'string' ? [] : [gap(source, path)],
    )
  })
  if (isUnavailable(kubelet)) {
    // A kubelet that does not run uses no certificate.
    return kubelet.unavailable.reason === 'not-running' ? components : [...components, gap('the kubelet', kubelet)]
  }
  const fields = kubeletCertificateFields.flatMap((field) => {
    const path = pickText(kubelet, field)
    return isUnavailable(path) ? [gap(`${field} of the kubelet`, path)] : []
  })
  return [...components, ...fields]
}

interface Users {
  /** What names a path. */
  readonly sources: ReadonlyMap<string, string>
  /** Paths that settings say must be there. */
  readonly required: ReadonlySet<string>
}

function findUsers(
  certificates: Readonly<Record<string, CertificateEvidence>>,
  states: ComponentStates,
  kubelet: EffectiveKubelet | Unavailable,
): Users {
  const named: [string, string][] = runningComponents(states).flatMap((running) =>
    namedFiles(running, certificateFlags).flatMap(({ path, source }): [string, string][] =>
      typeof path === 'string' ? [[path, source]] : [],
    ),
  )
  if (!isUnavailable(kubelet)) named.push(...kubeletFiles(kubelet))
  const present = Object.entries(certificates)
  const fromKubeconfigs = present.flatMap(([path, evidence]): [string, string][] => {
    const paths = 'certificates' in evidence ? (evidence.clientCertificates ?? []) : []
    return paths.map((client) => [client, `client-certificate in ${path}`])
  })
  // The kubelet takes these from its certificate folder without being told.
  const own = present.flatMap(([path]): [string, string][] =>
    /\/(?:kubelet-(?:client|server)-current\.pem|kubelet\.crt)$/.test(path) ? [[path, 'the kubelet’s own']] : [],
  )
  return { sources: new Map([...own, ...fromKubeconfigs, ...named]), required: new Set(named.map(([path]) => path)) }
}

const kubeletCertificateFields = ['authentication.x509.clientCAFile', 'tlsCertFile'] as const

function kubeletFiles(kubelet: EffectiveKubelet): [string, string][] {
  return kubeletCertificateFields.flatMap((field): [string, string][] => {
    const path = pickText(kubelet, field)
    return isUnavailable(path) || path.value === '' ? [] : [[path.value, `${field} of the kubelet`]]
  })
}

function itemsOf(host: HostEvidence, path: string, { sources, required }: Users, readAt: number): Item[] {
  const source = sources.get(path) ?? ''
  const item = { path, use: 'certificate', source, isInUse: source !== '', role: '' }
  const evidence = Object.hasOwn(host.certificates ?? {}, path) ? host.certificates?.[path] : undefined
  if (evidence === undefined) {
    const { reason, detail } = host.incomplete ?? { reason: 'not-collected' as const, detail: 'the probe did not ask.' }
    return [{ ...item, certificate: unavailable(reason, `The certificate in ${path} was not read: ${detail}`) }]
  }
  if (isUnavailable(evidence)) return [{ ...item, certificate: evidence }]
  if ('absent' in evidence) {
    const missing = unavailable('not-found', `${path} (${source}) does not exist on the host.`)
    return required.has(path) ? [{ ...item, certificate: missing }] : []
  }
  const { certificates, malformed = 0 } = evidence
  const items = certificates.map(({ use, der }, index): Item => {
    const isAlone = certificates.filter((other) => other.use === use).length === 1
    const isEmbedded = use !== 'certificate'
    return {
      path,
      use: isAlone ? use : `${use} ${index + 1}`,
      source: isEmbedded ? `kubeconfig ${path}` : source,
      isInUse: isEmbedded || source !== '',
      role: roleOf(
        use,
        source,
        certificates.slice(0, index).some((other) => other.use === use),
      ),
      certificate: describeCertificate(der, path, readAt),
    }
  })
  if (malformed > 0 || (required.has(path) && items.length === 0)) {
    const what = items.length === 0 ? 'no certificate' : `${malformed} blocks that are no certificate`
    items.push({ ...item, certificate: unavailable('malformed', `${path} holds ${what}.`) })
  }
  return items
}

const authority =
  /^(?:--(?:[a-z-]*ca-?file|[a-z-]*certificate-authority|cluster-signing-[a-z-]*cert-file)|[\w.]*clientCAFile|certificate-authority-data)(?= |$)/
const leaf =
  /^(?:--[a-z-]*(?:cert-?file|client-certificate)|tlsCertFile|client-certificate(?:-data)?|the kubelet’s own)(?= |$)/

/** A file for a server or client begins with its own certificate; those behind it are its issuers. */
function roleOf(use: string, source: string, isBehind: boolean): string {
  const user = use === 'certificate' ? source : use
  if (authority.test(user)) return 'authority'
  return leaf.test(user) && !isBehind ? 'leaf' : ''
}
