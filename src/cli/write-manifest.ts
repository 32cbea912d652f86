// The last file of a run: what it wrote, with digests, and on request a signature over that.
// May not: stand beside files that are not those it names; an earlier one goes before the first new file is written.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  manifestName,
  manifestText,
  readSigningKey,
  type SigningKey,
  signatureName,
  signManifest,
} from '../integrity/index.ts'
import type { Config } from '../model/config.ts'
import { type Manifest, manifestVersion } from '../model/manifest.ts'
import type { Result } from '../model/result.ts'
import { writeWhole } from './output.ts'
import type { RunFiles } from './run-files.ts'
import { resultDigest } from './write-reports.ts'

/** Before anything is collected: a key that cannot be used ends the run at once. */
export async function loadSigningKey({ signing }: Config): Promise<SigningKey | undefined> {
  return signing === undefined ? undefined : readSigningKey(signing.key, signing.passphraseEnv, process.env)
}

/** In a folder that an earlier run wrote to. */
export async function removeManifest(folder: string): Promise<void> {
  for (const name of [manifestName, signatureName]) await rm(join(folder, name), { force: true })
}

/** The manifest last: where it stands, everything it names does, its signature included. Resolves to the paths. */
export async function writeManifest(
  folder: string,
  result: Result,
  files: RunFiles,
  key: SigningKey | undefined,
): Promise<string[]> {
  const manifest = manifestOf(result, files, folder)
  const paths = [join(folder, manifestName), join(folder, signatureName)] as const
  if (key !== undefined) await writeWhole(paths[1], signManifest(manifest, key))
  await writeWhole(paths[0], manifestText(manifest))
  return key === undefined ? [paths[0]] : [...paths]
}

function manifestOf(result: Result, { recipients, listed }: RunFiles, folder: string): Manifest {
  const { catalogue, cluster, snapshot } = result
  return {
    kind: 'kube-assay/manifest',
    schemaVersion: manifestVersion,
    reportId: result.reportId,
    tool: result.tool,
    catalogue,
    cluster: { name: cluster.name, ...(cluster.uid !== undefined && { uid: cluster.uid }) },
    snapshot: { sha256: snapshot.sha256, startedAt: snapshot.startedAt, finishedAt: snapshot.finishedAt },
    result: { sha256: resultDigest(result) },
    evaluatedAt: result.evaluatedAt,
    writtenAt: new Date().toISOString(),
    ...(recipients !== undefined && { encryption: { format: 'age', recipients } }),
    files: listed(folder),
  }
}
