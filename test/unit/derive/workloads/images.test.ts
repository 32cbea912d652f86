// Row I4: image references as the runtimes read them; CIS 5.4.1: Secrets in the environment.
import { expect, it } from 'vitest'
import { deriveImages } from '../../../../src/derive/workloads/images.ts'
import { deriveSecretVariables } from '../../../../src/derive/workloads/secret-variables.ts'
import { container, spec } from './evidence-builder.ts'

const untagged = 'no tag, which means latest'
it.each([
  ['nginx', ['', 'nginx', '', '', untagged, false, 'docker.io/library/nginx']],
  ['nginx:1.27', ['', 'nginx', '1.27', '', '', false, 'docker.io/library/nginx:1.27']],
  ['team/web:Latest', ['', 'team/web', 'Latest', '', 'tag Latest', false, 'docker.io/team/web:Latest']],
  ['localhost/web', ['localhost', 'web', '', '', untagged, false, 'localhost/web']],
  ['host:5000/web', ['host:5000', 'web', '', '', untagged, false, 'host:5000/web']],
  ['host:5000/team/web:2', ['host:5000', 'team/web', '2', '', '', false, 'host:5000/team/web:2']],
  ['quay.io/a/b:main', ['quay.io', 'a/b', 'main', '', 'tag main', false, 'quay.io/a/b:main']],
  ['redis:alpine', ['', 'redis', 'alpine', '', 'tag alpine', false, 'docker.io/library/redis:alpine']],
  ['r.io/a:deadbeef', ['r.io', 'a', 'deadbeef', '', '', false, 'r.io/a:deadbeef']],
  ['a/b:latest@sha256:9f', ['', 'a/b', 'latest', 'sha256:9f', '', false, 'docker.io/a/b:latest@sha256:9f']],
  ['a@sha256:9f', ['', 'a', '', 'sha256:9f', '', false, 'docker.io/library/a@sha256:9f']],
  ['r.io/a:1.0.0-beta4', ['r.io', 'a', '1.0.0-beta4', '', '', true, 'r.io/a:1.0.0-beta4']],
  ['r.io/a:v2.0.0-rc.1', ['r.io', 'a', 'v2.0.0-rc.1', '', '', true, 'r.io/a:v2.0.0-rc.1']],
  ['r.io/a:2.0.0rc1', ['r.io', 'a', '2.0.0rc1', '', '', true, 'r.io/a:2.0.0rc1']],
  ['r.io/a:1.0-alpine', ['r.io', 'a', '1.0-alpine', '', '', false, 'r.io/a:1.0-alpine']],
  ['r.io/a:1.2-march', ['r.io', 'a', '1.2-march', '', '', false, 'r.io/a:1.2-march']],
])('%s', (reference, expected) => {
  const { images } = deriveImages(spec({ containers: [container({ image: reference })] }))
  expect(
    images.map((one) => [
      one.registry,
      one.repository,
      one.tag,
      one.digest,
      one.movingTag,
      one.isPreRelease,
      one.qualified,
    ]),
  ).toEqual([expected])
})

it('leaves out containers that name no image', () => {
  expect(deriveImages(spec({ containers: [container()] }))).toEqual({ images: [] })
})

it('reads a very long tag in no time', () => {
  const { images } = deriveImages(spec({ containers: [container({ image: `a:${'-rc1'.repeat(50_000)}x` })] }))
  expect(images.map(({ isPreRelease }) => isPreRelease)).toEqual([true])
})

it('groups the Secrets that a container reads from its environment', () => {
  const app = container({
    env: [
      { name: 'A', from: 'secret:db' },
      { name: 'B', from: 'value' },
      { name: 'C', from: 'secret:db' },
      { name: 'D', from: 'configMap:db' },
    ],
    envFrom: ['secret:all', 'secret:db', 'configMap:x'],
  })
  expect(deriveSecretVariables(spec({ containers: [app, container({ name: 'other' })] }))).toEqual({
    secrets: [
      { container: 'app', kind: 'container', secret: 'db', variables: ['A', 'C'], isWhole: true },
      { container: 'app', kind: 'container', secret: 'all', variables: [], isWhole: true },
    ],
  })
})
