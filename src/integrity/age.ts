// Files encrypted for recipients in the age format (https://age-encryption.org/v1), as streams: nothing is held as a whole.
// May not: write a file, or put an identity into a message.
import { ReadableStream } from 'node:stream/web'
import { InputError } from '../util/input-error.ts'

export type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** What encrypted files have behind their names. */
export const sealedSuffix = '.age'
const magic = Buffer.from('age-encryption.org/v1\n')
/** Bytes of a header: some hundred recipients. A bound for a file that somebody else made. */
const largestHeader = 1024 * 1024
const piece = 64 * 1024

export interface Sealer {
  readonly recipients: number
  readonly seal: (bytes: Bytes) => AsyncIterable<Uint8Array>
  /** For a file that this process must read back: it holds the file's own key in memory, and no recipient is added. */
  readonly sealOpenable: (bytes: Bytes) => AsyncIterable<Uint8Array>
  /** Opens what `sealOpenable` made last. */
  readonly reopen: (bytes: Bytes) => AsyncIterable<Uint8Array>
}

/** Throws InputError for what is no recipient that can be encrypted to. */
export async function createSealer(recipients: readonly string[]): Promise<Sealer> {
  const { Encrypter, Decrypter } = await import('age-encryption')
  checkKinds(recipients)
  const encrypter = () => {
    const one = new Encrypter()
    for (const recipient of recipients) one.addRecipient(recipient)
    return one
  }
  for (const recipient of recipients) checkRecipient(new Encrypter(), recipient)
  let kept: Uint8Array | undefined
  return {
    recipients: recipients.length,
    seal: (bytes) => streamed(bytes, (source) => encrypter().encrypt(source)),
    sealOpenable(bytes) {
      const one = encrypter()
      const wrapFileKey = (key: Uint8Array) => {
        kept = key.slice()
        return []
      }
      one.addRecipient({ wrapFileKey })
      return streamed(bytes, (source) => one.encrypt(source))
    },
    reopen(bytes) {
      const decrypter = new Decrypter()
      decrypter.addIdentity({ unwrapFileKey: () => kept ?? null })
      return streamed(bytes, (source) => decrypter.decrypt(source))
    },
  }
}

interface Adder {
  addRecipient(recipient: string): void
}

function checkRecipient(encrypter: Adder, recipient: string): void {
  try {
    encrypter.addRecipient(recipient)
  } catch {
    const isPlugin = /^age1[a-z0-9]+1/.test(recipient) && !/^age1(?:pq|tag|tagpq)1/.test(recipient)
    const why = isPlugin ? 'belongs to a plugin, which kube-assay does not run' : 'is no recipient of age'
    throw new InputError(
      `--encrypt-to: ${shortened(recipient)} ${why}. age-keygen makes an identity and its recipient.`,
    )
  }
}

/** As age itself: one recipient that a quantum computer opens would undo the others. */
function checkKinds(recipients: readonly string[]): void {
  const hybrid = recipients.filter((one) => /^age1(?:pq|tagpq)1/.test(one))
  if (hybrid.length === 0 || hybrid.length === recipients.length) return
  throw new InputError('--encrypt-to: post-quantum recipients (age1pq1…) cannot be mixed with others.')
}

export interface Opener {
  /** `name`: as it is shown in errors. Throws InputError: not for these identities, or altered. */
  readonly open: (bytes: Bytes, name: string) => AsyncIterable<Uint8Array>
}

/** From the texts of identity files. Throws InputError; `shown` is the file's name. */
export async function createOpener(
  files: readonly { readonly shown: string; readonly text: string }[],
): Promise<Opener> {
  const { Decrypter } = await import('age-encryption')
  const identities = files.flatMap(identitiesIn)
  const decrypter = () => {
    const one = new Decrypter()
    for (const identity of identities) one.addIdentity(identity)
    return one
  }
  try {
    decrypter()
  } catch {
    throw new InputError(`--identity: ${files.map(({ shown }) => shown).join(', ')} holds an identity that is damaged.`)
  }
  return {
    async *open(bytes, name) {
      try {
        yield* streamed(bytes, (source) => decrypter().decrypt(source))
      } catch (error) {
        throw asInputError(error, name)
      }
    },
  }
}

/** The lines of an identity file that are identities. */
function identitiesIn({ shown, text }: { readonly shown: string; readonly text: string }): string[] {
  const lines = linesOf(text)
  const other = lines.find((line) => !/^AGE-SECRET-KEY-(?:PQ-)?1/.test(line))
  if (other === undefined && lines.length > 0) return lines
  throw new InputError(`--identity: ${shown} ${whyNoIdentity(other ?? '')}.`)
}

function whyNoIdentity(line: string): string {
  if (line.startsWith('age-encryption.org/') || line.includes('BEGIN AGE ENCRYPTED'))
    return 'is encrypted itself. Decrypt it first: age -d -o key.txt <file>'
  if (line.includes('PRIVATE KEY')) return 'is a key of SSH, which is not read. Give an identity of age-keygen'
  if (line.startsWith('AGE-PLUGIN-')) return 'belongs to a plugin, which kube-assay does not run'
  if (line.startsWith('age1')) return 'holds a recipient, the public part. Give the file that age-keygen wrote'
  return 'holds no identity of age. age-keygen makes one'
}

/** The lines of a recipients or identity file without comments. */
export function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

export function isSealed(head: Uint8Array): boolean {
  return magic.equals(Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, magic.length)))
}

/** Encrypted for other recipients, as far as its header says. */
export class OthersError extends InputError {
  override readonly name = 'OthersError'
}

const noMatch = /no identity matched/

function asInputError(error: unknown, name: string): InputError {
  const text = error instanceof Error ? error.message : ''
  if (error instanceof Error && 'code' in error && 'syscall' in error) throw error
  if (noMatch.test(text))
    return new OthersError(`${name} is encrypted for others: none of the identities given opens it.`)
  return new InputError(`${name} cannot be decrypted: it was altered or cut. Copy it again.`)
}

/** Pulls as it is pulled; the header alone is bounded, the rest is not held. */
async function* streamed(
  bytes: Bytes,
  pass: (source: ReadableStream<Uint8Array>) => Promise<AsyncIterable<Uint8Array>>,
): AsyncGenerator<Uint8Array> {
  const state = { isOpen: false }
  const passed = await pass(ReadableStream.from(bounded(bytes, state)))
  state.isOpen = true
  yield* passed
}

async function* bounded(bytes: Bytes, state: { readonly isOpen: boolean }): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.length
    if (!state.isOpen && size > largestHeader + chunk.length) throw new Error('the header does not end')
    // What is encrypted in one step stays in memory until it is: never more than a piece.
    for (let at = 0; at < chunk.length; at += piece) yield chunk.subarray(at, at + piece)
  }
}
