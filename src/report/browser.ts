// Starts a found Chromium for one document: a new empty profile, no network, the sandbox wherever the system allows it.
// May not: keep anything; the profile is removed and the process is gone when `close` returns.
import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'puppeteer-core'
import { removeAtExit } from '../util/remove-at-exit.ts'
import { browserAdvice, type FoundBrowser } from './browser-discovery.ts'
import { PdfError } from './pdf-error.ts'

export interface RunningBrowser {
  readonly browser: Browser
  /** Such as "Chrome/156.0.8078.79". */
  readonly version: string
  readonly sandboxed: boolean
  close(): Promise<void>
}

/** Switches on top of puppeteer's own. A document needs no network; these keep the browser itself from asking. */
const switches = [
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  '--disable-breakpad',
  '--disable-crash-reporter',
  '--disable-domain-reliability',
  '--no-pings',
  '--proxy-server=http://127.0.0.1:9',
  '--proxy-bypass-list=<-loopback>',
  '--host-resolver-rules=MAP * ~NOTFOUND',
]
const passedOn = ['PATH', 'LANG', 'LC_ALL', 'LD_LIBRARY_PATH', 'FONTCONFIG_FILE', 'FONTCONFIG_PATH', 'SYSTEMROOT']

/** Throws PdfError `start-failed`. As root, and where user namespaces are off, the sandbox cannot be had: see `sandboxed`. */
export async function startBrowser(
  found: FoundBrowser,
  timeoutMs: number,
  signal?: AbortSignal,
  isPrivate = false,
): Promise<RunningBrowser> {
  const parent = isPrivate ? await memoryFolder() : profileParent()
  const isRoot = process.geteuid?.() === 0
  const first = isRoot ? undefined : await tryStart(found, true, parent, timeoutMs, signal)
  if (first?.running) return first.running
  const second = await tryStart(found, false, parent, timeoutMs, signal)
  if (second.running) return second.running
  throw new PdfError('start-failed', `${found.path} (${found.origin}) does not start.`, browserAdvice, second.error)
}

async function tryStart(
  found: FoundBrowser,
  sandboxed: boolean,
  parent: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<{ running?: RunningBrowser; error?: unknown }> {
  const profile = await mkdtemp(join(parent, 'assay-'))
  const forget = removeAtExit(profile)
  const removeProfile = async () => {
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    forget()
  }
  try {
    const { default: puppeteer } = await import('puppeteer-core')
    const launch = puppeteer.launch({
      executablePath: found.path,
      headless: true,
      pipe: true,
      userDataDir: profile,
      env: { ...environmentOf(profile), ...found.environment },
      args: [...switches, ...(sandboxed ? [] : ['--no-sandbox'])],
      timeout: timeoutMs,
      protocolTimeout: timeoutMs,
      ...(signal ? { signal } : {}),
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    })
    // A launch that is given up while the browser starts may never settle; one that settles late must not leave it running.
    const browser = await untilAborted(launch, signal).catch((error: unknown) => {
      launch.then(stop, () => undefined)
      throw error
    })
    const close = async () => {
      await stop(browser)
      await removeProfile()
    }
    return { running: { browser, version: await untilAborted(browser.version(), signal), sandboxed, close } }
  } catch (error) {
    await removeProfile()
    return { error }
  }
}

/** Chromium puts a socket below its folder, and a socket's path holds about 100 characters: a long folder would stop it. */
function profileParent(): string {
  const usual = tmpdir()
  return usual.length > 40 && process.platform !== 'win32' ? '/tmp' : usual
}

const memory = '/dev/shm'
/** What the browser puts aside for a large report. */
const memoryNeeded = 512 * 1024 * 1024

/** The browser keeps pages, shared memory and the finished PDF in temporary files: these must not be on a disk. */
async function memoryFolder(): Promise<string> {
  const found = await statfs(memory).catch(() => undefined)
  const isMemory = found?.type === 0x01021994
  if (isMemory && found.bavail * found.bsize >= memoryNeeded) return memory
  throw new PdfError(
    'start-failed',
    `A browser puts pages aside in clear, and ${memory} ${isMemory ? 'has less than 512 MiB' : 'is not in memory'}.`,
    'Give it more (docker run --shm-size 1g), or leave out the format pdf.',
  )
}

/** What the browser is told of this process: nothing but where programs, fonts and libraries are. */
function environmentOf(profile: string): Record<string, string> {
  const kept = passedOn.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const own = ['HOME', 'TMPDIR', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME'].map((name) => [name, profile] as const)
  return Object.fromEntries([...kept, ...own])
}

async function stop(browser: Browser): Promise<void> {
  const child = browser.process()
  const killer = setTimeout(() => child?.kill('SIGKILL'), 3_000)
  try {
    await Promise.race([browser.close(), new Promise((resolve) => setTimeout(resolve, 5_000).unref())])
  } catch {
    child?.kill('SIGKILL') // It is gone or does not answer; either way it must not stay.
  } finally {
    clearTimeout(killer)
  }
}

/** The promise, or a rejection as soon as the signal aborts: a dead browser does not always reject what was asked of it. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new Error('aborted'))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
