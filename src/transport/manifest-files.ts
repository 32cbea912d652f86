// Finds manifest files and reads the documents in them: YAML (several per file) and JSON, as Kubernetes' own parser reads them.
// May not: interpret the objects, or let a hostile file take the memory or the time of the run.
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { type Document, LineCounter, parseAllDocuments, type Tags } from 'yaml'
import { InputError } from '../util/input-error.ts'

/** A path that was asked for and is not there. */
export class ManifestPathError extends InputError {
  override readonly name = 'ManifestPathError'
}

/** What one file gave: its documents in order, and the first place where it could not be read. */
export interface ManifestFile {
  readonly documents: readonly unknown[]
  /** "deploy/cart.yaml:12: …" */
  readonly problem?: string
}

const extensions = new Set(['.yaml', '.yml', '.json'])
const maxFileBytes = 64 * 1_048_576
const maxAliasCount = 100

/**
 * The manifest files under the given files and folders, sorted, each once. Links are followed, each folder is entered once,
 * `.git` is not. Throws ManifestPathError for a path that does not exist.
 */
export async function findManifests(paths: readonly string[]): Promise<string[]> {
  const found = new Map<string, string>()
  const entered = new Set<string>()
  for (const path of paths) {
    const info = await stat(path).catch((error: unknown) => {
      const code = error instanceof Error && 'code' in error ? error.code : 'unreadable'
      const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
      throw new ManifestPathError(`The manifest path ${path} ${why}. Give existing files or folders.`, { cause: error })
    })
    if (info.isDirectory()) await walk(path, found, entered)
    else found.set(await realpath(path), path)
  }
  return [...found.values()].sort()
}

async function walk(folder: string, found: Map<string, string>, entered: Set<string>): Promise<void> {
  const real = await realpath(folder)
  if (entered.has(real)) return
  entered.add(real)
  const names = await readdir(folder).catch((error: unknown) => {
    throw new ManifestPathError(`The folder ${folder} cannot be read. Give one that can.`, { cause: error })
  })
  for (const name of names.sort()) {
    const path = join(folder, name)
    const info = await stat(path).catch(() => undefined)
    if (info?.isDirectory() && name !== '.git') await walk(path, found, entered)
    // A dangling link with a manifest's name is kept: reading it then says what is wrong.
    else if (!info?.isDirectory() && extensions.has(extname(name)))
      found.set(await realpath(path).catch(() => path), path)
  }
}

/** Reads one file. Never throws for its content. */
export async function readManifest(path: string): Promise<ManifestFile> {
  let text: string
  try {
    const { size } = await stat(path)
    if (size > maxFileBytes) return { documents: [], problem: `${path}: larger than ${maxFileBytes / 1_048_576} MiB.` }
    text = await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    return { documents: [], problem: `${path}: cannot be read (${code}).` }
  }
  return extname(path) === '.json' ? parseJson(path, text) : parseYaml(path, text)
}

function parseJson(path: string, text: string): ManifestFile {
  try {
    return { documents: [JSON.parse(text)] }
  } catch {
    // Several JSON documents in one file, or comments: YAML reads both, and tells the line of a mistake.
    return parseYaml(path, text)
  }
}

/** YAML 1.1 as Kubernetes reads it (`yes` is true, 0644 is 420), without its dates, times and binary. */
function kubernetesTags(tags: Tags): Tags {
  const foreign = new Set(['timestamp', 'binary', 'omap', 'pairs', 'set'].map((name) => `tag:yaml.org,2002:${name}`))
  return tags.filter(
    (tag) => typeof tag === 'string' || !(foreign.has(tag.tag) || ('format' in tag && tag.format === 'TIME')),
  )
}

function parseYaml(path: string, text: string): ManifestFile {
  const lineCounter = new LineCounter()
  const parsed = parseAllDocuments(text, {
    version: '1.1',
    merge: true,
    // An unrendered template, `name: {{ x }}`, is a map as the key of a map.
    stringKeys: true,
    prettyErrors: false,
    lineCounter,
    customTags: kubernetesTags,
  })
  const documents: unknown[] = []
  let problem: string | undefined
  for (const document of 'empty' in parsed ? [] : parsed) {
    const value = toPlain(document, path, lineCounter)
    if ('problem' in value) problem ??= value.problem
    else documents.push(value.document)
  }
  return problem === undefined ? { documents } : { documents, problem }
}

function toPlain(
  document: Document.Parsed,
  path: string,
  lineCounter: LineCounter,
): { readonly document: unknown } | { readonly problem: string } {
  const [error] = document.errors
  if (error !== undefined) {
    const message = error.message.split('\n', 1)[0] ?? ''
    return { problem: `${path}:${lineCounter.linePos(error.pos[0]).line}: ${message.replace(/\.?$/, '.')}` }
  }
  try {
    return { document: document.toJS({ maxAliasCount }) }
  } catch {
    const { line } = lineCounter.linePos(document.range[0])
    return { problem: `${path}:${line}: aliases that do not resolve, or multiply beyond ${maxAliasCount}.` }
  }
}
