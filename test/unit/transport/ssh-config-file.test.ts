import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { expandTokens, readSshConfig } from '../../../src/transport/ssh-config-file.ts'
import { parseJump } from '../../../src/transport/ssh-route.ts'

const home = mkdtempSync(join(tmpdir(), 'ssh-config-'))
afterAll(() => rmSync(home, { recursive: true }))
mkdirSync(join(home, '.ssh', 'conf.d'), { recursive: true })

const text = `
Include conf.d/*.conf none
Host worker-1 worker-2
  HostName %h.example.com
  User = audit
  Port 2222
  IdentityFile ~/.ssh/first
  IdentityFile "~/.ssh/with space"
  IdentitiesOnly yes
  ProxyJump bastion
  UserKnownHostsFile ~/.ssh/a ~/.ssh/b
  HostKeyAlias w
Host odd
  ProxyCommand nc %h %p
  Port 99999
Match host db exec "touch ${home}/ran"
  User nobody
Match host db
  User dba
Host *
  CanonicalizeHostname yes
  CanonicalDomains example.com
  User fallback
  IdentityFile ~/.ssh/last
`
writeFileSync(join(home, '.ssh', 'config'), text)
writeFileSync(join(home, '.ssh', 'conf.d', '1.conf'), 'Host included\n  Port 2200\nHost *\n  IdentityAgent none\n')
const notes: string[] = []
const config = readSshConfig(join(home, '.ssh', 'config'), home, (note) => notes.push(note))

test.each([
  [
    'worker-1',
    {
      hostName: '%h.example.com',
      user: 'audit',
      port: 2222,
      identityAgent: 'none',
      identityFiles: ['~/.ssh/first', '~/.ssh/with space', '~/.ssh/last'],
      identitiesOnly: true,
      certificateFiles: [],
      proxyJump: 'bastion',
      knownHostsFiles: ['~/.ssh/a', '~/.ssh/b'],
      hostKeyAlias: 'w',
      hasProxyCommand: false,
      isNamed: true,
    },
  ],
  [
    'included',
    {
      port: 2200,
      user: 'fallback',
      identityAgent: 'none',
      identityFiles: ['~/.ssh/last'],
      identitiesOnly: false,
      certificateFiles: [],
      hasProxyCommand: false,
      isNamed: true,
    },
  ],
  [
    'odd',
    {
      user: 'fallback',
      identityAgent: 'none',
      identityFiles: ['~/.ssh/last'],
      identitiesOnly: false,
      certificateFiles: [],
      hasProxyCommand: true,
      isNamed: true,
    },
  ],
  [
    'db',
    {
      user: 'dba',
      identityAgent: 'none',
      identityFiles: ['~/.ssh/last'],
      identitiesOnly: false,
      certificateFiles: [],
      hasProxyCommand: false,
      isNamed: false,
    },
  ],
  [
    '10.0.0.1',
    {
      user: 'fallback',
      identityAgent: 'none',
      identityFiles: ['~/.ssh/last'],
      identitiesOnly: false,
      certificateFiles: [],
      hasProxyCommand: false,
      isNamed: false,
    },
  ],
])('settings of %s', (host, wanted) => expect(config.settings(host)).toEqual(wanted))

test('a command is never run, which is told', () => {
  config.settings('db')
  expect(notes).toEqual([`${join(home, '.ssh', 'config')}: "Match exec" blocks are skipped; no command is run.`])
  expect(() => rmSync(join(home, 'ran'))).toThrow('ENOENT')
})

test('a missing file has no settings; a file that includes itself ends', () => {
  expect(readSshConfig(join(home, 'none'), home, () => undefined).settings('h')).toEqual({
    identityFiles: [],
    identitiesOnly: false,
    certificateFiles: [],
    hasProxyCommand: false,
    isNamed: false,
  })
  writeFileSync(join(home, 'loop'), `Include ${home}/loop\nHost h\n  Port 7\n`)
  const told: string[] = []
  expect(readSshConfig(join(home, 'loop'), home, (note) => told.push(note)).settings('h').port).toBe(7)
  expect(told[0]).toMatch(/includes nest too deeply/)
})

test('tokens', () => {
  const tokens = { h: 'host', n: 'name', p: '22', r: 'remote', u: 'local', d: '/home/me' }
  expect(expandTokens('%d/%u-%r@%h:%p (%n) 100%% %Z', tokens)).toBe('/home/me/local-remote@host:22 (name) 100% %Z')
})

test.each([
  ['bastion', { host: 'bastion' }],
  ['me@bastion:2222', { host: 'bastion', port: 2222, user: 'me' }],
  ['me@[fd00::1]:22', { host: 'fd00::1', port: 22, user: 'me' }],
  ['ssh://me@bastion:22/', { host: 'bastion', port: 22, user: 'me' }],
  ['a b', undefined],
  ['h:0', undefined],
  ['h:70000', undefined],
  ['h:x', undefined],
  ['', undefined],
])('jump host %s', (jump, wanted) => expect(parseJump(jump)).toEqual(wanted))
