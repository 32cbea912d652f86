// Row B3: containers that set sysctls themselves, most often a privileged init container with `sysctl -w`.
// Evidence is a command that writes, never an image's name. May not: claim a change of the node that the container cannot make.
import { posix } from 'node:path'
import type { FactValue } from '../../model/facts.ts'
import type { Container, PodSpec } from '../../model/pod.ts'
import { type Invocation, invocationsOf } from './invoked-commands.ts'
import { normalizeSysctlName, sysctlNamespace } from './sysctl-table.ts'

type Workaround = FactValue<'sysctlWorkarounds'>['containers'][number]

/** One write: the parameter, or undefined where the command does not name it (a file, a variable). */
interface SysctlWrite {
  readonly parameter: string | undefined
  readonly invocation: Invocation
  /** The file written, in the container's view. */
  readonly path: string
}

const procSys = '/proc/sys'
const parameterPattern = /^[A-Za-z0-9_*][^\s$`=,;]*$/
const writeOperators: ReadonlySet<string> = new Set(['>', '>>', '>|', '<>', '&>', '&>>'])

export function deriveSysctlWorkarounds(spec: PodSpec): FactValue<'sysctlWorkarounds'> {
  const mounts = new ProcMounts(spec)
  return { containers: spec.containers.flatMap((container) => workaroundOf(spec, container, mounts) ?? []) }
}

function workaroundOf(spec: PodSpec, container: Container, mounts: ProcMounts): Workaround | undefined {
  const argv = [...(container.command ?? []), ...(container.args ?? [])]
  const writes = invocationsOf(argv).flatMap((invocation) =>
    writesOf(invocation, (path) => mounts.hostPath(container, path)),
  )
  if (writes.length === 0) return undefined
  return {
    name: container.name,
    kind: container.kind,
    command: [...new Set(writes.map((write) => write.invocation.text))].join('; '),
    privileged: container.securityContext?.privileged === true,
    changesNode: writes.some((write) => mounts.isWritable(container, write.path) && reachesNode(spec, write)),
    parameters: [...new Set(writes.flatMap((write) => write.parameter ?? []))],
  }
}

/** Whether a write that succeeds is seen outside the pod. An unnamed parameter may be one of the namespaces the pod shares. */
function reachesNode(spec: PodSpec, { parameter, invocation }: SysctlWrite): boolean {
  // Root of a user namespace owns no parameter of the node.
  if (spec.hostUsers === false) return false
  const network = spec.hostNetwork === true || invocation.entersHostNetwork
  const ipc = spec.hostIPC === true || invocation.entersHostIPC
  if (parameter === undefined) return network || ipc
  // The namespaces are the kernel's; those names that only an older kubelet knew (kernel.shm_next_id) are namespaced too.
  const namespace = sysctlNamespace(parameter, 0)
  switch (namespace) {
    case 'net':
      return network
    case 'ipc':
      return ipc
    case undefined:
      // The host name lives in the UTS namespace, which a pod shares together with the network.
      return parameter === 'kernel.hostname' || parameter === 'kernel.domainname' ? network : true
  }
}

function writesOf(invocation: Invocation, hostPath: (path: string) => string): readonly SysctlWrite[] {
  const [program = '', ...args] = invocation.words
  const files = invocation.redirections
    .filter(({ operator }) => writeOperators.has(operator))
    .map(({ target }) => target)
  if (program === 'tee') files.push(...args.filter((argument) => !argument.startsWith('-')))
  if (program === 'dd')
    files.push(...args.filter((argument) => argument.startsWith('of=')).map((argument) => argument.slice(3)))
  if (program === 'cp' && args.length > 1) files.push(args.at(-1) ?? '')
  const byFile = files.flatMap((path) => {
    const host = hostPath(path)
    if (!host.startsWith(`${procSys}/`)) return []
    const parameter = normalizeSysctlName(host.slice(procSys.length + 1))
    return { parameter: parameterPattern.test(parameter) ? parameter : undefined, invocation, path }
  })
  return program === 'sysctl' ? [...byFile, ...writesOfSysctl(args, invocation)] : byFile
}

/** procps, busybox and toybox: NAME=VALUE writes with or without -w; -p, -f, --load and --system write what files say. */
function writesOfSysctl(args: readonly string[], invocation: Invocation): readonly SysctlWrite[] {
  const options = args.filter((argument) => argument.startsWith('-'))
  const loads = options.some((option) => /^-[A-Za-z]*[pf]/.test(option) || /^--(load|system)\b/.test(option))
  if (loads) return [{ parameter: undefined, invocation, path: procSys }]
  const isWrite = options.some((option) => /^-[A-Za-z]*w/.test(option) || option === '--write')
  const operands = args.filter((argument) => !argument.startsWith('-'))
  const assignments = operands.filter((operand) => operand.includes('='))
  const named = assignments.map((operand) => normalizeSysctlName(operand.slice(0, operand.indexOf('=')).trim()))
  const unnamed = isWrite && assignments.length === 0 && operands.some((operand) => /[$`]/.test(operand))
  return [...named, ...(unnamed ? [''] : [])].map((name) => {
    const parameter = parameterPattern.test(name) ? name : undefined
    return { parameter, invocation, path: `${procSys}/${(parameter ?? '').replaceAll('.', '/')}` }
  })
}

/** Where in a container /proc/sys can be written: everywhere when privileged, else through a hostPath mount only. */
class ProcMounts {
  readonly #volumes: ReadonlyMap<string, string>

  constructor(spec: PodSpec) {
    const paths = (spec.volumes ?? []).flatMap(({ name, hostPath }): [string, string][] =>
      hostPath === undefined ? [] : [[name, posix.normalize(hostPath.path)]],
    )
    this.#volumes = new Map(paths)
  }

  /** The node's path behind a path of the container, or the path itself where no hostPath is mounted. */
  hostPath(container: Container, path: string): string {
    const normal = posix.normalize(path)
    const mount = this.#mountOf(container, normal)
    if (mount === undefined) return normal
    const host = this.#volumes.get(mount.name) ?? '/'
    return posix.join(host, mount.subPath ?? '', normal.slice(trimmed(mount.mountPath).length))
  }

  isWritable(container: Container, path: string): boolean {
    const context = container.securityContext
    const added = context?.capabilities?.add ?? []
    // Who may mount can remount /proc/sys writable.
    const canRemount = added.some((name) => /^(CAP_)?(SYS_ADMIN|ALL)$/i.test(name))
    if (context?.privileged === true || context?.procMount === 'Unmasked' || canRemount) return true
    const mount = this.#mountOf(container, posix.normalize(path))
    return mount !== undefined && mount.readOnly !== true
  }

  #mountOf(container: Container, path: string): NonNullable<Container['volumeMounts']>[number] | undefined {
    const covers = (mountPath: string) => path === trimmed(mountPath) || path.startsWith(`${trimmed(mountPath)}/`)
    return (container.volumeMounts ?? [])
      .filter((mount) => this.#volumes.has(mount.name) && covers(mount.mountPath))
      .sort((a, b) => b.mountPath.length - a.mountPath.length)[0]
  }
}

function trimmed(path: string): string {
  return posix.normalize(path).replace(/\/+$/, '')
}
