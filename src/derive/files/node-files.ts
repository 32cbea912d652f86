// The nodeFiles fact, CIS 4.1 and 1.1.9 and 1.1.10: the files of kubelet, kube-proxy and CNI where their own settings say they are.
// May not: list a file that is not there as one that is wrong.
import { isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { AuditedFile } from '../../model/facts-files.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { compareText } from '../family-gap.ts'
import { parseCommandLine } from '../nodes/flags.ts'
import { findProcesses, listDirectory, readFile } from '../nodes/host.ts'
import { pickText } from '../nodes/kubelet-configuration.ts'
import type { EffectiveKubelet } from '../nodes/kubelet-effective.ts'
import { auditFile, auditNamedFile } from './access.ts'
import { auditEntries, auditTree } from './folder.ts'

type NodeFiles = FactValue<'nodeFiles'>
type Files = NodeFiles['cniFiles']

export function deriveNodeFiles(host: HostEvidence, kubelet: EffectiveKubelet | Unavailable): NodeFiles | Unavailable {
  if (host.statuses === undefined) {
    return unavailable('not-collected', 'The probe that read this node did not ask for modes.')
  }
  return {
    kubeletUnits: kubeletUnits(host),
    proxyKubeconfigs: proxyKubeconfigs(host),
    kubeletKubeconfigs: kubeletKubeconfigs(host, kubelet),
    kubeletClientCAs: kubeletClientCAs(host, kubelet),
    bootstrapKubeconfigs: bootstrapKubeconfigs(host),
    kubeletConfigurations: kubeletConfigurations(host, kubelet),
    cniFiles: cniFiles(host),
    kubeletKeys: kubeletKeys(host, kubelet),
  }
}

const unitFolders = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((folder) => `${folder}/systemd/system`)

/** What systemd takes: the unit of the first folder that has one, and of drop-ins with one name the first. */
function kubeletUnits(host: HostEvidence): Files {
  const source = 'unit kubelet.service'
  const units = unitFolders.flatMap((folder) => auditFile(host, `${folder}/kubelet.service`, source) ?? [])
  const files = units.slice(0, 1)
  const names = new Set<string>()
  for (const folder of unitFolders) {
    const dropIns = listDirectory(host, `${folder}/kubelet.service.d`)
    if (isUnavailable(dropIns)) {
      files.push({ path: `${folder}/kubelet.service.d/*.conf`, source, access: dropIns })
      continue
    }
    for (const name of (dropIns ?? []).filter((entry) => entry.endsWith('.conf') && !names.has(entry))) {
      names.add(name)
      files.push(auditNamedFile(host, `${folder}/kubelet.service.d/${name}`, source))
    }
  }
  return { value: files, source }
}

function kubeletKubeconfigs(host: HostEvidence, kubelet: EffectiveKubelet | Unavailable): Files {
  const usual = '/etc/kubernetes/kubelet.conf'
  if (isUnavailable(kubelet)) {
    const found = auditFile(host, usual, 'kubeadm’s place for it')
    return found === undefined ? kubelet : { value: [found], source: 'kubeadm’s place for it' }
  }
  const path = kubelet.flag('kubeconfig')
  if (!path) return { value: [], source: `no --kubeconfig among the arguments of pid ${kubelet.pid}` }
  return kubeletFile(host, path, `--kubeconfig of pid ${kubelet.pid}`)
}

/** kubeadm removes it when the node has joined; only whether it is there is asked, never what stands in it. */
function bootstrapKubeconfigs(host: HostEvidence): Files {
  const source = 'kubeadm’s place for it'
  const file = auditFile(host, '/etc/kubernetes/bootstrap-kubelet.conf', source)
  return { value: file === undefined ? [] : [file], source }
}

function kubeletClientCAs(host: HostEvidence, kubelet: EffectiveKubelet | Unavailable): Files {
  if (isUnavailable(kubelet)) return kubelet
  const path = pickText(kubelet, 'authentication.x509.clientCAFile')
  if (isUnavailable(path)) return path
  return path.value === '' ? { value: [], source: path.source } : kubeletFile(host, path.value, path.source)
}

/**
 * Of its serving certificate the file that a setting names, else those that it makes for itself; of its client certificate what its
 * kubeconfig names, else the one that it renews. A link is followed to what it leads to.
 */
function kubeletKeys(host: HostEvidence, kubelet: EffectiveKubelet | Unavailable): Files {
  if (isUnavailable(kubelet)) return kubelet
  const named = pickText(kubelet, 'tlsPrivateKeyFile')
  if (isUnavailable(named)) return named
  const folder = kubelet.flag('cert-dir') ?? `${kubelet.flag('root-dir') ?? '/var/lib/kubelet'}/pki`
  const own = ['kubelet.key', 'kubelet-server-current.pem', 'kubelet-client-current.pem'].flatMap(
    (name) => auditFile(host, `${folder}/${name}`, 'the kubelet’s own') ?? [],
  )
  const kubeconfig = kubelet.flag('kubeconfig') ?? ''
  const evidence = Object.hasOwn(host.certificates ?? {}, kubeconfig) ? host.certificates?.[kubeconfig] : undefined
  const keys = evidence !== undefined && 'clientKeys' in evidence ? (evidence.clientKeys ?? []) : []
  const files = new Map(own.map((file) => [file.path, file]))
  for (const key of keys) files.set(key, auditNamedFile(host, key, `client-key in ${kubeconfig}`))
  if (named.value !== '') files.set(named.value, auditNamedFile(host, named.value, named.source))
  return { value: [...files.values()].sort((a, b) => compareText(a.path, b.path)), source: `${folder}, and settings` }
}

function kubeletFile(host: HostEvidence, path: string, source: string): Files {
  if (!path.startsWith('/')) return unavailable('unsupported', `${source} is relative to a folder that is not known.`)
  return { value: [auditNamedFile(host, path, source)], source }
}

/** MicroK8s' kubelet has no other configuration. */
const kubeliteArguments = '/var/snap/microk8s/current/args/kubelet'

/** The file and its drop-ins, whose content need not be readable. */
function kubeletConfigurations(host: HostEvidence, kubelet: EffectiveKubelet | Unavailable): Files {
  if (isUnavailable(kubelet)) return kubelet
  const source = `arguments of pid ${kubelet.pid}`
  const path = kubelet.configurationFile
  const files = path === undefined ? [] : [auditNamedFile(host, path, `--config of pid ${kubelet.pid}`)]
  if (kubelet.process.name === 'kubelite') files.push(auditNamedFile(host, kubeliteArguments, 'its file of arguments'))
  const folder = kubelet.flag('config-dir')
  const dropIns = folder ? listDirectory(host, folder) : []
  if (isUnavailable(dropIns)) files.push({ path: `${folder}/*.conf`, source, access: dropIns })
  else {
    for (const name of (dropIns ?? []).filter((entry) => entry.endsWith('.conf'))) {
      files.push(auditNamedFile(host, `${folder}/${name}`, `--config-dir of pid ${kubelet.pid}`))
    }
  }
  return { value: files, source }
}

/** None where no kube-proxy runs, or where its kubeconfig comes with its pod, as kubeadm's does. */
function proxyKubeconfigs(host: HostEvidence): Files {
  const processes = findProcesses(host, 'kube-proxy')
  if (isUnavailable(processes)) return processes
  if (processes.length === 0) return { value: [], source: 'no kube-proxy runs on this host' }
  const named = processes.flatMap((process) => proxyKubeconfig(host, process) ?? [])
  const unknown = named.find(isUnavailable)
  if (unknown !== undefined) return unknown
  const files = named.flatMap((file) => (isUnavailable(file) ? [] : [file]))
  return { value: files, source: files.length > 0 ? 'kube-proxy' : 'the kubeconfig of kube-proxy comes with its pod' }
}

function proxyKubeconfig(host: HostEvidence, process: ProcessEvidence): AuditedFile | undefined | Unavailable {
  const { occurrences } = parseCommandLine(process.arguments.slice(1), { arity: () => undefined })
  const flag = (name: string): string | undefined =>
    occurrences.findLast((occurrence) => occurrence.name === name)?.value || undefined
  const config = flag('config')
  if (config === undefined) {
    const path = flag('kubeconfig')
    return path === undefined ? undefined : auditFile(host, path, `--kubeconfig of pid ${process.pid}`)
  }
  if (!Object.hasOwn(host.files, config)) return undefined
  const file = readFile(host, config)
  if (file === undefined || isUnavailable(file)) return file
  const path = /^[ \t]+kubeconfig:[ \t]*["']?(\/[^"'\s#]+)/m.exec(file.content)?.[1]
  return path === undefined ? undefined : auditFile(host, path, `clientConnection.kubeconfig in ${config}`)
}

/** Configuration where the runtime looks for it, and the address reservations that CNI plug-ins keep. */
function cniFiles(host: HostEvidence): Files {
  const folders = cniFolders(host)
  const source = `CNI configuration in ${folders.join(', ')}`
  const configuration = folders.flatMap((folder) => {
    const found = auditEntries(host, folder, source)
    return isUnavailable(found) ? [{ path: `${folder}/*`, source, access: found }] : found
  })
  const networks = auditTree(host, '/var/lib/cni/networks', 'address reservations of CNI plug-ins')
  const files = networks.filter(({ access }) => isUnavailable(access) || access.value.kind !== 'directory')
  return { value: [...configuration, ...files], source }
}

/** As the runtimes' configuration names them; the place that all of them use otherwise. */
function cniFolders(host: HostEvidence): string[] {
  const named = Object.entries(host.files).flatMap(([path, file]) => {
    if (!/containerd|crio/.test(path) || !('content' in file)) return []
    return [...file.content.matchAll(/^[ \t]*(?:conf_dir|network_dir)[ \t]*=[ \t]*["'](\/[^"']*)["']/gm)].map((match) =>
      (match[1] ?? '').replace(/(?<=.)\/+$/, ''),
    )
  })
  return named.length === 0 ? ['/etc/cni/net.d'] : [...new Set(named)].sort(compareText)
}
