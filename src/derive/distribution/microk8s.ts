// The components inside MicroK8s' kubelite: each has a file of arguments, which are the truth; its command line names only those.
// May not: take arguments for the control plane's where kubelite was told not to start one.
import { isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { parseCommandLine } from '../nodes/flags.ts'
import { isWrittenAfter, readFile } from '../nodes/host.ts'
import { splitWords } from '../nodes/systemd-words.ts'
import type { Embedded, EmbeddedName, Holder, HolderInput } from './holder.ts'

const data = '/var/snap/microk8s/current'
const common = '/var/snap/microk8s/common'

/** As the snap sets them, and kubelite expands them. */
const variables: Readonly<Record<string, string>> = {
  SNAP_DATA: data,
  SNAP_COMMON: common,
  SNAP: '/snap/microk8s/current',
}

export function readMicroK8s(process: ProcessEvidence, { host }: HolderInput): Holder {
  const { occurrences } = parseCommandLine(process.arguments.slice(1), { arity: () => undefined })
  const startsControlPlane = occurrences.findLast(({ name }) => name === 'start-control-plane')?.value
  return {
    process,
    component: (name) => {
      if (name === 'etcd') return whyNoEtcd(host)
      if (name !== 'kubelet' && name !== 'kube-proxy' && startsControlPlane !== 'true') {
        return startsControlPlane === undefined
          ? unavailable('unsupported', `kubelite (pid ${process.pid}) does not say whether it starts a control plane.`)
          : { absent: `kubelite (pid ${process.pid}) was told to start no control plane` }
      }
      return readArguments(name, process, host)
    },
  }
}

/** dqlite in a process of its own, reached through a socket; an etcd of the site's own is another machine's, or a process. */
function whyNoEtcd(host: HostEvidence): { readonly absent: string } | Unavailable {
  const file = readFile(host, `${data}/args/k8s-dqlite`)
  if (isUnavailable(file)) return file
  return { absent: file === undefined ? 'no etcd runs here' : 'MicroK8s keeps its data in dqlite' }
}

function readArguments(name: EmbeddedName, process: ProcessEvidence, host: HostEvidence): Embedded | Unavailable {
  const path = `${data}/args/${name}`
  const file = readFile(host, path)
  if (isUnavailable(file)) return file
  if (file === undefined)
    return unavailable('not-found', `${path}, which kubelite takes ${name}’s arguments from, does not exist.`)
  const isEdited = isWrittenAfter(file, process)
  const words = file.content
    .split('\n')
    .filter((line) => !line.trim().startsWith('#'))
    .flatMap((line) => splitWords(line.trim()))
    .map(({ text }) => expand(text))
  return {
    process,
    arguments: [name, ...words],
    origin: () => (isEdited ? `${path} (edited after kubelite started)` : path),
    undetermined: new Map(),
    changed: isEdited ? [path] : [],
  }
}

function expand(word: string): string {
  return word.replaceAll(/\$\{?(SNAP_DATA|SNAP_COMMON|SNAP)\}?(?!\w)/g, (_whole, name: string) => variables[name] ?? '')
}
