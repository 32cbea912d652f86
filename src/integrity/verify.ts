// Whether a folder still is what its manifest says, and who signed that.
// May not: follow a link, open what is no regular file, wait for one, or read a file that already has another size.
import { join } from 'node:path'
import { type Manifest, manifestSchema, manifestVersion } from '../model/manifest.ts'
import { InputError } from '../util/input-error.ts'
import { digestOf, type FoundFile, listFolder, openRegular, shownName } from './folder-files.ts'
import type { SigningKey } from './keys.ts'
import { checkSignature, manifestName, manifestText, readOwnJson, signatureName, signersOf } from './statement.ts'

/** absent: no manifest. manifest: what is wrong with it. changed: bytes, or a link or device in its place. unreadable: nobody knows. */
export interface Problem {
  readonly kind: 'absent' | 'missing' | 'changed' | 'extra' | 'unreadable' | 'manifest' | 'signature'
  /** As it may be shown. */
  readonly name: string
  readonly detail: string
}

type Found = Omit<Problem, 'name'>

export type SignatureState = 'none' | 'unchecked' | 'valid' | 'bad'

export interface Verification {
  /** Absent where there is none that can be read; `problems` says why. */
  readonly manifest?: Manifest
  readonly problems: readonly Problem[]
  readonly signature: SignatureState
  /** Ids of keys that the signature names; unproven unless `valid`. */
  readonly signers: readonly string[]
}

export interface VerifyOptions {
  /** Asked: the run must be signed with it. */
  readonly key?: SigningKey | undefined
  /** Opens one file of the run further, such as by decrypting it; resolves to what is wrong with it, its detail a clause. */
  readonly inspect?:
    | ((name: string, bytes: AsyncIterable<Uint8Array>, manifest: Manifest) => Promise<Found | undefined>)
    | undefined
}

/** A manifest of 100,000 files is about 20 MiB. */
const largestManifest = 64 * 1024 * 1024

/** Rejects with InputError for a manifest of a newer format, or with the file system's error for a folder that cannot be read. */
export async function verifyFolder(folder: string, options: VerifyOptions = {}): Promise<Verification> {
  const read = await readManifest(folder)
  const { manifest } = read
  if (manifest === undefined) return { problems: [read.problem], signature: 'none', signers: [] }
  const found = await Array.fromAsync(listFolder(folder))
  const problems = [...(await checkFiles(manifest, found, options)), ...checkResultDigest(manifest)]
  const { problem, ...signature } = await readSignature(folder, manifest, options.key)
  return { manifest, problems: [...problems, ...(problem === undefined ? [] : [problem])], ...signature }
}

type ReadManifest =
  | { readonly manifest: Manifest; readonly problem?: undefined }
  | { readonly manifest?: undefined; readonly problem: Problem }

/** The manifest of a folder. Rejects with InputError for one of another format. */
export async function readManifest(folder: string): Promise<ReadManifest> {
  const bad = (detail: string, kind: Problem['kind'] = 'manifest'): ReadManifest => ({
    problem: { kind, name: manifestName, detail },
  })
  const text = await readText(join(folder, manifestName), largestManifest)
  if (text.state === 'missing')
    return bad('There is none: the run ended before it was complete, is older than manifests, or lost it.', 'absent')
  if (text.state === 'refused') return bad(text.why)
  const value = readOwnJson(text.content)
  if (value === undefined) return bad('It is not laid out as kube-assay writes it, or a key stands twice in it.')
  checkVersion(join(folder, manifestName), value)
  const parsed = manifestSchema.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return bad(`It is none of kube-assay: ${shownName(issue?.path.join('.') ?? '')}: ${issue?.message ?? ''}`)
  }
  const { data } = parsed
  if (manifestText(data) !== text.content) return bad('It is not laid out as kube-assay writes it.')
  const names = new Set(data.files.map(({ name }) => name))
  if (names.size < data.files.length) return bad('It names a file twice.')
  if (names.has(manifestName) || names.has(signatureName)) return bad('It names itself or its signature.')
  return { manifest: data }
}

function checkVersion(path: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || !('kind' in value && 'schemaVersion' in value)) return
  if (value.kind !== 'kube-assay/manifest' || value.schemaVersion === manifestVersion) return
  throw new InputError(
    `${shownName(path)} has format ${shownName(String(value.schemaVersion))}; this kube-assay reads ${manifestVersion}.`,
  )
}

type ReadText =
  | { readonly state: 'read'; readonly content: string }
  | { readonly state: 'missing' }
  | { readonly state: 'refused'; readonly why: string }

async function readText(path: string, largest: number): Promise<ReadText> {
  const opened = await openRegular(path).catch((error: unknown) => codeOf(error))
  if (opened === 'ENOENT') return { state: 'missing' }
  if (typeof opened === 'string') return { state: 'refused', why: `It cannot be read (${opened}).` }
  if (opened === undefined) return { state: 'refused', why: 'It is no regular file.' }
  try {
    const { size } = await opened.stat()
    if (size > largest) return { state: 'refused', why: `It is larger than ${largest / 1024 / 1024} MiB.` }
    const bytes = await opened.readFile()
    const content = bytes.toString('utf8')
    if (!Buffer.from(content).equals(bytes)) return { state: 'refused', why: 'It is not UTF-8.' }
    return { state: 'read', content }
  } finally {
    await opened.close()
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return error.code === 'ELOOP' ? 'it is a link' : String(error.code)
  throw error
}

async function checkFiles(
  manifest: Manifest,
  found: readonly FoundFile[],
  { inspect }: VerifyOptions,
): Promise<Problem[]> {
  const byName = new Map(found.map((file) => [file.name, file]))
  const listed = new Set(manifest.files.map(({ name }) => name))
  const problems: Problem[] = []
  for (const wanted of manifest.files) {
    const name = shownName(wanted.name)
    const file = byName.get(wanted.name)
    if (file === undefined) problems.push({ kind: 'missing', name, detail: '' })
    else problems.push(...(await checkFile(file, wanted, manifest, inspect)).map((one) => ({ ...one, name })))
  }
  const own = new Set([manifestName, signatureName])
  for (const { name, kind } of found) {
    if (listed.has(name) || own.has(name)) continue
    problems.push({ kind: 'extra', name: shownName(name), detail: kind === 'file' ? '' : kindWords[kind] })
  }
  return problems
}

const kindWords = { link: 'a link', special: 'no regular file' } as const

async function checkFile(
  { kind, path, name }: FoundFile,
  wanted: Manifest['files'][number],
  manifest: Manifest,
  inspect: VerifyOptions['inspect'],
): Promise<Found[]> {
  if (kind !== 'file') return [{ kind: 'changed', detail: `is ${kindWords[kind]}` }]
  const file = await openRegular(path).catch((error: unknown) => codeOf(error))
  if (typeof file === 'string') return [{ kind: 'unreadable', detail: `cannot be read (${file})` }]
  if (file === undefined) return [{ kind: 'changed', detail: 'is no regular file' }]
  try {
    const { size } = await file.stat()
    if (size !== wanted.size) return [{ kind: 'changed', detail: `has ${size} bytes, had ${wanted.size}` }]
    const stream = () => file.createReadStream({ autoClose: false, start: 0 })
    const { sha256 } = await digestOf(stream())
    if (sha256 !== wanted.sha256)
      return [{ kind: 'changed', detail: `sha256 ${sha256.slice(0, 12)}…, was ${wanted.sha256.slice(0, 12)}…` }]
    const found = await inspect?.(name, stream(), manifest)
    return found === undefined ? [] : [found]
  } catch (error) {
    return [{ kind: 'unreadable', detail: `cannot be read (${codeOf(error)})` }]
  } finally {
    await file.close()
  }
}

/** The digest that reports print must be that of the file they speak of. */
function checkResultDigest({ files, result }: Manifest): Problem[] {
  const file = files.find(({ name }) => name === 'result.json')
  if (file === undefined || file.sha256 === result.sha256) return []
  const detail = 'Its digest of the result is not that of its result.json.'
  return [{ kind: 'manifest', name: manifestName, detail }]
}

async function readSignature(
  folder: string,
  manifest: Manifest,
  key: SigningKey | undefined,
): Promise<{ signature: SignatureState; signers: string[]; problem?: Problem }> {
  const text = await readText(join(folder, signatureName), 2 * largestManifest)
  const problem = (detail: string): Problem => ({ kind: 'signature', name: signatureName, detail })
  if (text.state === 'missing') {
    const signature = 'none'
    return {
      signature,
      signers: [],
      ...(key !== undefined && { problem: problem('There is none, and a key was given.') }),
    }
  }
  if (text.state === 'refused') return { signature: 'bad', signers: [], problem: problem(text.why) }
  const signers = signersOf(text.content)
  if (key === undefined) return { signature: 'unchecked', signers }
  const checked = checkSignature(text.content, manifest, key)
  if (checked.state === 'valid') return { signature: 'valid', signers: [key.id] }
  return { signature: 'bad', signers, problem: problem(`It ${checked.why}.`) }
}
