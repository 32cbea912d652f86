// Temporary files and folders that must not outlive the process when it is ended before their owner could remove them.
// May not: replace the owner's own clean-up; a process that is killed outright runs nothing.
import { rmSync } from 'node:fs'

const paths = new Set<string>()

/** Removes `path` when the process exits, unless the returned function is called first. One listener, however many paths. */
export function removeAtExit(path: string): () => void {
  if (paths.size === 0) process.on('exit', removeAll)
  paths.add(path)
  return () => {
    paths.delete(path)
    if (paths.size === 0) process.off('exit', removeAll)
  }
}

function removeAll(): void {
  for (const path of paths) rmSync(path, { recursive: true, force: true, maxRetries: 3 })
}
