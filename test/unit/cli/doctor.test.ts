// What `doctor` makes of single observations, and which rights an audit is said to need.
import { expect, it } from 'vitest'
import { checkClock } from '../../../src/cli/doctor/cluster.ts'
import { checkNodeVersion } from '../../../src/cli/doctor/machine.ts'
import { neededRights, parseSubject, roleDocuments } from '../../../src/cli/rights.ts'

const noon = Date.UTC(2026, 10, 25, 12)
const header = (seconds: number) => new Date(noon + seconds * 1000).toUTCString()

it.each<[name: string, date: string | undefined, state: string, words: string]>([
  ['the same time', header(0), 'ok', 'agree'],
  ['a second lost to rounding', header(-1), 'ok', 'agree'],
  ['a server five minutes later', header(300), 'failed', '298 s behind the API server'],
  ['a server five minutes earlier', header(-300), 'failed', '299 s ahead of the API server'],
  ['no header', undefined, 'warned', 'tells no time'],
  ['a header that is none', 'tomorrow', 'warned', 'tells no time'],
])('clock: %s', (_name, date, state, words) => {
  const check = checkClock(date, noon, noon + 2000)
  expect([check.state, check.detail]).toEqual([state, expect.stringContaining(words)])
})

it.each([
  ['v22.19.0', 'ok'],
  ['v24.0.0', 'ok'],
  ['v22.18.9', 'failed'],
  ['v20.20.0', 'failed'],
])('Node.js %s is %s', (version, state) => {
  expect(checkNodeVersion(version).state).toBe(state)
})

const inWords = (settings: Parameters<typeof neededRights>[1]) =>
  neededRights(['pods', 'bootstraptokens'], settings).map((right) =>
    'path' in right
      ? `${right.verb} ${right.path}`
      : `${right.verb} ${right.resource}${right.subresource === undefined ? '' : `/${right.subresource}`}${right.namespace === undefined ? '' : ` in ${right.namespace}`}`,
  )

it.each<[string, Parameters<typeof neededRights>[1], string[]]>([
  ['ssh', {}, ['list pods', 'list secrets in kube-system']],
  ['no bootstrap tokens', { bootstrapTokens: false }, ['list pods']],
  ['the API alone', { nodeAccess: 'api', bootstrapTokens: false }, ['list pods', 'get nodes/proxy', 'get /flagz']],
  [
    'pods in a namespace',
    { nodeAccess: 'pod', pod: { namespace: 'audit' }, bootstrapTokens: false },
    [
      'list pods',
      ...['create', 'delete', 'get', 'list'].flatMap((verb) => [
        `${verb} pods in audit`,
        `${verb} configmaps in audit`,
      ]),
      'get pods/log in audit',
      'list events in audit',
    ],
  ],
])('rights for %s', (_name, settings, expected) => {
  expect(inWords(settings)).toEqual(expected)
})

it.each([
  ['User:alice', { kind: 'User', name: 'alice', apiGroup: 'rbac.authorization.k8s.io' }],
  ['Group:system:auditors', { kind: 'Group', name: 'system:auditors', apiGroup: 'rbac.authorization.k8s.io' }],
  ['ServiceAccount:a/b', { kind: 'ServiceAccount', name: 'b', namespace: 'a' }],
  ['ServiceAccount:b', undefined],
  ['alice', undefined],
  ['Role:x', undefined],
])('subject %s', (text, subject) => {
  expect(parseSubject(text)).toEqual(subject)
})

it('writes a hostile name as one text', () => {
  const subject = parseSubject('User:x"\n- kind: Group\n  name: system:masters')
  if (subject === undefined) throw new Error('a user may have any name')
  const text = roleDocuments(['pods'], { bootstrapTokens: false }, { name: 'n', head: '# h', subject })
  expect(text.split('\n').filter((line) => /^\s*(- )?kind: Group/.test(line) && !line.startsWith('      '))).toEqual([])
})
