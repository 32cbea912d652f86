// Finds a Chromium: the one that the environment names, else of the system, else of puppeteer's cache, else the packaged one.
// May not: download anything, or start what it finds.
import { constants } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type Environment, findPackagedBrowser } from './browser-packaged.ts'
import { PdfError } from './pdf-error.ts'

export interface FoundBrowser {
  readonly path: string
  /** "PUPPETEER_EXECUTABLE_PATH", "system", "puppeteer's cache", "@sparticuz/chromium". */
  readonly origin: string
  /** Set on top of the browser's small environment. */
  readonly environment: Readonly<Record<string, string>>
}

const variables = ['PUPPETEER_EXECUTABLE_PATH', 'CHROME_PATH']
const names = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'chrome',
  'chromium-headless-shell',
  'chrome-headless-shell',
  'microsoft-edge-stable',
]
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

export const browserAdvice =
  'Install Chromium or Chrome (Debian: apt-get install chromium), or name one with PUPPETEER_EXECUTABLE_PATH; then run `kube-assay render` on the result again.'

/** The first browser of the order above. Throws PdfError `no-browser`, also when a named one is not there. */
export async function findBrowser(
  environment: Environment,
  findPackaged: typeof findPackagedBrowser = findPackagedBrowser,
): Promise<FoundBrowser> {
  const named = await namedBrowser(environment)
  if (named) return named
  for (const path of systemPaths(environment)) if (await isExecutable(path)) return found(path, 'system')
  for (const path of await cachedPaths(environment)) {
    if (await isExecutable(path)) return found(path, 'puppeteer’s cache')
  }
  const packaged = await packagedBrowser(environment, findPackaged)
  if (packaged) return { ...packaged, origin: '@sparticuz/chromium' }
  throw new PdfError('no-browser', 'No Chromium was found on this machine.', browserAdvice)
}

async function packagedBrowser(
  environment: Environment,
  findPackaged: typeof findPackagedBrowser,
): ReturnType<typeof findPackagedBrowser> {
  try {
    return await findPackaged(environment)
  } catch (error) {
    throw new PdfError('start-failed', 'The packaged Chromium could not be unpacked.', browserAdvice, error)
  }
}

function found(path: string, origin: string): FoundBrowser {
  return { path, origin, environment: {} }
}

/** A browser that somebody named is used or refused; another one instead would be a surprise. */
async function namedBrowser(environment: Environment): Promise<FoundBrowser | undefined> {
  for (const variable of variables) {
    const path = environment[variable]
    if (path === undefined || path === '') continue
    if (await isExecutable(path)) return found(path, variable)
    throw new PdfError(
      'no-browser',
      `${variable} names ${path}, which is not an executable file.`,
      'Correct or unset it.',
    )
  }
  return undefined
}

function systemPaths(environment: Environment): string[] {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...places]
}

/** Browsers that `npx @puppeteer/browsers install` put there, newest version first. */
async function cachedPaths(environment: Environment): Promise<string[]> {
  const home = environment['HOME'] ?? homedir()
  const cache = environment['PUPPETEER_CACHE_DIR'] ?? join(home, '.cache', 'puppeteer')
  const paths: string[] = []
  for (const kind of ['chrome', 'chrome-headless-shell']) {
    const versions = await listFolder(join(cache, kind))
    const newestFirst = versions.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    for (const version of newestFirst) {
      for (const build of await listFolder(join(cache, kind, version))) {
        paths.push(join(cache, kind, version, build, kind), join(cache, kind, version, build, `${kind}.exe`))
      }
    }
  }
  return paths
}

async function listFolder(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch {
    return [] // No such folder: nothing is cached.
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false // Not there, or not for this user: the next candidate is asked.
  }
}
