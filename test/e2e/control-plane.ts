// Starts a real etcd and kube-apiserver on loopback from $KUBEBUILDER_ASSETS, with certificates of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuthority, type Identity } from '../../src/simulator/certificates.ts'
import { freePort } from '../support/free-port.ts'

export interface ControlPlane {
  readonly kubeconfig: string
  /** Sends a request as an administrator and gives the parsed answer; throws on any status of 300 and above. */
  readonly call: (method: string, path: string, body?: object) => Promise<unknown>
  readonly close: () => Promise<void>
}

export interface ControlPlaneOptions {
  /** Pods then need the ServiceAccount of their namespace, as in a real cluster, where a controller makes it. */
  readonly serviceAccounts?: boolean
}

export async function startControlPlane(assets: string, options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-assay-e2e-'))
  const [clientPort, peerPort, apiPort] = [await freePort(), await freePort(), await freePort()]
  const authority = createAuthority('e2e-ca')
  const server = authority.issue({ commonName: 'kube-apiserver', names: ['127.0.0.1', 'localhost'], usage: 'server' })
  const admin = authority.issue({ commonName: 'admin', organizations: ['system:masters'], usage: 'client' })
  const accounts = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const file = async (name: string, content: string) => {
    const path = join(folder, name)
    await writeFile(path, content, { mode: 0o600 })
    return path
  }
  const ca = await file('ca.crt', authority.cert)
  const etcdUrl = `http://127.0.0.1:${clientPort}`
  const peerUrl = `http://127.0.0.1:${peerPort}`
  const children = [
    start(join(assets, 'etcd'), folder, [
      '--name=e2e',
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${etcdUrl}`,
      `--advertise-client-urls=${etcdUrl}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=e2e=${peerUrl}`,
      '--unsafe-no-fsync',
    ]),
    start(join(assets, 'kube-apiserver'), folder, [
      '--bind-address=127.0.0.1',
      `--secure-port=${apiPort}`,
      '--advertise-address=127.0.0.1',
      '--endpoint-reconciler-type=none',
      `--etcd-servers=${etcdUrl}`,
      `--client-ca-file=${ca}`,
      `--tls-cert-file=${await file('server.crt', server.cert)}`,
      `--tls-private-key-file=${await file('server.key', server.key)}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${await file('sa.pub', accounts.publicKey)}`,
      `--service-account-signing-key-file=${await file('sa.key', accounts.privateKey)}`,
      '--service-cluster-ip-range=10.0.0.0/24',
      '--authorization-mode=Node,RBAC',
      ...(options.serviceAccounts === true ? [] : ['--disable-admission-plugins=ServiceAccount']),
      '--allow-privileged=true',
    ]),
  ]
  const kubeconfig = await file('kubeconfig', kubeconfigText(`https://127.0.0.1:${apiPort}`, authority.cert, admin))
  const call = caller(apiPort, authority.cert, admin)
  const close = async () => {
    for (const child of children.toReversed()) await stop(child)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await ready(call, children)
  } catch (error) {
    await close()
    throw error
  }
  return { kubeconfig, call, close }
}

function kubeconfigText(server: string, ca: string, user: Identity): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'e2e',
    clusters: [{ name: 'e2e', cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [
      { name: 'admin', user: { 'client-certificate-data': base64(user.cert), 'client-key-data': base64(user.key) } },
    ],
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'admin' } }],
  })
}

function start(binary: string, cwd: string, args: readonly string[]): ChildProcess {
  const child = spawn(binary, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  // The last words of a server that died are the only useful part of a failed start.
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords.set(child, `${lastWords.get(child) ?? ''}${chunk}`.slice(-2000))
  })
  child.on('error', (error) => lastWords.set(child, error.message))
  return child
}
const lastWords = new WeakMap<ChildProcess, string>()

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return Promise.resolve()
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGKILL')
  return ended
}

async function ready(call: ControlPlane['call'], children: readonly ChildProcess[]): Promise<void> {
  const deadline = Date.now() + 120_000
  for (;;) {
    const dead = children.find((child) => child.exitCode !== null || child.pid === undefined)
    if (dead !== undefined) throw new Error(`a server did not start: ${lastWords.get(dead)}`)
    const answer = await call('GET', '/readyz').catch((error: unknown) => error)
    if (answer === 'ok') return
    if (Date.now() > deadline) throw new Error(`kube-apiserver was not ready in 120 s: ${String(answer)}`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

function caller(port: number, ca: string, user: Identity): ControlPlane['call'] {
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const content = body === undefined ? '' : JSON.stringify(body)
      const sent = request(
        {
          host: '127.0.0.1',
          port,
          method,
          path,
          ca,
          cert: user.cert,
          key: user.key,
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8')
            if ((response.statusCode ?? 500) >= 300)
              reject(new Error(`${method} ${path}: ${response.statusCode} ${text.slice(0, 300)}`))
            else resolve(text.startsWith('{') ? JSON.parse(text) : text)
          })
        },
      )
      sent.on('error', reject)
      sent.end(content)
    })
}
