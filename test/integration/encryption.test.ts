// Runs that are encrypted before they leave the process: opened by the real age, read back by every command with the identity, and
// nothing of the cluster in clear in any file, whatever becomes of the run.
import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { comparisonSchema } from '../../src/model/comparison.ts'
import { manifestSchema } from '../../src/model/manifest.ts'
import { type CliRun, runCli } from '../support/cli.ts'

const age = promisify(execFile)
const hasAge = (() => {
  try {
    execFileSync('age-keygen', ['--version'], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
})()
/** Names that only the cluster knows: none of them may be found. */
const secrets = ['moonshot-tenant', 'payroll-engine', 'registry.hidden.example']
const manifests = `
apiVersion: v1
kind: Namespace
metadata: {name: moonshot-tenant}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: payroll-engine, namespace: moonshot-tenant}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: registry.hidden.example/web, securityContext: {privileged: true}}]}
`
let folder = ''
let recipient = ''
const cli = (args: string[], options: { env?: Record<string, string>; onStart?: (pid: number) => void } = {}) =>
  runCli(args, {
    cwd: folder,
    env: { TMPDIR: join(folder, 'tmp'), ...options.env },
    onStart: (child) => options.onStart?.(child.pid ?? 0),
  })
const identity = ['--identity', 'id.txt']
const audit = (...args: string[]) =>
  cli(['audit', '--manifests', 'm.yaml', '--cluster-name', 'files', '--encrypt-to', recipient, ...args])

describe.skipIf(!hasAge && process.env['KUBE_ASSAY_REQUIRE_INTEGRATION'] === undefined)('encrypted runs', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kube-assay-encryption-'))
    await mkdir(join(folder, 'tmp'))
    await writeFile(join(folder, 'm.yaml'), manifests)
    execFileSync('age-keygen', ['-o', 'id.txt'], { cwd: folder, stdio: 'pipe' })
    execFileSync('age-keygen', ['-o', 'other.txt'], { cwd: folder, stdio: 'pipe' })
    recipient = execFileSync('age-keygen', ['-y', 'id.txt'], { cwd: folder, encoding: 'utf8' }).trim()
    await writeFile(join(folder, 'team.txt'), `# the auditors\n${recipient}\n`)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const decrypt = async (path: string): Promise<Buffer> => {
    const { stdout } = await age('age', ['-d', '-i', 'id.txt', path], {
      cwd: folder,
      encoding: 'buffer',
      maxBuffer: 2 ** 28,
    })
    return stdout
  }

  /** Files that hold a secret in clear or compressed; those that were given to the run are not looked at. */
  async function inClear(): Promise<string[]> {
    const given = new Set(['m.yaml', 'id.txt', 'other.txt', 'team.txt'])
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const found: string[] = []
    for (const entry of entries) {
      if (!entry.isFile() || given.has(entry.name)) continue
      const path = join(entry.parentPath, entry.name)
      const bytes = await readFile(path)
      const isZstd = bytes.indexOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd])) === 0
      const isClear = secrets.some((secret) => bytes.includes(secret) || bytes.includes(Buffer.from(secret, 'utf16le')))
      const isNamed = secrets.some((secret) => path.includes(secret))
      if (isZstd || isClear || isNamed || bytes.subarray(0, 5).toString() === '%PDF-') found.push(path)
    }
    return found
  }
  const profiles = async () =>
    [...(await readdir('/dev/shm')), ...(await readdir(join(folder, 'tmp')))].filter((name) =>
      name.startsWith('assay-'),
    )

  it('has every file encrypted, which the real age opens', async () => {
    const before = await profiles()
    const run = await audit('-o', 'out', '--format', 'html,pdf,json,sarif,remediation', '--split-by', 'namespace')
    expect(run).toMatchObject({ code: 0 })
    expect(await readdir(join(folder, 'out'))).toEqual([
      'by-namespace.tar.age',
      'findings.sarif.age',
      'manifest.json',
      'remediation.tar.age',
      'report.html.age',
      'report.pdf.age',
      'result.json.age',
      'run.json.age',
      'snapshot.ndjson.zst.age',
    ])
    expect(await inClear()).toEqual([])
    expect(await profiles()).toEqual(before)
    expect(run.stdout).toContain('out/by-namespace.tar.age\n')
    const manifest = manifestSchema.parse(JSON.parse(await readFile(join(folder, 'out/manifest.json'), 'utf8')))
    expect(manifest.encryption).toEqual({ format: 'age', recipients: 1 })
    expect((await decrypt('out/report.html.age')).toString()).toContain(manifest.result.sha256)
    expect((await decrypt('out/report.pdf.age')).subarray(0, 5).toString()).toBe('%PDF-')
    expect(zstdDecompressSync(await decrypt('out/snapshot.ndjson.zst.age')).toString()).toContain('payroll-engine')
    for (const [archive, name] of [
      ['by-namespace', 'moonshot-tenant.html'],
      ['by-namespace', 'moonshot-tenant.pdf'],
      ['remediation', 'namespaces/moonshot-tenant/apply.sh'],
    ] as const) {
      await writeFile(join(folder, 'a.tar'), await decrypt(`out/${archive}.tar.age`))
      expect(execFileSync('tar', ['tf', 'a.tar'], { cwd: folder, encoding: 'utf8' }).split('\n')).toContain(name)
      await rm(join(folder, 'a.tar'))
    }
  }, 300_000)

  it('is verified with and without the identity', async () => {
    expect(await cli(['verify', 'out'])).toMatchObject({ code: 0, stderr: '' })
    expect(await cli(['verify', 'out', ...identity])).toMatchObject({ code: 0, stderr: '' })
    expect(await cli(['verify', 'out', '--identity', 'other.txt'])).toMatchObject({
      code: 3,
      stderr: 'kube-assay: exit 3: cannot be verified: 8 unreadable\n',
      stdout: expect.stringContaining('report.pdf.age is encrypted for others'),
    })
  })

  it('is scored and rendered with the identity alone', async () => {
    const snapshot = 'out/snapshot.ndjson.zst.age'
    expect(await cli(['evaluate', snapshot])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `kube-assay: ${snapshot} is encrypted. Give the identity that opens it: --identity <file>.\n`,
    })
    const again = await cli(['evaluate', snapshot, ...identity, '-o', 'again.json', '--encrypt-to', 'team.txt'])
    expect(again).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(await inClear()).toEqual([])
    const rulesSchema = z.object({ rules: z.array(z.unknown()) })
    const [first, second] = await Promise.all(
      ['out/result.json.age', 'again.json.age'].map(async (path) =>
        rulesSchema.parse(JSON.parse((await decrypt(path)).toString())),
      ),
    )
    expect(second?.rules).toEqual(first?.rules)
    const rendered = await cli(['render', 'again.json.age', ...identity, '--format', 'csv', '--encrypt-to', recipient])
    expect(rendered).toMatchObject({ code: 0, stdout: 'findings.csv.age\n', stderr: '' })
    expect((await decrypt('findings.csv.age')).toString()).toContain('payroll-engine')
    const open = await cli(['render', 'again.json.age', ...identity, '--format', 'csv', '-o', 'clear'])
    expect(open.stderr).toMatch(/^note: the result is encrypted, and what is made of it is not/)
    await rm(join(folder, 'clear'), { recursive: true })
  }, 300_000)

  it('reads what the real age encrypted', async () => {
    await writeFile(join(folder, 'plain.json'), await decrypt('out/result.json.age'))
    execFileSync('age', ['-r', recipient, '-o', 'theirs.json', 'plain.json'], { cwd: folder })
    await rm(join(folder, 'plain.json'))
    const rendered = await cli(['render', 'theirs.json', ...identity, '--format', 'junit', '--encrypt-to', recipient])
    expect(rendered).toMatchObject({ code: 0 })
  })

  it('keeps its history: latest, baseline, diff and trend with the identity, retention without it', async () => {
    const night = async (...args: string[]): Promise<CliRun> => {
      await new Promise((resolve) => setTimeout(resolve, 1100))
      return audit('--format', 'json', ...args)
    }
    await night()
    expect((await night()).stderr).toContain('note: 1 earlier runs are encrypted and left out of the history')
    const blind = await night('--baseline', 'latest')
    expect(blind.code).toBe(2)
    expect(blind.stderr).toMatch(/run\.json\.age is encrypted\. Give the identity that opens it/)
    const compared = await night('--baseline', 'latest', ...identity)
    expect(compared.code).toBe(0)
    const result = await decrypt('reports/files/latest/result.json.age')
    const { comparison, trend } = z
      .object({ comparison: comparisonSchema, trend: z.array(z.unknown()) })
      .parse(JSON.parse(result.toString()))
    expect([comparison.comparable, comparison.counts.new, trend.length]).toEqual(['yes', 0, 3])
    const runs = (await readdir(join(folder, 'reports/files'))).filter((name) => name !== 'latest')
    const paths = runs.map((name) => join('reports/files', name))
    expect((await cli(['history', 'files'])).code).toBe(2)
    expect((await cli(['history', 'files', ...identity])).stdout.match(/^2\d{3}-/gm)).toHaveLength(3)
    const diff = await cli(['diff', paths[0] ?? '', 'reports/files/latest', ...identity])
    expect(diff).toMatchObject({ code: 0, stdout: expect.stringContaining('as before') })
    const kept = await night('--keep', '2')
    expect(kept.stderr).toMatch(/Removed \d old: /)
    expect((await readdir(join(folder, 'reports/files'))).filter((name) => name !== 'latest')).toHaveLength(2)
    expect(await inClear()).toEqual([])
  }, 300_000)

  it.each([
    ['the browser does not start', { PUPPETEER_EXECUTABLE_PATH: '/bin/false' }, 4],
    ['no browser is there', { PUPPETEER_EXECUTABLE_PATH: '/nonexistent' }, 4],
  ])(
    'leaves nothing in clear when %s',
    async (_, env, code) => {
      const args = ['audit', '--manifests', 'm.yaml', '--cluster-name', 'files', '--encrypt-to', recipient]
      const run = await cli([...args, '-o', 'failed', '--split-by', 'namespace'], { env })
      expect(run.code).toBe(code)
      expect(await inClear()).toEqual([])
      expect(await readdir(join(folder, 'failed'))).toContain('by-namespace.tar.age')
      expect((await cli(['verify', 'failed', ...identity])).code).toBe(0)
      await rm(join(folder, 'failed'), { recursive: true })
    },
    60_000,
  )

  // Killed outright as soon as a file of the stage appears: no clean-up runs, and what lies there is what was on the disk meanwhile.
  it.each([['snapshot.ndjson.zst.age'], ['run.json.age'], ['result.json.age'], ['report.html.age']])(
    'has nothing in clear on the disk while it runs: killed at %s',
    async (file) => {
      const output = join(folder, 'killed')
      const run = cli(
        ['audit', '--manifests', 'm.yaml', '--encrypt-to', recipient, '-o', 'killed', '--split-by', 'namespace'],
        {
          onStart: (pid) => {
            const timer = setInterval(() => {
              if (!existsSync(join(output, file))) return
              clearInterval(timer)
              process.kill(pid, 'SIGKILL')
            }, 2)
          },
        },
      )
      expect((await run).code).toBe(-1)
      expect(await inClear()).toEqual([])
      await rm(output, { recursive: true })
    },
    60_000,
  )

  it('refuses before anything is read', async () => {
    const refused = async (...args: string[]) => {
      const { code, stderr } = await cli(['audit', '--manifests', 'm.yaml', '-o', 'never', ...args])
      expect([code, existsSync(join(folder, 'never'))]).toEqual([2, false])
      return stderr
    }
    expect(await refused('--encrypt-to', 'age1nonsense')).toContain('age1nonsense is no recipient of age.')
    expect(await refused('--encrypt-to', recipient, '--identity', 'team.txt', '--baseline', 'latest')).toContain(
      'team.txt holds a recipient, the public part',
    )
    const printed = await cli(['evaluate', 'out/snapshot.ndjson.zst.age', ...identity, '--encrypt-to', recipient])
    expect(printed).toMatchObject({ code: 2, stdout: '' })
    expect(printed.stderr).toContain('--encrypt-to needs --output: what is printed is not encrypted.')
  }, 300_000)
})
