// The runtimeSockets fact: where the runtimes of a node take orders, and who may give them.
// May not: take a socket's group for empty because its members were not asked for.
import { type Fact, isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { ownValue, textsOf } from '../../util/record.ts'
import { type Access, auditNamedFile } from '../files/access.ts'
import { findProcesses } from './host.ts'
import { containerdConfiguration } from './runtime-containerd.ts'
import { crioLayers } from './runtime-crio.ts'
import { readDaemonFile } from './runtime-docker.ts'
import { optionValues } from './runtime-settings.ts'
import { textAt } from './toml.ts'

type Socket = Extract<FactValue<'runtimeSockets'>['sockets'], { value: unknown }>['value'][number]

interface Named {
  readonly path: string
  readonly source: string
}

const finders = {
  containerd: containerdSockets,
  crio: crioSockets,
  dockerd: dockerSockets,
  'cri-dockerd': criDockerdSockets,
} as const satisfies Record<string, (host: HostEvidence, process: ProcessEvidence) => readonly Named[] | Unavailable>

/** Of every runtime that runs, also where the kubelet uses another: each of them can start a container as root. */
export function deriveRuntimeSockets(host: HostEvidence): Fact<FactValue<'runtimeSockets'>> {
  if (host.statuses === undefined) {
    return unavailable('not-collected', 'The probe that read this node did not ask for modes.')
  }
  const sockets = new Map<string, Socket>()
  for (const [name, find] of Object.entries(finders)) {
    const processes = findProcesses(host, name)
    if (isUnavailable(processes)) return processes
    for (const process of processes) {
      const named = find(host, process)
      if (isUnavailable(named)) return { sockets: named }
      for (const one of named) sockets.set(one.path, sockets.get(one.path) ?? describe(host, name, one))
    }
  }
  return { sockets: { value: [...sockets.values()], source: 'processes of the node' } }
}

function describe(host: HostEvidence, process: string, { path, source }: Named): Socket {
  const { access } = auditNamedFile(host, path, source)
  if (isUnavailable(access)) return { path, source, process, access, members: access }
  const { value } = access
  const bits = Number.parseInt(value.mode, 8)
  return {
    path,
    source,
    process,
    access: {
      value: {
        mode: value.mode,
        ownership: value.ownership,
        isOpenToAll: (bits & 0o002) !== 0,
        isOwnedByRoot: value.uid === 0,
        accessControlList: value.accessControlList,
      },
      source: access.source,
    },
    members: membersOf(host, value, bits),
  }
}

/** Accounts that the group lists, and those that have it as their first one, which it does not list. */
function membersOf(host: HostEvidence, { gid }: Access, bits: number): Observed<string[]> {
  if ((bits & 0o020) === 0 || gid === 0) return { value: [], source: 'the group may not write to it, or is root’s' }
  const listed = listedMembers(host, gid)
  if (isUnavailable(listed)) return listed
  const first = Object.hasOwn(host.commands, `first group ${gid}`) ? host.commands[`first group ${gid}`] : undefined
  if (first !== undefined && !isUnavailable(first) && 'output' in first) {
    const names = [...listed.value, ...first.output.split('\n').filter((name) => name !== '')]
    return { value: [...new Set(names)], source: `${listed.source}, /etc/passwd` }
  }
  // Who is known settles it; that nobody is known does not.
  const why = `Whether group ${gid} is the first group of an account was not asked.`
  return listed.value.length > 0 ? listed : unavailable('not-collected', why)
}

/** getent prints "docker:x:998:ann,bob", and ends with 2 where no group has the number. */
function listedMembers(host: HostEvidence, gid: number): Observed<string[]> {
  const command = `getent group ${gid}`
  const evidence = Object.hasOwn(host.commands, command) ? host.commands[command] : undefined
  if (evidence === undefined) return unavailable('not-collected', `Who is in group ${gid} was not asked.`)
  if (isUnavailable(evidence)) return evidence
  if ('absent' in evidence) return unavailable('unsupported', 'getent is not installed.')
  if (evidence.exitCode === 2) return { value: [], source: `${command}: there is no such group` }
  if (evidence.exitCode !== 0)
    return unavailable('unsupported', `"${command}" ended with exit code ${evidence.exitCode}.`)
  const line = evidence.output.split('\n').find((one) => one.split(':')[2] === String(gid))
  const names = (line?.split(':')[3] ?? '').split(',').map((name) => name.trim())
  return { value: names.filter((name) => name !== ''), source: command }
}

function containerdSockets(host: HostEvidence, process: ProcessEvidence): readonly Named[] | Unavailable {
  const option = optionValues(process, 'address', 'a').at(-1)
  if (option !== undefined) return [{ path: option, source: `--address of pid ${process.pid}` }]
  const configuration = containerdConfiguration(host, process)
  if (isUnavailable(configuration)) return configuration
  for (const { path, table } of configuration.parts.toReversed()) {
    const address = textAt(table, 'grpc', 'address')
    if (address !== undefined) return [{ path: address, source: `${path}, grpc.address` }]
  }
  return [{ path: '/run/containerd/containerd.sock', source: 'default of containerd' }]
}

function crioSockets(host: HostEvidence, process: ProcessEvidence): readonly Named[] | Unavailable {
  const option = optionValues(process, 'listen').at(-1)
  if (option !== undefined) return [{ path: option, source: `--listen of pid ${process.pid}` }]
  const layers = crioLayers(host, process)
  if (isUnavailable(layers)) return layers
  for (const { path, table } of layers.toReversed()) {
    const listen = textAt(table, 'crio', 'api', 'listen')
    if (listen !== undefined) return [{ path: listen, source: `${path}, listen` }]
  }
  return [{ path: '/run/crio/crio.sock', source: 'default of CRI-O' }]
}

/** fd:// is a socket of systemd, which docker.socket describes. */
function dockerSockets(host: HostEvidence, process: ProcessEvidence): readonly Named[] | Unavailable {
  const file = readDaemonFile(host, process)
  if (isUnavailable(file)) return file
  const options = optionValues(process, 'host', 'H').map((path) => ({ path, source: `-H of pid ${process.pid}` }))
  const written = textsOf(ownValue(file.values, 'hosts')).map((path) => ({ path, source: `${file.path}, hosts` }))
  const listening = [...options, ...written]
  if (listening.length === 0) return [{ path: '/run/docker.sock', source: 'default of docker' }]
  return listening.flatMap(({ path, source }) => local(host, path, source, ['docker.socket', '/run/docker.sock']))
}

function criDockerdSockets(host: HostEvidence, process: ProcessEvidence): readonly Named[] {
  const endpoint = optionValues(process, 'container-runtime-endpoint').at(-1) ?? 'unix:///run/cri-dockerd.sock'
  const source = `--container-runtime-endpoint of pid ${process.pid}`
  return local(host, endpoint, source, ['cri-docker.socket', '/run/cri-dockerd.sock'])
}

/** Nothing for an address in the network. */
function local(
  host: HostEvidence,
  endpoint: string,
  source: string,
  [unit, usual]: readonly [unit: string, usual: string],
): readonly Named[] {
  if (endpoint.startsWith('fd://')) return [{ path: listenStream(host, unit) ?? usual, source: `${source}, ${unit}` }]
  const path = endpoint.replace(/^unix:\/\//, '')
  return path.startsWith('/') ? [{ path, source }] : []
}

function listenStream(host: HostEvidence, unit: string): string | undefined {
  const files = Object.entries(host.files).filter(([path]) => path.endsWith(`/${unit}`) || path.includes(`/${unit}.d/`))
  for (const [, file] of files) {
    const path = 'content' in file ? /^ListenStream\s*=\s*(\/\S+)/m.exec(file.content)?.[1] : undefined
    if (path !== undefined) return path
  }
  return undefined
}
