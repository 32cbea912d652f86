// Row E2: which images meet which entries of the nodes' registries.
import { describe, expect, it } from 'vitest'
import { deriveImages } from '../../../../src/derive/workloads/images.ts'
import { RegistriesByNode } from '../../../../src/derive/workloads/insecure-pulls.ts'
import type { FactValue } from '../../../../src/model/facts.ts'
import type { Unit } from '../../../../src/model/unit.ts'

type Registries = FactValue<'nodeRegistries'>

function node(name: string, nodeRegistries: Registries | { unavailable: { reason: 'timeout'; detail: string } }): Unit {
  return { identity: { kind: 'nodes', id: `node/${name}`, name, node: name }, facts: { nodeRegistries } }
}
const insecure = (registry: string, endpoint = registry, searched = ['docker.io']): Registries => ({
  insecure: [{ value: { registry, endpoint, how: 'plain HTTP' }, source: '/f' }],
  searched: { value: searched, source: '/s' },
})
const images = (...references: string[]) =>
  deriveImages({
    containers: references.map((image, index) => ({ name: `c${index}`, kind: 'container' as const, image })),
  } as Parameters<typeof deriveImages>[0]).images

function pulled(entry: Registries, ...references: string[]): string[] {
  const { pulls } = new RegistriesByNode([node('n1', entry)]).pullsOf(images(...references), new Set(['n1']))
  return pulls.map((pull) => ('value' in pull ? pull.value.image : pull.unavailable.detail))
}

describe('images that meet an entry', () => {
  it.each<[entry: string, yes: string[], no: string[]]>([
    [
      'r.example:5000',
      ['r.example:5000/a:1', 'r.example:5000/x/a@sha256:1', `r.example:5000/x/a@md5:${'0'.repeat(64)}`],
      ['r.example/a', 'r.example:500/a', 'a', `r.example:5000/x/a:1@sha256:${'0'.repeat(64)}`],
    ],
    ['docker.io', ['nginx', 'library/nginx:1', 'docker.io/nginx'], ['quay.io/nginx', 'localhost/nginx']],
    ['*', ['nginx', 'quay.io/a'], []],
    ['*.shop.example', ['a.shop.example/x', 'b.a.shop.example/x'], ['shop.example/x', 'ashop.example/x']],
    ['r.example/team', ['r.example/team/a', 'r.example/team'], ['r.example/teams/a', 'r.example/a']],
    ['10.0.0.0/8', ['10.1.2.3:5000/a', '10.255.0.1/a'], ['11.0.0.1/a', '10.example/a', '10.0.0.999/a']],
    ['0.0.0.0/0', ['192.168.0.1:5000/a'], ['r.example/a']],
  ])('%s', (entry, yes, no) => {
    expect(pulled(insecure(entry), ...yes, ...no)).toEqual(yes)
  })

  it('takes the registries that the node searches for images that name none', () => {
    expect(pulled(insecure('r.example', 'r.example', ['r.example', 'docker.io']), 'app', 'quay.io/app')).toEqual([
      'app',
    ])
  })

  it('asks nothing of nodes for a workload whose images are all pinned by digest', () => {
    const pinned = images(`r/a@sha256:${'0'.repeat(64)}`)
    const unread = node('n1', { unavailable: { reason: 'timeout', detail: 'No answer.' } })
    expect(new RegistriesByNode([unread]).pullsOf(pinned, new Set(['n1']))).toEqual({ pulls: [] })
  })

  it('groups nodes, and keeps one unknown for those that were not read', () => {
    const names = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7']
    const nodes = names.map((name) =>
      name < 'n7'
        ? node(name, insecure('r'))
        : node(name, { unavailable: { reason: 'timeout', detail: 'No answer.' } }),
    )
    const { pulls } = new RegistriesByNode(nodes).pullsOf(
      images('r/a', 'r:1/b')
        .map((image) => ({ ...image, registry: 'r' }))
        .slice(0, 1),
      new Set([...names, 'n8']),
    )
    expect(pulls).toEqual([
      {
        value: {
          container: 'c0',
          image: 'r/a',
          registry: 'r',
          endpoint: 'r',
          how: 'plain HTTP',
          nodes: ['n1', 'n2', 'n3', 'n4', 'n5'],
          nodeCount: 6,
        },
        source: '/f on n1, n2, n3, n4, n5 and 1 more',
      },
      {
        unavailable: {
          reason: 'timeout',
          detail: 'The registries of n7 and of 1 more are not known: No answer.',
        },
      },
    ])
  })
})
