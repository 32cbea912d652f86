import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { tarEnd, tarEntry } from '../../../src/integrity/index.ts'

it('is unpacked by tar to the same names, modes and bytes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kube-assay-tar-'))
  try {
    const long = `namespaces/${'n'.repeat(90)}/${'d'.repeat(120)}-🙂.yaml`
    const files = [
      { name: 'plan.md', content: 'plan', mode: 0o600 },
      { name: 'nodes/worker-1.sh', content: '#!/bin/sh\n', mode: 0o700 },
      { name: 'empty', content: '', mode: 0o600 },
      { name: 'n'.repeat(100), content: 'x'.repeat(512), mode: 0o600 },
      { name: long, content: 'x'.repeat(513), mode: 0o600 },
      { name: `${'é'.repeat(45)}/${'x'.repeat(99)}`, content: 'two bytes each', mode: 0o600 },
    ]
    const entries = files.map(({ name, content, mode }) =>
      tarEntry({ name, content: Buffer.from(content), mode, time: 1_764_000_000.5 }),
    )
    await writeFile(join(folder, 'a.tar'), Buffer.concat([...entries, tarEnd]))
    execFileSync('tar', ['xf', 'a.tar', '--preserve-permissions'], { cwd: folder, stdio: 'pipe' })
    for (const { name, content, mode } of files) {
      expect(await readFile(join(folder, name), 'utf8')).toBe(content)
      const found = await stat(join(folder, name))
      expect([found.mode & 0o777, Math.trunc(found.mtimeMs / 1000)]).toEqual([mode, 1_764_000_000])
      expect(await readdir(join(folder, dirname(name)))).not.toContain('pax')
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
