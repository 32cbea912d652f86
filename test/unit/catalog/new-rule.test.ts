// A new rule starts as two files that the catalogue refuses, and never replaces one that is there.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CatalogueError, loadCatalogue } from '../../../src/catalog/index.ts'
import { writeSkeleton } from '../../../src/cli/rule-skeleton.ts'
import { fixtureSchema } from '../../../src/model/rule.ts'
import { YamlSource } from '../../../src/util/yaml-source.ts'

describe('a new rule', () => {
  let root = ''
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kube-assay-new-rule-'))
  })
  afterEach(() => rm(root, { recursive: true }))

  it('is two files, which are refused at every key that is to be filled in', async () => {
    const [rule = '', cases = ''] = writeSkeleton(root, 'kubelet', 'some-setting')
    expect([rule, cases]).toEqual(['rules/kubelet/some-setting.yaml', 'test/rules/kubelet/some-setting.yaml'])
    const error = await loadCatalogue(join(root, 'rules')).catch((reason: unknown) => reason)
    if (!(error instanceof CatalogueError)) throw new Error('The skeleton was accepted.')
    expect(error.problems.map(({ message }) => message.split(':')[0])).toEqual([
      'title',
      'problem',
      'severity',
      'needs',
      'each',
      'checks[0].expression',
      'checks[0].message',
      'checks[0].observed',
      'checks[0].expected',
      'checks[0].source',
      'description',
      'rationale',
      'remediation.risk',
      'remediation.steps[0].text',
      'verify',
    ])
    const source = new YamlSource(cases, await readFile(join(root, cases), 'utf8'), fixtureSchema)
    expect(source.problems.map(({ line }) => line)).toEqual([3, 8, 11])
  })

  it('overwrites nothing', () => {
    writeSkeleton(root, 'kubelet', 'some-setting')
    expect(() => writeSkeleton(root, 'kubelet', 'some-setting')).toThrow(/EEXIST/)
  })
})
