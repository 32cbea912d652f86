// Addresses in the network at which a runtime takes orders, and what protects them. Whoever reaches one unprotected is root.
// May not: call an address protected because TLS is asked for only one way.
import { isUnavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { ownValue, textsOf } from '../../util/record.ts'
import { containerdConfiguration } from './runtime-containerd.ts'
import { type DaemonFile, readDaemonFile } from './runtime-docker.ts'
import { optionValues } from './runtime-settings.ts'
import { textAt } from './toml.ts'

type Listeners = FactValue<'runtimeDaemon'>['networkListeners']

/** -H tcp://…, and `hosts` of daemon.json; without a scheme an address is of the network too. */
export function dockerListeners(host: HostEvidence, process: ProcessEvidence): Listeners {
  const file = readDaemonFile(host, process)
  const options = optionValues(process, 'host', 'H')
  if (isUnavailable(file)) return file
  const written = ownValue(file.values, 'hosts')
  if (written !== undefined && !Array.isArray(written))
    return unavailable('malformed', `hosts in ${file.path} is no list.`)
  const protection = dockerProtection(file, process)
  const addresses = [...options, ...textsOf(written)].filter((address) => !/^(?:unix|fd|npipe):\/\//.test(address))
  return {
    value: addresses.filter((address) => !address.startsWith('/')).map((address) => ({ address, protection })),
    source:
      written === undefined ? `arguments of pid ${process.pid}` : `${file.path}, and arguments of pid ${process.pid}`,
  }
}

function dockerProtection(file: DaemonFile, process: ProcessEvidence): string {
  const isOn = (name: string): boolean => {
    const option = process.arguments.findLast(
      (argument) => argument === `--${name}` || argument.startsWith(`--${name}=`),
    )
    if (option !== undefined) return !/=(?:false|f|0)$/i.test(option)
    return ownValue(file.values, name) === true
  }
  if (isOn('tlsverify')) return 'TLS with client certificates'
  return isOn('tls') ? 'TLS' : 'none'
}

/** `grpc.tcp_address`, protected by certificates of clients where a CA for them is named. */
export function containerdListeners(host: HostEvidence, process: ProcessEvidence): Listeners {
  const configuration = containerdConfiguration(host, process)
  if (isUnavailable(configuration)) return configuration
  const { path, parts } = configuration
  const last = (key: string): string | undefined =>
    parts.map(({ table }) => textAt(table, 'grpc', key)).findLast((value) => value !== undefined)
  const address = last('tcp_address')
  if (address === undefined) return { value: [], source: path }
  const hasCertificate = last('tcp_tls_cert') !== undefined
  const protection = !hasCertificate
    ? 'none'
    : last('tcp_tls_ca') === undefined
      ? 'TLS'
      : 'TLS with client certificates'
  return { value: [{ address, protection }], source: `${path}, grpc.tcp_address` }
}
