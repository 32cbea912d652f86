// Registries as containerd asks them: hosts.toml in the folders of config_path, the older mirrors and configs of config.toml, and
// the registries.yaml from which k3s and RKE2 write both. May not: take a folder that was not listed for an empty one.
import type { TomlTable } from 'smol-toml'
import { parse } from 'yaml'
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { entriesOf, isRecord, ownValue } from '../../util/record.ts'
import { readK3sSettings } from '../distribution/k3s-settings.ts'
import { listDirectory, readFile } from './host.ts'
import { findStarter } from './kubelet-unit.ts'
import { type InsecureRegistry, insecureEndpoint, type Registries } from './registry-endpoint.ts'
import { containerdConfiguration, containerdPlugin } from './runtime-containerd.ts'
import { optionValues } from './runtime-settings.ts'
import { isTable, readToml, textAt, tomlAt } from './toml.ts'

type Insecure = Observed<InsecureRegistry>

/** Where each version of config.toml keeps the settings of image pulls. */
const plugins: Readonly<Record<number, string>> = {
  1: 'cri',
  2: 'io.containerd.grpc.v1.cri',
  3: 'io.containerd.cri.v1.images',
}
/** What containerd 2.2 and later take where config_path is not set; before, it was empty. */
const usualFolders = '/etc/containerd/certs.d:/etc/docker/certs.d'

export function containerdRegistries(
  host: HostEvidence,
  process: ProcessEvidence,
  version: Observed<string>,
): Registries {
  const configuration = containerdConfiguration(host, process)
  const fixed = { value: ['docker.io'], source: 'fixed in containerd' }
  if (isUnavailable(configuration)) return { insecure: [configuration], searched: fixed }
  const { path, parts } = configuration
  const section = containerdPlugin(parts, plugins)
  if (isUnavailable(section)) return { insecure: [section], searched: fixed }
  const registry = section === undefined ? undefined : tomlAt(section.table, 'registry')
  const table = isTable(registry) ? registry : undefined
  return {
    insecure: [
      ...distributionFile(host, path),
      ...(table === undefined ? [] : inConfiguration(table, section?.path ?? path)),
      ...folders(table, version).flatMap((folder) => (typeof folder === 'string' ? inFolder(host, folder) : [folder])),
    ],
    searched: fixed,
  }
}

/** The folders that are looked through, or why they are not known. */
function folders(registry: TomlTable | undefined, version: Observed<string>): readonly (string | Unavailable)[] {
  const written = registry === undefined ? undefined : textAt(registry, 'config_path')
  if (written !== undefined) return splitFolders(written)
  // Mirrors and configs exclude the folders.
  if (registry !== undefined && (hasEntries(registry, 'mirrors') || hasEntries(registry, 'configs'))) return []
  if (isUnavailable(version)) {
    return [
      unavailable(
        version.unavailable.reason,
        `config_path is not set, and what it then is depends on containerd's version: ${version.unavailable.detail}`,
      ),
    ]
  }
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version.value) ?? []
  const isNew = Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 2)
  return isNew ? splitFolders(usualFolders) : []
}

function splitFolders(text: string): string[] {
  return text
    .split(':')
    .filter((folder) => folder !== '')
    .map((folder) => (folder.length > 1 ? folder.replace(/\/+$/, '') : folder))
}

function hasEntries(table: TomlTable, key: string): boolean {
  const value = tomlAt(table, key)
  return isTable(value) && Object.keys(value).length > 0
}

/** `registry.mirrors."x".endpoint` and `registry.configs."x".tls`, which containerd 2.x still reads. */
function inConfiguration(registry: TomlTable, path: string): readonly Insecure[] {
  const configs = tomlAt(registry, 'configs')
  const skipping = Object.entries(isTable(configs) ? configs : {}).flatMap(([host, config]) =>
    isTable(config) && tomlAt(config, 'tls', 'insecure_skip_verify') === true ? [host] : [],
  )
  const mirrors = tomlAt(registry, 'mirrors')
  const named = Object.entries(isTable(mirrors) ? mirrors : {}).flatMap(([name, mirror]) => {
    const endpoints = isTable(mirror) ? tomlAt(mirror, 'endpoint') : undefined
    return (Array.isArray(endpoints) ? endpoints : []).flatMap((endpoint) =>
      typeof endpoint === 'string'
        ? found(name, endpoint, skipping.includes(hostOf(endpoint)), `${path}, registry.mirrors`)
        : [],
    )
  })
  return [...named, ...skipping.flatMap((host) => found(host, host, true, `${path}, registry.configs`))]
}

function hostOf(endpoint: string): string {
  return endpoint.replace(/^[a-z]+:\/\//i, '').replace(/\/.*$/, '')
}

function found(registry: string, endpoint: string, skips: boolean, source: string): readonly Insecure[] {
  const value = insecureEndpoint(registry, endpoint, skips)
  return value === undefined ? [] : [{ value, source }]
}

/** One folder for each registry, named by its host, with hosts.toml in it; `_default` is for all others. */
function inFolder(host: HostEvidence, folder: string): readonly Insecure[] {
  const entries = listDirectory(host, folder)
  if (isUnavailable(entries)) return [entries]
  return (entries ?? []).flatMap((entry) => {
    const path = `${folder}/${entry}/hosts.toml`
    const file = readFile(host, path)
    if (isUnavailable(file)) return [file]
    if (file === undefined) return []
    const table = readToml(file)
    return isUnavailable(table) ? [table] : inHostsFile(table, registryOf(entry), path)
  })
}

/** The name of a folder cannot hold a colon everywhere, so "host_5000_" is another way of writing "host:5000". */
function registryOf(entry: string): string {
  return entry === '_default' ? '*' : entry.replace(/_(\d+)_$/, ':$1')
}

function inHostsFile(table: TomlTable, registry: string, path: string): readonly Insecure[] {
  const hosts = tomlAt(table, 'host')
  const mirrors = Object.entries(isTable(hosts) ? hosts : {}).flatMap(([endpoint, settings]) =>
    found(registry, endpoint, isTable(settings) && tomlAt(settings, 'skip_verify') === true, path),
  )
  const server = textAt(table, 'server') ?? (registry === '*' ? undefined : registry)
  const skips = tomlAt(table, 'skip_verify') === true
  return [...mirrors, ...(server === undefined ? [] : found(registry, server, skips, path))]
}

/** k3s and RKE2 start containerd with a configuration of their own making; a person edits registries.yaml. */
function distributionFile(host: HostEvidence, path: string): readonly Insecure[] {
  const registries = registriesPath(host, path)
  if (registries === undefined) return []
  if (isUnavailable(registries)) return [registries]
  const file = readFile(host, registries)
  if (isUnavailable(file)) return [file]
  if (file === undefined) return []
  try {
    const document: unknown = parse(file.content, { logLevel: 'error', maxAliasCount: 50 })
    return isRecord(document) ? inRegistriesFile(document, file.path) : []
  } catch {
    return [unavailable('malformed', `${file.path} is not YAML.`)]
  }
}

/** By the program that started containerd; its data folder may be anywhere. `undefined`: neither of them did. */
function registriesPath(host: HostEvidence, configuration: string): string | undefined | Unavailable {
  if (!configuration.includes('/agent/etc/containerd/')) return undefined
  const starter = findStarter(host)
  const named = /\/(k3s|rke2)\/agent\//.exec(configuration)?.[1]
  if (starter?.name === 'rke2' || (starter === undefined && named === 'rke2')) return rke2RegistriesPath(host, starter)
  if (starter === undefined) return named === undefined ? undefined : `/etc/rancher/${named}/registries.yaml`
  if (!starter.name.startsWith('k3s')) return undefined
  const settings = readK3sSettings(starter, host, '', undefined)
  // What it makes of the file stands in its own folders of hosts, which are read beside it.
  const usual = '/etc/rancher/k3s/registries.yaml'
  return isUnavailable(settings) ? usual : (settings.last('private-registry')?.value ?? usual)
}

function rke2RegistriesPath(host: HostEvidence, starter: ProcessEvidence | undefined): string {
  const [flag] = optionValues(starter, 'private-registry').slice(-1)
  if (flag !== undefined) return flag
  const file = readFile(host, '/etc/rancher/rke2/config.yaml')
  const content = file === undefined || isUnavailable(file) ? '' : file.content
  const written = /^private-registry:[ \t]*["']?(\/[^"'\s]*)/m.exec(content)?.[1]
  return written ?? '/etc/rancher/rke2/registries.yaml'
}

function inRegistriesFile(document: Readonly<Record<string, unknown>>, path: string): readonly Insecure[] {
  const skipping = entriesOf(ownValue(document, 'configs')).flatMap(([host, config]) => {
    const tls = ownValue(config, 'tls')
    return isRecord(tls) && ownValue(tls, 'insecure_skip_verify') === true ? [host] : []
  })
  const mirrors = entriesOf(ownValue(document, 'mirrors')).flatMap(([name, mirror]) => {
    const endpoints = ownValue(mirror, 'endpoint')
    return (Array.isArray(endpoints) ? endpoints : []).flatMap((endpoint: unknown) =>
      typeof endpoint === 'string'
        ? found(name, endpoint, skipping.includes(hostOf(endpoint)), `${path}, mirrors`)
        : [],
    )
  })
  return [...mirrors, ...skipping.flatMap((host) => found(host, host, true, `${path}, configs`))]
}
