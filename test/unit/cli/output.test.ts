import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { defaultFolder, prepareFolder, slug, writeWhole } from '../../../src/cli/output.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it.each([
  ['prod-eu-1', 'prod-eu-1'],
  ['arn:aws:eks:eu-1:1234:cluster/Prod', 'arn-aws-eks-eu-1-1234-cluster-prod'],
  ['../../etc', 'etc'],
  ['운영', 'cluster'],
  ['', 'cluster'],
])('a folder name for %j is %j', (name, expected) => {
  expect(slug(name)).toBe(expected)
})

it('sorts reports by time', () => {
  expect(defaultFolder('prod', new Date('2026-11-20T02:00:04.123Z'))).toBe(
    join('reports', 'prod', '2026-11-20T02-00-04Z'),
  )
})

it('writes whole, private files and leaves nothing else', async () => {
  const target = join(folder, 'new')
  await prepareFolder(target)
  await writeWhole(join(target, 'a.txt'), 'first')
  await writeWhole(join(target, 'a.txt'), 'second')
  expect(await readdir(target)).toEqual(['a.txt'])
  expect(await readFile(join(target, 'a.txt'), 'utf8')).toBe('second')
  expect((await stat(join(target, 'a.txt'))).mode & 0o777).toBe(0o600)
  expect((await stat(target)).mode & 0o777).toBe(0o700)
})

it('leaves nothing behind when the name is taken by a folder', async () => {
  await prepareFolder(join(folder, 'taken', 'inner'))
  await expect(writeWhole(join(folder, 'taken', 'inner'), 'text')).rejects.toThrow()
  expect(await readdir(join(folder, 'taken'))).toEqual(['inner'])
})
