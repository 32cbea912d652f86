// What the API server's admission configuration says of Pod Security and images; and of the ways in which people are known.
import { describe, expect, it } from 'vitest'
import { redactConfiguration } from '../../../../src/collect/redact-configuration.ts'
import { apiServerOf, component, deriveNode, tell } from './support.ts'

const flag = '--admission-control-config-file=/etc/kubernetes/admission/config.yaml'
const configuration = (plugin: string) => `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
${plugin}`
const inline = configuration(`- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults: {enforce: baseline, enforce-version: v1.30}
    exemptions: {usernames: ["system:serviceaccount:kube-system:job-controller"], namespaces: [kube-system]}
`)
const unset = { enforce: 'privileged', enforceVersion: 'latest', audit: 'privileged', auditVersion: 'latest' }
const all = { ...unset, warn: 'privileged', warnVersion: 'latest' }
const path = '/etc/kubernetes/admission/config.yaml'

describe('Pod Security defaults', () => {
  it.each<[string, readonly string[], Record<string, string>, string]>([
    ['are Kubernetes’ own without a file', [], {}, `${JSON.stringify(all)} from default of kube-apiserver 1.34`],
    [
      'stand in the file',
      [flag],
      // Nothing that matters here may be taken for a secret on the way.
      { [path]: redactConfiguration(path, inline) },
      `${JSON.stringify({ ...all, enforce: 'baseline', enforceVersion: 'v1.30' })} from ${path}`,
    ],
    [
      'are Kubernetes’ own where the file is about other plug-ins',
      [flag],
      { [path]: configuration('- name: EventRateLimit\n  path: events.yaml\n') },
      `${JSON.stringify(all)} from ${path}: no plug-in PodSecurity`,
    ],
    [
      'stand in a file of their own beside it',
      [flag],
      {
        [path]: configuration('- name: PodSecurity\n  path: pod-security.yaml\n'),
        '/etc/kubernetes/admission/pod-security.yaml':
          'apiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\ndefaults: {enforce: restricted}\n',
      },
      `${JSON.stringify({ ...all, enforce: 'restricted' })} from /etc/kubernetes/admission/pod-security.yaml`,
    ],
  ])('%s', (_, flags, files, expected) => {
    expect(tell(apiServerOf(flags, files).podSecurityDefaults)).toBe(expected)
  })

  it.each<[string, Record<string, string>]>([
    ['the file cannot be read', {}],
    ['the file is of another kind', { [path]: 'apiVersion: v1\nkind: Pod\n' }],
    ['the API server would refuse the level', { [path]: inline.replace('enforce: baseline', 'enforce: Baseline') }],
    ['the file that it names cannot be read', { [path]: configuration('- name: PodSecurity\n  path: gone.yaml\n') }],
  ])('are not known where %s', (_, files) => {
    const server = apiServerOf([flag], files)
    expect([server.podSecurityDefaults, server.podSecurityExemptions].map((one) => 'unavailable' in one)).toEqual([
      true,
      true,
    ])
  })
})

it('exemptions come from the file', () => {
  const expected = {
    usernames: ['system:serviceaccount:kube-system:job-controller'],
    namespaces: ['kube-system'],
    runtimeClasses: [],
  }
  expect(tell(apiServerOf([flag], { [path]: inline }).podSecurityExemptions)).toBe(
    `${JSON.stringify(expected)} from ${path}`,
  )
})

it.each<[string, Record<string, string>, string]>([
  ['no image policy', { [path]: configuration('') }, `undefined from ${path}: no plug-in ImagePolicyWebhook`],
  [
    'one that refuses',
    { [path]: configuration('- name: ImagePolicyWebhook\n  configuration:\n    imagePolicy: {kubeConfigFile: /x}\n') },
    `false from ${path}`,
  ],
  [
    'one that lets everything through while it is away',
    { [path]: configuration('- name: ImagePolicyWebhook\n  configuration:\n    imagePolicy: {defaultAllow: true}\n') },
    `true from ${path}`,
  ],
])('%s', (_, files, expected) => {
  expect(tell(apiServerOf([flag], files).imagePolicyDefaultAllow)).toBe(expected)
})

it.each<[string, readonly string[], Record<string, string>, string]>([
  ['certificates and tokens alone', [], {}, '[] from default of kube-apiserver 1.34'],
  [
    'OpenID Connect by flag',
    ['--oidc-issuer-url=https://id.example.com'],
    {},
    '["OpenID Connect (--oidc-issuer-url of pid 1544)"] from default of kube-apiserver 1.34',
  ],
  [
    'OpenID Connect by file',
    ['--authentication-config=/a'],
    {
      '/a': 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\njwt: [{issuer: {url: https://a}}]\n',
    },
    '["OpenID Connect (jwt of /a)"] from /a',
  ],
])('people are known by %s', (_, flags, files, expected) => {
  expect(tell(apiServerOf(flags, files).userAuthenticators)).toBe(expected)
})

it.each<[readonly string[], boolean]>([
  [[], false],
  [['--controllers=*'], false],
  [['--controllers=*,bootstrapsigner,tokencleaner'], true],
  [['--controllers=token-cleaner-controller'], true],
  [['--controllers=-tokencleaner,tokencleaner'], false],
])('the controller manager with %j cleans up bootstrap tokens: %s', (flags, value) => {
  const { controllerManager } = deriveNode({ processes: [component(9, 'kube-controller-manager', ...flags)] })
  expect(controllerManager).toMatchObject({ cleansBootstrapTokens: { value } })
})
