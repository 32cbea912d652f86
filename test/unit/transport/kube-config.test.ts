import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthority } from '../../../src/simulator/certificates.ts'
import { openKubeAccess } from '../../../src/transport/kube-access.ts'
import { KubeConfigError, loadKubeConfig } from '../../../src/transport/kube-config.ts'

let folder = ''
const file = (name: string) => join(folder, name)
const authority = createAuthority('test')
const base64 = (text: string) => Buffer.from(text).toString('base64')

function config(name: string, changes: { cluster?: object; user?: object; current?: string | null } = {}): string {
  return JSON.stringify({
    'current-context': changes.current === undefined ? name : changes.current,
    clusters: [{ name, cluster: { server: `https://${name}:6443`, ...changes.cluster } }],
    users: [{ name: `${name}-user`, user: { token: `${name}-token`, ...changes.user } }],
    contexts: [{ name, context: { cluster: name, user: `${name}-user` } }],
  })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-config-'))
  await writeFile(file('one'), config('one'))
  await writeFile(file('two'), config('two'))
  await writeFile(file('no-current'), config('three', { current: null }))
  await writeFile(file('clash'), config('one', { cluster: { server: 'https://second:6443' } }))
  await mkdir(file('home/.kube'), { recursive: true })
  await writeFile(file('home/.kube/config'), config('home'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('which context is chosen', () => {
  const load = async (options: { kubeconfig?: string; context?: string }, env: Record<string, string>) => {
    const chosen = await loadKubeConfig(options, env)
    return chosen && [chosen.context, chosen.cluster['server'], chosen.user['token'], chosen.userName]
  }
  const list = (...names: string[]) => names.map(file).join(delimiter)

  it.each([
    ['--kubeconfig before $KUBECONFIG', { kubeconfig: 'one' }, ['two'], 'one'],
    ['$KUBECONFIG before the home folder', {}, ['two'], 'two'],
    ['the home folder', {}, [], 'home'],
    ['the first current context of several files', {}, ['no-current', 'two', 'one'], 'two'],
    ['a context of a later file', { context: 'two' }, ['one', 'two'], 'two'],
    ['missing files in $KUBECONFIG are passed over', {}, ['absent', 'one'], 'one'],
    ['the first definition of a name', {}, ['one', 'clash'], 'one'],
    ['a context by name where none is current', { context: 'three' }, ['no-current'], 'three'],
  ])('%s', async (_, options: { kubeconfig?: string; context?: string }, listed, expected) => {
    const env = { HOME: file('home'), KUBECONFIG: list(...listed) }
    const given = options.kubeconfig === undefined ? options : { ...options, kubeconfig: file(options.kubeconfig) }
    expect(await load(given, env)).toEqual([
      expected,
      `https://${expected}:6443`,
      `${expected}-token`,
      `${expected}-user`,
    ])
  })

  it('is undefined when there is no kubeconfig', async () => {
    expect(await load({}, { HOME: file('nowhere'), KUBECONFIG: list('absent') })).toBeUndefined()
  })

  it('makes paths absolute against their own file', async () => {
    const text = config('rel', {
      cluster: { 'certificate-authority': 'pki/ca.crt' },
      user: {
        'client-certificate': 'me.crt',
        'client-key': '/abs/me.key',
        tokenFile: 'token',
        exec: { command: './login' },
      },
    })
    await writeFile(file('home/relative'), text)
    const chosen = await loadKubeConfig({ kubeconfig: file('home/relative') }, {})
    expect([chosen?.cluster, chosen?.user]).toEqual([
      { server: 'https://rel:6443', 'certificate-authority': file('home/pki/ca.crt') },
      {
        token: 'rel-token',
        'client-certificate': file('home/me.crt'),
        'client-key': '/abs/me.key',
        tokenFile: file('home/token'),
        exec: { command: file('home/login') },
      },
    ])
  })
})

describe('configurations that lead nowhere', () => {
  const refused = async (text: string, context?: string) => {
    await writeFile(file('bad'), text)
    const error = await openKubeAccess({ kubeconfig: file('bad'), context, env: {} }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(KubeConfigError)
    return error instanceof Error ? error.message.replaceAll(file('bad'), 'FILE') : ''
  }
  const expired = authority.issue({ commonName: 'x', usage: 'client' })

  it.each([
    [
      'no YAML',
      'a: [1',
      undefined,
      'The kubeconfig is not valid YAML at FILE:1. Correct the file or name another with --kubeconfig.',
    ],
    ['a list', '- 1', undefined, 'FILE is not a kubeconfig: it holds no clusters, users and contexts.'],
    ['empty', '', undefined, 'The kubeconfig FILE holds no contexts. Add one, or name another file with --kubeconfig.'],
    [
      'entries without a name',
      '{"clusters":[{"cluster":{}}]}',
      undefined,
      'FILE is not a kubeconfig: every entry of clusters needs a name and a cluster.',
    ],
    [
      'contexts that are no list',
      '{"contexts":{"a":1}}',
      undefined,
      'FILE is not a kubeconfig: every entry of contexts needs a name and a context.',
    ],
    ['an unknown context', config('one'), 'prod', 'There is no context "prod" in FILE. There are: one.'],
    [
      'no current context',
      config('one', { current: null }),
      undefined,
      'The kubeconfig FILE has no current context. Choose one with --context: one.',
    ],
    [
      'a cluster nobody defines',
      '{"current-context":"c","contexts":[{"name":"c","context":{"cluster":"x"}}]}',
      undefined,
      'The context "c" of FILE names the cluster "x", which no file defines.',
    ],
    [
      'a user nobody defines',
      '{"current-context":"c","contexts":[{"name":"c","context":{"cluster":"x","user":"u"}}],"clusters":[{"name":"x","cluster":{"server":"https://x"}}]}',
      undefined,
      'The context "c" of FILE names the user "u", which no file defines.',
    ],
    [
      'no server',
      config('one', { cluster: { server: '' } }),
      undefined,
      'The cluster "one" of FILE has no usable server address. Set clusters[].cluster.server to an https:// URL.',
    ],
    [
      'another scheme',
      config('one', { cluster: { server: 'ftp://x' } }),
      undefined,
      'The cluster "one" of FILE has no usable server address. Set clusters[].cluster.server to an https:// URL.',
    ],
    [
      'plain http to another machine',
      config('one', { cluster: { server: 'http://api:8080' } }),
      undefined,
      'The cluster "one" of FILE is reached over plain http, which shows credentials and evidence to the network. Use an https:// server.',
    ],
    [
      'a CA file that is not there',
      config('one', { cluster: { 'certificate-authority': '/nowhere/ca.crt' } }),
      undefined,
      'The file /nowhere/ca.crt, named in FILE, does not exist or cannot be read.',
    ],
    [
      'a CA that is no certificate',
      config('one', { cluster: { 'certificate-authority-data': base64('not a certificate') } }),
      undefined,
      'The certificate authority of cluster "one" in FILE is not a PEM certificate.',
    ],
    [
      'a key of another certificate',
      config('one', {
        user: { 'client-certificate-data': base64(expired.cert), 'client-key-data': base64(authority.key) },
      }),
      undefined,
      'The client certificate and key of user "one-user" in FILE cannot be used together, or are not PEM.',
    ],
    [
      'an exec plug-in that is not installed',
      config('one', {
        user: {
          exec: {
            command: 'no-such-plugin-anywhere',
            apiVersion: 'client.authentication.k8s.io/v1',
            installHint: 'See example.com.',
          },
        },
      }),
      undefined,
      'The credential plug-in "no-such-plugin-anywhere" of user "one-user" of FILE is not installed or not on the PATH. See example.com.',
    ],
    [
      'an exec plug-in that fails',
      config('one', { user: { exec: { command: 'sh', args: ['-c', 'echo "please log in" >&2; exit 3'] } } }),
      undefined,
      'The credential plug-in "sh" of user "one-user" of FILE failed: please log in',
    ],
    [
      'an exec plug-in that prints no JSON (which may be a token)',
      config('one', { user: { exec: { command: 'echo', args: ['eyJhbGciOi-secret'] } } }),
      undefined,
      'The credential plug-in "echo" of user "one-user" of FILE did not print an ExecCredential.',
    ],
    [
      'an exec plug-in that prints other JSON',
      config('one', { user: { exec: { command: 'echo', args: ['{}'] } } }),
      undefined,
      'The credential plug-in "echo" of user "one-user" of FILE did not print an ExecCredential.',
    ],
  ])('%s', async (_, text, context, message) => {
    expect(await refused(text, context)).toBe(message)
  })

  it('an alias bomb', async () => {
    const lines = ['a0: &a0 [x,x,x,x,x,x,x,x,x]']
    for (let level = 1; level < 9; level += 1) lines.push(`a${level}: &a${level} [${Array(9).fill(`*a${level - 1}`)}]`)
    expect(await refused(lines.join('\n'))).toBe('The kubeconfig FILE cannot be read: its YAML aliases do not resolve.')
  })

  it.each([
    [{ kubeconfig: 'absent' }, /^The kubeconfig .*absent does not exist\. Give a readable file/],
    [{}, /^There is no kubeconfig: .* Name a file with --kubeconfig\.$/],
    [{ context: 'prod' }, /^There is no kubeconfig: /],
  ])('no file: %j', async (options: { kubeconfig?: string; context?: string }, message) => {
    const kubeconfig = options.kubeconfig === undefined ? undefined : file(options.kubeconfig)
    const opened = openKubeAccess({ ...options, kubeconfig, env: { HOME: file('nowhere') } })
    await expect(opened).rejects.toThrow(message)
    await expect(opened).rejects.toBeInstanceOf(KubeConfigError)
  })
})

describe('what a request carries', () => {
  const open = async (text: string, env: Record<string, string> = {}) => {
    await writeFile(file('good'), text)
    const access = await openKubeAccess({ kubeconfig: file('good'), env })
    const { headers } = await access.authorize()
    access.close()
    return { access, headers }
  }

  it.each([
    ['a token', { token: ' t1\n' }, { Authorization: 'Bearer t1' }],
    ['a user name and password', { token: undefined, username: 'u', password: 'p' }, { Authorization: 'Basic dTpw' }],
    [
      'impersonation with groups',
      { as: 'jane', 'as-uid': '7', 'as-groups': ['dev', 'ops'], 'as-user-extra': { 'example.com/x': ['1'] } },
      {
        Authorization: 'Bearer one-token',
        'Impersonate-User': 'jane',
        'Impersonate-Uid': '7',
        'Impersonate-Group': ['dev', 'ops'],
        'Impersonate-Extra-example.com%2Fx': ['1'],
      },
    ],
  ])('%s', async (_, user, expected) => {
    expect((await open(config('one', { user }))).headers).toEqual(expected)
  })

  it('a token file, which wins over a token', async () => {
    await writeFile(file('token'), 'from-file\n')
    expect((await open(config('one', { user: { tokenFile: 'token' } }))).headers).toEqual({
      Authorization: 'Bearer from-file',
    })
  })

  it('the token of an exec plug-in, which is told the protocol version', async () => {
    const script = `printf '{"apiVersion":"x","kind":"ExecCredential","status":{"token":"%s"}}' "$(echo "$KUBERNETES_EXEC_INFO" | cksum | tr ' ' -)-$EXTRA"`
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      command: 'sh',
      args: ['-c', script],
      env: [{ name: 'EXTRA', value: 'e' }],
    }
    const { headers } = await open(config('one', { user: { token: undefined, exec } }))
    expect(headers['Authorization']).toMatch(/^Bearer \d+-\d+-e$/)
  })

  it('tells where it leads and that TLS is verified', async () => {
    const { access } = await open(config('one', { cluster: { server: 'https://me:pw@one:6443/prefix?x=1' } }))
    expect([
      access.server.href,
      access.context,
      access.cluster,
      access.user,
      access.tlsVerified,
      access.warnings,
    ]).toEqual(['https://one:6443/prefix', 'one', 'one', 'one-user', true, []])
  })

  it.each([
    ['insecure-skip-tls-verify', { 'insecure-skip-tls-verify': true }],
    ['plain http on loopback', { server: 'http://127.0.0.1:8001' }],
  ])('tells that TLS is not verified: %s', async (_, cluster) => {
    expect((await open(config('one', { cluster }))).access.tlsVerified).toBe(false)
  })

  it('warns of an expired client certificate and goes on', async () => {
    const old = authority.issue({ commonName: 'x', usage: 'client', notAfter: new Date('2026-01-02T03:04:05Z') })
    const user = { 'client-certificate-data': base64(old.cert), 'client-key-data': base64(old.key) }
    expect((await open(config('one', { user }))).access.warnings).toEqual([
      'The client certificate expired on 2026-01-02T03:04:05.000Z; the API server will refuse it.',
    ])
  })

  it('uses the ServiceAccount of the Pod it runs in', async () => {
    await mkdir(file('sa'), { recursive: true })
    await writeFile(file('sa/token'), 'pod-token')
    await writeFile(file('sa/ca.crt'), authority.cert)
    const env = { HOME: file('nowhere'), KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }
    const access = await openKubeAccess({ env, serviceAccountFolder: file('sa') })
    expect([access.server.href, access.context, (await access.authorize()).headers]).toEqual([
      'https://[fd00::1]/',
      'in-cluster',
      { Authorization: 'Bearer pod-token' },
    ])
    access.close()
  })
})
