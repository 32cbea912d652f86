// The machine that audits: Node.js, room for reports, a browser for the PDF.
import { access, constants, statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Config } from '../../model/config.ts'
import { startBrowser } from '../../report/browser.ts'
import { findBrowser } from '../../report/browser-discovery.ts'
import { PdfError } from '../../report/pdf-error.ts'
import { type Check, failed, ok, skipped, warned } from './check.ts'

const mebibyte = 1_048_576
/** A snapshot of a large cluster with its reports; below the second, not even those of a small one. */
const wantedBytes = 1024 * mebibyte
const leastBytes = 100 * mebibyte

/** As package.json asks for it. */
const leastNode = [22, 19] as const

export function checkNodeVersion(version: string): Check {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  const isEnough = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1])
  const least = leastNode.join('.')
  if (isEnough) return ok('node-version', 'Node.js', `${version}; ${least} or newer is needed.`)
  return failed('node-version', 'Node.js', `${version} is older than ${least}.`, `Install Node.js ${least} or newer.`)
}

export async function checkDisk({ output }: Config): Promise<Check> {
  const folder = await nearestFolder(resolve(output ?? 'reports'))
  const fix = 'Choose another folder with --output, or change its permissions.'
  try {
    await access(folder, constants.W_OK)
  } catch {
    return failed('disk', 'Reports', `${folder} cannot be written to.`, fix)
  }
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const detail = `${Math.floor(free / mebibyte)} MiB free for ${folder}.`
  if (free < leastBytes)
    return failed('disk', 'Reports', detail, 'Free some space, or choose another folder with --output.')
  if (free < wantedBytes)
    return warned('disk', 'Reports', detail, 'Large clusters can need a GiB; --keep removes old runs.')
  return ok('disk', 'Reports', detail)
}

async function nearestFolder(path: string): Promise<string> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  return isThere || dirname(path) === path ? path : nearestFolder(dirname(path))
}

const browserMs = 30_000

/** Starts it: a browser that is there and does not run is the more common trouble. */
export async function checkBrowser({ formats }: Config, signal: AbortSignal): Promise<Check> {
  if (formats !== undefined && !formats.includes('pdf')) return skipped('browser', 'Browser', 'No PDF is asked for.')
  try {
    const found = await findBrowser(process.env)
    const running = await startBrowser(found, browserMs, signal)
    await running.close()
    const detail = `${running.version} at ${found.path} (${found.origin}).`
    if (running.sandboxed) return ok('browser', 'Browser', detail)
    const why = `${detail} It runs without its sandbox here; the page has no script and no network.`
    return warned('browser', 'Browser', why, 'Run as another user than root, where user namespaces are allowed.')
  } catch (error) {
    if (!(error instanceof PdfError)) throw error
    return failed('browser', 'Browser', error.message, 'Install Chromium, or leave the PDF out: --format html,json.')
  }
}
