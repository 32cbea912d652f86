// No key of an EncryptionConfiguration and no variable of a manifest survives, however they are written; names and order do.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { redactEncryption, redactManifest, redactOpenShift } from '../../../src/collect/redact-documents.ts'

const reference = '../shared/reference/encryptionconfig'
if (!existsSync(reference)) console.warn('SKIPPED: stored encryption configurations are not beside the repository.')
const stored = existsSync(reference) ? globSync('**/*.{yaml,json}', { cwd: reference }).sort() : []

const key = 'c2VjcmV0IGlzIHNlY3VyZQ=='
const head = 'kind: EncryptionConfiguration\napiVersion: apiserver.config.k8s.io/v1\nresources:\n'
const entry = (keys: string) => `${head}- resources: [secrets]\n  providers:\n  - aescbc:\n      keys:\n${keys}`

describe('encryption configurations', () => {
  it.each<[name: string, text: string]>([
    ['plain', entry(`      - {name: a, secret: ${key}}\n`)],
    ['quoted', entry(`      - name: a\n        "secret": '${key}'\n`)],
    ['on the next line', entry(`      - name: a\n        secret:\n          ${key}\n`)],
    ['folded', entry(`      - name: a\n        secret: >-\n          ${key}\n`)],
    ['tagged', entry(`      - name: a\n        secret: !!binary ${key}\n`)],
    ['behind an anchor', entry(`      - name: a\n        secret: &x ${key}\n      - name: b\n        secret: *x\n`)],
    ['as a list', entry(`      - name: a\n        secret: [${key}]\n`)],
    ['under a wrong name', entry(`      - name: a\n        secrets: ${key}\n`)],
    ['as a key', entry(`      - name: a\n        ${key}: x\n`)],
    ['one level too high', entry(`      - ${key}\n`)],
    ['as a comment', entry(`      - name: a # ${key}\n`)],
    ['in a second document', `${entry('      - name: a\n')}---\nsecret: ${key}\n`],
    [
      'in JSON',
      JSON.stringify({
        kind: 'EncryptionConfiguration',
        resources: [{ providers: [{ aescbc: { keys: [{ name: 'a', secret: key }] } }] }],
      }),
    ],
  ])('%s', (_name, text) => {
    const kept = redactEncryption(text)
    expect(kept).toContain('aescbc')
    expect(kept).not.toContain(key)
    expect(kept).not.toContain(Buffer.from(key, 'base64').toString())
  })

  it('that do not parse are not kept', () => {
    expect([`${head}- {secret: ${key}`, `secret ${key}`, '', '- a', '['.repeat(50_000)].map(redactEncryption)).toEqual(
      Array.from({ length: 5 }, () => undefined),
    )
  })

  it('keep the order of resources, providers and names of keys', () => {
    const text = `${head}- resources: [secrets, "*.apps"]\n  providers:\n  - identity: {}\n  - kms: {apiVersion: v2, name: k, endpoint: "unix:///k.sock"}\n  - aesgcm: {keys: [{name: a, secret: ${key}}, {name: b, secret: ${key}}]}\n`
    expect(parse(redactEncryption(text) ?? '')).toEqual({
      kind: 'EncryptionConfiguration',
      apiVersion: 'apiserver.config.k8s.io/v1',
      resources: [
        {
          resources: ['secrets', '*.apps'],
          providers: [
            { identity: {} },
            { kms: { apiVersion: 'v2', name: 'k', endpoint: 'unix:///k.sock' } },
            { aesgcm: { keys: [{ name: 'a' }, { name: 'b' }] } },
          ],
        },
      ],
    })
  })

  it.runIf(stored.length > 0).each(stored)('%s keeps no key', (file) => {
    const text = readFileSync(join(reference, file), 'utf8')
    const secrets = [...text.matchAll(/"?secret"?:\s*"?([A-Za-z0-9+/=]{8,})/g)].map(([, secret = '']) => secret)
    const kept = redactEncryption(text) ?? ''
    expect(secrets.filter((secret) => kept.includes(secret))).toEqual([])
  })
})

describe('manifests', () => {
  it('keep command lines without secrets, names of variables, mounts and host paths', () => {
    const text = [
      'kind: Pod',
      'metadata: {name: etcd, annotations: {note: t0p}}',
      'spec:',
      '  containers:',
      '  - name: etcd',
      '    image: registry/etcd:3.6.5-0',
      '    command: [etcd, --token=t0p, 7]',
      '    env: [{name: ETCD_ROOT_PASSWORD, value: t0p}]',
      '    livenessProbe: {httpGet: {httpHeaders: [{name: a, value: t0p}]}}',
      '    volumeMounts: [{name: data, mountPath: /var/lib/etcd}]',
      '  volumes: [{name: data, hostPath: {path: /var/lib/etcd}}, {name: s, secret: {secretName: t0p}}]',
    ].join('\n')
    const kept = redactManifest(text) ?? ''
    expect(kept).not.toContain('t0p')
    expect(parse(kept)).toEqual({
      kind: 'Pod',
      metadata: { name: 'etcd' },
      spec: {
        containers: [
          {
            name: 'etcd',
            image: 'registry/etcd:3.6.5-0',
            command: ['etcd', '--token=<redacted>', '<redacted>'],
            env: [{ name: 'ETCD_ROOT_PASSWORD' }],
            volumeMounts: [{ name: 'data', mountPath: '/var/lib/etcd' }],
          },
        ],
        volumes: [{ name: 'data', hostPath: { path: '/var/lib/etcd' } }, { name: 's' }],
      },
    })
  })
})

describe("OpenShift's configuration", () => {
  it('keeps flags without secrets and how it serves; nothing else', () => {
    const kept = redactOpenShift(
      '/c',
      JSON.stringify({
        kind: 'KubeAPIServerConfig',
        apiServerArguments: {
          'use-service-account-credentials': ['true'],
          'service-account-private-key-file': ['/a/service-account.key'],
          'oidc-client-secret': ['T0ken-that-must-not-leave'],
        },
        servingInfo: { minTLSVersion: 'VersionTLS12', namedCertificates: [{ keyFile: 'x' }] },
        oauthConfig: { clientSecret: 'T0ken-that-must-not-leave' },
      }),
    )
    expect(kept).toBe(
      'kind: KubeAPIServerConfig\napiServerArguments:\n  use-service-account-credentials:\n    - "true"\n  service-account-private-key-file:\n    - /a/service-account.key\n  oidc-client-secret:\n    - <redacted>\nservingInfo:\n  minTLSVersion: VersionTLS12\n',
    )
  })

  it('leaves other kinds to the redaction of any configuration, and drops what does not parse', () => {
    expect(redactOpenShift('/c', 'kind: KubeSchedulerConfiguration\ntoken: abc\n')).toBe(
      'kind: KubeSchedulerConfiguration\ntoken: "<redacted>"\n',
    )
    expect(redactOpenShift('/c', '{"apiServerArguments": [')).toBe(undefined)
  })
})
