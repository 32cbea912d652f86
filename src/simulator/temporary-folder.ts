// Where the simulator keeps files that commands of an unprivileged login must reach.
// May not: open more than the way through; what is private goes into a folder of mode 0700 below.
import { chmodSync, mkdtempSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/**
 * A new folder. Run by root, it can be passed through, not listed, by the user that stands for a login without rights; its
 * place is then one that this user can reach.
 */
export function makePrivateFolder(): string {
  const isRoot = process.getuid?.() === 0
  const folder = mkdtempSync(join(isRoot ? searchableTemporaryFolder() : tmpdir(), 'kube-assay-sim-'))
  if (isRoot) chmodSync(folder, 0o711)
  return folder
}

function searchableTemporaryFolder(): string {
  const found = [tmpdir(), '/tmp', '/var/tmp'].find(isSearchableByOthers)
  if (found === undefined) {
    throw new Error('the simulator, run by root, needs a temporary folder that other users can pass through')
  }
  return found
}

function isSearchableByOthers(path: string): boolean {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0
  if ((mode & 0o001) === 0) return false
  return path === dirname(path) || isSearchableByOthers(dirname(path))
}
