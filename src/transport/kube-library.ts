// The sole importer of @kubernetes/client-node: its authenticators (exec plug-ins, token files, OIDC) and proxy agents, fed
// with one normalized context. May not: pass on its errors, which carry output of plug-ins and contents of files.
import type http from 'node:http'
import type https from 'node:https'
import tls from 'node:tls'
import { type ChosenContext, isEntry, isSet, KubeConfigError } from './kube-config.ts'
import { trimMessage } from './kube-errors.ts'

/** TLS material and headers for one moment; exec plug-ins and token files change them. */
export interface Material {
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly servername: string | undefined
  /** Set when the way leads through a proxy. */
  readonly proxyAgent: http.Agent | undefined
}

export interface CredentialSource {
  /** Credentials differ after `forget`: an exec plug-in, a token file or an identity provider gives them. */
  readonly isRenewable: boolean
  /** Rejects with KubeConfigError. Cached by the library while a plug-in's credential is valid. */
  read(): Promise<Material>
  /** The next `read` asks anew. */
  forget(): void
}

type Entry = Record<string, unknown>

const pluginTimeoutMs = 60_000

/** Loads the library (a second of start-up, so only when a cluster is asked) and gives it the context. */
export async function openCredentialSource(
  chosen: ChosenContext,
  server: URL,
  proxy: string | undefined,
): Promise<CredentialSource> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const user = normalizeUser(chosen.user, chosen.cluster)
  const text = JSON.stringify({
    'current-context': 'chosen',
    contexts: [{ name: 'chosen', context: { cluster: 'chosen', user: 'chosen' } }],
    clusters: [{ name: 'chosen', cluster: normalizeCluster(chosen.cluster, server, proxy) }],
    users: [{ name: 'chosen', user }],
  })
  const load = () => {
    const config = new KubeConfig()
    config.loadFromString(text)
    return config
  }
  let library = load()
  const impersonated = impersonation(chosen.user)
  return {
    isRenewable: isEntry(user['exec']) || isEntry(user['auth-provider']),
    async read() {
      // Set before the library looks: its proxy agents would otherwise let NODE_TLS_REJECT_UNAUTHORIZED=0 decide.
      const options: https.RequestOptions = { rejectUnauthorized: true, ca: systemAuthorities() }
      try {
        await withDeadline(library.applyToHTTPSOptions(options))
      } catch (error) {
        throw credentialError(error, chosen)
      }
      return { ...toMaterial(options, impersonated), proxyAgent: proxy === undefined ? undefined : agentOf(options) }
    },
    forget() {
      library = load()
    },
  }
}

/** `*-data` wins over files, as in kubectl (the library has it the other way round). */
function normalizeCluster(cluster: Entry, server: URL, proxy: string | undefined): Entry {
  const { 'proxy-url': _, ...rest } = preferData(cluster, ['certificate-authority'])
  return {
    ...rest,
    server: server.href.replace(/\/$/, ''),
    ...(proxy === undefined ? {} : { 'proxy-url': proxy }),
    // The library refuses plain http otherwise. Only loopback gets here, and the report says that nothing was verified.
    ...(server.protocol === 'http:' ? { 'insecure-skip-tls-verify': true } : {}),
  }
}

function normalizeUser(entry: Entry, cluster: Entry): Entry {
  const {
    'token-file': legacy,
    tokenFile = legacy,
    token,
    ...rest
  } = preferData(entry, ['client-certificate', 'client-key'])
  const user: Entry = { ...rest, ...(isSet(token) && !isSet(tokenFile) ? { token: token.trim() } : {}) }
  if (isSet(tokenFile)) user['auth-provider'] = { name: 'tokenFile', config: { tokenFile } }
  const { exec } = entry
  if (isEntry(exec)) user['exec'] = withExecInfo(exec, cluster)
  return user
}

function preferData(entry: Entry, keys: readonly string[]): Entry {
  const result = { ...entry }
  for (const key of keys) if (isSet(result[`${key}-data`])) delete result[key]
  return result
}

/** Plug-ins read their protocol version (and the cluster, when they want it) from KUBERNETES_EXEC_INFO. */
function withExecInfo(exec: Entry, cluster: Entry): Entry {
  const info = {
    apiVersion: exec['apiVersion'] ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(exec['provideClusterInfo'] === true
        ? {
            cluster: { server: cluster['server'], 'certificate-authority-data': cluster['certificate-authority-data'] },
          }
        : {}),
    },
  }
  const env = Array.isArray(exec['env']) ? (exec['env'] as unknown[]) : []
  return { ...exec, env: [...env, { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }] }
}

/** --as of the kubeconfig with its groups: without them the server would answer for another identity. */
function impersonation(user: Entry): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {}
  const groups = user['as-groups']
  if (Array.isArray(groups)) headers['Impersonate-Group'] = groups.map(String)
  if (isSet(user['as-uid'])) headers['Impersonate-Uid'] = user['as-uid']
  const extra = user['as-user-extra']
  if (isEntry(extra)) {
    for (const [key, values] of Object.entries(extra)) {
      headers[`Impersonate-Extra-${encodeURIComponent(key)}`] = Array.isArray(values)
        ? values.map(String)
        : [String(values)]
    }
  }
  return headers
}

function toMaterial(
  options: https.RequestOptions,
  impersonated: Record<string, string | string[]>,
): Omit<Material, 'proxyAgent'> {
  const headers: Record<string, string | string[]> = { ...impersonated }
  if (isEntry(options.headers)) {
    for (const [name, value] of Object.entries(options.headers))
      if (value !== undefined) headers[name] = String(value).trim()
  }
  if (typeof options.auth === 'string')
    headers['Authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`
  return {
    headers,
    ca: pem(options.ca),
    cert: pem(options.cert),
    key: pem(options.key),
    servername: options.servername,
  }
}

function pem(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : undefined
}

/** Without a CA in the kubeconfig the machine's own store counts, as for kubectl. */
export function systemAuthorities(): string[] {
  return [...tls.getCACertificates('default'), ...tls.getCACertificates('system')]
}

function agentOf(options: https.RequestOptions): http.Agent | undefined {
  return typeof options.agent === 'object' ? options.agent : undefined
}

class DeadlineError extends Error {}

async function withDeadline(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError('credentials took too long')), pluginTimeoutMs)
  })
  try {
    await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}

function credentialError(error: unknown, { user, userName = '', files }: ChosenContext): KubeConfigError {
  const who = `user "${trimMessage(userName)}" of ${files.join(', ')}`
  const { exec } = user
  if (!isEntry(exec)) {
    const provider = isEntry(user['auth-provider']) ? String(user['auth-provider']['name']) : undefined
    return new KubeConfigError(
      provider === undefined
        ? `The credentials of ${who} cannot be read. Check its certificate, key and token entries.`
        : `The auth-provider "${trimMessage(provider)}" of ${who} gave no credentials. Log in again, or use an exec plug-in.`,
    )
  }
  const command = trimMessage(String(exec['command'] ?? ''))
  const hint = isSet(exec['installHint']) ? ` ${trimMessage(exec['installHint'])}` : ''
  return new KubeConfigError(`The credential plug-in "${command}" of ${who} ${pluginProblem(error)}${hint}`)
}

function pluginProblem(error: unknown): string {
  if (error instanceof DeadlineError)
    return `gave no answer within ${pluginTimeoutMs / 1000} s. Run it by hand to see what it waits for.`
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'is not installed or not on the PATH.'
  if (code === 'EACCES') return 'may not be executed.'
  // What it printed on stdout may hold the token, so a parse error is not shown; stderr is meant for people.
  if (error instanceof SyntaxError || error instanceof TypeError) return 'did not print an ExecCredential.'
  const said = error instanceof Error ? trimMessage(error.message) : ''
  return said === '' ? 'failed.' : `failed: ${said}`
}
