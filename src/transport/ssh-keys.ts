// The credentials offered to a node: private keys from files, and an agent. No passwords.
// May not: put a key or passphrase, or a library's words about one, into a message.
import { createPrivateKey } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ssh2, {
  type AnyAuthMethod,
  type BaseAgent,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2'
import { SshSetupError } from './ssh-errors.ts'

/** What an identity file gave: a key to sign with, or only the public part of one that an agent may hold. */
interface Identity {
  readonly file: string
  readonly privateKey?: ParsedKey
  readonly publicBlob?: Buffer
}

export interface KeySource {
  /** Identity files named in the configuration of the audit: each has to open. */
  readonly required: readonly string[]
  readonly passphrase?: string
  /** Name of the variable the passphrase comes from, for messages. */
  readonly passphraseEnv?: string
  readonly onNote: (note: string) => void
}

const defaultNames = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/** Opens keys once, however many nodes use them: an encrypted one takes a tenth of a second. */
export class KeyRing {
  readonly #source: KeySource
  readonly #opened = new Map<string, Identity | undefined>()
  readonly #certificates = new Map<string, boolean>()

  /** Throws SshSetupError when a required key does not open. */
  constructor(source: KeySource) {
    this.#source = source
    for (const file of source.required) {
      const opened = openIdentity(file, source)
      if (typeof opened === 'string') throw new SshSetupError(opened)
      this.#opened.set(file, opened)
    }
  }

  /** The identity in a file of the user's OpenSSH configuration. One that does not open is noted and left out. */
  open(file: string): Identity | undefined {
    if (this.#opened.has(file)) return this.#opened.get(file)
    const opened = existsSync(file) || existsSync(`${file}.pub`) ? openIdentity(file, this.#source) : undefined
    if (typeof opened === 'string') this.#source.onNote(opened)
    const identity = typeof opened === 'object' ? opened : undefined
    this.#opened.set(file, identity)
    return identity
  }

  /** Whether the file is an OpenSSH certificate. */
  isCertificate(file: string): boolean {
    const known = this.#certificates.get(file)
    if (known !== undefined) return known
    const found = /^[a-z0-9@.-]+-cert-v\d\d@openssh\.com /.test(readHead(file))
    this.#certificates.set(file, found)
    return found
  }

  /** The keys OpenSSH would try when nothing is configured. */
  static defaultFiles(home: string): string[] {
    return defaultNames.map((name) => join(home, '.ssh', name))
  }
}

/** The identity, or why it does not open. */
function openIdentity(file: string, source: KeySource): Identity | string {
  const publicBlob = readPublic(`${file}.pub`)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (publicBlob) return { file, publicBlob }
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error'
    return `The SSH key ${file} cannot be read (${code}).`
  }
  const parsed = parsePrivate(text, source.passphrase)
  if (!(parsed instanceof Error)) {
    return parsed.isPrivateKey()
      ? { file, privateKey: parsed, publicBlob: parsed.getPublicSSH() }
      : { file, publicBlob: parsed.getPublicSSH() }
  }
  return publicBlob && source.passphrase === undefined && !source.required.includes(file)
    ? { file, publicBlob }
    : whyClosed(file, parsed.message, source)
}

function whyClosed(file: string, message: string, source: KeySource): string {
  if (/no passphrase given/i.test(message)) {
    const variable = source.passphraseEnv
    return variable === undefined
      ? `The SSH key ${file} is encrypted: name the environment variable with its passphrase in ssh.passphraseEnv, or use an agent.`
      : `The SSH key ${file} is encrypted and the environment variable ${variable} is not set.`
  }
  if (/passphrase|decrypt|integrity|bad/i.test(message)) {
    return `The SSH key ${file} does not open with the passphrase given.`
  }
  return `The SSH key ${file} is of a kind that cannot be used (OpenSSH and PEM keys can).`
}

function readPublic(file: string): Buffer | undefined {
  try {
    const key = ssh2.utils.parseKey(readFileSync(file, 'utf8'))
    return key instanceof Error ? undefined : key.getPublicSSH()
  } catch {
    // There need not be one.
    return undefined
  }
}

function readHead(file: string): string {
  try {
    return readFileSync(file, 'latin1').slice(0, 200)
  } catch {
    // There need not be one.
    return ''
  }
}

function parsePrivate(text: string, passphrase: string | undefined): ParsedKey | Error {
  const secret = passphrase === undefined || passphrase === '' ? undefined : passphrase
  if (/-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/.test(text)) return parsePkcs8(text, secret)
  try {
    // Old PEM keys with a wrong passphrase make the library throw, new ones make it return an error.
    const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(text, secret)
    const key = Array.isArray(parsed) ? parsed[0] : parsed
    return key ?? new Error('empty')
  } catch {
    return new Error(secret === undefined ? 'unusable' : 'bad passphrase')
  }
}

/** ssh2 does not read PKCS #8; Node does, and writes the older form that ssh2 reads. */
function parsePkcs8(text: string, passphrase: string | undefined): ParsedKey | Error {
  if (text.includes('BEGIN ENCRYPTED') && passphrase === undefined) return new Error('no passphrase given')
  try {
    const key = createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) })
    if (key.asymmetricKeyType === 'rsa')
      return parsePrivate(String(key.export({ type: 'pkcs1', format: 'pem' })), undefined)
    if (key.asymmetricKeyType === 'ec')
      return parsePrivate(String(key.export({ type: 'sec1', format: 'pem' })), undefined)
    return new Error('unusable')
  } catch {
    return new Error(passphrase === undefined ? 'unusable' : 'bad passphrase')
  }
}

export interface AuthPlan {
  readonly keyRing: KeyRing
  /** In order; the audit's own first. */
  readonly identityFiles: readonly string[]
  /** Used when no identity file is configured. */
  readonly defaultFiles: readonly string[]
  readonly identitiesOnly: boolean
  /** OpenSSH certificates named in the user's configuration. */
  readonly certificateFiles: readonly string[]
  readonly agentSocket?: string
}

export interface AuthMethods {
  readonly methods: readonly AnyAuthMethod[]
  /** What is tried, for messages: file names, never key material. */
  readonly described: string
  /** Certificates that OpenSSH would have offered. They cannot be: the library signs under the certificate's name, which sshd refuses. */
  readonly certificates: readonly string[]
}

/** Ways to log in as `user`, in the order to try: configured keys, the agent, default keys. */
export function authMethods(plan: AuthPlan, user: string): AuthMethods {
  const named = opened(plan, plan.identityFiles)
  const fallback = plan.identityFiles.length === 0 ? opened(plan, plan.defaultFiles) : []
  const described: string[] = []
  const keys = (identities: readonly Identity[]): AnyAuthMethod[] =>
    identities.flatMap((identity) => {
      if (!identity.privateKey) return []
      described.push(`key ${identity.file}`)
      return [{ type: 'publickey' as const, username: user, key: asKeyInput(identity.privateKey) }]
    })
  const methods = keys(named)
  if (plan.agentSocket !== undefined) {
    const offered = named.flatMap((identity) => identity.publicBlob ?? [])
    const agent = new ChosenKeysAgent(ssh2.createAgent(plan.agentSocket), offered, plan.identitiesOnly)
    methods.push({ type: 'agent', username: user, agent })
    described.push('agent')
  }
  methods.push(...keys(fallback))
  return {
    methods,
    described: described.length > 0 ? described.join(', ') : 'there was none to offer',
    certificates: certificatesOf(plan, [...named, ...fallback]),
  }
}

/** Those named, and those beside a key that is offered. */
function certificatesOf({ certificateFiles, keyRing }: AuthPlan, identities: readonly Identity[]): string[] {
  const beside = identities.map(({ file }) => `${file}-cert.pub`)
  return [...new Set([...certificateFiles, ...beside])].filter((file) => keyRing.isCertificate(file))
}

function opened(plan: AuthPlan, files: readonly string[]): Identity[] {
  return files.flatMap((file) => plan.keyRing.open(file) ?? [])
}

/** The library takes a parsed key here and then does not parse it again; its types do not say so. */
function asKeyInput(key: ParsedKey): Buffer {
  return key as unknown as Buffer
}

type PublicKey = Parameters<BaseAgent['sign']>[0]

/** An agent that offers the configured keys first, and with IdentitiesOnly no others. Without an agent it has no keys. */
class ChosenKeysAgent extends ssh2.BaseAgent {
  readonly #agent: BaseAgent
  readonly #chosen: readonly Buffer[]
  readonly #only: boolean

  constructor(agent: BaseAgent, chosen: readonly Buffer[], only: boolean) {
    super()
    this.#agent = agent
    this.#chosen = chosen
    this.#only = only
  }

  override getIdentities(done: IdentityCallback): void {
    this.#agent.getIdentities((error, keys) => {
      if (error || !keys) {
        done(null, [])
        return
      }
      const parsed = keys.filter(isParsed)
      const isChosen = (key: ParsedKey): boolean => this.#chosen.some((blob) => blob.equals(key.getPublicSSH()))
      done(null, [...parsed.filter(isChosen), ...(this.#only ? [] : parsed.filter((key) => !isChosen(key)))])
    })
  }

  override sign(
    key: PublicKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options)
    else this.#agent.sign(key, data, options, done)
  }
}

function isParsed(key: unknown): key is ParsedKey {
  return typeof key === 'object' && key !== null && 'getPublicSSH' in key
}
