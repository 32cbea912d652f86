import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBrowser } from '../../../src/report/browser-discovery.ts'
import { findPackagedBrowser } from '../../../src/report/browser-packaged.ts'
import { readTar } from '../../../src/report/tar.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function program(path: string, mode = 0o755): Promise<string> {
  const full = join(folder, path)
  await mkdir(dirname(full), { recursive: true })
  await writeFile(full, '#!/bin/sh\n')
  await chmod(full, mode)
  return full
}
const nothingPackaged = async () => undefined

describe('the order of browsers', () => {
  test('one that the environment names, or a refusal that says which variable', async () => {
    const path = await program('named/chrome')
    const environment = { CHROME_PATH: path, PATH: '' }
    expect(await findBrowser(environment, nothingPackaged)).toEqual({ path, origin: 'CHROME_PATH', environment: {} })
    const missing = { PUPPETEER_EXECUTABLE_PATH: join(folder, 'none'), CHROME_PATH: path }
    await expect(findBrowser(missing, nothingPackaged)).rejects.toMatchObject({
      name: 'PdfError',
      reason: 'no-browser',
      message: `PUPPETEER_EXECUTABLE_PATH names ${join(folder, 'none')}, which is not an executable file. Correct or unset it.`,
    })
  })
  test('one on the path that can be run', async () => {
    await program('first/chromium', 0o644)
    const path = await program('second/google-chrome')
    const environment = { PATH: `${join(folder, 'first')}:${join(folder, 'second')}`, HOME: folder }
    expect(await findBrowser(environment, nothingPackaged)).toEqual({ path, origin: 'system', environment: {} })
  })
  test('the newest of puppeteer’s cache', async () => {
    await program('.cache/puppeteer/chrome/linux-99.0.1/chrome-linux64/chrome')
    const path = await program('.cache/puppeteer/chrome/linux-156.0.8/chrome-linux64/chrome')
    const found = await findBrowser({ PATH: '', HOME: folder }, nothingPackaged)
    expect(found).toEqual({ path, origin: 'puppeteer’s cache', environment: {} })
  })
  test('the packaged one, and then none', async () => {
    const environment = { PATH: '', HOME: join(folder, 'nobody') }
    const packaged = { path: '/x', environment: { LD_LIBRARY_PATH: '/y' } }
    expect(await findBrowser(environment, async () => packaged)).toEqual({ ...packaged, origin: '@sparticuz/chromium' })
    await expect(findBrowser(environment, nothingPackaged)).rejects.toMatchObject({ reason: 'no-browser' })
    const broken = async () => {
      throw new Error('disk full')
    }
    await expect(findBrowser(environment, broken)).rejects.toMatchObject({ reason: 'start-failed' })
  })
})

function tar(files: Readonly<Record<string, string>>, kind = '0'): Buffer {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const head = Buffer.alloc(512)
    head.write(name, 0)
    head.write(content.length.toString(8).padStart(11, '0'), 124)
    head.write(kind, 156)
    const body = Buffer.alloc(Math.ceil(content.length / 512) * 512)
    body.write(content)
    return [head, body]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

describe('tar archives', () => {
  test('regular files with plain names only', () => {
    const archive = tar({ 'lib/a.so.1': 'A', '../up': 'x', '/abs': 'x', 'a/../b': 'x', c: 'C'.repeat(600) })
    const names = readTar(archive).map((file) => [file.name, file.content.length])
    expect(names).toEqual([
      ['lib/a.so.1', 1],
      ['c', 600],
    ])
    expect(readTar(tar({ link: '' }, '2'))).toEqual([])
  })
  test('a damaged one is refused', () => {
    expect(() => readTar(tar({ a: 'A'.repeat(2000) }).subarray(0, 1024))).toThrow('damaged')
  })
})

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('the packaged browser', () => {
  test('is unpacked into a private folder, checked on reuse, and unpacked anew when it was altered', async () => {
    const source = join(folder, 'package')
    await mkdir(source)
    await writeFile(join(source, 'chromium.br'), brotliCompressSync('the browser'))
    await writeFile(join(source, 'al2023.tar.br'), brotliCompressSync(tar({ 'lib/libnss3.so': 'nss' })))
    const environment = { XDG_CACHE_HOME: join(folder, 'cache') }
    const found = await findPackagedBrowser(environment, source)
    const path = found?.path ?? ''
    expect(path).toMatch(/\/cache\/kube-assay\/chromium-[0-9a-f]{32}\/chromium$/)
    expect(await readFile(join(dirname(path), 'lib', 'libnss3.so'), 'utf8')).toBe('nss')
    await writeFile(path, 'something else')
    expect((await findPackagedBrowser(environment, source))?.path).toBe(path)
    expect(await readFile(path, 'utf8')).toBe('the browser')
  })
})
