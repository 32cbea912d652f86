// Turns a kubeconfig context into what a request needs: server, headers, an agent with verified TLS; renews credentials.
// May not: switch off a check the kubeconfig leaves on, or send credentials over plain http to another machine.
import { X509Certificate } from 'node:crypto'
import { access, constants } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import tls from 'node:tls'
import { type ChosenContext, isSet, KubeConfigError, type KubeConfigOptions, loadKubeConfig } from './kube-config.ts'
import { trimMessage } from './kube-errors.ts'
import { type CredentialSource, type Material, openCredentialSource, systemAuthorities } from './kube-library.ts'
import { type Environment, isLoopback, resolveProxy } from './kube-proxy.ts'

/** What a request carries. Replaced as a whole when credentials are renewed. */
export interface Authorization {
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly agent: http.Agent
}

export interface KubeAccess {
  readonly server: URL
  readonly context: string
  readonly cluster: string
  readonly user: string | undefined
  /** False when the kubeconfig says insecure-skip-tls-verify or plain http: the evidence may then come from anybody. */
  readonly tlsVerified: boolean
  /** Things to tell before connecting, such as an expired client certificate. */
  readonly warnings: readonly string[]
  /** Current credentials. Rejects with KubeConfigError when a plug-in does not give any. */
  authorize(): Promise<Authorization>
  /** New credentials after `rejected` was refused; several callers at once ask once. Undefined: nothing can be renewed. */
  renew(rejected: Authorization): Promise<Authorization | undefined>
  close(): void
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount'
const rereadAfterMs = 30_000

/** Finds the cluster: kubeconfig, else the Pod's own ServiceAccount. Throws KubeConfigError. */
export async function openKubeAccess(options: KubeConfigOptions): Promise<KubeAccess> {
  const env = options.env ?? process.env
  const fromFile = await loadKubeConfig(options, env)
  const chosen = fromFile ?? (await inCluster(env, options.serviceAccountFolder ?? serviceAccount))
  if (chosen === undefined) {
    throw new KubeConfigError(
      'There is no kubeconfig: --kubeconfig is not given, $KUBECONFIG names no existing file, ~/.kube/config does not exist, and this is not a Pod with a ServiceAccount. Name a file with --kubeconfig.',
    )
  }
  if (fromFile === undefined && options.context !== undefined) {
    throw new KubeConfigError(`There is no context "${trimMessage(options.context)}", because there is no kubeconfig.`)
  }
  const server = readServer(chosen)
  await checkFiles(chosen)
  return createAccess(chosen, server, env)
}

async function inCluster(env: Environment, folder: string): Promise<ChosenContext | undefined> {
  const host = env['KUBERNETES_SERVICE_HOST']
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443'
  const token = `${folder}/token`
  if (!isSet(host) || !(await isReadable(token))) return undefined
  return {
    files: [folder],
    context: 'in-cluster',
    clusterName: 'in-cluster',
    userName: 'serviceaccount',
    cluster: {
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      'certificate-authority': `${folder}/ca.crt`,
    },
    user: { tokenFile: token },
  }
}

function readServer(chosen: ChosenContext): URL {
  const where = `cluster "${trimMessage(chosen.clusterName)}" of ${chosen.files.join(', ')}`
  const { server } = chosen.cluster
  const url = isSet(server) ? URL.parse(server.includes('://') ? server : `https://${server}`) : null
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new KubeConfigError(
      `The ${where} has no usable server address. Set clusters[].cluster.server to an https:// URL.`,
    )
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new KubeConfigError(
      `The ${where} is reached over plain http, which shows credentials and evidence to the network. Use an https:// server.`,
    )
  }
  url.username = ''
  url.password = ''
  url.search = ''
  url.hash = ''
  return url
}

async function checkFiles({ cluster, user, files }: ChosenContext): Promise<void> {
  const named = [
    isSet(cluster['certificate-authority-data']) ? undefined : cluster['certificate-authority'],
    isSet(user['client-certificate-data']) ? undefined : user['client-certificate'],
    isSet(user['client-key-data']) ? undefined : user['client-key'],
    user['tokenFile'] ?? user['token-file'],
  ]
  for (const path of named) {
    if (!isSet(path) || (await isReadable(path))) continue
    throw new KubeConfigError(`The file ${path}, named in ${files.join(', ')}, does not exist or cannot be read.`)
  }
}

async function isReadable(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

async function createAccess(chosen: ChosenContext, server: URL, env: Environment): Promise<KubeAccess> {
  const proxyUrl = chosen.cluster['proxy-url']
  const proxy = resolveProxy(server, isSet(proxyUrl) ? proxyUrl : undefined, env)
  const tlsVerified = server.protocol === 'https:' && chosen.cluster['insecure-skip-tls-verify'] !== true
  const credentials = await openCredentialSource(chosen, server, proxy)
  const agents = createAgents(server, tlsVerified)
  const first = await credentials.read()
  checkMaterial(first, chosen)
  const renewal = createRenewal(credentials, agents.get, first)
  return {
    server,
    context: chosen.context,
    cluster: chosen.clusterName,
    user: chosen.userName,
    tlsVerified,
    warnings: certificateWarnings(first, Date.now()),
    ...renewal,
    close: agents.close,
  }
}

/** One set of credentials at a time, read again now and then (token files rotate) and on demand. */
function createRenewal(credentials: CredentialSource, agentFor: (material: Material) => http.Agent, first: Material) {
  const wrap = (material: Material): Authorization => ({ headers: material.headers, agent: agentFor(material) })
  let current = wrap(first)
  let readAt = Date.now()
  let pending: Promise<Authorization> | undefined
  const refresh = (): Promise<Authorization> => {
    pending ??= credentials
      .read()
      .then((material) => {
        current = wrap(material)
        readAt = Date.now()
        return current
      })
      .finally(() => {
        pending = undefined
      })
    return pending
  }
  return {
    async authorize() {
      return Date.now() - readAt < rereadAfterMs ? current : refresh()
    },
    async renew(rejected: Authorization) {
      if (!credentials.isRenewable) return undefined
      if (current !== rejected) return current
      if (pending === undefined) credentials.forget()
      return refresh()
    },
  }
}

/** One keep-alive agent per set of TLS material. */
function createAgents(server: URL, tlsVerified: boolean) {
  const agents = new Map<string, http.Agent>()
  return {
    get(material: Material): http.Agent {
      const { ca, cert, key, servername, proxyAgent } = material
      // The library makes its proxy agents without keep-alive: each page would shake hands anew.
      if (proxyAgent !== undefined) return keep(agents, proxyAgent)
      const identity = JSON.stringify([ca, cert, key])
      const known = agents.get(identity)
      if (known !== undefined) return known
      const agent =
        server.protocol === 'http:'
          ? new http.Agent({ keepAlive: true })
          : new https.Agent({
              keepAlive: true,
              ca: ca ?? systemAuthorities(),
              ...(cert === undefined ? {} : { cert }),
              ...(key === undefined ? {} : { key }),
              ...(servername === undefined ? {} : { servername }),
              minVersion: 'TLSv1.2',
              // Always explicit: NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment must not decide this.
              rejectUnauthorized: tlsVerified,
            })
      agents.set(identity, agent)
      return agent
    },
    close() {
      for (const agent of agents.values()) agent.destroy()
    },
  }
}

function keep(agents: Map<string, http.Agent>, agent: http.Agent): http.Agent {
  agents.set('proxy', Object.assign(agent, { keepAlive: true }))
  return agent
}

function checkMaterial({ ca, cert, key }: Material, { clusterName, userName = '', files }: ChosenContext): void {
  const inFiles = files.join(', ')
  if (ca !== undefined && !isCertificates(ca)) {
    throw new KubeConfigError(
      `The certificate authority of cluster "${trimMessage(clusterName)}" in ${inFiles} is not a PEM certificate.`,
    )
  }
  if (cert === undefined && key === undefined) return
  try {
    tls.createSecureContext({ cert, key })
  } catch (error) {
    throw new KubeConfigError(
      `The client certificate and key of user "${trimMessage(userName)}" in ${inFiles} cannot be used together, or are not PEM.`,
      { cause: error },
    )
  }
}

function isCertificates(pem: string): boolean {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  return blocks.length > 0 && blocks.every((block) => parseCertificate(block) !== undefined)
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

function certificateWarnings({ cert }: Material, now: number): string[] {
  const parsed = cert === undefined ? undefined : parseCertificate(cert)
  if (parsed === undefined || Date.parse(parsed.validTo) > now) return []
  return [`The client certificate expired on ${new Date(parsed.validTo).toISOString()}; the API server will refuse it.`]
}
