import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ComponentEvidence } from '../../../src/model/component-evidence.ts'
import type { EvidenceRecord, SnapshotHeader } from '../../../src/model/snapshot.ts'
import { createSnapshotWriter, loadSnapshot, SnapshotError } from '../../../src/snapshot/index.ts'

const header: SnapshotHeader = {
  record: 'header',
  schemaVersion: '1.0',
  tool: { name: 'kube-assay', version: '0.1.0' },
  cluster: { name: 'demo', uid: 'u-1', version: 'v1.34.1' },
  source: { kind: 'live', server: 'https://127.0.0.1:6443' },
  startedAt: '2026-11-20T02:00:04.000Z',
}
const records: EvidenceRecord[] = [
  { record: 'object', family: 'namespaces', object: { name: 'old' } },
  { record: 'restart', family: 'namespaces' },
  { record: 'object', family: 'namespaces', object: { name: '이름-名前' } },
  {
    record: 'family',
    family: 'namespaces',
    count: 1,
    source: 'GET /api/v1/namespaces',
    startedAt: '2026-11-20T02:00:05.000Z',
    finishedAt: '2026-11-20T02:00:06.000Z',
  },
  { record: 'template', template: { id: 't1', spec: { containers: [{ name: 'c', kind: 'container' }] } } },
  { record: 'node', evidence: { node: 'b', host: { unavailable: { reason: 'unreachable', detail: 'no route' } } } },
  {
    record: 'node',
    evidence: { node: 'a', host: { unavailable: { reason: 'timeout', detail: 'no answer in 60 s' } } },
  },
]

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-test-'))
  path = join(folder, 'cluster.ndjson.zst')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function writeSnapshot(options = { interrupted: false }): Promise<void> {
  const writer = await createSnapshotWriter(path, header)
  for (const record of records) writer.write(record)
  await writer.drained()
  await writer.finish({ finishedAt: '2026-11-20T02:01:17.000Z', ...options })
}

async function rewrite(change: (text: string) => string): Promise<void> {
  const text = zstdDecompressSync(await readFile(path)).toString('utf8')
  await writeFile(path, zstdCompressSync(change(text)))
}

describe('an object that a list gives twice', () => {
  const live = header.source
  const manifests: SnapshotHeader['source'] = { kind: 'manifests', paths: ['deploy/'] }
  const first = { name: 'a', uid: 'u', labels: { seen: 'first' } }
  const second = { ...first, labels: { seen: 'later' } }
  it.each<[string, SnapshotHeader['source'], (typeof first)[], (typeof first)[]]>([
    [
      'is kept as it was seen last, where it stood',
      live,
      [first, { ...first, name: 'b' }, second],
      [second, { ...first, name: 'b' }],
    ],
    ['made anew under its name is another', live, [first, { ...first, uid: 'v' }], [first, { ...first, uid: 'v' }]],
    ['in the same words is one manifest', manifests, [first, { ...first }], [first]],
    ['in other words is two manifests', manifests, [first, second], [first, second]],
  ])('%s', async (_name, source, given, kept) => {
    const writer = await createSnapshotWriter(path, { ...header, source })
    for (const object of given) writer.write({ record: 'object', family: 'namespaces', object })
    await writer.finish({ finishedAt: '2026-11-20T02:01:17.000Z', interrupted: false })
    expect((await loadSnapshot(path)).families.namespaces.objects).toEqual(kept)
  })
})

describe('what components say of themselves', () => {
  it('comes back as it was written', async () => {
    const evidence: ComponentEvidence[] = [
      {
        component: 'kubelet',
        endpoint: 'configz',
        node: 'a',
        source: 'GET /api/v1/nodes/a/proxy/configz',
        observedAt: '2026-11-20T02:00:05.000Z',
        answer: {
          values: { readOnlyPort: 0, authentication: { anonymous: { enabled: false } }, clusterDNS: ['10.96.0.10'] },
        },
      },
      {
        component: 'kube-apiserver',
        endpoint: 'flagz',
        source: 'GET /flagz',
        observedAt: '2026-11-20T02:00:05.000Z',
        answer: { unavailable: { reason: 'not-found', detail: 'GET /flagz is not served.' } },
      },
    ]
    const writer = await createSnapshotWriter(path, header)
    for (const one of evidence) writer.write({ record: 'component', evidence: one })
    await writer.finish({ finishedAt: '2026-11-20T02:01:17.000Z', interrupted: false })
    expect((await loadSnapshot(path)).components).toEqual(evidence)
  })
})

describe('a snapshot', () => {
  it('comes back as it was written, without what a restarted list made void', async () => {
    await writeSnapshot()
    const evidence = await loadSnapshot(path)
    expect(evidence.header).toEqual(header)
    expect(evidence.families.namespaces).toEqual({ objects: [{ name: '이름-名前' }], status: records[3] })
    expect(evidence.families.pods).toEqual({ objects: [] })
    expect([...evidence.templates.keys()]).toEqual(['t1'])
    expect(evidence.nodes.map((node) => node.node)).toEqual(['a', 'b'])
    expect(evidence.trailer.counts).toEqual({ family: 1, header: 1, node: 2, object: 2, restart: 1, template: 1 })
    expect(evidence.trailer.interrupted).toBeUndefined()
  })

  it('is private to its owner and leaves no partial file', async () => {
    await writeSnapshot()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['cluster.ndjson.zst'])
  })

  it('waits for the disk without piling up listeners', async () => {
    const warnings: string[] = []
    const onWarning = (warning: Error) => warnings.push(warning.name)
    process.on('warning', onWarning)
    const writer = await createSnapshotWriter(path, header)
    for (let page = 0; page < 40; page += 1) {
      // Text that does not compress, so that the compressor really asks for a pause.
      for (let row = 0; row < 40; row += 1)
        writer.write({ record: 'object', family: 'namespaces', object: { name: randomBytes(8_000).toString('hex') } })
      await writer.drained()
    }
    await writer.finish({ finishedAt: '2026-11-20T02:01:17.000Z', interrupted: false })
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
    expect((await loadSnapshot(path)).families.namespaces.objects).toHaveLength(1600)
  })

  it('says when the collection was stopped early', async () => {
    await writeSnapshot({ interrupted: true })
    expect((await loadSnapshot(path)).trailer.interrupted).toBe(true)
  })

  it('does not exist under its name before it is finished', async () => {
    const writer = await createSnapshotWriter(path, header)
    writer.write({ record: 'restart', family: 'pods' })
    expect(await readdir(folder)).toEqual(['cluster.ndjson.zst.partial'])
    await writer.discard()
    expect(await readdir(folder)).toEqual([])
  })

  it('cannot be written where a file stands in the way', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(createSnapshotWriter(join(folder, 'file', 'x.ndjson.zst'), header)).rejects.toThrow(/ENOTDIR|EEXIST/)
  })
})

describe('a snapshot that cannot be trusted is refused', () => {
  const line = (text: string, index: number) => text.split('\n')[index] ?? ''
  const cases: { name: string; change: (text: string) => string; message: RegExp }[] = [
    {
      name: 'a changed value',
      change: (text) => text.replace('no route', 'no rouse'),
      message: /was altered: its content does not match/,
    },
    { name: 'a removed record', change: (text) => text.replace(`${line(text, 5)}\n`, ''), message: /was altered/ },
    {
      name: 'no trailer',
      change: (text) => `${text.split('\n').slice(0, -2).join('\n')}\n`,
      message: /is truncated: it ends after record 8 without a trailer/,
    },
    { name: 'a line cut short', change: (text) => text.slice(0, 700), message: /breaks off: the file is truncated/ },
    {
      name: 'data after the trailer',
      change: (text) => `${text}{"record":"restart","family":"pods"}\n`,
      message: /data after the trailer/,
    },
    {
      name: 'no header',
      change: (text) => text.slice(text.indexOf('\n') + 1),
      message: /first record is not a header/,
    },
    {
      name: 'a newer format',
      change: (text) => text.replace('"1.0"', '"2.0"'),
      message: /has snapshot format 2.0; this kube-assay reads 1.0/,
    },
    {
      name: 'an unknown record',
      change: (text) => text.replace('"record":"restart"', '"record":"spell"'),
      message: /record 3 \(spell\) is malformed at record/,
    },
    {
      name: 'an unknown key',
      change: (text) => text.replace('"name":"old"', '"name":"old","zeal":1'),
      message: /record 2 \(object\) is malformed at object: Unrecognized key: "zeal"/,
    },
  ]
  it.each(cases)('$name', async ({ change, message }) => {
    await writeSnapshot()
    await rewrite(change)
    await expect(loadSnapshot(path)).rejects.toThrow(message)
    await expect(loadSnapshot(path)).rejects.toBeInstanceOf(SnapshotError)
  })

  it('cut at any byte of the compressed file', async () => {
    await writeSnapshot()
    const bytes = await readFile(path)
    // The last bytes are zstd's frame end; without them every record and the digest are still there.
    const frameEnd = 8
    for (let length = 0; length < bytes.length - frameEnd; length += 7) {
      await writeFile(path, bytes.subarray(0, length))
      await expect(loadSnapshot(path), `${length} bytes`).rejects.toBeInstanceOf(SnapshotError)
    }
  })

  it('any flipped byte', async () => {
    await writeSnapshot()
    const bytes = await readFile(path)
    const original = await loadSnapshot(path)
    for (let index = 0; index < bytes.length; index += 3) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8((changed.at(index) ?? 0) ^ 0x10, index)
      await writeFile(path, changed)
      const outcome = await loadSnapshot(path).catch((error: unknown) => error)
      // A bit that zstd ignores changes nothing; every other one must be noticed.
      if (!(outcome instanceof SnapshotError)) expect(outcome, `byte ${index}`).toEqual(original)
    }
  })

  it.each([
    { name: 'a missing file', content: undefined, message: /does not exist/ },
    { name: 'an empty file', content: '', message: /is empty|is truncated/ },
    { name: 'a file that is not zstd', content: 'hello, world', message: /is not a snapshot or was altered/ },
  ])('$name', async ({ content, message }) => {
    if (content !== undefined) await writeFile(path, content)
    await expect(loadSnapshot(path)).rejects.toThrow(message)
  })
})
