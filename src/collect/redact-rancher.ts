// Keeps of the settings of k3s and RKE2 only those that are known to hold no secret: their configuration files, and the arguments
// that they note on the node's object. May not: let a setting through because nobody thought of it.
import { parseAllDocuments, stringify } from 'yaml'
import { redactArguments } from './redact.ts'
import { isSecretName, redacted, redactText } from './redact-names.ts'

/** Paths, switches and names. `datastore-endpoint` and the tokens are not among them. */
const plain: ReadonlySet<string> = new Set(
  `
  advertise-address audit-policy-file bind-address cluster-cidr cluster-dns cluster-domain cluster-init cni config
  container-runtime-endpoint data-dir datastore-cafile datastore-certfile datastore-keyfile debug disable disable-agent
  disable-apiserver disable-cloud-controller disable-controller-manager disable-etcd disable-helm-controller
  disable-kube-proxy disable-network-policy disable-scheduler docker egress-selector-mode embedded-registry
  etcd-expose-metrics flannel-backend node-name pod-security-admission-config-file prefer-bundled-bin private-registry
  profile protect-kernel-defaults rootless secrets-encryption secrets-encryption-provider selinux service-cidr snapshotter
  supervisor-metrics write-kubeconfig write-kubeconfig-group write-kubeconfig-mode
  `
    .trim()
    .split(/\s+/),
)
/** Arguments for a component, "name=value" each. */
const forComponents: ReadonlySet<string> = new Set(
  ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler', 'kubelet'].map(
    (name) => `${name}-arg`,
  ),
)

/** A configuration file; `undefined` where it does not parse. */
export function redactRancherFile(content: string): string | undefined {
  try {
    const [first] = parseAllDocuments(content, { version: '1.1', logLevel: 'silent' })
    if (first !== undefined && first.errors.length > 0) return undefined
    const document: unknown = first?.toJS({ maxAliasCount: 100 })
    if (document === null || document === undefined) return ''
    if (typeof document !== 'object' || Array.isArray(document)) return undefined
    const kept = Object.entries(document).map(([key, value]): [string, unknown] => [key, redactSetting(key, value)])
    return stringify(Object.fromEntries(kept), { aliasDuplicateObjects: false, lineWidth: 0 })
  } catch {
    return undefined
  }
}

function redactSetting(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => redactValue(key, item))
  return redactValue(key, value)
}

function redactValue(key: string, value: unknown): unknown {
  if (typeof value === 'boolean' || value === null) return value
  if (typeof value !== 'string' && typeof value !== 'number') return redacted
  const name = key.toLowerCase().replace(/\+$/, '')
  if (plain.has(name)) return typeof value === 'string' ? redactText(value) : value
  if (name === 'datastore-endpoint')
    return `${/^[a-z][a-z0-9+.-]{0,20}:\/\//.exec(String(value))?.[0] ?? ''}${redacted}`
  if (!forComponents.has(name)) return redacted
  const [argument = ''] = redactArguments([`--${String(value).replace(/^-+/, '')}`])
  return argument.slice(2)
}

/** Words of a command line: the value of each flag is looked at like a setting of the file. */
export function redactRancherArguments(words: readonly string[]): string[] {
  let awaiting: string | undefined
  return words.map((word, index) => {
    if (awaiting === 't' || (awaiting !== undefined && isSecretName(awaiting))) {
      const name = awaiting
      awaiting = undefined
      return String(redactValue(name, word))
    }
    const flag = /^--?([A-Za-z][\w-]*)(?:=([\s\S]*))?$/.exec(word)
    if (awaiting === undefined && flag === null) return index === 0 ? redactText(word) : redacted
    // What follows a flag is its value, whatever it looks like, unless it is a flag itself.
    if (flag === null) {
      const name = awaiting ?? ''
      awaiting = undefined
      return String(redactValue(name, word))
    }
    const [, name = '', value] = flag
    awaiting = value === undefined ? name : undefined
    return value === undefined ? word : `${word.slice(0, word.indexOf('='))}=${String(redactValue(name, value))}`
  })
}
