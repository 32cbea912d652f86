import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Flags, readSettings } from '../../../src/cli/settings.ts'
import { InputError } from '../../../src/util/input-error.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function configFile(text: string): Promise<string> {
  const path = join(folder, 'kube-assay.yaml')
  await writeFile(path, text)
  return path
}

describe('settings', () => {
  it('take who a report is by and for from file and flags together', async () => {
    const config = await configFile('document: { preparedBy: Security, distribution: [CISO] }')
    expect(await readSettings({ config, preparedFor: 'Audit committee' })).toEqual({
      document: { preparedBy: 'Security', preparedFor: 'Audit committee', distribution: ['CISO'] },
    })
    expect((await readSettings({ config, distribution: ['a', 'b'] })).document).toEqual({
      preparedBy: 'Security',
      distribution: ['a', 'b'],
    })
  })

  it('are empty without file and flags', async () => {
    expect(await readSettings({})).toEqual({})
  })

  it('come from the file, with flags over it key by key', async () => {
    const config = await configFile(
      [
        'context: prod',
        'cluster: { name: prod-eu-1 }',
        'nodes: ["worker-*"]',
        'ssh:',
        '  user: audit',
        '  identityFiles: [a, b]',
        '  addresses: { n1: 10.0.0.1, n2: 10.0.0.2 }',
        'concurrency: { lists: 2, nodes: 8 }',
        'minCoverage: 0.9',
      ].join('\n'),
    )
    const flags: Flags = {
      config,
      context: 'test',
      sshUser: 'root',
      sshAddress: ['n2=127.0.0.1:2222'],
      parallelNodes: '64',
      sudo: false,
      format: 'html, json',
    }
    expect(await readSettings(flags)).toEqual({
      context: 'test',
      cluster: { name: 'prod-eu-1' },
      nodes: ['worker-*'],
      ssh: {
        user: 'root',
        identityFiles: ['a', 'b'],
        sudo: 'never',
        addresses: { n1: '10.0.0.1', n2: '127.0.0.1:2222' },
      },
      concurrency: { lists: 2, nodes: 64 },
      minCoverage: 0.9,
      formats: ['html', 'json'],
    })
  })

  it.each<[name: string, flags: Flags, message: RegExp]>([
    ['a number that is none', { sshPort: 'ssh' }, /^--ssh-port: .*number/],
    ['a port out of range', { sshPort: '70000' }, /^--ssh-port: .*65535/],
    ['a share above one', { minCoverage: '90' }, /^--min-coverage: .*1/],
    ['an unknown format', { format: 'html,docx' }, /^--format: .*"html"\|"pdf"\|"json"/],
    ['an address without a node', { sshAddress: ['10.0.0.1'] }, /--ssh-address 10\.0\.0\.1: expected <node>=<address>/],
    [
      'two sources',
      { manifests: ['deploy'], context: 'prod' },
      /--manifests audits files, --kubeconfig and --context a live cluster/,
    ],
    ['a file that is not there', { config: '/nonexistent/kube-assay.yaml' }, /ENOENT/],
  ])('refuse %s', async (_name, flags, message) => {
    await expect(readSettings(flags)).rejects.toThrow(message)
  })

  it.each([
    ['an unknown key', 'ssh:\n  usr: audit\n', /kube-assay\.yaml:2:3: ssh: .*usr/],
    ['a wrong type', 'nodes: all\n', /kube-assay\.yaml:1:8: nodes: .*array/],
    ['a syntax error', 'ssh: {user: audit\n', /kube-assay\.yaml:\d+:\d+: /],
    [
      'several problems at once',
      'failOn: urgent\nminCoverage: 2\n',
      /kube-assay\.yaml:1:9: failOn.*\n.*kube-assay\.yaml:2:14: minCoverage/,
    ],
  ])('name the line of %s in the file', async (_name, text, message) => {
    const config = await configFile(text)
    await expect(readSettings({ config })).rejects.toThrow(message)
    await expect(readSettings({ config })).rejects.toBeInstanceOf(InputError)
  })
})
