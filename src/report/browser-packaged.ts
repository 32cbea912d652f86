// The Chromium inside the optional package @sparticuz/chromium: unpacked once into a private folder, checked before each use.
// May not: use the package's own code, whose folder anyone can prepare and whose flags switch protections off.
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { chmod, lstat, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { brotliDecompressSync, createBrotliDecompress } from 'node:zlib'
import { z } from 'zod'
import { readTar } from './tar.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface PackagedBrowser {
  readonly path: string
  readonly environment: Readonly<Record<string, string>>
}

const manifestSchema = z.strictObject({ files: z.record(z.string(), z.string()) })
const manifestName = 'manifest.json'
/** Archives of shared libraries and of a font with its configuration, for systems that have none. */
const archives = ['al2023.tar.br', 'fonts.tar.br']
const libraries = ['libnss3.so', 'libnssutil3.so', 'libnspr4.so', 'libexpat.so.1']
const libraryFolders = [
  '/usr/lib/x86_64-linux-gnu',
  '/lib/x86_64-linux-gnu',
  '/usr/lib64',
  '/lib64',
  '/usr/lib',
  '/lib',
]

/** Undefined where the package is not installed or holds no binary for this machine. */
export async function findPackagedBrowser(
  environment: Environment,
  source: string | undefined = packageFolder(),
): Promise<PackagedBrowser | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64' || source === undefined) return undefined
  const key = (await digestOf(join(source, 'chromium.br'))).slice(0, 32)
  const cache = environment['XDG_CACHE_HOME'] ?? join(environment['HOME'] ?? homedir(), '.cache')
  const folder = await privateFolder(join(cache, 'kube-assay'))
  const target = join(folder, `chromium-${key}`)
  if (!(await isIntact(target))) await unpack(source, target)
  return { path: join(target, 'chromium'), environment: libraryEnvironment(target) }
}

function packageFolder(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
    const folder = join(dirname(dirname(entry)), 'bin')
    return existsSync(join(folder, 'chromium.br')) ? folder : undefined
  } catch {
    return undefined // An optional dependency that was left out.
  }
}

/** Where the system lacks a library, all come from the package; where it has no font set-up, so does that. */
function libraryEnvironment(target: string): Record<string, string> {
  const isMissing = libraries.some((name) => !libraryFolders.some((folder) => existsSync(join(folder, name))))
  return {
    ...(isMissing ? { LD_LIBRARY_PATH: join(target, 'lib') } : {}),
    ...(existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_PATH: target }),
  }
}

/** Makes the folder for this user alone, and refuses one that somebody else owns or can write to. */
async function privateFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const state = await lstat(path)
  if (!state.isDirectory() || state.uid !== process.geteuid?.()) {
    throw new Error(`${path} is not a folder of this user.`)
  }
  await chmod(path, 0o700)
  return path
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** Whether every file is there with the digest it had when it was unpacked. */
async function isIntact(target: string): Promise<boolean> {
  try {
    const state = await lstat(target)
    if (!state.isDirectory() || state.uid !== process.geteuid?.()) return false
    const { files } = manifestSchema.parse(JSON.parse(await readFile(join(target, manifestName), 'utf8')))
    if (!('chromium' in files)) return false
    for (const [name, digest] of Object.entries(files)) {
      if ((await digestOf(join(target, name))) !== digest) return false
    }
    return true
  } catch {
    return false // Missing or damaged: it is unpacked anew.
  }
}

async function unpack(source: string, target: string): Promise<void> {
  const folder = await mkdtemp(`${target}.`)
  try {
    const browser = join(folder, 'chromium')
    await pipeline(
      createReadStream(join(source, 'chromium.br')),
      createBrotliDecompress(),
      createWriteStream(browser, { mode: 0o700 }),
    )
    const files: Record<string, string> = { chromium: await digestOf(browser) }
    for (const archive of archives.filter((name) => existsSync(join(source, name)))) {
      for (const file of readTar(brotliDecompressSync(await readFile(join(source, archive))))) {
        await mkdir(dirname(join(folder, file.name)), { recursive: true, mode: 0o700 })
        await writeFile(join(folder, file.name), file.content, { mode: 0o700 })
        files[file.name] = createHash('sha256').update(file.content).digest('hex')
      }
    }
    await writeFile(join(folder, manifestName), JSON.stringify({ files }), { mode: 0o600 })
    await rm(target, { recursive: true, force: true })
    await rename(folder, target)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    if (!(await isIntact(target))) throw error // Another run may have unpacked it meanwhile.
  }
}
