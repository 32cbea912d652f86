// OpenShift's API server and controller manager take their flags from the file of --openshift-config: lists of values by flag.
// May not: give a flag that neither the file nor the command line has. What OpenShift sets in its code where the file is silent is unknown.
import { isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import { isObject, type JsonObject, own, readKindDocument, short } from '../nodes/kubelet-document.ts'
import type { Json } from '../nodes/kubelet-fields.ts'

export interface OpenShiftFile {
  readonly path: string
  readonly content: string
}

export interface OpenShiftArguments {
  /** "--name=value", one for each value. */
  readonly arguments: readonly string[]
  /** Where a flag stands; `undefined`: not in the file. */
  readonly origin: (flag: string) => string | undefined
}

const sections = ['apiServerArguments', 'extendedArguments'] as const

export function readOpenShift(
  file: OpenShiftFile | undefined | Unavailable,
  path: string,
): OpenShiftArguments | Unavailable {
  if (isUnavailable(file)) return unavailable(file.unavailable.reason, `${path}: ${file.unavailable.detail}`)
  if (file === undefined)
    return unavailable('not-found', `${path}, the file of --openshift-config, is not on the host.`)
  const read = readKindDocument(file.content, { uniqueKeys: false }, () => undefined)
  if ('refused' in read) return unavailable('malformed', `${file.path}: ${short(read.refused)}.`)
  const section = sections.find((name) => own(read.document, name) !== undefined)
  const given = section === undefined ? undefined : own(read.document, section)
  if (section === undefined || given === undefined || !isObject(given)) {
    return unavailable('malformed', `${file.path} has no ${sections.join(' or ')}.`)
  }
  const flags = [
    ...readFlags(given, section),
    ...(section === 'apiServerArguments' ? readServing(read.document, given) : []),
  ]
  if (section === 'apiServerArguments' && !flags.some(({ name }) => name === 'authorization-mode')) {
    return unavailable(
      'unsupported',
      `${file.path} gives no authorization-mode, and what OpenShift then sets is not known.`,
    )
  }
  const origins = new Map(flags.map(({ name, key }) => [name, `${key} in ${file.path}`]))
  return { arguments: flags.map(({ name, value }) => `--${name}=${value}`), origin: (flag) => origins.get(flag) }
}

interface Flag {
  readonly name: string
  readonly value: string
  /** The part of the file that gives it. */
  readonly key: string
}

function readFlags(given: JsonObject, key: string): readonly Flag[] {
  return Object.entries(given).flatMap(([name, value]) => texts(value).map((one) => ({ name, value: one, key })))
}

/** How it serves stands apart, and holds where the arguments say nothing. */
function readServing(document: JsonObject, given: JsonObject): readonly Flag[] {
  const serving = own(document, 'servingInfo') ?? null
  if (!isObject(serving)) return []
  const key = 'servingInfo'
  const unless = (name: string, value: string): Flag[] =>
    value === '' || own(given, name) !== undefined ? [] : [{ name, value, key }]
  const publicKeys = texts(own(document, 'serviceAccountPublicKeyFiles') ?? null)
  return [
    ...publicKeys.map((value) => ({ name: 'service-account-key-file', value, key: 'serviceAccountPublicKeyFiles' })),
    ...unless('tls-cipher-suites', texts(own(serving, 'cipherSuites') ?? null).join(',')),
    ...unless('tls-min-version', texts(own(serving, 'minTLSVersion') ?? null).join('')),
  ]
}

function texts(value: Json): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item: Json) => (typeof item === 'string' ? [item] : []))
  return typeof value === 'string' ? [value] : []
}
