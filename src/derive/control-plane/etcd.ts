// The etcd fact, CIS 2: the configuration file alone where one is named, else flags above ETCD_* variables.
// May not: judge a value.
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import { parseGoBool } from '../nodes/go-values.ts'
import { type JsonObject, own, short } from '../nodes/kubelet-document.ts'
import type { Json } from '../nodes/kubelet-fields.ts'
import { type Common, commonFields } from './common.ts'
import { child, map, readPlainDocument } from './documents.ts'
import type { Running } from './running.ts'
import { readSettings, type Settings } from './settings.ts'

type Etcd = FactValue<'etcd'>

/** Where a setting stands in the file: below a section, under the name without the section's prefix. */
const sections = {
  client: 'client-transport-security',
  peer: 'peer-transport-security',
  top: '',
} as const
type Section = keyof typeof sections

interface Reader {
  readonly text: (flag: string, section: Section, otherwise?: string) => Observed<string>
  readonly bool: (flag: string, section: Section) => Observed<boolean>
}

export function deriveEtcd(running: Running, clusterCA: ClusterCA): Etcd {
  const settings = readSettings(running)
  const configurationFile = fromFlagOrVariable(settings, 'config-file', '')
  const reader = readerOf(settings, configurationFile)
  const trustedCAFile = reader.text('trusted-ca-file', 'client')
  return {
    ...commonFields(running),
    configurationFile,
    certFile: reader.text('cert-file', 'client'),
    keyFile: reader.text('key-file', 'client'),
    clientCertAuth: reader.bool('client-cert-auth', 'client'),
    autoTLS: reader.bool('auto-tls', 'client'),
    trustedCAFile,
    peerCertFile: reader.text('peer-cert-file', 'peer'),
    peerKeyFile: reader.text('peer-key-file', 'peer'),
    peerClientCertAuth: reader.bool('peer-client-cert-auth', 'peer'),
    peerAutoTLS: reader.bool('peer-auto-tls', 'peer'),
    peerTrustedCAFile: reader.text('peer-trusted-ca-file', 'peer'),
    listenClientURLs: urls(reader.text('listen-client-urls', 'top', 'http://localhost:2379')),
    listenPeerURLs: urls(reader.text('listen-peer-urls', 'top', 'http://localhost:2380')),
    trustsClusterCA: trustsClusterCA(running, trustedCAFile, clusterCA),
  }
}

export function absentEtcd(common: Common, reason: Unavailable): Etcd {
  return {
    ...common,
    configurationFile: reason,
    certFile: reason,
    keyFile: reason,
    clientCertAuth: reason,
    autoTLS: reason,
    trustedCAFile: reason,
    peerCertFile: reason,
    peerKeyFile: reason,
    peerClientCertAuth: reason,
    peerAutoTLS: reason,
    peerTrustedCAFile: reason,
    listenClientURLs: reason,
    listenPeerURLs: reason,
    trustsClusterCA: reason,
  }
}

function readerOf(settings: Settings, configurationFile: Observed<string>): Reader {
  if (isUnavailable(configurationFile)) return { text: () => configurationFile, bool: () => configurationFile }
  if (configurationFile.value !== '') return fileReader(settings, configurationFile.value)
  return {
    text: (flag, _section, otherwise = '') => fromFlagOrVariable(settings, flag, otherwise),
    bool: (flag) =>
      map(fromFlagOrVariable(settings, flag, 'false'), (text, source) => {
        const value = parseGoBool(text)
        return value === undefined
          ? unavailable('malformed', `${source} is "${short(text)}", neither true nor false.`)
          : { value, source }
      }),
  }
}

/** ETCD_TRUSTED_CA_FILE for --trusted-ca-file; the flag wins. */
function fromFlagOrVariable(settings: Settings, flag: string, otherwise: string): Observed<string> {
  const isBool = /(?:^|-)(?:auth|tls)$/.test(flag)
  if (settings.has(flag)) {
    if (!isBool) return settings.text(flag)
    return map(settings.bool(flag, false), (value, source) => ({ value: String(value), source }))
  }
  const unset = settings.text(flag, otherwise)
  if (isUnavailable(unset)) return unset
  const { environment, place } = settings.running
  const variable = `ETCD_${flag.toUpperCase().replaceAll('-', '_')}`
  if (environment === undefined) {
    const why = `${place} has no --${flag}, and its environment, where ${variable} may stand, was not read.`
    return unavailable('permission-denied', why)
  }
  const value = Object.hasOwn(environment, variable) ? environment[variable] : undefined
  // etcd takes an empty variable for one that is not set.
  return value === undefined || value === '' ? unset : { value, source: `${variable} of ${place}` }
}

function fileReader(settings: Settings, path: string): Reader {
  const read = readPlainDocument(settings.running, path)
  if (isUnavailable(read)) return { text: () => read, bool: () => read }
  const valueAt = (flag: string, section: Section): Json => {
    const holder: JsonObject = section === 'top' ? read.document : (child(read.document, sections[section]) ?? {})
    return own(holder, section === 'peer' ? flag.replace(/^peer-/, '') : flag) ?? null
  }
  const pick = <T>(
    flag: string,
    section: Section,
    otherwise: T,
    convert: (value: Json) => T | undefined,
  ): Observed<T> => {
    const value = valueAt(flag, section)
    if (value === null) return { value: otherwise, source: `${settings.defaultSource}: ${path} does not set ${flag}` }
    const converted = convert(value)
    return converted === undefined
      ? unavailable('malformed', `${flag} in ${path} is not of its type.`)
      : { value: converted, source: read.source }
  }
  return {
    text: (flag, section, otherwise = '') =>
      pick(flag, section, otherwise, (value) => (typeof value === 'string' ? value : undefined)),
    bool: (flag, section) => pick(flag, section, false, (value) => (typeof value === 'boolean' ? value : undefined)),
  }
}

function urls(list: Observed<string>): Observed<string[]> {
  return map(list, (text, source) => ({ value: text.split(',').map((url) => url.trim()), source }))
}

/** The API server's --client-ca-file on this node, and its certificates. */
export type ClusterCA = { readonly path: string; readonly certificates: readonly string[] } | Unavailable

/** Certificates are compared, not paths: a copy under another name is the same authority. */
function trustsClusterCA(running: Running, trustedCAFile: Observed<string>, clusterCA: ClusterCA): Observed<boolean> {
  if (isUnavailable(trustedCAFile)) return trustedCAFile
  if (trustedCAFile.value === '') return { value: false, source: trustedCAFile.source }
  if (isUnavailable(clusterCA)) return clusterCA
  const source = `${trustedCAFile.value}, ${clusterCA.path}`
  const trusted = running.certificates(trustedCAFile.value)
  if (isUnavailable(trusted)) return trusted
  return { value: trusted.some((one) => clusterCA.certificates.includes(one)), source }
}
