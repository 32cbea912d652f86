import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { startBrowser } from '../../src/report/browser.ts'
import { printPage } from '../../src/report/pdf-print.ts'
import { browserForTests } from '../support/browser.ts'

const browser = await browserForTests()

/** A server that counts who comes. */
async function counter(): Promise<{ url: string; hits: string[]; close(): Promise<void> }> {
  const hits: string[] = []
  const server = createServer((request, response) => {
    hits.push(request.url ?? '')
    response.end('x')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return { url: `http://127.0.0.1:${port}`, hits, close }
}

describe.runIf(browser)('a page of the browser', { timeout: 60_000 }, () => {
  // Escaping and the policy come first; this shows what holds when both have failed.
  test('reaches no network and no file, runs no script, even for markup that tries', async () => {
    const server = await counter()
    const running = await startBrowser(browser ?? { path: '', origin: '', environment: {} }, 30_000)
    try {
      const html = `<!doctype html><title>T</title><link rel=stylesheet href="${server.url}/css"><link rel=icon href="${server.url}/icon">
        <style>@import url(${server.url}/import);body{background:url(${server.url}/background)}</style>
        <img src="${server.url}/img"><iframe src="${server.url}/iframe"></iframe><iframe src="file:///etc/passwd"></iframe>
        <object data="file:///etc/passwd"></object><embed src="${server.url}/embed"><video src="${server.url}/video"></video>
        <svg><image href="${server.url}/svg"/></svg><script>document.title='owned';fetch('${server.url}/fetch')</script>`
      const { bytes, refused } = await printPage(running, html, 'T', 30_000)
      expect(Buffer.from(bytes.subarray(0, 5)).toString()).toBe('%PDF-')
      expect(refused).toBeGreaterThan(5)
      expect(server.hits).toEqual([])
      expect(Buffer.from(bytes).toString('latin1')).not.toContain('root:x')
    } finally {
      await running.close()
      await server.close()
    }
  })

  test('that is led elsewhere is no report', async () => {
    const server = await counter()
    const running = await startBrowser(browser ?? { path: '', origin: '', environment: {} }, 30_000)
    try {
      const away = `<!doctype html><title>other</title><meta http-equiv="refresh" content="0;url=${server.url}/away">`
      await expect(printPage(running, away, 'T', 30_000)).rejects.toMatchObject({ reason: 'render-failed' })
      expect(server.hits).toEqual([])
    } finally {
      await running.close()
      await server.close()
    }
  })

  test('starts where the folder for temporary files has a long name', async () => {
    const folder = await mkdtemp(join(tmpdir(), `${'long'.repeat(20)}-`))
    vi.stubEnv('TMPDIR', folder)
    try {
      const running = await startBrowser(browser ?? { path: '', origin: '', environment: {} }, 30_000)
      await running.close()
    } finally {
      vi.unstubAllEnvs()
      await rm(folder, { recursive: true })
    }
  })

  test('without the sandbox says so', async () => {
    const running = await startBrowser(browser ?? { path: '', origin: '', environment: {} }, 30_000)
    const line = running.browser.process()?.spawnargs.includes('--no-sandbox')
    await running.close()
    expect(running.sandboxed).toBe(line === false)
    if (process.geteuid?.() === 0) expect(running.sandboxed).toBe(false)
  })
})

test('a program that is no browser is named, with what to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kube-assay-test-'))
  const path = join(folder, 'chromium')
  await writeFile(path, '#!/bin/sh\nexit 1\n')
  await chmod(path, 0o755)
  try {
    await expect(startBrowser({ path, origin: 'system', environment: {} }, 5_000)).rejects.toMatchObject({
      name: 'PdfError',
      reason: 'start-failed',
      message: expect.stringContaining(`${path} (system) does not start. Install Chromium`),
    })
  } finally {
    await rm(folder, { recursive: true })
  }
})
