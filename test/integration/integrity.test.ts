// A run as it is signed and verified: by `verify`, by the openssl commands of docs/integrity.md as they stand there, and with the
// digest and id that HTML and PDF print.
import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manifestSchema } from '../../src/model/manifest.ts'
import { runCli } from '../support/cli.ts'

const run = promisify(execFile)
const manifests = `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: registry.example/web, securityContext: {privileged: true}}]}
`
let folder = ''
const keys = ['ed25519', 'p256'] as const
const cli = (args: string[], env: Record<string, string> = {}) => runCli(args, { cwd: folder, env })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-integrity-'))
  await writeFile(join(folder, 'm.yaml'), manifests)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  openssl('genpkey', '-algorithm', 'ed25519', '-aes-256-cbc', '-pass', 'pass:s3cret', '-out', 'ed25519.pem')
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'p256.pem')
  for (const key of keys)
    openssl('pkey', '-in', `${key}.pem`, '-passin', 'pass:s3cret', '-pubout', '-out', `${key}.pub`)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const audit = (key: string, output: string, ...more: string[]) =>
  cli(
    ['audit', '--manifests', 'm.yaml', '--cluster-name', 'files', '--sign-key', `${key}.pem`, '-o', output, ...more],
    { KEY_PASS: 's3cret' },
  )
const locked = ['--sign-passphrase-env', 'KEY_PASS']

/** A block of docs/integrity.md by its label, as a person pastes it; its files in /tmp go to a folder of this test. */
async function documented(label: string, key: string): Promise<string> {
  const text = await readFile(join(import.meta.dirname, '../../docs/integrity.md'), 'utf8')
  const block = new RegExp(`^\`\`\`sh ${label}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(text)?.[1] ?? ''
  expect(block, label).not.toBe('')
  return block.replaceAll('/tmp/', `${folder}/scratch-`).replaceAll('audit.pub', `${folder}/${key}.pub`)
}

describe.each(keys)('a run signed with %s', (key) => {
  const output = () => join(folder, `run-${key}`)
  it('is signed and verified', async () => {
    const made = await audit(
      key,
      output(),
      '--format',
      'html,json,sarif,remediation',
      '--split-by',
      'namespace',
      ...locked,
    )
    expect(made.stderr).not.toContain('s3cret')
    expect(made.code).toBe(0)
    const { code, stdout, stderr } = await cli(['verify', output(), '--key', `${key}.pub`])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/Signature {3}valid, key sha256:[0-9a-f]+…\n {2}Files {7}\d+, each as it was written\n$/)
    for (const line of stdout.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(80)
    const manifest = manifestSchema.parse(JSON.parse(await readFile(join(output(), 'manifest.json'), 'utf8')))
    const there = (await readdir(output(), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(output().length + 1))
      .filter((name) => !name.startsWith('manifest.'))
    expect(manifest.files.map(({ name }) => name)).toEqual(there.toSorted())
    expect(there).toContain('by-namespace/shop.html')
    expect(there).toContain('remediation/namespaces/shop/apply.sh')
  })

  it('is verified by the documented commands, and no longer once a byte differs', async () => {
    const commands = async (label: string) => run('sh', ['-ec', await documented(label, key)], { cwd: output() })
    await commands('openssl')
    expect((await commands(key)).stdout).toMatch(/Signature Verified Successfully|Verified OK/)
    const files = await commands('files')
    expect(files.stdout).toMatch(/^manifest\.json: OK\n/)
    expect(files.stdout.trim().split('\n').length).toBeGreaterThan(8)
    await appendFile(join(folder, 'scratch-statement.pae'), ' ')
    await expect(commands(key)).rejects.toThrow()
    await appendFile(join(output(), 'report.html'), ' ')
    await expect(commands('files')).rejects.toMatchObject({ stdout: expect.stringContaining('report.html: FAILED') })
    const { code, stderr, stdout } = await cli(['verify', output(), '--key', `${key}.pub`])
    expect([code, stderr]).toEqual([1, 'kube-assay: exit 1: does not verify: 1 changed\n'])
    expect(stdout).toMatch(/changed {5}report\.html has \d+ bytes, had \d+/)
  })

  it('does not pass for one of another key', async () => {
    const other = key === 'p256' ? 'ed25519' : 'p256'
    const { code, stderr } = await cli(['verify', output(), '--key', `${other}.pub`])
    expect([code, stderr]).toEqual([1, 'kube-assay: exit 1: does not verify: the signature, 1 changed\n'])
  })
})

it('prints in HTML and PDF the id and the digest that the manifest has', async () => {
  const output = join(folder, 'reports-of')
  await audit('p256', output)
  const manifest = manifestSchema.parse(JSON.parse(await readFile(join(output, 'manifest.json'), 'utf8')))
  const result = await readFile(join(output, 'result.json'))
  expect(createHash('sha256').update(result).digest('hex')).toBe(manifest.result.sha256)
  const html = await readFile(join(output, 'report.html'), 'utf8')
  const text = (await run('pdftotext', ['-layout', join(output, 'report.pdf'), '-'])).stdout.replaceAll(/\s+/g, '')
  for (const wanted of [manifest.reportId, manifest.result.sha256]) {
    expect(html).toContain(wanted)
    expect(text).toContain(wanted)
  }
}, 300_000)

it('verifies what latest leads to, also where that is a file, and says what is extra', async () => {
  await cli(['audit', '--manifests', 'm.yaml', '--cluster-name', 'kept', '--format', 'json'])
  const latest = join('reports', 'kept', 'latest')
  expect((await cli(['verify', latest])).stdout).toContain('none: who wrote this is not proven')
  const [name = ''] = (await readdir(join(folder, 'reports/kept'))).filter((one) => one !== 'latest')
  await rm(join(folder, latest))
  await writeFile(join(folder, latest), `${name}\n`)
  await writeFile(join(folder, 'reports/kept', name, 'notes.txt'), '')
  expect(await cli(['verify', latest, '--format', 'json'])).toMatchObject({
    code: 1,
    stderr: 'kube-assay: exit 1: does not verify: 1 extra\n',
    stdout: expect.stringContaining('"name": "notes.txt"'),
  })
  expect(await cli(['verify', latest, '--allow-extra'])).toMatchObject({ code: 0, stderr: '' })
  expect(await cli(['verify', latest, '--allow-extra', '--key', 'p256.pub'])).toMatchObject({
    code: 1,
    stderr: 'kube-assay: exit 1: does not verify: the signature\n',
  })
  await rename(join(folder, 'reports/kept', name, 'manifest.json'), join(folder, 'away.json'))
  expect(await cli(['verify', latest])).toMatchObject({
    code: 3,
    stderr: 'kube-assay: exit 3: cannot be verified: no manifest\n',
  })
})

it.each([
  [['--sign-key', 'none.pem'], /none\.pem: does not exist/],
  [['--sign-key', 'ed25519.pem'], /is encrypted\. Name the environment variable/],
  [['--sign-passphrase-env', 'X'], /--sign-key/],
])('refuses %j before anything is read', async (flags, message) => {
  const { code, stderr } = await cli(['audit', '--manifests', 'm.yaml', '-o', join(folder, 'never'), ...flags])
  expect(code).toBe(2)
  expect(stderr).toMatch(message)
  expect(await readdir(folder)).not.toContain('never')
})
