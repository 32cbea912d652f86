// The runs that are kept under reports/<cluster>/: which there are, which is the latest, and which are old enough to go.
// May not: remove anything that is not a run of ours, or follow a link to remove what it leads to.
import { randomUUID } from 'node:crypto'
import { createReadStream, type Dirent, existsSync } from 'node:fs'
import { glob, lstat, readdir, readFile, readlink, realpath, rename, rm, symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readManifest, sealedSuffix } from '../integrity/index.ts'
import { type RunRecord, runRecordSchema, runRecordVersion } from '../model/comparison.ts'
import { InputError } from '../util/input-error.ts'
import { writeWhole } from './output.ts'
import { readResultFile } from './read-result.ts'
import type { OpenFile } from './sealed-input.ts'

export const recordFile = 'run.json'
export const latestName = 'latest'
const runName = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z$/

export interface StoredRun {
  /** Its folder's name, which is its time. */
  readonly name: string
  readonly folder: string
}

/** Folders that are named as runs and hold a record, oldest first. None where the folder is not there. */
export async function listRuns(clusterFolder: string): Promise<StoredRun[]> {
  const entries = await readdir(clusterFolder, { withFileTypes: true }).catch(noEntries)
  return entries
    .filter((entry) => entry.isDirectory() && runName.test(entry.name))
    .map(({ name }) => ({ name, folder: join(clusterFolder, name) }))
    .filter(({ folder }) => existsSync(recordOf(folder)))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function noEntries(error: unknown): Dirent[] {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return []
  throw error
}

/** The path of a run's record, encrypted or not. */
export function recordOf(folder: string): string {
  const sealed = join(folder, recordFile + sealedSuffix)
  return existsSync(sealed) ? sealed : join(folder, recordFile)
}

/** The record in a run's folder. Throws InputError where the file holds something else. */
export async function readRecord(folder: string, open: OpenFile): Promise<RunRecord> {
  const path = recordOf(folder)
  return parseRecord(path, await readResultFile(path, open))
}

export function parseRecord(path: string, value: unknown): RunRecord {
  const version = typeof value === 'object' && value !== null && 'schemaVersion' in value ? value.schemaVersion : ''
  if (String(version).split('.')[0] !== runRecordVersion.split('.')[0])
    throw new InputError(`${path} has format ${String(version)}; this kube-assay reads ${runRecordVersion}.`)
  const parsed = runRecordSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new InputError(`${path} is no record of a run: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`)
}

/** The latest whole run: what `latest` names, else the newest. Undefined where there is none. */
export async function latestRun(clusterFolder: string): Promise<StoredRun | undefined> {
  const runs = await listRuns(clusterFolder)
  const named = await readLatest(clusterFolder)
  return runs.find(({ name }) => name === named) ?? runs.at(-1)
}

/** A link's target or a file's line. */
async function readLatest(clusterFolder: string): Promise<string | undefined> {
  const path = join(clusterFolder, latestName)
  const found = await lstat(path).catch(() => undefined)
  if (found?.isSymbolicLink() === true) return basename(await readlink(path))
  return found?.isFile() === true ? (await readFile(path, 'utf8')).trim() : undefined
}

/**
 * Lets `latest` lead to a run, in one step, and never back to an older one. A file with the run's name where the file system has no
 * links. Resolves to false where something else is in the way.
 */
export async function setLatest(clusterFolder: string, name: string): Promise<boolean> {
  const path = join(clusterFolder, latestName)
  const found = await lstat(path).catch(() => undefined)
  if (found !== undefined && !found.isSymbolicLink() && !found.isFile()) return false
  const before = await readLatest(clusterFolder)
  if (before !== undefined && runName.test(before) && before > name) return true
  const partial = join(clusterFolder, `.${randomUUID()}.partial`)
  try {
    await symlink(name, partial, 'dir')
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    if (!hasNoLinks(error)) throw error
    await writeWhole(path, `${name}\n`)
  }
  return true
}

function hasNoLinks(error: unknown): boolean {
  const codes = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL']
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

export interface Retention {
  /** Runs to keep, this one included. */
  readonly keep?: number | undefined
  readonly keepDays?: number | undefined
}

/**
 * Removes runs beyond the count or older than the days, and tells which. Never `protect`ed folders, the latest, or a run whose
 * remediation was applied: it holds what a rollback needs.
 */
export async function removeOldRuns(
  clusterFolder: string,
  { keep, keepDays }: Retention,
  now: Date,
  protect: readonly string[],
): Promise<{ readonly removed: string[]; readonly kept: string[] }> {
  if (keep === undefined && keepDays === undefined) return { removed: [], kept: [] }
  const runs = (await listRuns(clusterFolder)).toReversed()
  const latest = await latestRun(clusterFolder)
  const guarded = new Set(await Promise.all(protect.map((one) => realpath(one).catch(() => one))))
  const oldest = keepDays === undefined ? undefined : now.getTime() - keepDays * 86_400_000
  const old = runs.filter(
    ({ name }, index) =>
      (keep !== undefined && index >= keep) || (oldest !== undefined && timeOf(name).getTime() < oldest),
  )
  const removed: string[] = []
  const kept: string[] = []
  for (const { name, folder } of old) {
    if (name === latest?.name || guarded.has(await realpath(folder))) continue
    if (!(await isOurs(folder)) || (await holdsRollback(folder))) {
      kept.push(folder)
      continue
    }
    // Renamed first, so that a run is there as a whole or not at all.
    const going = join(clusterFolder, `.${randomUUID()}.removed`)
    await rename(folder, going)
    await rm(going, { recursive: true })
    removed.push(folder)
  }
  return { removed, kept }
}

/** "2026-11-25T02-00-00Z". */
export function timeOf(name: string): Date {
  return new Date(name.replace(/T(\d{2})-(\d{2})-(\d{2})Z$/, 'T$1:$2:$3Z'))
}

/** An encrypted record is taken at its manifest's word: whoever keeps runs need not be able to read them. */
async function isOurs(folder: string): Promise<boolean> {
  const path = recordOf(folder)
  if (!(await lstat(path)).isFile()) return false
  if (path.endsWith(sealedSuffix)) return (await readManifest(folder)).manifest !== undefined
  return readRecord(folder, (file) => createReadStream(file)).then(
    () => true,
    () => false,
  )
}

async function holdsRollback(folder: string): Promise<boolean> {
  for await (const _ of glob('remediation*/**/saved/*', { cwd: folder })) return true
  return false
}
