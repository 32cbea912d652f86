// The components inside k3s: what k3s gives each by itself, and what its settings add or replace.
// Values are those of k3s' own source (pkg/daemons/control/server.go, pkg/daemons/agent/agent_linux.go, pkg/agent/config/config.go,
// pkg/util/args.go), alike in 1.22 to 1.36 for every flag that is named here. May not: name a flag whose value the versions disagree about.
import { isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { statusOf } from '../files/access.ts'
import { listDirectory } from '../nodes/host.ts'
import type { Embedded, EmbeddedName, Holder, HolderInput } from './holder.ts'
import { type K3sSettings, readK3sSettings } from './k3s-settings.ts'

const firstKnown = 22
const lastKnown = 36

type Flags = Readonly<Record<string, string>>

interface Defaults {
  readonly flags: Flags
  readonly undetermined?: ReadonlyMap<string, Unavailable>
}

export function readK3s(process: ProcessEvidence, { host, node, minor, nodeArguments }: HolderInput): Holder {
  const settings = readK3sSettings(process, host, node, nodeArguments)
  return {
    process,
    component: (name) => {
      if (isUnavailable(settings)) return settings
      const absent = whyAbsent(name, settings, host)
      if (absent !== undefined) return absent
      if (isUnavailable(minor)) return minor
      if (minor.value < firstKnown || minor.value > lastKnown) {
        return unavailable('unsupported', `What k3s 1.${minor.value} gives ${name} by itself is not known.`)
      }
      const defaults = defaultsOf(name, { settings, host, node, minor: minor.value })
      if (isUnavailable(defaults)) return defaults
      return compose(name, process, settings, defaults, `set by k3s 1.${minor.value}`)
    },
  }
}

const switches: Readonly<Partial<Record<EmbeddedName, string>>> = {
  kubelet: 'disable-agent',
  'kube-apiserver': 'disable-apiserver',
  'kube-controller-manager': 'disable-controller-manager',
  'kube-scheduler': 'disable-scheduler',
  etcd: 'disable-etcd',
  'kube-proxy': 'disable-kube-proxy',
}

function whyAbsent(
  name: EmbeddedName,
  settings: K3sSettings,
  host: HostEvidence,
): { readonly absent: string } | Unavailable | undefined {
  const isNodePart = name === 'kubelet' || name === 'kube-proxy'
  if (settings.role === 'agent' && !isNodePart) return { absent: 'k3s runs as an agent here' }
  if (name === 'kube-proxy' && settings.isOn('disable-agent')) return { absent: 'disable-agent is set for k3s' }
  const off = switches[name]
  if (off !== undefined && settings.isOn(off)) return { absent: `${off} is set for k3s` }
  return name === 'etcd' ? whyNoEtcd(settings, host) : undefined
}

/** k3s keeps its data in SQLite unless etcd was begun once, which leaves a folder. */
function whyNoEtcd(settings: K3sSettings, host: HostEvidence): { readonly absent: string } | Unavailable | undefined {
  const endpoint = settings.last('datastore-endpoint')
  if (endpoint !== undefined)
    return { absent: `k3s keeps its data elsewhere (datastore-endpoint in ${endpoint.source})` }
  const folder = `${dataFolder(settings)}/server/db/etcd`
  const status = statusOf(host, folder)
  if (isUnavailable(status)) return status
  return status === undefined ? { absent: `k3s keeps its data in SQLite: there is no ${folder}` } : undefined
}

function dataFolder(settings: K3sSettings): string {
  return (settings.last('data-dir')?.value ?? '/var/lib/rancher/k3s').replace(/\/+$/, '')
}

interface Place {
  readonly settings: K3sSettings
  readonly host: HostEvidence
  readonly node: string
  readonly minor: number
}

function defaultsOf(name: EmbeddedName, place: Place): Defaults | Unavailable {
  switch (name) {
    case 'kube-apiserver':
      return apiServer(place)
    case 'kube-controller-manager':
      return controllerManager(place)
    case 'kube-scheduler':
      return scheduler(place)
    case 'etcd':
      return { flags: { 'config-file': `${dataFolder(place.settings)}/server/db/etcd/config` } }
    case 'kubelet':
      return kubelet(place)
    case 'kube-proxy':
      // An agent asks its server whether to start one at all; where its metrics would be served, it decides itself.
      return { flags: { 'proxy-mode': 'iptables', 'healthz-bind-address': '127.0.0.1' } }
  }
}

function apiServer({ settings, host }: Place): Defaults | Unavailable {
  const server = `${dataFolder(settings)}/server`
  const tls = `${server}/tls`
  const extra = extraNames(settings, 'kube-apiserver')
  const storage = storageFlags(settings, host, tls, server)
  if (isUnavailable(storage)) return storage
  return {
    flags: {
      'allow-privileged': 'true',
      ...(extra.has('authorization-config') ? {} : { 'authorization-mode': 'Node,RBAC' }),
      ...(extra.has('authentication-config') ? {} : { 'anonymous-auth': 'false' }),
      'service-account-key-file': `${tls}/service.key`,
      'service-account-signing-key-file': signingKey(host, tls),
      'tls-cert-file': `${tls}/serving-kube-apiserver.crt`,
      'tls-private-key-file': `${tls}/serving-kube-apiserver.key`,
      'client-ca-file': `${tls}/client-ca.crt`,
      'kubelet-certificate-authority': `${tls}/server-ca.crt`,
      'kubelet-client-certificate': `${tls}/client-kube-apiserver.crt`,
      'kubelet-client-key': `${tls}/client-kube-apiserver.key`,
      'requestheader-client-ca-file': `${tls}/request-header-ca.crt`,
      'proxy-client-cert-file': `${tls}/client-auth-proxy.crt`,
      'proxy-client-key-file': `${tls}/client-auth-proxy.key`,
      'enable-admission-plugins': 'NodeRestriction',
      profiling: 'false',
      ...storage,
      ...(settings.isOn('secrets-encryption')
        ? { 'encryption-provider-config': `${server}/cred/encryption-config.json` }
        : {}),
    },
  }
}

/** Later versions renew the key and link the newest; what is there tells. */
function signingKey(host: HostEvidence, tls: string): string {
  const current = `${tls}/service.current.key`
  const status = statusOf(host, current)
  return status === undefined || isUnavailable(status) ? `${tls}/service.key` : current
}

/** SQLite is reached through a socket on the host; another database through what the settings say. */
function storageFlags(settings: K3sSettings, host: HostEvidence, tls: string, server: string): Flags | Unavailable {
  const endpoint = settings.last('datastore-endpoint')
  if (endpoint !== undefined) {
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//.exec(endpoint.value)?.[1]
    if (scheme === undefined) {
      return unavailable(
        'unsupported',
        `Which kind of database datastore-endpoint in ${endpoint.source} is was not seen.`,
      )
    }
    // Databases other than etcd are reached through a socket of k3s' own.
    if (!/^https?$/.test(scheme)) return { 'etcd-servers': `unix://${server}/kine.sock` }
    const named = Object.entries({
      'etcd-servers': endpoint.value,
      'etcd-cafile': settings.last('datastore-cafile')?.value,
      'etcd-certfile': settings.last('datastore-certfile')?.value,
      'etcd-keyfile': settings.last('datastore-keyfile')?.value,
    }).flatMap(([flag, value]): [string, string][] => (value === undefined ? [] : [[flag, value]]))
    return Object.fromEntries(named)
  }
  const why = whyNoEtcd(settings, host)
  if (isUnavailable(why)) return why
  if (why !== undefined) return { 'etcd-servers': `unix://${server}/kine.sock` }
  return {
    'etcd-servers': 'https://127.0.0.1:2379',
    'etcd-cafile': `${tls}/etcd/server-ca.crt`,
    'etcd-certfile': `${tls}/etcd/client.crt`,
    'etcd-keyfile': `${tls}/etcd/client.key`,
  }
}

function controllerManager({ settings, host }: Place): Defaults {
  const server = `${dataFolder(settings)}/server`
  const tls = `${server}/tls`
  return {
    flags: {
      kubeconfig: `${server}/cred/controller.kubeconfig`,
      'service-account-private-key-file': signingKey(host, tls),
      'root-ca-file': `${tls}/server-ca.crt`,
      profiling: 'false',
      'bind-address': '127.0.0.1',
      'use-service-account-credentials': 'true',
    },
  }
}

function scheduler({ settings }: Place): Defaults {
  const server = `${dataFolder(settings)}/server`
  return {
    flags: { kubeconfig: `${server}/cred/scheduler.kubeconfig`, 'bind-address': '127.0.0.1', profiling: 'false' },
  }
}

const defaultsFile = '00-k3s-defaults.conf'

/** Since 1.32, with backports, k3s writes its settings to a drop-in; before, it gave them as flags. The file tells which. */
function kubelet(place: Place): Defaults | Unavailable {
  const { settings, host, node, minor } = place
  const data = dataFolder(settings)
  const folder = `${data}/agent/etc/kubelet.conf.d`
  const common = {
    kubeconfig: `${data}/agent/kubelet.kubeconfig`,
    'hostname-override': settings.last('node-name')?.value ?? node,
  }
  const entries = listDirectory(host, folder)
  if (isUnavailable(entries)) return entries
  if (entries?.includes(defaultsFile) !== true) return { flags: { ...common, ...kubeletFlags(settings, data) } }
  if (minor >= 34) return { flags: { ...common, 'config-dir': folder, 'read-only-port': '0' } }
  // The first versions with the drop-in left the port out of both: a 0 does not survive being written (k3s-io/k3s#12164).
  const why = `k3s 1.${minor} sets it by a flag only since a patch release, and which one runs was not compared.`
  return {
    flags: { ...common, 'config-dir': folder },
    undetermined: new Map([['read-only-port', unavailable('unsupported', why)]]),
  }
}

function kubeletFlags(settings: K3sSettings, data: string): Flags {
  return {
    'read-only-port': '0',
    'fail-swap-on': 'false',
    'authentication-token-webhook': 'true',
    'anonymous-auth': 'false',
    'authorization-mode': 'Webhook',
    'pod-manifest-path': `${data}/agent/pod-manifests`,
    'client-ca-file': `${data}/agent/client-ca.crt`,
    'tls-cert-file': `${data}/agent/serving-kubelet.crt`,
    'tls-private-key-file': `${data}/agent/serving-kubelet.key`,
    'container-runtime-endpoint':
      settings.last('container-runtime-endpoint')?.value ?? 'unix:///run/k3s/containerd/containerd.sock',
    ...(settings.isOn('protect-kernel-defaults') ? { 'protect-kernel-defaults': 'true' } : {}),
  }
}

/** "name=value" of kube-apiserver-arg and its kin; "name+=value" adds to k3s' own, "name-=value" goes before it. */
interface Extra {
  readonly name: string
  readonly value: string
  readonly mode: 'replace' | 'append' | 'prepend'
  readonly origin: string
}

function extras(settings: K3sSettings, name: EmbeddedName): readonly Extra[] {
  const key = `${name}-arg`
  return settings.all(key).flatMap(({ value, source }) => {
    const match = /^(?:--)?([a-zA-Z][\w-]*?)([+-])?(?:=([\s\S]*))?$/.exec(value.trim())
    if (!match) return []
    const mode = match[2] === '+' ? 'append' : match[2] === '-' ? 'prepend' : 'replace'
    return [{ name: match[1] ?? '', value: match[3] ?? 'true', mode, origin: `${key} in ${source}` }]
  })
}

function extraNames(settings: K3sSettings, name: EmbeddedName): ReadonlySet<string> {
  return new Set(extras(settings, name).map((extra) => extra.name.replaceAll('_', '-')))
}

function compose(
  name: EmbeddedName,
  process: ProcessEvidence,
  settings: K3sSettings,
  { flags, undetermined }: Defaults,
  ownSource: string,
): Embedded {
  const given = extras(settings, name)
  const replaced = new Set(given.filter(({ mode }) => mode === 'replace').map((extra) => extra.name))
  const kept = Object.entries(flags).filter(([flag]) => !replaced.has(flag))
  const text = ({ name: flag, value }: Extra): string => `--${flag}=${value}`
  const origins = new Map(given.map((extra) => [extra.name.replaceAll('_', '-'), extra.origin]))
  return {
    process,
    arguments: [
      name,
      ...given.filter(({ mode }) => mode === 'prepend').map(text),
      ...kept.map(([flag, value]) => `--${flag}=${value}`),
      ...given.filter(({ mode }) => mode !== 'prepend').map(text),
    ],
    origin: (flag) => origins.get(flag) ?? ownSource,
    undetermined: new Map([...(undetermined ?? [])].filter(([flag]) => !origins.has(flag))),
    changed: settings.changed,
  }
}
