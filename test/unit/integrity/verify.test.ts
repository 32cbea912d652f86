import { execFileSync } from 'node:child_process'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  manifestText,
  type Problem,
  readPublicKey,
  readSigningKey,
  type SigningKey,
  signManifest,
  verifyFolder,
} from '../../../src/integrity/index.ts'
import { type Manifest, manifestSchema } from '../../../src/model/manifest.ts'

const contents: Readonly<Record<string, string>> = {
  'by-namespace/index.html': '<p>parts</p>',
  'by-namespace/shop.html': '<p>shop</p>',
  'remediation/nodes/worker-1.sh': '#!/bin/sh\n',
  'report.html': '<p>report</p>',
  'result.json': '{"kind":"kube-assay/result"}\n',
  'run.json': '{"kind":"kube-assay/run"}\n',
  'snapshot.ndjson.zst': 'not really',
}
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const manifest: Manifest = {
  kind: 'kube-assay/manifest',
  schemaVersion: '1.0',
  reportId: 'KA-2026-11-25-prod-7f3a',
  tool: { name: 'kube-assay', version: '1.2.3' },
  catalogue: { version: '1.2.3', digest: 'ab', rules: 3, packs: [{ name: 'site', digest: 'cd', rules: 1 }] },
  cluster: { name: 'prod', uid: '11111111-2222' },
  snapshot: { sha256: 'ef', startedAt: '2026-11-25T02:00:00Z', finishedAt: '2026-11-25T02:00:09Z' },
  result: { sha256: sha256(contents['result.json'] ?? '') },
  evaluatedAt: '2026-11-25T02:00:10Z',
  writtenAt: '2026-11-25T02:00:20Z',
  files: Object.entries(contents).map(([name, text]) => ({ name, size: text.length, sha256: sha256(text) })),
}

let base = ''
let run = ''
let key: SigningKey
let publicKey: SigningKey
let otherKey: SigningKey
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'kube-assay-verify-'))
  key = await keyIn('ed.pem', generateKeyPairSync('ed25519').privateKey)
  otherKey = await keyIn('other.pem', generateKeyPairSync('ed25519').privateKey)
  const pem = execFileSync('openssl', ['pkey', '-in', join(base, 'ed.pem'), '-pubout'], { encoding: 'utf8' })
  await writeFile(join(base, 'ed.pub'), pem)
  publicKey = await readPublicKey(join(base, 'ed.pub'))
  await mkdir(join(base, 'whole'))
  for (const [name, text] of Object.entries(contents)) {
    await mkdir(join(base, 'whole', name, '..'), { recursive: true })
    await writeFile(join(base, 'whole', name), text)
  }
  await writeFile(join(base, 'whole', 'manifest.dsse.json'), signManifest(manifest, key))
  await writeFile(join(base, 'whole', 'manifest.json'), manifestText(manifest))
})
afterAll(() => rm(base, { recursive: true, force: true }))
beforeEach(async () => {
  run = join(base, 'run')
  await rm(run, { recursive: true, force: true })
  await cp(join(base, 'whole'), run, { recursive: true })
})

async function keyIn(name: string, made: ReturnType<typeof generateKeyPairSync>['privateKey']): Promise<SigningKey> {
  await writeFile(join(base, name), String(made.export({ type: 'pkcs8', format: 'pem' })))
  return readSigningKey(join(base, name), undefined, {})
}

const at = (name: string) => join(run, name)
const problemsOf = async (withKey: SigningKey | null = publicKey) =>
  (await verifyFolder(run, { key: withKey ?? undefined })).problems.map(({ kind, name, detail }) =>
    `${kind} ${name} ${detail}`.trim(),
  )

it('finds nothing wrong with a run that is as it was written', async () => {
  expect(await verifyFolder(run, { key: publicKey })).toEqual({
    manifest,
    problems: [],
    signature: 'valid',
    signers: [key.id],
  })
  expect(await verifyFolder(run)).toMatchObject({ problems: [], signature: 'unchecked', signers: [key.id] })
})

describe('every byte counts', () => {
  const files = [...Object.keys(contents), 'manifest.json', 'manifest.dsse.json']
  it.each(files)('%s', async (name) => {
    const original = await readFile(at(name))
    for (let index = 0; index < original.length; index += Math.max(1, Math.floor(original.length / 97))) {
      const altered = Buffer.from(original)
      altered[index] = (altered[index] ?? 0) ^ 1
      await writeFile(at(name), altered)
      const { problems, signature } = await verifyFolder(run, { key: publicKey }).catch(refusedFormat)
      // A key id is a hint that nothing is decided by.
      const isHint =
        signature === 'valid' && index >= original.indexOf(key.id) && index < original.indexOf(key.id) + key.id.length
      expect(problems.length > 0 || isHint, `byte ${index} of ${name}`).toBe(true)
    }
  })

  /** A manifest whose format number was altered is refused as one of another format. */
  function refusedFormat(error: unknown): { problems: readonly Problem[]; signature: string } {
    expect(String(error)).toMatch(/has format .*; this kube-assay reads 1\.0/)
    return { problems: [{ kind: 'manifest', name: 'manifest.json', detail: '' }], signature: 'bad' }
  }
})

interface Case {
  readonly title: string
  readonly change: () => Promise<unknown>
  readonly problems: readonly (string | RegExp)[]
  readonly key?: () => SigningKey | null
}

const rewrite = async (change: (old: Manifest) => unknown) =>
  writeFile(at('manifest.json'), `${JSON.stringify(change(structuredClone(manifest)), null, 2)}\n`)
const named = (name: string) => (old: Manifest) => ({
  ...old,
  files: [...old.files, { name, size: 1, sha256: sha256('x') }],
})
const outside = 'The name leaves the folder, or is not in plain form.'
const unsigned = () => null

const cases: readonly Case[] = [
  { title: 'a file gone', change: () => rm(at('report.html')), problems: ['missing report.html'] },
  {
    title: 'a file more',
    change: () => writeFile(at('report-v2.html'), ''),
    problems: ['extra report-v2.html'],
  },
  {
    title: 'a hidden file in a new folder',
    change: async () => {
      await mkdir(at('.cache/a'), { recursive: true })
      await writeFile(at('.cache/a/b'), '')
    },
    problems: ['extra .cache/a/b'],
  },
  {
    title: 'a file cut',
    change: () => truncate(at('run.json'), 3),
    problems: ['changed run.json has 3 bytes, had 26'],
  },
  {
    title: 'a file grown beyond any memory',
    change: () => truncate(at('run.json'), 2 ** 40),
    problems: ['changed run.json has 1099511627776 bytes, had 26'],
  },
  {
    title: 'a file behind a link, with the right bytes',
    change: async () => {
      await rename(at('report.html'), join(base, 'moved.html'))
      await symlink(join(base, 'moved.html'), at('report.html'))
    },
    problems: ['changed report.html is a link'],
  },
  {
    title: 'a folder behind a link, with the right bytes',
    change: async () => {
      await rm(join(base, 'moved'), { recursive: true, force: true })
      await rename(at('by-namespace'), join(base, 'moved'))
      await symlink(join(base, 'moved'), at('by-namespace'))
    },
    problems: ['missing by-namespace/index.html', 'missing by-namespace/shop.html', 'extra by-namespace a link'],
  },
  {
    title: 'a pipe in place of a file: nothing waits for it',
    change: async () => {
      await rm(at('run.json'))
      execFileSync('mkfifo', [at('run.json')])
    },
    problems: ['changed run.json is no regular file'],
  },
  {
    title: 'a pipe in place of the manifest',
    change: async () => {
      await rm(at('manifest.json'))
      execFileSync('mkfifo', [at('manifest.json')])
    },
    problems: ['manifest manifest.json It is no regular file.'],
  },
  {
    title: 'a device in place of the signature',
    change: async () => {
      await rm(at('manifest.dsse.json'))
      await symlink('/dev/zero', at('manifest.dsse.json'))
    },
    problems: ['signature manifest.dsse.json It cannot be read (it is a link).'],
  },
  {
    title: 'a manifest behind a link',
    change: async () => {
      await rename(at('manifest.json'), join(base, 'm.json'))
      await symlink(join(base, 'm.json'), at('manifest.json'))
    },
    problems: ['manifest manifest.json It cannot be read (it is a link).'],
  },
  {
    title: 'a folder in place of the manifest',
    change: async () => {
      await rm(at('manifest.json'))
      await mkdir(at('manifest.json'))
    },
    problems: ['manifest manifest.json It is no regular file.'],
  },
  {
    title: 'no manifest',
    change: () => rm(at('manifest.json')),
    problems: [/^absent manifest\.json There is none: /],
  },
  {
    title: 'a manifest too large to read',
    change: () => truncate(at('manifest.json'), 65 * 1024 * 1024),
    problems: ['manifest manifest.json It is larger than 64 MiB.'],
  },
  {
    title: 'a manifest that is not UTF-8',
    change: () => writeFile(at('manifest.json'), Buffer.from([0x7b, 0xff, 0x7d])),
    problems: ['manifest manifest.json It is not UTF-8.'],
  },
  {
    title: 'a key that stands twice, which readers take differently',
    change: async () => {
      const text = manifestText(manifest)
      await writeFile(at('manifest.json'), text.replace('"reportId"', '"reportId": "KA-other",\n  "reportId"'))
    },
    problems: ['manifest manifest.json It is not laid out as kube-assay writes it, or a key stands twice in it.'],
  },
  {
    title: 'a key too many',
    change: () => rewrite((old) => ({ ...old, note: 'trust me' })),
    problems: [/^manifest manifest\.json It is none of kube-assay: : Unrecognized key/],
  },
  {
    title: 'keys in another order',
    change: () => rewrite(({ files, ...rest }) => ({ files, ...rest })),
    problems: ['manifest manifest.json It is not laid out as kube-assay writes it.'],
  },
  ...[
    '../outside',
    '/etc/passwd',
    'a/../../b',
    './report.html',
    'a//b',
    'a/',
    '..\\outside',
    'C:/windows',
    'line\nbreak',
    'nul\0',
    '',
  ].map((name): Case => {
    const why = name === '' ? /^manifest manifest\.json It is none of kube-assay: files\.7\.name: / : undefined
    return {
      title: `a name that leads elsewhere: ${JSON.stringify(name)}`,
      change: () => rewrite(named(name)),
      problems: [why ?? `manifest manifest.json It is none of kube-assay: files.7.name: ${outside}`],
    }
  }),
  {
    title: 'a name twice',
    change: () => rewrite(named('run.json')),
    problems: ['manifest manifest.json It names a file twice.'],
  },
  {
    title: 'itself among the files',
    change: () => rewrite(named('manifest.dsse.json')),
    problems: ['manifest manifest.json It names itself or its signature.'],
  },
  {
    title: 'another digest of the result than of its file',
    change: () => rewrite((old) => ({ ...old, result: { sha256: sha256('') } })),
    problems: ['manifest manifest.json Its digest of the result is not that of its result.json.'],
    key: unsigned,
  },
  {
    title: 'a changed report with a manifest made to fit: only a key tells',
    change: async () => {
      await writeFile(at('report.html'), '<p>all well</p>')
      const file = { name: 'report.html', size: 15, sha256: sha256('<p>all well</p>') }
      await rewrite((old) => ({ ...old, files: old.files.map((one) => (one.name === file.name ? file : one)) }))
    },
    problems: ['signature manifest.dsse.json It is valid, but of another manifest than the one that is here.'],
  },
  {
    title: 'no signature where a key is given',
    change: () => rm(at('manifest.dsse.json')),
    problems: ['signature manifest.dsse.json There is none, and a key was given.'],
  },
  {
    title: 'a signature by another key',
    change: () => writeFile(at('manifest.dsse.json'), signManifest(manifest, otherKey)),
    problems: ['signature manifest.dsse.json It was not made with this key, or what it signs was altered.'],
  },
  {
    title: 'a signature over another kind of payload',
    change: async () => {
      const envelope = await readFile(at('manifest.dsse.json'), 'utf8')
      await writeFile(at('manifest.dsse.json'), envelope.replace('vnd.in-toto+json', 'json'))
    },
    problems: ['signature manifest.dsse.json It is no DSSE envelope of an in-toto statement, or was altered.'],
  },
]

it.each(cases)('$title', async ({ change, problems, key: given = () => publicKey }) => {
  await change()
  const found = await problemsOf(given())
  expect(found).toHaveLength(problems.length)
  problems.forEach((wanted, index) => {
    if (typeof wanted === 'string') expect(found[index]).toBe(wanted)
    else expect(found[index]).toMatch(wanted)
  })
})

it('shows names that are no UTF-8, or that act on a terminal, as what they are', async () => {
  await writeFile(Buffer.concat([Buffer.from(`${run}/a`), Buffer.from([0xff]), Buffer.from('b')]), '')
  await writeFile(at('\u001b[31mred\nline\u202e'), '')
  expect(await problemsOf()).toEqual(['extra [U+001B][31mred[U+000A]line[U+202E]', 'extra a\\xffb'])
})

it('ends with an error for a manifest of another format', async () => {
  await rewrite((old) => ({ ...old, schemaVersion: '2.0' }))
  await expect(verifyFolder(run)).rejects.toThrow(/manifest\.json has format 2\.0; this kube-assay reads 1\.0/)
})

describe('keys', () => {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
  const file = (name: string) => join(base, name)
  beforeAll(async () => {
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', file('p256.pem'))
    openssl('pkey', '-in', file('p256.pem'), '-pubout', '-out', file('p256.pub'))
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file('sec1.pem'))
    openssl('pkcs8', '-topk8', '-in', file('p256.pem'), '-passout', 'pass:correct', '-out', file('locked.pem'))
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384', '-out', file('p384.pem'))
    openssl('genpkey', '-algorithm', 'RSA', '-out', file('rsa.pem'))
    await writeFile(file('ssh.pem'), '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n')
    await writeFile(file('cosign.pem'), '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n')
    await writeFile(file('broken.pem'), '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n')
    await writeFile(file('none.pem'), 'hello')
  })

  it.each(['p256.pem', 'sec1.pem', 'locked.pem', 'ed.pem'])('signs with %s', async (name) => {
    const signing = await readSigningKey(file(name), 'PASS', { PASS: 'correct' })
    const pem = execFileSync('openssl', ['pkey', '-in', file(name), '-pubout', '-passin', 'pass:correct'])
    await writeFile(file('this.pub'), pem)
    await writeFile(at('manifest.dsse.json'), signManifest(manifest, signing))
    expect(await problemsOf(await readPublicKey(file('this.pub')))).toEqual([])
    expect(await problemsOf(otherKey)).toHaveLength(1)
  })

  it.each([
    ['locked.pem', undefined, {}, 'is encrypted. Name the environment variable with its passphrase'],
    ['locked.pem', 'PASS', {}, '--sign-passphrase-env PASS: this variable is not set or empty.'],
    ['locked.pem', 'PASS', { PASS: 'wrong' }, 'cannot be opened with the passphrase in PASS.'],
    ['p384.pem', undefined, {}, 'is a key of type EC secp384r1.'],
    ['rsa.pem', undefined, {}, 'is a key of type rsa.'],
    ['ssh.pem', undefined, {}, 'is a key of OpenSSH.'],
    ['cosign.pem', undefined, {}, "is a key in cosign's own format."],
    ['broken.pem', undefined, {}, 'holds no key that can be read.'],
    ['none.pem', undefined, {}, 'is no private key in PEM.'],
    ['ed.pub', undefined, {}, 'is a public key. Signing needs the private one.'],
  ])('refuses %s (%s, %j)', async (name, passphraseEnv, env, message) => {
    const error = await readSigningKey(file(name), passphraseEnv, env).catch((one: unknown) => one)
    expect(error).toMatchObject({ name: 'InputError' })
    expect(String(error)).toContain(message)
    expect(String(error)).not.toMatch(/wrong|correct|BEGIN/)
  })

  it('reads no more than a key of a file without end', async () => {
    await expect(readSigningKey('/dev/zero', undefined, {})).rejects.toThrow('/dev/zero is larger than 256 KiB')
  })

  it.each([
    ['ed.pem', 'is a private key.'],
    ['none.pem', 'is no public key in PEM.'],
  ])('refuses %s as a public key', async (name, message) => {
    await expect(readPublicKey(file(name))).rejects.toThrow(message)
  })
})

it('publishes a schema that the manifest meets', () => {
  expect(manifestSchema.parse(JSON.parse(manifestText(manifest)))).toEqual(manifest)
})
