// A PDF that cannot be made, by the command line as a user runs it: HTML and JSON are whole all the same, the message says why and what to
// do, the exit code is 4, and nothing half is left behind.
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resultSchema } from '../../src/model/result.ts'
import { renderHtml, renderJson } from '../../src/report/index.ts'
import { browserForTests } from '../support/browser.ts'
import { type CliRun, runCli } from '../support/cli.ts'
import { bigResult, demoResult } from '../support/sample-results.ts'

const browser = await browserForTests()

let folder = ''
let small = ''
let large = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-test-'))
  small = join(folder, 'small.json')
  large = join(folder, 'large.json')
  await writeFile(small, renderJson(demoResult()))
  await writeFile(large, renderJson(bigResult()))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Failed extends CliRun {
  readonly output: string
  readonly left: readonly string[]
  readonly temporary: readonly string[]
}

/** Renders all formats into a new folder, with a folder for temporary files of its own. */
async function render(
  name: string,
  file: string,
  options: Parameters<typeof runCli>[1] = {},
  output = join(folder, name),
): Promise<Failed> {
  const temporary = join(folder, `${name}-tmp`)
  await mkdir(temporary)
  await mkdir(output, { recursive: true })
  const env = { TMPDIR: temporary, ...(browser && { PUPPETEER_EXECUTABLE_PATH: browser.path }), ...options.env }
  const run = await runCli(['render', file, '--output', output, '--format', 'html,pdf,json'], { ...options, env })
  return { ...run, output, left: (await readdir(output)).sort(), temporary: await readdir(temporary) }
}

async function expectOthersWhole({ output, left, temporary }: Failed, file: string): Promise<void> {
  expect(left).toEqual(['report.html', 'result.json'])
  expect(temporary).toEqual([])
  const result = resultSchema.parse(JSON.parse(await readFile(join(output, 'result.json'), 'utf8')))
  expect(result).toEqual(resultSchema.parse(JSON.parse(await readFile(file, 'utf8'))))
  const html = await readFile(join(output, 'report.html'), 'utf8')
  expect(html.endsWith('</html>\n')).toBe(true)
  expect(html.length).toBeGreaterThan((await renderHtml(result)).length - 1000)
}

describe('a PDF that cannot be made', { timeout: 180_000 }, () => {
  it('without a browser: says how to get one', async () => {
    const run = await render('none', small, { env: { PUPPETEER_EXECUTABLE_PATH: join(folder, 'no-such-browser') } })
    expect([run.code, run.stderr]).toEqual([
      4,
      expect.stringMatching(/no PDF: .*no-such-browser.*\. The other reports are complete\.$/m),
    ])
    await expectOthersWhole(run, small)
  })

  it('with a program that is no browser: names it', async () => {
    const run = await render('false', small, { env: { PUPPETEER_EXECUTABLE_PATH: '/bin/false' } })
    expect([run.code, run.stderr]).toEqual([4, expect.stringContaining('/bin/false')])
    expect(run.stderr).toMatch(/does\s+not\s+start/)
    await expectOthersWhole(run, small)
  })

  it.runIf(browser && process.platform === 'linux')('with a browser that is killed while it prints', async () => {
    let killed = 0
    const run = await render('killed', large, {
      onStart: (child) => {
        void (async () => {
          for (let turn = 0; turn < 1700 && killed === 0; turn += 1) {
            await wait(100)
            const found = await rendererOf(child.pid ?? 0)
            if (found === undefined) continue
            await wait(1500) // It has the document by then, and seconds to go.
            process.kill(found.browser, 'SIGKILL')
            killed = found.browser
          }
        })()
      },
    })
    expect(killed).toBeGreaterThan(0)
    expect(run.code).toBe(4)
    expect(run.stderr.replaceAll(/\s+/g, ' ')).toMatch(
      /no PDF: Chrome\/\S+ ended while it made the PDF\. .*The other reports are complete\./,
    )
    await expectOthersWhole(run, large)
  })

  it.runIf(browser)('into a full disk: says which file, and leaves no part of it', async () => {
    const { mounted, why } = mount('full', 'size=600k')
    if (mounted === undefined) return console.warn(`SKIPPED: a full disk. ${why}`)
    try {
      const run = await render('full-run', small, {}, mounted)
      expect(run.code).toBe(4)
      expect(run.stderr.replaceAll(/\s+/g, ' ')).toMatch(
        /report\.pdf could not be written: ENOSPC\. Free space or choose another folder\. The other reports are complete/,
      )
      await expectOthersWhole(run, small)
    } finally {
      spawnSync('umount', [mounted])
    }
  })

  it('into a folder that cannot be written: says so before anything is made', async () => {
    const { mounted, why } = mount('read-only', 'ro')
    if (mounted === undefined) return console.warn(`SKIPPED: a folder that cannot be written. ${why}`)
    try {
      const run = await render('read-only-run', small, {}, mounted)
      expect([run.code, run.left, run.temporary]).toEqual([expect.any(Number), [], []])
      expect(run.code).not.toBe(0)
      expect(run.stderr).toMatch(/EROFS|cannot be written|read-only/)
      expect(run.stderr).toContain(mounted)
    } finally {
      spawnSync('umount', [mounted])
    }
  })
})

/** A small file system of its own; needs to be root and allowed to mount. */
function mount(name: string, options: string): { readonly mounted?: string; readonly why: string } {
  const place = join(folder, name)
  spawnSync('mkdir', ['-p', place])
  const { status, stderr, error } = spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', options, 'none', place], {
    encoding: 'utf8',
  })
  return status === 0 ? { mounted: place, why: '' } : { why: String(error ?? stderr).trim() }
}

/** The browser below a process, once it has a process that renders. */
async function rendererOf(root: number): Promise<{ readonly browser: number } | undefined> {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
  const rows = stdout.split('\n').flatMap((line) => {
    const [, pid, parent, words = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), words }]
  })
  const parents = new Map(rows.map(({ pid, parent }) => [pid, parent]))
  const isBelow = (pid: number, top: number): boolean => {
    const parent = parents.get(pid)
    return parent !== undefined && parent > 1 && (parent === top || isBelow(parent, top))
  }
  const found = rows.find(({ parent, words }) => parent === root && words.includes('--headless'))
  if (found === undefined) return undefined
  const isRendering = rows.some(({ pid, words }) => words.includes('--type=renderer') && isBelow(pid, found.pid))
  return isRendering ? { browser: found.pid } : undefined
}
