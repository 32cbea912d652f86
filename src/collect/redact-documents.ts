// Keeps of documents that hold secrets by their nature only what is known to hold none: EncryptionConfiguration and pod manifests.
// What does not parse is not kept at all. May not: let through a field because nobody thought of it.
import { parseAllDocuments, stringify } from 'yaml'
import { redactArguments } from './redact.ts'
import { redactConfiguration } from './redact-configuration.ts'
import { redacted, redactText } from './redact-names.ts'

/** Scalars that may be seen, by the keys that lead to them; `*` is any item of a list. */
interface Shape {
  readonly [key: string]: Shape | 'text' | 'argv'
}

const keys: Shape = { '*': { name: 'text' } }
const provider: Shape = {
  aesgcm: { keys },
  aescbc: { keys },
  secretbox: { keys },
  identity: {},
  kms: { name: 'text', apiVersion: 'text', cachesize: 'text', timeout: 'text', endpoint: 'text' },
}
const encryption: Shape = {
  kind: 'text',
  apiVersion: 'text',
  resources: { '*': { resources: { '*': 'text' }, providers: { '*': provider } } },
}

const container: Shape = {
  name: 'text',
  image: 'text',
  command: 'argv',
  args: 'argv',
  env: { '*': { name: 'text' } },
  volumeMounts: { '*': { name: 'text', mountPath: 'text', subPath: 'text', readOnly: 'text' } },
}
const manifest: Shape = {
  kind: 'text',
  apiVersion: 'text',
  metadata: { name: 'text', namespace: 'text' },
  spec: {
    hostNetwork: 'text',
    containers: { '*': container },
    initContainers: { '*': container },
    volumes: { '*': { name: 'text', hostPath: { path: 'text', type: 'text' } } },
  },
}

/** Names of keys and providers stay, in order; everything under a field that is not known is `<redacted>`, name included. */
export function redactEncryption(text: string): string | undefined {
  return project(text, encryption, true)
}

/** OpenShift's lists of flags, each looked at as an argument, and how it serves. Other kinds are configurations like any. */
export function redactOpenShift(path: string, text: string): string | undefined {
  try {
    const [first] = parseAllDocuments(text, { version: '1.1', uniqueKeys: false, logLevel: 'silent' })
    if (first === undefined || first.errors.length > 0) return undefined
    const value: unknown = first.toJS({ maxAliasCount: 100 })
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    const entries = Object.entries(value)
    if (!entries.some(([key]) => key === 'apiServerArguments' || key === 'extendedArguments')) {
      return redactConfiguration(path, text)
    }
    const kept = entries.flatMap(([key, below]): [string, unknown][] => {
      if (key === 'apiServerArguments' || key === 'extendedArguments') return [[key, keepFlags(below)]]
      const shape = Object.hasOwn(openShift, key) ? openShift[key] : undefined
      return shape === undefined ? [] : [[key, keep(below, shape, false)]]
    })
    return stringify(Object.fromEntries(kept), { aliasDuplicateObjects: false, lineWidth: 0 })
  } catch {
    return undefined
  }
}

const openShift: Shape = {
  kind: 'text',
  apiVersion: 'text',
  serviceAccountPublicKeyFiles: { '*': 'text' },
  servingInfo: { bindAddress: 'text', minTLSVersion: 'text', cipherSuites: { '*': 'text' } },
}

function keepFlags(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return redacted
  return Object.fromEntries(
    Object.entries(value).map(([name, values]): [string, unknown] => {
      const list: unknown[] = Array.isArray(values) ? values : [values]
      return [name, list.map((one) => keepFlag(name, one))]
    }),
  )
}

function keepFlag(name: string, value: unknown): string {
  if (typeof value !== 'string') return redacted
  const [argument = ''] = redactArguments([`--${name}=${value}`])
  return argument.startsWith(`--${name}=`) ? argument.slice(name.length + 3) : redacted
}

/** Command lines without secrets, images, mounts and host paths; no value of a variable. Fields that are not known are left out. */
export function redactManifest(text: string): string | undefined {
  return project(text, manifest, false)
}

function project(text: string, shape: Shape, marksUnknown: boolean): string | undefined {
  // Parser and conversion throw on hostile text (depth, aliases).
  try {
    const [first] = parseAllDocuments(text, { version: '1.1', uniqueKeys: false, logLevel: 'silent' })
    if (first === undefined || first.errors.length > 0) return undefined
    const value: unknown = first.toJS({ maxAliasCount: 100 })
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return stringify(keep(value, shape, marksUnknown), { aliasDuplicateObjects: false, lineWidth: 0 })
  } catch {
    return undefined
  }
}

function keep(value: unknown, shape: Shape | 'text' | 'argv', marksUnknown: boolean): unknown {
  if (shape === 'text') return keepScalar(value)
  if (shape === 'argv') return keepArguments(value)
  if (value === null) return null
  if (Array.isArray(value)) {
    const item = shape['*']
    return item === undefined ? redacted : value.map((one: unknown) => keep(one, item, marksUnknown))
  }
  if (typeof value !== 'object') return redacted
  const kept: [string, unknown][] = []
  for (const [key, below] of Object.entries(value)) {
    const field = Object.hasOwn(shape, key) && key !== '*' ? shape[key] : undefined
    if (field !== undefined) kept.push([key, keep(below, field, marksUnknown)])
    else if (marksUnknown && key !== 'secret') kept.push([redacted, redacted])
  }
  return Object.fromEntries(kept)
}

function keepScalar(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value)
  return typeof value === 'boolean' || typeof value === 'number' || value === null ? value : redacted
}

function keepArguments(value: unknown): unknown {
  if (!Array.isArray(value)) return redacted
  return redactArguments(value.map((one: unknown) => (typeof one === 'string' ? one : redacted)))
}
