// Registries as dockerd asks them: insecure-registries and registry-mirrors, of daemon.json and of its options.
// May not: resolve a registry's name, as dockerd does for the blocks of addresses in its list.
import { isUnavailable, type Observed, unavailable } from '../../model/fact.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { ownValue, textsOf } from '../../util/record.ts'
import { type InsecureRegistry, insecureEndpoint, type Registries } from './registry-endpoint.ts'
import { readDaemonFile } from './runtime-docker.ts'
import { optionValues } from './runtime-settings.ts'

interface Named {
  readonly name: string
  readonly source: string
}

export function dockerRegistries(host: HostEvidence, process: ProcessEvidence): Registries {
  const searched = { value: ['docker.io'], source: 'fixed in docker' }
  const fromOptions = (option: string): Named[] =>
    optionValues(process, option).map((name) => ({ name, source: `--${option} of pid ${process.pid}` }))
  const options = { insecure: fromOptions('insecure-registry'), mirrors: fromOptions('registry-mirror') }
  const file = readDaemonFile(host, process)
  if (isUnavailable(file)) return { insecure: [...describe(options.insecure, options.mirrors), file], searched }
  const fromFile = (key: string): Named[] | undefined => {
    const value = ownValue(file.values, key)
    if (value !== undefined && value !== null && !Array.isArray(value)) return undefined
    return textsOf(value).map((name) => ({ name, source: `${file.path}, ${key}` }))
  }
  const insecure = fromFile('insecure-registries')
  const mirrors = fromFile('registry-mirrors')
  const broken = unavailable('malformed', `insecure-registries or registry-mirrors in ${file.path} is no list.`)
  return {
    insecure: [
      ...describe([...options.insecure, ...(insecure ?? [])], [...options.mirrors, ...(mirrors ?? [])]),
      ...(insecure === undefined || mirrors === undefined ? [broken] : []),
    ],
    searched,
  }
}

/** An insecure registry is asked over TLS without verification, and over HTTP where that fails. */
function describe(insecure: readonly Named[], mirrors: readonly Named[]): Observed<InsecureRegistry>[] {
  const names = insecure.map(({ name, source }) => ({
    value: {
      registry: bare(name),
      endpoint: bare(name),
      how: 'TLS without verification, else plain HTTP',
    },
    source,
  }))
  const overHttp = mirrors.flatMap(({ name, source }) => {
    const value = insecureEndpoint('docker.io', name, false)
    return value === undefined ? [] : [{ value, source }]
  })
  return [...names, ...overHttp]
}

/** dockerd takes a scheme off with a warning. */
function bare(name: string): string {
  return name.replace(/^https?:\/\//i, '').replace(/\/$/, '')
}
