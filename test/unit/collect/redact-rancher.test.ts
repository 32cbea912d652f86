// What is kept of the settings of k3s and RKE2: no token, no password of a database, nothing that is not known to be harmless.
import { describe, expect, it } from 'vitest'
import { redactRancherArguments, redactRancherFile } from '../../../src/collect/redact-rancher.ts'

const r = '<redacted>'
const secret = 'T0ken-that-must-not-leave'

describe('a configuration file', () => {
  it.each<[string, string, string | undefined]>([
    ['tokens', `token: ${secret}\nagent-token: ${secret}\n`, `token: ${r}\nagent-token: ${r}\n`],
    ['a database', `datastore-endpoint: mysql://u:${secret}/x@tcp(h)/db\n`, `datastore-endpoint: mysql://${r}\n`],
    ['a key nobody thought of', `vpn-auth: name=a,joinKey=${secret}\n`, `vpn-auth: ${r}\n`],
    ['a list of them', `tls-san: [${secret}]\n`, `tls-san:\n  - ${r}\n`],
    ['a mapping', `env: {a: ${secret}}\n`, `env: ${r}\n`],
    [
      'arguments, looked at one by one',
      `kube-apiserver-arg:\n- anonymous-auth=false\n- oidc-client-secret=${secret}\n- --audit-log-path=/a\n`,
      `kube-apiserver-arg:\n  - anonymous-auth=false\n  - oidc-client-secret=${r}\n  - audit-log-path=/a\n`,
    ],
    ['added arguments', 'kubelet-arg+: [v=2]\n', 'kubelet-arg+:\n  - v=2\n'],
    ['paths and switches', 'data-dir: /srv\nsecrets-encryption: true\n', 'data-dir: /srv\nsecrets-encryption: true\n'],
    ['nothing', '', ''],
    ['what does not parse', `token: [${secret}\n`, undefined],
    ['what is no mapping', `- ${secret}\n`, undefined],
  ])('%s', (_name, content, expected) => {
    expect(redactRancherFile(content)).toBe(expected)
  })
})

describe('arguments', () => {
  it.each<[string, string[], string[]]>([
    ['a token', ['server', '--token', secret, '--debug'], ['server', '--token', r, '--debug']],
    ['a token that looks like a flag', ['server', '--token', `-${secret}`], ['server', '--token', r]],
    ['by its letter', ['agent', '-t', `--${secret}`], ['agent', '-t', r]],
    ['joined', ['server', `--token=${secret}`], ['server', `--token=${r}`]],
    ['a database', ['server', '--datastore-endpoint', `x:${secret}@h`], ['server', '--datastore-endpoint', r]],
    ['a stray word', ['server', secret], ['server', r]],
    ['an argument', ['server', '--kubelet-arg', 'v=2'], ['server', '--kubelet-arg', 'v=2']],
    [
      'a secret in one',
      ['server', '--kube-apiserver-arg', `x-password=${secret}`],
      ['server', '--kube-apiserver-arg', `x-password=${r}`],
    ],
  ])('%s', (_name, words, expected) => {
    expect(redactRancherArguments(words)).toEqual(expected)
  })
})
