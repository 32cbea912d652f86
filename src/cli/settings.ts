// Merges command-line flags over the configuration file, and checks the whole against the published schema.
// May not: read the cluster or know what a setting does.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type Config, configSchema } from '../model/config.ts'
import { InputError } from '../util/input-error.ts'
import { YamlSource } from '../util/yaml-source.ts'

/** Flags as commander gives them; `undefined` means not given. */
export interface Flags {
  config?: string
  clusterName?: string
  kubeconfig?: string
  context?: string
  manifests?: string[]
  nodes?: string[]
  nodeAccess?: string
  podNamespace?: string
  podImage?: string
  podPullSecret?: string
  podTimeout?: string
  localNode?: string
  hostRoot?: string
  kubeletConfigz?: boolean
  apiServerFlagz?: boolean
  sshUser?: string
  sshPort?: string
  sshKey?: string[]
  sshPassphraseEnv?: string
  sshConfig?: string
  sshKnownHosts?: string[]
  sshAcceptNew?: boolean
  sshJump?: string
  sshAddress?: string[]
  sudo?: boolean
  bootstrapTokens?: boolean
  connectTimeout?: string
  nodeTimeout?: string
  totalTimeout?: string
  parallelLists?: string
  parallelNodes?: string
  benchmark?: string[]
  framework?: string[]
  level?: string
  include?: string[]
  exclude?: string[]
  tag?: string[]
  output?: string
  rules?: string[]
  format?: string
  awsAccount?: string
  awsRegion?: string
  metricsDir?: string
  apply?: boolean
  edition?: string[]
  splitBy?: string
  classification?: string
  preparedBy?: string
  preparedFor?: string
  distribution?: string[]
  paper?: string
  lang?: string
  failOn?: string
  failOnNew?: string
  failOnUnknown?: string
  minScore?: string
  baseline?: string
  keep?: string
  keepDays?: string
  minCoverage?: string
  findingsCap?: string
  waivers?: string[]
  encryptTo?: string[]
  identity?: string[]
  signKey?: string
  signPassphraseEnv?: string
}

const defaultFile = 'kube-assay.yaml'

/** The settings of one run. Throws InputError with every problem, flags named as flags and file keys with line and column. */
export async function readSettings(flags: Flags): Promise<Config> {
  const file = flags.config ?? (existsSync(defaultFile) ? defaultFile : undefined)
  const fromFile = file === undefined ? {} : parseConfig(file, await readFile(file, 'utf8'))
  const given = fromFlags(flags)
  const parsed = configSchema.safeParse(given)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${flagOf(issue.path.map(String))}: ${issue.message}`)
    throw new InputError(problems.join('\n'))
  }
  const merged = mergeConfig(fromFile, parsed.data)
  if (merged.manifests !== undefined && (given['kubeconfig'] !== undefined || given['context'] !== undefined)) {
    throw new InputError('--manifests audits files, --kubeconfig and --context a live cluster. Give one or the other.')
  }
  if (merged.formats?.includes('asff') && (merged.aws?.account === undefined || merged.aws.region === undefined)) {
    throw new InputError('The format asff needs --aws-account and --aws-region (or aws.account and aws.region).')
  }
  return merged
}

function parseConfig(file: string, text: string): Config {
  const { value, problems } = new YamlSource(file, text, configSchema)
  if (value !== undefined) return value
  throw new InputError(problems.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n'))
}

/** Top-level keys of `over` win; the nested groups merge key by key, address maps entry by entry. */
function mergeConfig(base: Config, over: Config): Config {
  return {
    ...base,
    ...over,
    ...mergeGroup('cluster', base, over),
    ...mergeGroup('aws', base, over),
    ...mergeGroup('document', base, over),
    ...mergeGroup('concurrency', base, over),
    ...mergeGroup('pod', base, over),
    ...mergeGroup('local', base, over),
    ...mergeGroup('waivers', base, over),
    ...mergeGroup('signing', base, over),
    ...(base.ssh === undefined && over.ssh === undefined
      ? {}
      : { ssh: { ...base.ssh, ...over.ssh, ...mergeGroup('addresses', base.ssh ?? {}, over.ssh ?? {}) } }),
  }
}

function mergeGroup<K extends string, T extends { readonly [P in K]?: object | undefined }>(key: K, base: T, over: T) {
  if (base[key] === undefined && over[key] === undefined) return {}
  return { [key]: { ...base[key], ...over[key] } }
}

/** Where each flag goes in the configuration; also used backwards to name the flag in an error. */
const flagPaths: {
  readonly [F in keyof Flags]: { readonly path: readonly string[]; readonly flag: string; readonly number?: true }
} = {
  clusterName: { path: ['cluster', 'name'], flag: '--cluster-name' },
  kubeconfig: { path: ['kubeconfig'], flag: '--kubeconfig' },
  context: { path: ['context'], flag: '--context' },
  manifests: { path: ['manifests'], flag: '--manifests' },
  nodes: { path: ['nodes'], flag: '--nodes' },
  nodeAccess: { path: ['nodeAccess'], flag: '--node-access' },
  podNamespace: { path: ['pod', 'namespace'], flag: '--pod-namespace' },
  podImage: { path: ['pod', 'image'], flag: '--pod-image' },
  podPullSecret: { path: ['pod', 'pullSecret'], flag: '--pod-pull-secret' },
  podTimeout: { path: ['pod', 'timeoutSeconds'], flag: '--pod-timeout', number: true },
  localNode: { path: ['local', 'node'], flag: '--local-node' },
  hostRoot: { path: ['local', 'hostRoot'], flag: '--host-root' },
  kubeletConfigz: { path: ['kubeletConfigz'], flag: '--kubelet-configz' },
  apiServerFlagz: { path: ['apiServerFlagz'], flag: '--api-server-flagz' },
  sshUser: { path: ['ssh', 'user'], flag: '--ssh-user' },
  sshPort: { path: ['ssh', 'port'], flag: '--ssh-port', number: true },
  sshKey: { path: ['ssh', 'identityFiles'], flag: '--ssh-key' },
  sshPassphraseEnv: { path: ['ssh', 'passphraseEnv'], flag: '--ssh-passphrase-env' },
  sshConfig: { path: ['ssh', 'configFile'], flag: '--ssh-config' },
  sshKnownHosts: { path: ['ssh', 'knownHosts'], flag: '--ssh-known-hosts' },
  sshAcceptNew: { path: ['ssh', 'acceptNew'], flag: '--ssh-accept-new' },
  sshJump: { path: ['ssh', 'jump'], flag: '--ssh-jump' },
  connectTimeout: { path: ['ssh', 'connectTimeoutSeconds'], flag: '--connect-timeout', number: true },
  nodeTimeout: { path: ['ssh', 'timeoutSeconds'], flag: '--node-timeout', number: true },
  totalTimeout: { path: ['totalTimeoutSeconds'], flag: '--total-timeout', number: true },
  parallelLists: { path: ['concurrency', 'lists'], flag: '--parallel-lists', number: true },
  parallelNodes: { path: ['concurrency', 'nodes'], flag: '--parallel-nodes', number: true },
  benchmark: { path: ['benchmark'], flag: '--benchmark' },
  framework: { path: ['frameworks'], flag: '--framework' },
  level: { path: ['level'], flag: '--level', number: true },
  include: { path: ['include'], flag: '--include' },
  exclude: { path: ['exclude'], flag: '--exclude' },
  tag: { path: ['tags'], flag: '--tag' },
  output: { path: ['output'], flag: '--output' },
  rules: { path: ['rulePacks'], flag: '--rules' },
  waivers: { path: ['waivers', 'files'], flag: '--waivers' },
  edition: { path: ['editions'], flag: '--edition' },
  splitBy: { path: ['splitBy'], flag: '--split-by' },
  classification: { path: ['classification'], flag: '--classification' },
  preparedBy: { path: ['document', 'preparedBy'], flag: '--prepared-by' },
  preparedFor: { path: ['document', 'preparedFor'], flag: '--prepared-for' },
  distribution: { path: ['document', 'distribution'], flag: '--distribution' },
  paper: { path: ['paper'], flag: '--paper' },
  lang: { path: ['lang'], flag: '--lang' },
  awsAccount: { path: ['aws', 'account'], flag: '--aws-account' },
  awsRegion: { path: ['aws', 'region'], flag: '--aws-region' },
  metricsDir: { path: ['metricsFolder'], flag: '--metrics-dir' },
  encryptTo: { path: ['encryptTo'], flag: '--encrypt-to' },
  identity: { path: ['identities'], flag: '--identity' },
  signKey: { path: ['signing', 'key'], flag: '--sign-key' },
  signPassphraseEnv: { path: ['signing', 'passphraseEnv'], flag: '--sign-passphrase-env' },
  failOn: { path: ['failOn'], flag: '--fail-on' },
  failOnNew: { path: ['failOnNew'], flag: '--fail-on-new' },
  failOnUnknown: { path: ['failOnUnknown'], flag: '--fail-on-unknown' },
  minScore: { path: ['minScore'], flag: '--min-score', number: true },
  baseline: { path: ['baseline'], flag: '--baseline' },
  keep: { path: ['keep'], flag: '--keep', number: true },
  keepDays: { path: ['keepDays'], flag: '--keep-days', number: true },
  minCoverage: { path: ['minCoverage'], flag: '--min-coverage', number: true },
  findingsCap: { path: ['findingsCap'], flag: '--findings-cap', number: true },
}

function fromFlags(flags: Flags): Record<string, unknown> {
  const config: Record<string, unknown> = {}
  for (const [name, place] of Object.entries(flagPaths)) {
    const value: unknown = Reflect.get(flags, name)
    if (value !== undefined) setAt(config, place.path, place.number === true ? Number(value) : value)
  }
  if (flags.nodeAccess !== undefined) setAt(config, ['nodeAccess'], splitList(flags.nodeAccess))
  if (flags.format !== undefined) setAt(config, ['formats'], splitList(flags.format))
  if (flags.bootstrapTokens === false) setAt(config, ['bootstrapTokens'], false)
  if (flags.sudo === false) setAt(config, ['ssh', 'sudo'], 'never')
  if (flags.sshAddress !== undefined) setAt(config, ['ssh', 'addresses'], parseAddresses(flags.sshAddress))
  return config
}

function splitList(text: string): string[] {
  return text.split(',').map((part) => part.trim())
}

function parseAddresses(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const separator = pair.indexOf('=')
      if (separator < 1)
        throw new InputError(`--ssh-address ${pair}: expected <node>=<address> or <node>=<address>:<port>.`)
      return [pair.slice(0, separator), pair.slice(separator + 1)]
    }),
  )
}

function setAt(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path
  if (head === undefined) return
  if (rest.length === 0) {
    target[head] = value
    return
  }
  const group = target[head]
  const next: Record<string, unknown> = typeof group === 'object' && group !== null ? { ...group } : {}
  setAt(next, rest, value)
  target[head] = next
}

function flagOf(path: readonly string[]): string {
  const entry = Object.values(flagPaths).find((place) => place.path.every((part, index) => part === path[index]))
  return entry?.flag ?? (path[0] === 'formats' ? '--format' : path.join('.'))
}
