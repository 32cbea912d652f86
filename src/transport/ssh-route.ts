// From a node's address to the connections that lead there: the user's OpenSSH configuration, host keys, jump hosts.
// May not: open anything but what is on the way; a jump host is connected once and shared.
import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { expandHome, expandTokens, type HostSettings, type SshConfigFile } from './ssh-config-file.ts'
import { openClient, openSocket } from './ssh-connection.ts'
import { failures, isFailure, type SshFailure } from './ssh-errors.ts'
import { checkHostKey } from './ssh-host-keys.ts'
import { JumpPool } from './ssh-jump.ts'
import { type AuthPlan, authMethods, KeyRing } from './ssh-keys.ts'
import { KnownHosts, knownHostsName } from './ssh-known-hosts.ts'

export interface RouteSettings {
  readonly user?: string
  readonly port?: number
  readonly jump?: string
  readonly acceptNew: boolean
  /** Files given in the audit's configuration; they come before the user's. */
  readonly identityFiles: readonly string[]
  readonly knownHostsFiles?: readonly string[]
  readonly agentSocket?: string
  readonly home: string
  readonly localUser: string
  readonly configFile: SshConfigFile
  readonly keyRing: KeyRing
  readonly onNote: (note: string) => void
}

/** One host on the way, all settings known. */
export interface Hop {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly where: string
  readonly auth: AuthPlan
  readonly knownHosts: KnownHosts
  readonly hostKeyAlias?: string
  /** Hosts to pass, first to last. */
  readonly via: readonly Hop[]
}

interface Wanted {
  readonly host: string
  readonly port?: number
  readonly user?: string
  /** Instead of the audit's own, for a node and the hosts on the way to it. */
  readonly identityFiles?: readonly string[]
  /** Instead of the audit's own and the configuration's. */
  readonly jump?: string
}

/** Host names and addresses, IPv6 with zone too; nothing that a shell or a configuration file would read otherwise. */
const hostPattern = /^[A-Za-z0-9_](?:[A-Za-z0-9_.:%-]{0,252}[A-Za-z0-9_.])?$|^::[0-9A-Fa-f:.]*$/

export class Router {
  readonly #settings: RouteSettings
  readonly #knownHosts = new Map<string, KnownHosts>()
  readonly #pools = new Map<string, JumpPool>()
  readonly #clients = new Set<Client>()
  readonly #closing = new AbortController()

  constructor(settings: RouteSettings) {
    this.#settings = settings
  }

  /** The hop for a host, or why there can be none. `passed` are the hosts behind it, nearest first. */
  resolve(wanted: Wanted, passed: readonly string[] = []): Hop | SshFailure {
    if (!hostPattern.test(wanted.host)) return failures.address(wanted.host)
    const base = this.#settings
    const isNode = passed.length === 0
    const configured = base.configFile.settings(wanted.host, wanted.user)
    const ownJump = isNode ? (wanted.jump ?? base.jump) : undefined
    if (configured.hasProxyCommand && ownJump === undefined) {
      return failures.unsupported(
        `The SSH configuration reaches ${wanted.host} through ProxyCommand, which is not supported: use ProxyJump.`,
      )
    }
    const { host, port, user, where } = this.#endpoint(wanted, configured, isNode)
    if (!hostPattern.test(host)) return failures.address(host)
    const identityFiles = wanted.identityFiles ?? base.identityFiles
    const via = this.#resolveJumps({ own: ownJump, identityFiles }, configured, [...passed, where])
    if (isFailure(via)) return via
    const tokens = this.#tokens(host, wanted.host, port, user)
    return {
      host,
      port,
      user,
      where,
      auth: this.#authPlan(identityFiles, configured, tokens),
      knownHosts: this.#knownHostsOf(configured, tokens),
      ...(configured.hostKeyAlias === undefined ? {} : { hostKeyAlias: configured.hostKeyAlias }),
      via,
    }
  }

  /** The audit's own user, port and jump host are meant for nodes, not for the hosts on the way to them. */
  #endpoint(
    wanted: Wanted,
    configured: HostSettings,
    isNode: boolean,
  ): { host: string; port: number; user: string; where: string } {
    const base = this.#settings
    const port = wanted.port ?? (isNode ? base.port : undefined) ?? configured.port ?? 22
    const user = wanted.user ?? (isNode ? base.user : undefined) ?? configured.user ?? base.localUser
    const host = expandTokens(configured.hostName ?? wanted.host, this.#tokens(wanted.host, wanted.host, port, user))
    const where = port === 22 ? host : host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
    return { host, port, user, where }
  }

  /** Whether the user's configuration has a section for this very name. */
  isNamed(host: string): boolean {
    return hostPattern.test(host) && this.#settings.configFile.settings(host).isNamed
  }

  #tokens(h: string, n: string, port: number, r: string): Parameters<typeof expandTokens>[1] {
    return { h, n, p: String(port), r, u: this.#settings.localUser, d: this.#settings.home }
  }

  #resolveJumps(
    { own, identityFiles }: { readonly own: string | undefined; readonly identityFiles: readonly string[] },
    configured: HostSettings,
    passed: readonly string[],
  ): Hop[] | SshFailure {
    const jump = own ?? configured.proxyJump
    if (jump === undefined || jump.toLowerCase() === 'none') return []
    if (passed.length > 8) return failures.unsupported('The SSH configuration chains more than 8 jump hosts.')
    const hops: Hop[] = []
    for (const part of jump.split(',')) {
      const wanted = parseJump(part.trim())
      if (!wanted)
        return failures.unsupported(`The jump host ${JSON.stringify(part.slice(0, 80))} is not user@host:port.`)
      // A jump host that the same pattern sends through itself is reached directly, as in OpenSSH.
      const { where } = this.#endpoint(wanted, this.#settings.configFile.settings(wanted.host, wanted.user), false)
      if (passed.includes(where)) return hops
      const hop = this.resolve({ ...wanted, identityFiles }, passed)
      if (isFailure(hop)) return hop
      hops.push(...(hops.length === 0 ? hop.via : []), { ...hop, via: [...hops] })
    }
    return hops
  }

  #authPlan(
    identityFiles: readonly string[],
    configured: HostSettings,
    tokens: Parameters<typeof expandTokens>[1],
  ): AuthPlan {
    const { home, keyRing } = this.#settings
    const expand = (file: string): string => expandHome(expandTokens(file, tokens), home)
    const files = configured.identityFiles.filter((file) => file.toLowerCase() !== 'none').map(expand)
    const agentSocket = this.#agentSocket(configured, tokens)
    return {
      keyRing,
      identityFiles: [...identityFiles, ...files],
      defaultFiles: KeyRing.defaultFiles(home),
      identitiesOnly: configured.identitiesOnly,
      certificateFiles: configured.certificateFiles.filter((file) => file.toLowerCase() !== 'none').map(expand),
      ...(agentSocket === undefined ? {} : { agentSocket }),
    }
  }

  #agentSocket(configured: HostSettings, tokens: Parameters<typeof expandTokens>[1]): string | undefined {
    const { agentSocket, home } = this.#settings
    const named = configured.identityAgent
    if (agentSocket === undefined || named === undefined || named === 'SSH_AUTH_SOCK') return agentSocket
    return named.toLowerCase() === 'none' ? undefined : expandHome(expandTokens(named, tokens), home)
  }

  #knownHostsOf(configured: HostSettings, tokens: Parameters<typeof expandTokens>[1]): KnownHosts {
    const { knownHostsFiles, home, onNote } = this.#settings
    const expand = (file: string): string => expandHome(expandTokens(file, tokens), home)
    const named = configured.knownHostsFiles?.filter((file) => file !== 'none' && file !== '/dev/null')
    // The system's file is read, never written.
    const own = (knownHostsFiles ?? named ?? ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']).map(expand)
    const files = knownHostsFiles === undefined ? [...own, '/etc/ssh/ssh_known_hosts'] : own
    const key = files.join('\0')
    const known = this.#knownHosts.get(key) ?? new KnownHosts(files, onNote, own[0])
    this.#knownHosts.set(key, known)
    return known
  }

  /** A logged-in connection to the hop, through its jump hosts. The caller closes it. */
  async connect(hop: Hop, timeoutMs: number, signal: AbortSignal): Promise<Client | SshFailure> {
    const stream = await this.#reach(hop, timeoutMs, signal)
    if (isFailure(stream)) return stream
    const client = await openClient(stream, {
      where: hop.where,
      user: hop.user,
      auth: authMethods(hop.auth, hop.user),
      knownKeyTypes: hop.knownHosts.keyTypes(hop.hostKeyAlias ?? knownHostsName(hop.host, hop.port)),
      checkHostKey: (key) => checkHostKey(hop, key, this.#settings),
      timeoutMs,
      signal,
    })
    if (isFailure(client)) return client
    this.#clients.add(client)
    client.once('close', () => this.#clients.delete(client))
    return client
  }

  async #reach(hop: Hop, timeoutMs: number, signal: AbortSignal): Promise<Duplex | SshFailure> {
    const jump = hop.via.at(-1)
    if (!jump) return openSocket(hop.host, hop.port, hop.where, timeoutMs, signal)
    return this.#poolOf({ ...jump, via: hop.via.slice(0, -1) }, timeoutMs).forward(hop, timeoutMs, signal)
  }

  /** One pool of connections a jump host, login and way there. */
  #poolOf(jump: Hop, timeoutMs: number): JumpPool {
    const key = [...jump.via, jump]
      .map((hop) => [`${hop.user}@${hop.where}`, ...hop.auth.identityFiles].join('\0'))
      .join('\0\0')
    const known = this.#pools.get(key)
    if (known) return known
    // Not the first node's signal: the others wait for it too.
    const pool = new JumpPool(jump.where, () => this.connect(jump, timeoutMs, this.#closing.signal))
    this.#pools.set(key, pool)
    return pool
  }

  close(): void {
    this.#closing.abort()
    for (const client of this.#clients) client.destroy()
    this.#clients.clear()
    this.#pools.clear()
  }
}

/** `user@host:port`, `[v6]:port`, `ssh://user@host:port`. */
export function parseJump(text: string): Wanted | undefined {
  const match = /^(?:ssh:\/\/)?(?:([^@\s/]+)@)?(?:\[([0-9A-Fa-f:.%]+)\]|([^:@\s/[\]]+))(?::(\d{1,5}))?\/?$/.exec(text)
  const host = match?.[2] ?? match?.[3]
  if (!match || host === undefined) return undefined
  const port = match[4] === undefined ? undefined : Number(match[4])
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined
  return { host, ...(port === undefined ? {} : { port }), ...(match[1] === undefined ? {} : { user: match[1] }) }
}
