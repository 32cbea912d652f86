// What a file's bytes become: text, with the secrets of its kind taken out; and why a file has no bytes.
// May not: interpret content.
import { type Unavailable, unavailable } from '../../model/fact.ts'
import { redactArgumentsFile, redactEnvironmentFile, redactUnitFile } from '../redact.ts'
import { redactConfiguration } from '../redact-configuration.ts'
import { redactEncryption, redactManifest, redactOpenShift } from '../redact-documents.ts'
import { redactText } from '../redact-names.ts'
import { redactRancherFile } from '../redact-rancher.ts'

/** Bytes as UTF-8; `lossy` when some were not. */
export function decodeText(bytes: Buffer, isTruncated: boolean): { text: string; lossy: boolean } {
  try {
    // As a stream, so that a character cut by the limit is left out instead of replaced.
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    return { text: decoder.decode(bytes, { stream: isTruncated }), lossy: false }
  } catch {
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), lossy: true }
  }
}

/** Takes out what the probe's kind of file may hold; `undefined` where only a file that parses can be kept. */
export function redactFile(kind: string, path: string, text: string): string | undefined {
  switch (kind) {
    case 'keys':
      return redactEncryption(text)
    case 'manifest':
      return redactManifest(text)
    case 'raw':
      return text
    case 'env':
      return redactEnvironmentFile(text)
    case 'unit':
      return redactUnitFile(text)
    case 'openshift':
      return redactOpenShift(path, text)
    case 'rancher':
      return redactRancherFile(text)
    case 'args':
      return redactArgumentsFile(text)
    case 'conf':
    case 'fstab':
      return redactConfiguration(path, text)
    default:
      return redactText(text)
  }
}

/** Who read, for the reason of what was refused. */
export interface Reader {
  readonly user: string
  /** Whether sudo was tried and refused. */
  readonly isSudoDenied: boolean
}

/** The probe's word for why it did not read something, as a reason. */
export function unread(why: string, reader: Reader): Unavailable {
  switch (why) {
    case 'denied':
      return denied(reader, `Not readable for ${reader.user}.`)
    case 'directory':
      return unavailable('unsupported', 'A folder stands where a file was expected.')
    case 'special':
      return unavailable('unsupported', 'Neither a regular file nor a folder.')
    case 'limit':
      return unavailable('too-large', 'Left out: the probe’s bound for one host was reached.')
    case 'failed':
      return unavailable('unsupported', 'The host reported an error while the file was read.')
    case 'refused':
      return unavailable('not-collected', 'The probe does not read this path: it may hold keys or credentials.')
    case 'tool':
      return unavailable('unsupported', 'The host has no base64, which reading this needs.')
    case 'relative':
      return unavailable('unsupported', 'The path is relative to a folder that the probe does not know.')
    case 'namespace':
      return unavailable(
        'unsupported',
        'The kernel answers this for the reader’s own namespaces, which are not the host’s: a container cannot tell.',
      )
    case 'chroot':
      return unavailable(
        'permission-denied',
        'The command is the host’s, and may not be run from where its root is mounted (no chroot).',
      )
    case 'elsewhere':
      return unavailable('unsupported', 'The process that names this path sees other files than the host does.')
    default:
      return unavailable('malformed', 'The probe gave a reason that this version does not know.')
  }
}

export function denied(reader: Reader, detail: string): Unavailable {
  return reader.isSudoDenied
    ? unavailable('sudo-denied', `${detail} sudo -n was refused.`)
    : unavailable('permission-denied', detail)
}
