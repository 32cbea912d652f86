// The kubeProxy fact, CIS 4.3: where the kube-proxy of a node serves its metrics, by its file or its flags.
// May not: take a node whose processes are hidden, or whose proxy is inside another program, for one without a kube-proxy.
import { parse } from 'yaml'
import { type Fact, isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { isRecord, ownValue } from '../../util/record.ts'
import type { Holder } from '../distribution/holder.ts'
import { parseCommandLine } from './flags.ts'
import { findProcesses, readFile } from './host.ts'

type Proxy = FactValue<'kubeProxy'>['proxies'][number]

/** Programs that have a kube-proxy inside, where they do not start one beside themselves. */
const holders = ['k3s', 'k3s-server', 'k3s-agent', 'kubelite', 'hyperkube'] as const

/** `holder`: the process that holds components inside itself, where what it gives them is known. */
export function deriveKubeProxy(host: HostEvidence, holder?: Holder): Fact<FactValue<'kubeProxy'>> {
  const processes = findProcesses(host, 'kube-proxy')
  if (isUnavailable(processes)) return processes
  if (processes.length > 0) return { proxies: processes.map((process) => describe(host, process)) }
  if (holder !== undefined) return ofHolder(host, holder)
  for (const name of holders) {
    const found = findProcesses(host, name)
    if (isUnavailable(found)) return found
    const [holder] = found
    if (holder !== undefined) return insideOf(holder)
  }
  return { proxies: [] }
}

function ofHolder(host: HostEvidence, holder: Holder): Fact<FactValue<'kubeProxy'>> {
  const embedded = holder.component('kube-proxy')
  if (isUnavailable(embedded)) return embedded
  if ('absent' in embedded) return { proxies: [] }
  const process = { ...embedded.process, arguments: [...embedded.arguments] }
  return { proxies: [describe(host, process, embedded.origin)] }
}

/** hyperkube with any component, and what was not found to be a role of k3s. */
function insideOf(holder: ProcessEvidence): Fact<FactValue<'kubeProxy'>> {
  return unavailable(
    'unsupported',
    `kube-proxy is part of ${holder.name} (pid ${holder.pid}), and which settings that gives it is not read.`,
  )
}

function describe(host: HostEvidence, process: ProcessEvidence, origin?: (flag: string) => string): Proxy {
  const { occurrences } = parseCommandLine(process.arguments.slice(1), { arity: () => undefined })
  const flag = (name: string): string | undefined => occurrences.findLast((one) => one.name === name)?.value
  const config = flag('config')
  if (config === undefined || config === '') {
    const address = flag('metrics-bind-address')
    const family = flag('bind-address') ?? '0.0.0.0'
    const place = origin === undefined ? `of pid ${process.pid}` : `(${origin('metrics-bind-address')})`
    const source = address ? `--metrics-bind-address ${place}` : 'default'
    return { pid: process.pid, configurationFile: '', ...judge(address ?? '', family, source) }
  }
  const document = readProxyDocument(host, process, config)
  if (isUnavailable(document)) {
    return { pid: process.pid, configurationFile: config, metricsBindAddress: document, isMetricsLocal: document }
  }
  // With --config every other flag of the kind is ignored (cmd/kube-proxy/app/options.go).
  const address = textOf(ownValue(document.value, 'metricsBindAddress'))
  const family = textOf(ownValue(document.value, 'bindAddress')) ?? ''
  if (address === undefined || family === undefined) {
    const broken = unavailable('malformed', `metricsBindAddress in ${document.path} is not text.`)
    return { pid: process.pid, configurationFile: config, metricsBindAddress: broken, isMetricsLocal: broken }
  }
  const source = address === '' ? `default: not set in ${document.path}` : `${document.path}, metricsBindAddress`
  return { pid: process.pid, configurationFile: config, ...judge(address, family, source) }
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : undefined
}

interface Document {
  readonly path: string
  readonly value: Readonly<Record<string, unknown>>
}

/** The file where the host has it: of a pod's volume, or the path itself where the process shares the host's mounts. */
export function readProxyDocument(
  host: HostEvidence,
  process: ProcessEvidence,
  config: string,
): Document | Unavailable {
  const path = process.configurationOnHost ?? config
  if (process.configurationOnHost === undefined && !Object.hasOwn(host.files, config)) {
    return unavailable(
      'not-collected',
      `${config} of kube-proxy (pid ${process.pid}) is in its container, and no volume of the host was seen to hold it.`,
    )
  }
  const file = readFile(host, path)
  if (isUnavailable(file)) return file
  if (file === undefined) return unavailable('not-found', `${path} does not exist.`)
  try {
    const value: unknown = parse(file.content, { logLevel: 'error', maxAliasCount: 50 })
    if (isRecord(value) && ownValue(value, 'kind') === 'KubeProxyConfiguration') return { path, value }
  } catch {
    return unavailable('malformed', `${path} is not YAML.`)
  }
  return unavailable('malformed', `${path} is no KubeProxyConfiguration.`)
}

/** An unset address is the loopback of the family that the proxy is bound to (pkg/proxy/apis/config/v1alpha1/defaults.go). */
function judge(
  address: string,
  bindAddress: string,
  source: string,
): Pick<Proxy, 'metricsBindAddress' | 'isMetricsLocal'> {
  const loopback = bindAddress.includes(':') ? '[::1]:10249' : '127.0.0.1:10249'
  const value = address === '' ? loopback : address
  const observed: Observed<string> = { value, source }
  return { metricsBindAddress: observed, isMetricsLocal: { value: isLoopback(value), source } }
}

/** Every address of 127.0.0.0/8, ::1, and the name that every host has for them. */
function isLoopback(address: string): boolean {
  const host =
    /^\[([^\]]*)\](?::\d+)?$/.exec(address)?.[1] ??
    (address.split(':').length > 2 ? address : address.replace(/:\d*$/, ''))
  return (
    host === 'localhost' ||
    host === '::1' ||
    /^127(?:\.\d{1,3}){3}$/.test(host) ||
    /^::ffff:127(?:\.\d{1,3}){3}$/i.test(host)
  )
}
