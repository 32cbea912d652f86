// Effective settings of the API server: flags as pflag has them, structured files above them, defaults of the version.
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { apiServerOf, tell } from './support.ts'

const reference = '../shared/reference'
const hasReference = existsSync(`${reference}/structured-auth`)
if (!hasReference) console.warn('SKIPPED: the recorded structured files are not beside the repository.')
const stored = (path: string) => (hasReference ? readFileSync(`${reference}/${path}`, 'utf8') : '')

const authz = (...types: readonly string[]) =>
  [
    'apiVersion: apiserver.config.k8s.io/v1',
    'kind: AuthorizationConfiguration',
    'authorizers:',
    ...types.map((type) => `- {type: ${type}, name: ${type.toLowerCase()}}`),
    '',
  ].join('\n')

describe('anonymous authentication', () => {
  it.each<[name: string, flags: string[], files: Record<string, string>, enabled: string, paths: string]>([
    [
      'is on by default',
      ['--authorization-mode=Node,RBAC'],
      {},
      'true from default of kube-apiserver 1.34',
      '[] from default of kube-apiserver 1.34',
    ],
    [
      'is off by flag',
      ['--authorization-mode=Node,RBAC', '--anonymous-auth=false'],
      {},
      'false from --anonymous-auth of pid 1544',
      '[] from --anonymous-auth of pid 1544',
    ],
    [
      'is what the last flag says',
      ['--authorization-mode=RBAC', '--anonymous-auth=false', '--anonymous_auth'],
      {},
      'true from --anonymous-auth of pid 1544',
      '[] from --anonymous-auth of pid 1544',
    ],
    [
      'is switched off by AlwaysAllow, also as the default',
      [],
      {},
      'false from default of kube-apiserver 1.34 (switched off by the authorization mode AlwaysAllow)',
      '[] from default of kube-apiserver 1.34 (switched off by the authorization mode AlwaysAllow)',
    ],
    [
      'is not switched off by AlwaysAllow in the file',
      ['--authorization-config=/a.yaml'],
      { '/a.yaml': authz('AlwaysAllow') },
      'true from default of kube-apiserver 1.34',
      '[] from default of kube-apiserver 1.34',
    ],
    [
      'is limited to paths by the file, whatever the flag’s default is',
      ['--authorization-mode=RBAC', '--authentication-config=/n.yaml'],
      { '/n.yaml': stored('structured-auth/authn-anonymous-health-only.yaml') },
      'true from /n.yaml',
      '["/livez","/readyz","/healthz"] from /n.yaml',
    ],
    [
      'is the flag’s where the file does not name it',
      ['--authorization-mode=RBAC', '--authentication-config=/n.yaml', '--anonymous-auth=0'],
      { '/n.yaml': 'apiVersion: apiserver.config.k8s.io/v1beta1\nkind: AuthenticationConfiguration\njwt: []\n' },
      'false from --anonymous-auth of pid 1544',
      '[] from --anonymous-auth of pid 1544',
    ],
    [
      'is not known where the file is of another kind',
      ['--authentication-config=/n.yaml'],
      { '/n.yaml': authz('RBAC') },
      'malformed: /n.yaml: not a AuthenticationConfiguration of a version that is known, so that what kube-apiserver runs with is not what the file says.',
      'malformed: /n.yaml: not a AuthenticationConfiguration of a version that is known, so that what kube-apiserver runs with is not what the file says.',
    ],
    [
      'is not known where the file was not read',
      ['--authentication-config=/n.yaml'],
      {},
      'not-collected: /n.yaml: /n.yaml was not read by the probe.',
      'not-collected: /n.yaml: /n.yaml was not read by the probe.',
    ],
  ])('%s', (_name, flags, files, enabled, paths) => {
    if (Object.values(files).includes('')) return
    const fact = apiServerOf(flags, files)
    expect([tell(fact.anonymousAuthentication), tell(fact.anonymousPaths)]).toEqual([enabled, paths])
  })
})

describe('authorization modes', () => {
  it.each<[name: string, flags: string[], files: Record<string, string>, modes: string]>([
    ['default', [], {}, '["AlwaysAllow"] from default of kube-apiserver 1.34'],
    ['one flag', ['--authorization-mode=Node,RBAC'], {}, '["Node","RBAC"] from --authorization-mode of pid 1544'],
    [
      'a word apart',
      ['--authorization-mode', 'Node,RBAC'],
      {},
      '["Node","RBAC"] from --authorization-mode of pid 1544',
    ],
    [
      'repeated flags add up',
      ['--authorization-mode=Node', '--authorization-mode=RBAC'],
      {},
      '["Node","RBAC"] from --authorization-mode of pid 1544',
    ],
    ['the file', ['--authorization-config=/a'], { '/a': authz('Node', 'RBAC') }, '["Node","RBAC"] from /a'],
    [
      'a file without authorizers',
      ['--authorization-config=/a'],
      { '/a': authz() },
      'malformed: /a lists no authorizers that the API server would take.',
    ],
    [
      'words that belong to no flag',
      ['--profiling', 'false', '--authorization-mode=RBAC'],
      {},
      'malformed: The arguments of pid 1544 hold "false", which kube-apiserver does not take.',
    ],
    [
      'a configuration that is not read',
      ['--openshift-config=/c.yaml'],
      {},
      'not-collected: /c.yaml: /c.yaml was not read by the probe.',
    ],
  ])('%s', (_name, flags, files, modes) => {
    expect(tell(apiServerOf(flags, files).authorizationModes)).toBe(modes)
  })
})

describe('admission plug-ins', () => {
  const of = (version: string, ...flags: string[]) => {
    const { admissionPlugins } = apiServerOf(flags, {}, version)
    return 'unavailable' in admissionPlugins ? [] : admissionPlugins.value
  }
  it('are the defaults of 1.36 as its help prints them', () => {
    const file = `${reference}/flags/kube-apiserver-1.36.help.txt`
    if (!existsSync(file)) return console.warn(`SKIPPED: ${file} is absent.`)
    const printed = /default enabled ones \(([^)]*)\)/.exec(readFileSync(file, 'utf8'))?.[1]?.split(', ')
    expect(of('v1.36.2')).toEqual(printed?.toSorted())
  })
  it('of older versions are fewer', () => {
    const newer = (older: string, version: string) => of(version).filter((name) => !of(older).includes(name))
    expect([of('v1.24.0').length, newer('v1.24.0', 'v1.27.3'), newer('v1.27.3', 'v1.34.0')]).toEqual([
      18,
      ['ClusterTrustBundleAttest', 'ValidatingAdmissionPolicy'],
      ['MutatingAdmissionPolicy', 'PodTopologyLabels'],
    ])
  })
  it.each<[name: string, flags: string[], there: string[], gone: string[]]>([
    [
      'enabled in addition',
      ['--enable-admission-plugins=NodeRestriction,EventRateLimit'],
      ['NodeRestriction', 'EventRateLimit', 'ServiceAccount'],
      [],
    ],
    [
      'disabled',
      ['--disable-admission-plugins=ServiceAccount', '--disable_admission_plugins', 'PodSecurity'],
      ['NamespaceLifecycle'],
      ['ServiceAccount', 'PodSecurity'],
    ],
    ['a whole list', ['--admission-control=NodeRestriction'], ['NodeRestriction'], ['ServiceAccount']],
  ])('%s', (_name, flags, there, gone) => {
    const found = of('v1.34.0', ...flags)
    expect([there.filter((name) => !found.includes(name)), gone.filter((name) => found.includes(name))]).toEqual([
      [],
      [],
    ])
  })
  it('are not known where one is on and off: such a server does not start', () => {
    const flags = ['--enable-admission-plugins=NodeRestriction,AlwaysAdmit', '--disable-admission-plugins=AlwaysAdmit']
    expect(tell(apiServerOf(flags).admissionPlugins)).toMatch(
      /^malformed: AlwaysAdmit is turned on and off at once, with which the API server does not start/,
    )
  })
  it('are not known without a version', () => {
    expect(tell(apiServerOf([], {}, 'unknown').admissionPlugins)).toBe(
      'unsupported: The plug-ins that are on by default depend on the API server’s version, which is not known.',
    )
  })
})

describe('audit log', () => {
  it.each([
    ['v1.35.1', '0 from default of kube-apiserver 1.35'],
    ['v1.36.0', '366 from default of kube-apiserver 1.36'],
  ])('retention of %s', (version, age) => {
    expect(tell(apiServerOf([], {}, version).auditLogMaxAge)).toBe(age)
  })
  it('keeps 60 days by flag', () => {
    expect(tell(apiServerOf(['--audit-log-maxage', '60']).auditLogMaxAge)).toBe(
      '60 from --audit-log-maxage of pid 1544',
    )
  })

  const policy = (...rules: readonly string[]) =>
    ['apiVersion: audit.k8s.io/v1', 'kind: Policy', 'rules:', ...rules.map((rule) => `- ${rule}`), ''].join('\n')
  const levels = (text: string) => {
    const { auditLevels } = apiServerOf(['--audit-policy-file=/p'], { '/p': text })
    if ('unavailable' in auditLevels) return auditLevels.unavailable.detail
    return auditLevels.value.map(
      ({ request, level, isEnough }) => `${request}: ${level}${isEnough ? '' : ' (not enough)'}`,
    )
  }
  it('records all at Metadata', () => {
    expect(levels(policy('level: Metadata'))).toEqual([
      'get secrets: Metadata',
      'update secrets: Metadata',
      'update configmaps: Metadata',
      'create tokenreviews.authentication.k8s.io: Metadata',
      'create pods: Metadata',
      'update deployments.apps: Metadata',
      'create pods/exec: Metadata',
      'create pods/portforward: Metadata',
      'create pods/proxy: Metadata',
      'create services/proxy: Metadata',
    ])
  })
  it('takes the first rule that matches an ordinary user', () => {
    const text = policy(
      'level: None\n  users: ["system:kube-proxy"]',
      'level: None\n  nonResourceURLs: ["/healthz*"]',
      'level: None\n  verbs: [get]\n  resources: [{group: "", resources: [secrets]}]',
      'level: Metadata\n  resources: [{group: "", resources: [configmaps], resourceNames: [one]}]',
      'level: Request\n  resources: [{group: "", resources: ["pods/*", "*/proxy"]}]',
      'level: RequestResponse\n  resources: [{group: ""}, {group: apps, resources: ["*"]}]',
    )
    expect(levels(text)).toEqual([
      'get secrets: None (not enough)',
      'update secrets: RequestResponse (not enough)',
      'update configmaps: RequestResponse (not enough)',
      'create tokenreviews.authentication.k8s.io: None (not enough)',
      'create pods: RequestResponse',
      'update deployments.apps: RequestResponse',
      'create pods/exec: Request',
      'create pods/portforward: Request',
      'create pods/proxy: Request',
      'create services/proxy: Request',
    ])
  })
  it('says when the policy is none', () => {
    expect(levels(policy('level: Everything'))).toBe('/p is no audit policy that the API server would start with.')
  })
})

describe.runIf(hasReference)('encryption', () => {
  const encryption = (file: string) => {
    const { secretsProvider, encryptionEntries } = apiServerOf(['--encryption-provider-config=/e.yaml'], {
      '/e.yaml': stored(`encryptionconfig/${file}`),
    })
    return [tell(secretsProvider), 'unavailable' in encryptionEntries ? [] : encryptionEntries.value]
  }
  it.each([
    ['valid-configs/identity-first.yaml', 'identity'],
    ['valid-configs/aes-cbc-first.yaml', 'aescbc'],
    ['valid-configs/aes-gcm-first.yaml', 'aesgcm'],
    ['valid-configs/secret-box-first.yaml', 'secretbox'],
    ['valid-configs/kms-first.yaml', 'kms'],
    ['valid-configs/kmsv2-first.yaml', 'kms'],
    ['valid-configs/legacy.yaml', 'identity'],
  ])('%s writes with %s', (file, provider) => {
    expect(encryption(file)[0]).toBe(`"${provider}" from /e.yaml`)
  })
  it.each([
    'invalid-configs/kms/invalid-gvk.yaml',
    'invalid-configs/kms/invalid-apiversion.yaml',
    'invalid-configs/kms/invalid-content.yaml',
  ])('%s is not known', (file) => expect(encryption(file)[0]).toMatch(/^malformed: /))
  it('of other resources leaves Secrets in clear', () => {
    expect(encryption('valid-configs/aes/aes-cbc-multiple-providers.json')).toEqual([
      '"identity" from /e.yaml',
      [{ resources: ['ignored'], providers: ['aescbc', 'aescbc'] }],
    ])
  })
  it('is none without a file', () => {
    const fact = apiServerOf([])
    expect([tell(fact.encryptionConfigFile), tell(fact.secretsProvider)]).toEqual([
      '"" from default of kube-apiserver 1.34',
      '"identity" from default of kube-apiserver 1.34',
    ])
  })
  it('holds for Secrets by the first entry that names them', () => {
    const entries = [
      'kind: EncryptionConfiguration',
      'apiVersion: apiserver.config.k8s.io/v1',
      'resources:',
      '- {resources: [configmaps], providers: [{aescbc: {}}]}',
      '- {resources: ["*.*"], providers: [{identity: {}}, {aescbc: {}}]}',
      '- {resources: [secrets], providers: [{aescbc: {}}]}',
    ]
    const fact = apiServerOf(['--encryption-provider-config=/e'], { '/e': entries.join('\n') })
    expect(tell(fact.secretsProvider)).toBe('"identity" from /e')
  })
  it('says when the file was changed under a server that does not read it again', () => {
    const file = {
      content: stored('encryptionconfig/valid-configs/aes-cbc-first.yaml'),
      stat: { mode: '0600', uid: 0, gid: 0, modifiedAt: 1_800_000_000 },
    }
    const of = (...flags: string[]) =>
      tell(apiServerOf(['--encryption-provider-config=/e', ...flags], { '/e': file }).secretsProvider)
    expect([of(), of('--encryption-provider-config-automatic-reload')]).toEqual([
      '"aescbc" from /e (edited after kube-apiserver started)',
      '"aescbc" from /e',
    ])
  })
})
