// The apiServerNames fact: by which names the API server of a node is called, and whether its serving certificate holds them.
// May not: judge a name whose caller may be answered with another certificate, or that trusts another authority.
import { X509Certificate } from 'node:crypto'
import { type Fact, isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { compareText } from '../family-gap.ts'
import type { ComponentStates } from './settings.ts'

type Names = FactValue<'apiServerNames'>
type Name = Extract<Names['names'], { value: unknown }>['value'][number]

export function deriveApiServerNames(host: HostEvidence, states: ComponentStates): Fact<Names> {
  const running = states.get('kube-apiserver')
  if (running === undefined) {
    const source = 'kube-apiserver was seen not to run here'
    return { certificate: { source }, names: { value: [], source } }
  }
  if (isUnavailable(running)) return running
  const flag = (name: string) => running.commandLine.occurrences.findLast((one) => one.name === name)?.value ?? ''
  const named = flag('tls-cert-file')
  if (named === '') {
    return unavailable(
      'unsupported',
      `The API server (${running.place}) names no --tls-cert-file; its certificate is its own.`,
    )
  }
  if (/^(?:apiServerArguments|servingInfo)\b/.test(running.origin?.('tls-cert-file') ?? '')) {
    return unavailable('unsupported', 'OpenShift’s API server shows other certificates for other names (servingInfo).')
  }
  if (flag('tls-sni-cert-key') !== '') {
    return unavailable(
      'unsupported',
      'With --tls-sni-cert-key the API server shows other certificates for other names.',
    )
  }
  const path = running.hostPath(named)
  if (typeof path !== 'string') return path
  const source = `--tls-cert-file of ${running.place}`
  const serving = readServing(host, path)
  if (isUnavailable(serving)) return { certificate: { value: path, source }, names: serving }
  const range = flag('service-cluster-ip-range')
  const names = [...byKubernetes(range, flag('advertise-address'), running.place), ...byKubeconfigs(host, serving)]
  return {
    certificate: { value: path, source },
    names: {
      value: names.map(({ name, usedBy }) => ({ name, usedBy, isHeld: holds(serving, name) })),
      source: `names in ${path}`,
    },
  }
}

function readServing(host: HostEvidence, path: string): X509Certificate | Unavailable {
  const evidence = Object.hasOwn(host.certificates ?? {}, path) ? host.certificates?.[path] : undefined
  if (evidence === undefined) return unavailable('not-collected', `The certificate in ${path} was not read.`)
  if (isUnavailable(evidence)) return evidence
  const der = 'certificates' in evidence ? evidence.certificates[0]?.der : undefined
  const certificate = der === undefined ? undefined : parse(der)
  return certificate ?? unavailable('malformed', `${path} holds no certificate.`)
}

function parse(der: string): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(der, 'base64'))
  } catch {
    // What does not parse is no certificate; the certificates fact says so of the file.
    return undefined
  }
}

type Called = Omit<Name, 'isHeld'>

/** What pods are given: the first address of the Service range, and the names of the Service `kubernetes`. */
function byKubernetes(range: string, advertised: string, place: string): Called[] {
  const pods = 'pods, as the Service kubernetes'
  const names = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'].map((name) => ({ name, usedBy: pods }))
  const address = firstOf(range.split(',')[0] ?? '')
  if (address !== undefined) {
    names.push({ name: address, usedBy: `pods: first address of --service-cluster-ip-range of ${place}` })
  }
  const isOwn = kindOf(advertised) !== 'name' && !/^(?:0\.0\.0\.0|::|127\..*|::1)$/.test(advertised)
  if (isOwn) names.push({ name: advertised, usedBy: `--advertise-address of ${place}` })
  return names
}

/** 10.96.0.0/12 → 10.96.0.1. */
function firstOf(range: string): string | undefined {
  const [network = '', bits = ''] = range.split('/')
  if (!/^\d{1,3}$/.test(bits)) return undefined
  if (kindOf(network) === 'v4') {
    const value = network.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
    const size = 2 ** (32 - Number(bits))
    const first = Math.floor(value / size) * size + 1
    return [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')
  }
  // Written with its zeros left out, a network ends in "::", and its first address in "::1".
  return kindOf(network) === 'v6' && network.endsWith('::') ? `${network}1` : undefined
}

/** Kubeconfigs on this node that trust the authority of this certificate. */
function byKubeconfigs(host: HostEvidence, serving: X509Certificate): Called[] {
  const found = new Map<string, string>()
  for (const [path, evidence] of Object.entries(host.certificates ?? {}).sort(([a], [b]) => compareText(a, b))) {
    if (!('servers' in evidence) || evidence.servers === undefined) continue
    const authorities = evidence.certificates.filter(({ use }) => use === 'certificate-authority-data')
    if (!authorities.some(({ der }) => isIssuer(der, serving))) continue
    for (const server of evidence.servers) {
      const name = hostOf(server)
      if (name !== undefined && !found.has(name)) found.set(name, `kubeconfig ${path}`)
    }
  }
  return [...found].map(([name, usedBy]) => ({ name, usedBy }))
}

function isIssuer(der: string, serving: X509Certificate): boolean {
  const authority = parse(der)
  return authority !== undefined && serving.checkIssued(authority) && serving.verify(authority.publicKey)
}

function hostOf(server: string): string | undefined {
  const name = /^\[([0-9A-Fa-f:.]+)\](?::\d+)?$/.exec(server)?.[1] ?? /^([A-Za-z0-9.-]+)(?::\d+)?$/.exec(server)?.[1]
  return name === undefined || name.length > 253 ? undefined : name
}

function kindOf(name: string): 'name' | 'v4' | 'v6' {
  if (/^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/.test(name)) return 'v6'
  const isV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(name) && name.split('.').every((part) => Number(part) <= 255)
  return isV4 ? 'v4' : 'name'
}

/** As Go's clients look: never at the subject's common name. */
function holds(certificate: X509Certificate, name: string): boolean {
  return kindOf(name) === 'name'
    ? certificate.checkHost(name, { subject: 'never' }) !== undefined
    : certificate.checkIP(name) !== undefined
}
