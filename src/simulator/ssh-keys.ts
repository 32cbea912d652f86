// Key pairs for simulated hosts and their clients.
import ssh2, { type ParsedKey } from 'ssh2'

export interface SshKeyPair {
  /** OpenSSH format. */
  readonly private: string
  /** `type base64 comment`. */
  readonly public: string
}

type KeyType = 'ed25519' | 'ecdsa' | 'rsa'
interface KeyOptions {
  readonly comment?: string
  readonly passphrase?: string
}

/** A fresh key pair; with a passphrase the private key is encrypted. */
export function generateSshKey(type: KeyType = 'ed25519', options: KeyOptions = {}): SshKeyPair {
  // One in 256 Ed25519 keys that ssh2 1.17 writes is malformed (a leading zero gets lost): take the next.
  for (;;) {
    const pair = generate(type, options)
    if (!(ssh2.utils.parseKey(pair.private, options.passphrase) instanceof Error)) return pair
  }
}

function generate(type: KeyType, options: KeyOptions): SshKeyPair {
  const encryption =
    options.passphrase === undefined ? {} : { passphrase: options.passphrase, cipher: 'aes256-ctr', rounds: 4 }
  const common = { comment: options.comment ?? 'kube-assay simulator', ...encryption }
  switch (type) {
    case 'ed25519':
      return ssh2.utils.generateKeyPairSync('ed25519', common)
    case 'ecdsa':
      return ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256, ...common })
    case 'rsa':
      return ssh2.utils.generateKeyPairSync('rsa', { bits: 2048, ...common })
    default:
      return type satisfies never
  }
}

/** Parses lines of an authorized_keys file without options. Throws for a line that is no key: it is the caller's mistake. */
export function parsePublicKeys(lines: readonly string[]): ParsedKey[] {
  return lines.map((line) => {
    const key = ssh2.utils.parseKey(line)
    if (key instanceof Error) throw new Error('Not a public key', { cause: key })
    return key
  })
}

/** `type base64` of a private key. */
export function publicLine(privateKey: string): string {
  const key = ssh2.utils.parseKey(privateKey)
  if (key instanceof Error) throw new Error('Not a private key', { cause: key })
  return `${key.type} ${key.getPublicSSH().toString('base64')}`
}
