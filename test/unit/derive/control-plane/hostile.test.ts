// Whatever stands in the files and arguments of a control plane, every fact keeps its shape, nothing throws and nothing takes long.
import { describe, expect, it } from 'vitest'
import { isUnavailable } from '../../../../src/model/fact.ts'
import { facts } from '../../../../src/model/facts.ts'
import { apiServer, component, deriveNode, manifests } from './support.ts'

const size = 60_000
const gvk = (kind: string) => `apiVersion: apiserver.config.k8s.io/v1\nkind: ${kind}\n`
const contents: readonly (readonly [name: string, content: string])[] = [
  ['nothing', ''],
  ['zero bytes', '\0'.repeat(size)],
  ['lone surrogates', '\ud800'.repeat(1000)],
  ['brackets', '['.repeat(size)],
  ['nested lists', `resources: ${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  ['a list for a mapping', '- a\n- b\n'],
  ['null everywhere', 'apiVersion: null\nkind: null\nrules: null\nresources: null\nspec: null\n'],
  ['a prototype', '{"__proto__": {"kind": "Policy"}, "constructor": 1}'],
  ['anchors', `a: &a [1]\nb: &b [*a, *a]\nc: &c [*b, *b]\n${'<<: *c\n'.repeat(100)}`],
  ['many keys', Array.from({ length: 10_000 }, (_, index) => `k${index}: 1`).join('\n')],
  ['authorizers of no type', `${gvk('AuthorizationConfiguration')}authorizers: [1, {}, {type: [RBAC]}]\n`],
  [
    'anonymous of another type',
    `${gvk('AuthenticationConfiguration')}anonymous: {enabled: 1, conditions: {path: /}}\n`,
  ],
  ['entries of another type', `${gvk('EncryptionConfiguration')}resources: {a: 1}\n`],
  [
    'providers with two names',
    `${gvk('EncryptionConfiguration')}resources: [{resources: [secrets], providers: [{aescbc: 1, kms: 2}]}]\n`,
  ],
  [
    'rules of another type',
    'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata, resources: {group: 1}, verbs: {a: 1}}]\n',
  ],
  [
    'containers of another type',
    'spec: {containers: [1, {command: {a: 1}, volumeMounts: 3}, {command: [etcd, 5]}], volumes: {}}\n',
  ],
]
const structured = [
  'authorization-config',
  'authentication-config',
  'encryption-provider-config',
  'admission-control-config-file',
  'audit-policy-file',
]
const names = ['apiServer', 'controllerManager', 'scheduler', 'etcd', 'staticPods', 'componentFlags'] as const

function deriveHostile(content: string, argument: string, manifest: string | undefined) {
  return deriveNode({
    processes: [
      apiServer(...structured.map((flag) => `--${flag}=/f`), argument),
      component(30, 'kube-scheduler', '--config=/f', argument),
      component(31, 'kube-controller-manager', argument),
      { ...component(40, 'etcd', '--config-file=/f', argument), environment: { ETCD_CERT_FILE: content } },
    ],
    files: { '/f': content, ...(manifest === undefined ? {} : { [`${manifests}/a.yaml`]: manifest }) },
    clusterVersion: content.slice(0, 1000),
  })
}

describe.each(contents)('%s', (_name, content) => {
  it.each<[where: string, argument: string, manifest: string | undefined]>([
    ['in structured files', '--v=2', undefined],
    ['in a manifest', '--v=2', content],
    ['in an argument', `--feature-gates=${content}`, undefined],
    ['as an argument', content, undefined],
  ])('%s', (_where, argument, manifest) => {
    const before = process.cpuUsage()
    const derived = deriveHostile(content, argument, manifest)
    for (const name of names) {
      const fact = derived[name]
      if (!isUnavailable(fact)) expect(facts[name].schema.safeParse(fact).error).toBeUndefined()
    }
    // Of the processor, not of the clock: other tests share the machine.
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(4000)
  })
})
