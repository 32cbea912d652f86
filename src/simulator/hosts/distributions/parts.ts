// What the hosts of the distributions share: systems as they name themselves, certificates, kubeconfigs, static pods.
// May not: know a distribution.
import { createAuthority, type Identity } from '../../certificates.ts'
import { cgroupV2, kernel, kubeletParameters, mounts, swap, systemdInit } from '../parts-kernel.ts'
import { secretMarker } from '../secret-marker.ts'
import { epoch, type TreeEntry, type TreeOwner, type TreePart } from '../tree.ts'

/** What the API says of the node. */
export interface DistributionNode {
  readonly kubeletVersion: string
  readonly osImage: string
  readonly kernelVersion: string
  readonly containerRuntimeVersion: string
  readonly roles: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly providerID?: string
  readonly annotations?: Readonly<Record<string, string>>
}

export const times = { bootTime: epoch('2026-11-02T05:12:00Z'), installedAt: epoch('2026-09-14T08:00:00Z') }

export interface SystemOptions {
  readonly id: string
  readonly versionId: string
  readonly name: string
  readonly kernel: string
  /** Paths that only the root user's own changes make, as on an image that is read-only. */
  readonly isolation?: Parameters<typeof kernel>[0]['isolation']
  readonly fileSystem?: string
  readonly accounts?: Readonly<Record<string, number>>
  /** Default: systemd-timesyncd. */
  readonly timeDaemon?: 'chronyd' | 'systemd-timesyncd'
}

/** A systemd host with cgroup v2, the kernel's values as a kubelet leaves them, and no swap. */
export function system(options: SystemOptions): TreePart {
  const { id, versionId, name, accounts = {}, timeDaemon = 'systemd-timesyncd' } = options
  const parts: readonly TreePart[] = [
    systemdInit(),
    kernel({ release: options.kernel, parameters: kubeletParameters, isolation: options.isolation ?? 'apparmor' }),
    mounts({ mounts: [{ point: '/', device: '/dev/sda2', fileSystem: options.fileSystem ?? 'ext4' }] }),
    cgroupV2(),
    swap({ fstab: '/dev/sda2 / ext4 defaults 0 1\n' }),
  ]
  const line = (kind: 'passwd' | 'group') =>
    Object.entries(accounts).map(([user, number]) =>
      kind === 'passwd' ? `${user}:x:${number}:${number}::/:/usr/sbin/nologin\n` : `${user}:x:${number}:\n`,
    )
  const own: TreePart = {
    files: {
      '/etc/os-release': { link: '../usr/lib/os-release' },
      '/usr/lib/os-release': `NAME="${name}"\nID=${id}\nVERSION_ID="${versionId}"\nPRETTY_NAME="${name} ${versionId}"\n`,
      '/lib': { link: 'usr/lib' },
      '/etc/passwd': `root:x:0:0:root:/root:/bin/bash\n${line('passwd').join('')}`,
      '/etc/group': `root:x:0:\n${line('group').join('')}`,
      '/etc/sysctl.conf': '# Nothing is set here.\n',
    },
    processes: [
      process(410, timeDaemon, [timeDaemon === 'chronyd' ? '/usr/sbin/chronyd' : '/usr/lib/systemd/systemd-timesyncd']),
    ],
  }
  return join(...parts, own)
}

/** Several parts as one. */
export function join(...parts: readonly TreePart[]): TreePart {
  return {
    files: Object.assign({}, ...parts.map(({ files }) => files ?? {})),
    directories: parts.flatMap(({ directories }) => directories ?? []),
    folders: Object.assign({}, ...parts.map(({ folders }) => folders ?? {})),
    processes: parts.flatMap(({ processes }) => processes ?? []),
    commands: Object.assign({}, ...parts.map(({ commands }) => commands ?? {})),
  }
}

interface Family {
  readonly authority: Identity
  readonly leaf: Identity
}

const families = new Map<string, Family>()

/** One authority with one certificate for every place: what differs between hosts is where they lie and who may read them. */
function family(name = 'distribution-ca'): Family {
  const day = 86_400_000
  const known = families.get(name)
  if (known !== undefined) return known
  const notBefore = new Date(Date.now() - 60 * day)
  const authority = createAuthority(name, { notBefore, notAfter: new Date(Date.now() + 3000 * day) })
  const leaf = authority.issue({
    commonName: 'system:node',
    organizations: ['system:nodes'],
    // One certificate stands for that of the API server too, on whichever host.
    names: [
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      ...['127.0.0.1', '10.43.0.1', '10.96.0.1', '10.152.183.1', '192.0.2.41'],
    ],
    usage: 'client',
    notBefore,
    notAfter: new Date(Date.now() + 305 * day),
  })
  const made = { authority, leaf }
  families.set(name, made)
  return made
}

export interface TlsOptions {
  readonly certificateMode: number
  readonly keyMode: number
  readonly owner?: TreeOwner
}

/** As the distributions name their authorities: "ca", "client-ca", "ca-bundle". */
const namesAuthority = /(?:^|[/-])ca(?:$|[./-])|csr-signer/

/** "name.crt" and "name.key" for every name; a name with its extension is that file alone. */
export function tls(folder: string, names: string, options: TlsOptions): Record<string, TreeEntry> {
  const own = options.owner === undefined ? {} : { owner: options.owner }
  const files: Record<string, TreeEntry> = {}
  for (const name of names.trim().split(/\s+/)) {
    const { authority, leaf } = family(/etcd/.test(`${folder}/${name}`) ? 'etcd-ca' : undefined)
    const { cert, key } = namesAuthority.test(name) ? authority : leaf
    const certificate = { content: cert, mode: options.certificateMode, ...own }
    const secret = { content: `${key}# ${secretMarker}\n`, mode: options.keyMode, ...own }
    if (/\.(?:key|pub)$/.test(name)) files[`${folder}/${name}`] = secret
    else if (name.endsWith('.crt')) files[`${folder}/${name}`] = certificate
    else {
      files[`${folder}/${name}.crt`] = certificate
      files[`${folder}/${name}.key`] = secret
    }
  }
  return files
}

export function kubeconfig(mode = 0o600, owner?: TreeOwner): TreeEntry {
  const { authority, leaf } = family()
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  return {
    content: `apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    certificate-authority-data: ${base64(authority.cert)}\n    server: https://127.0.0.1:6443\n  name: local\nusers:\n- name: user\n  user:\n    client-certificate-data: ${base64(leaf.cert)}\n    client-key-data: ${base64(secretMarker)}\n`,
    mode,
    ...(owner === undefined ? {} : { owner }),
  }
}

export function process(
  pid: number,
  name: string,
  arguments_: readonly string[],
  more: {
    readonly executable?: string
    readonly environment?: Record<string, string>
    readonly isContained?: boolean
  } = {},
) {
  return {
    pid,
    name: name.slice(0, 15),
    executable: more.executable ?? arguments_[0] ?? name,
    arguments: arguments_,
    startedAfterBoot: pid / 20,
    ...(more.environment && { environment: more.environment }),
    ...(more.isContained && { isContained: true }),
  }
}

/** Flags as "--name=value". */
export function flags(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`)
}
