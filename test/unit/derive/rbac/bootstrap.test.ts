// Every binding that Kubernetes 1.31–1.36 creates, as the API servers of ../shared/reference printed them.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { projectBinding } from '../../../../src/collect/projection/rbac.ts'
import { Problems } from '../../../../src/collect/projection/read.ts'
import { deriveAccessUnits } from '../../../../src/derive/rbac/index.ts'
import type { BindingObject } from '../../../../src/model/objects.ts'
import { buildEvidence } from '../workloads/evidence-builder.ts'

const root = join(import.meta.dirname, '../../../../../shared/reference/rbac-bootstrap-versions')
const isPresent = existsSync(root)
if (!isPresent) console.warn(`SKIPPED: bootstrap bindings of Kubernetes; ${root} is absent.`)
const versions = isPresent ? readdirSync(root).sort() : []

interface Bindings {
  readonly clusterrolebindings: BindingObject[]
  readonly rolebindings: BindingObject[]
}

function read(version: string): Bindings {
  const found: Bindings = { clusterrolebindings: [], rolebindings: [] }
  for (const file of readdirSync(join(root, version)).filter((name) => name.endsWith('bindings.yaml'))) {
    const { items } = parse(readFileSync(join(root, version, file), 'utf8'))
    for (const item of items) {
      const problems = new Problems()
      const binding = projectBinding(item, problems)
      expect(problems.first).toBeUndefined()
      found[item.kind === 'ClusterRoleBinding' ? 'clusterrolebindings' : 'rolebindings'].push(binding)
    }
  }
  return found
}

describe.skipIf(!isPresent)('bootstrap bindings', () => {
  it.each(versions)('%s: all are recognised, none when a subject is added', (version) => {
    const objects = read(version)
    const isBuiltIn = (bindings: Bindings) =>
      deriveAccessUnits(buildEvidence({ objects: { ...bindings } })).bindings.map(({ identity, facts }) => [
        identity.id,
        facts.roleBinding !== undefined && 'isBuiltIn' in facts.roleBinding && facts.roleBinding.isBuiltIn,
      ])
    const recognised = isBuiltIn(objects)
    expect(recognised.length).toBeGreaterThan(50)
    expect(recognised.filter(([, builtIn]) => builtIn !== true)).toEqual([])
    const extended = (bindings: BindingObject[]) =>
      bindings.map((binding) => ({ ...binding, subjects: [...binding.subjects, { kind: 'User', name: 'jane' }] }))
    const altered = isBuiltIn({
      clusterrolebindings: extended(objects.clusterrolebindings),
      rolebindings: extended(objects.rolebindings),
    })
    expect(altered.filter(([, builtIn]) => builtIn !== false)).toEqual([])
  })
})
