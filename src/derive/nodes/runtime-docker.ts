// Docker's settings: daemon.json and dockerd's own options, which may not name the same thing twice. Rows C6, E1, E3.
// May not: read cri-dockerd's, which takes all of this from dockerd.
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { isRecord } from '../../util/record.ts'
import { readFile } from './host.ts'
import { short } from './kubelet-document.ts'
import { oncePerHost } from './once.ts'
import { optionValues, type RuntimeSettings } from './runtime-settings.ts'

const defaultFile = '/etc/docker/daemon.json'
const defaultRoot = '/var/lib/docker'
const driverOption = 'native.cgroupdriver='

/** What the default cgroup driver follows from: dockerd takes systemd where it runs under it on cgroup v2. */
export interface DockerSurroundings {
  readonly cgroupVersion: Observed<string>
  readonly init: Observed<string>
}

export interface DaemonFile {
  readonly path: string
  /** Empty when the file does not exist. */
  readonly values: Readonly<Record<string, unknown>>
  readonly exists: boolean
}

export function readDocker(
  host: HostEvidence,
  process: ProcessEvidence | undefined,
  surroundings: DockerSurroundings,
): RuntimeSettings {
  const file = readDaemonFile(host, process)
  if (isUnavailable(file)) return { configurationFiles: [], rootDirectory: file, cgroupDriver: file }
  return {
    configurationFiles: file.exists ? [file.path] : [],
    rootDirectory: findRoot(file, process),
    cgroupDriver: findDriver(file, process, surroundings),
  }
}

export function readDaemonFile(host: HostEvidence, process: ProcessEvidence | undefined): DaemonFile | Unavailable {
  return parseDaemonFile(host, optionValues(process, 'config-file').at(-1) ?? defaultFile)
}

const parseDaemonFile = oncePerHost((host, path): DaemonFile | Unavailable => {
  const file = readFile(host, path)
  if (isUnavailable(file)) return file
  if (file === undefined) return { path, values: {}, exists: false }
  try {
    const parsed: unknown = JSON.parse(file.content)
    if (isRecord(parsed)) return { path, values: parsed, exists: true }
  } catch (error) {
    const message = error instanceof Error ? short(error.message) : ''
    return unavailable('malformed', `${path} is not JSON: ${message}`)
  }
  return unavailable('malformed', `${path} is not a JSON object.`)
})

function findRoot(file: DaemonFile, process: ProcessEvidence | undefined): Observed<string> {
  const option = optionValues(process, 'data-root', 'graph', 'g').at(-1)
  const written = ['data-root', 'graph'].map((key) => own(file, key)).find((value) => value !== undefined)
  if (option !== undefined && written !== undefined) return conflict(file, process, 'data-root')
  if (option !== undefined) return { value: option, source: `--data-root of pid ${process?.pid ?? 0}` }
  if (written === undefined) return { value: defaultRoot, source: `default of docker: ${absence(file, 'data-root')}` }
  return typeof written === 'string'
    ? { value: written, source: file.path }
    : unavailable('malformed', `data-root in ${file.path} is not text.`)
}

function findDriver(
  file: DaemonFile,
  process: ProcessEvidence | undefined,
  surroundings: DockerSurroundings,
): Observed<string> {
  const options = optionValues(process, 'exec-opt')
  const written = own(file, 'exec-opts')
  if (options.length > 0 && written !== undefined) return conflict(file, process, 'exec-opts')
  const list = options.length > 0 ? options : Array.isArray(written) ? written : []
  const chosen = list.findLast((option) => typeof option === 'string' && option.startsWith(driverOption))
  if (typeof chosen !== 'string') return defaultDriver(file, surroundings)
  const source = options.length > 0 ? `--exec-opt of pid ${process?.pid ?? 0}` : `${file.path}, exec-opts`
  const value = chosen.slice(driverOption.length)
  if (value === 'systemd' || value === 'cgroupfs') return { value, source }
  return unavailable('malformed', `${source} sets the cgroup driver "${short(value)}", which docker does not know.`)
}

function defaultDriver(file: DaemonFile, { cgroupVersion, init }: DockerSurroundings): Observed<string> {
  if (isUnavailable(cgroupVersion)) return cgroupVersion
  if (isUnavailable(init)) return init
  const isSystemd = cgroupVersion.value === 'v2' && init.value === 'systemd'
  const source = `default of docker on cgroup ${cgroupVersion.value}: ${absence(file, 'native.cgroupdriver')}`
  return { value: isSystemd ? 'systemd' : 'cgroupfs', source }
}

function conflict(file: DaemonFile, process: ProcessEvidence | undefined, what: string): Unavailable {
  return unavailable(
    'malformed',
    `${what} is set both in ${file.path} and in the options of pid ${process?.pid ?? 0}; dockerd does not start with both.`,
  )
}

function own(file: DaemonFile, key: string): unknown {
  return Object.hasOwn(file.values, key) ? file.values[key] : undefined
}

function absence(file: DaemonFile, key: string): string {
  return `${file.path} ${file.exists ? `sets no ${key}` : 'does not exist'}`
}
