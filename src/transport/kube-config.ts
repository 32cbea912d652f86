// Reads kubeconfig files as kubectl does: precedence, several files in $KUBECONFIG, paths relative to their file.
// May not: connect, or fall back to a cluster nobody named.
import { readFile } from 'node:fs/promises'
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { InputError } from '../util/input-error.ts'
import { trimMessage } from './kube-errors.ts'
import type { Environment } from './kube-proxy.ts'

/** A configuration that cannot lead to a cluster. The message says what is wrong, where, and what to do. */
export class KubeConfigError extends InputError {
  override readonly name = 'KubeConfigError'
}

type Entry = Record<string, unknown>

/** The one context that was chosen, with absolute paths. `cluster` and `user` hold kubeconfig keys. */
export interface ChosenContext {
  readonly files: readonly string[]
  readonly context: string
  readonly clusterName: string
  readonly userName?: string
  readonly cluster: Entry
  readonly user: Entry
}

export interface KubeConfigOptions {
  /** --kubeconfig: only this file. */
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  /** Default: the process's environment. */
  readonly env?: Environment | undefined
  /** Where a Pod finds its ServiceAccount; default /var/run/secrets/kubernetes.io/serviceaccount. */
  readonly serviceAccountFolder?: string | undefined
}

interface Merged {
  readonly clusters: Map<string, Entry>
  readonly users: Map<string, Entry>
  readonly contexts: Map<string, Entry>
  currentContext: string | undefined
}

/** Loads and merges the files and picks the context. Undefined: there is no kubeconfig at all. Throws KubeConfigError. */
export async function loadKubeConfig(options: KubeConfigOptions, env: Environment): Promise<ChosenContext | undefined> {
  const { paths, explicit } = kubeconfigPaths(options, env)
  const merged: Merged = { clusters: new Map(), users: new Map(), contexts: new Map(), currentContext: undefined }
  const files: string[] = []
  for (const path of paths) {
    const text = await readConfigFile(path, explicit)
    if (text === undefined) continue
    files.push(path)
    mergeFile(merged, path, text)
  }
  return files.length === 0 ? undefined : chooseContext(merged, files, options.context)
}

/** The files kubectl would read: --kubeconfig, else $KUBECONFIG, else ~/.kube/config. */
export function kubeconfigPaths(
  options: KubeConfigOptions,
  env: Environment,
): { paths: readonly string[]; explicit: boolean } {
  if (options.kubeconfig !== undefined) return { paths: [resolve(options.kubeconfig)], explicit: true }
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '')
  if (listed.length > 0) return { paths: listed.map((path) => resolve(path)), explicit: false }
  const home = env['HOME'] || env['USERPROFILE']
  return { paths: home === undefined || home === '' ? [] : [join(home, '.kube', 'config')], explicit: false }
}

async function readConfigFile(path: string, explicit: boolean): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    if (code === 'ENOENT' && !explicit) return undefined
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
    throw new KubeConfigError(`The kubeconfig ${path} ${why}. Give a readable file with --kubeconfig or $KUBECONFIG.`, {
      cause: error,
    })
  }
}

/** First file wins, key by key, as kubectl merges. */
function mergeFile(merged: Merged, path: string, text: string): void {
  const document = parseDocument(text)
  const [problem] = document.errors
  if (problem !== undefined) {
    const line = problem.linePos?.[0].line
    const where = line === undefined ? path : `${path}:${line}`
    throw new KubeConfigError(
      `The kubeconfig is not valid YAML at ${where}. Correct the file or name another with --kubeconfig.`,
    )
  }
  const config = toPlain(document, path)
  if (!isEntry(config)) {
    throw new KubeConfigError(`${path} is not a kubeconfig: it holds no clusters, users and contexts.`)
  }
  const directory = dirname(path)
  addAll(merged.clusters, config['clusters'], { path, list: 'clusters', key: 'cluster' }, (entry) =>
    absolute(entry, directory, ['certificate-authority']),
  )
  addAll(merged.users, config['users'], { path, list: 'users', key: 'user' }, (entry) => absoluteUser(entry, directory))
  addAll(merged.contexts, config['contexts'], { path, list: 'contexts', key: 'context' }, (entry) => entry)
  const current = config['current-context']
  if (merged.currentContext === undefined && typeof current === 'string' && current !== '')
    merged.currentContext = current
}

function toPlain(document: ReturnType<typeof parseDocument>, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {}
  } catch (error) {
    throw new KubeConfigError(`The kubeconfig ${path} cannot be read: its YAML aliases do not resolve.`, {
      cause: error,
    })
  }
}

interface Place {
  readonly path: string
  readonly list: string
  readonly key: string
}

function addAll(into: Map<string, Entry>, list: unknown, place: Place, adjust: (entry: Entry) => Entry): void {
  if (list === undefined || list === null) return
  const bad = () =>
    new KubeConfigError(
      `${place.path} is not a kubeconfig: every entry of ${place.list} needs a name and a ${place.key}.`,
    )
  if (!Array.isArray(list)) throw bad()
  for (const item of list as unknown[]) {
    if (!isEntry(item) || typeof item['name'] !== 'string' || item['name'] === '') throw bad()
    const entry = item[place.key] ?? {}
    if (!isEntry(entry)) throw bad()
    if (!into.has(item['name'])) into.set(item['name'], adjust(entry))
  }
}

function absolute(entry: Entry, directory: string, keys: readonly string[]): Entry {
  const result = { ...entry }
  for (const key of keys) {
    const path = entry[key]
    if (typeof path === 'string' && path !== '' && !isAbsolute(path)) result[key] = join(directory, path)
  }
  return result
}

/** Commands of exec plugins are looked up on the PATH unless they hold a slash; then they are relative to the file. */
function absoluteUser(entry: Entry, directory: string): Entry {
  const user = absolute(entry, directory, ['client-certificate', 'client-key', 'tokenFile', 'token-file'])
  const exec = entry['exec']
  if (!isEntry(exec) || typeof exec['command'] !== 'string' || !exec['command'].includes('/')) return user
  return { ...user, exec: absolute(exec, directory, ['command']) }
}

function chooseContext(merged: Merged, files: readonly string[], wanted: string | undefined): ChosenContext {
  const there = [...merged.contexts.keys()].sort().map(trimMessage).join(', ')
  const inFiles = files.join(', ')
  const name = wanted ?? merged.currentContext
  if (name === undefined) {
    throw new KubeConfigError(
      there === ''
        ? `The kubeconfig ${inFiles} holds no contexts. Add one, or name another file with --kubeconfig.`
        : `The kubeconfig ${inFiles} has no current context. Choose one with --context: ${there}.`,
    )
  }
  const context = merged.contexts.get(name)
  if (context === undefined) {
    throw new KubeConfigError(
      `There is no context "${trimMessage(name)}" in ${inFiles}. ${there === '' ? 'It holds none.' : `There are: ${there}.`}`,
    )
  }
  const clusterName = context['cluster']
  const cluster = typeof clusterName === 'string' ? merged.clusters.get(clusterName) : undefined
  if (typeof clusterName !== 'string' || cluster === undefined) {
    throw new KubeConfigError(
      `The context "${trimMessage(name)}" of ${inFiles} names the cluster "${trimMessage(String(clusterName ?? ''))}", which no file defines.`,
    )
  }
  const userName = context['user']
  if (typeof userName !== 'string' || userName === '') return { files, context: name, clusterName, cluster, user: {} }
  const user = merged.users.get(userName)
  if (user === undefined) {
    throw new KubeConfigError(
      `The context "${trimMessage(name)}" of ${inFiles} names the user "${trimMessage(userName)}", which no file defines.`,
    )
  }
  return { files, context: name, clusterName, userName, cluster, user }
}

/** A string that says something. */
export function isSet(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

export function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
