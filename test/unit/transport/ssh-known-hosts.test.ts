import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { preferredAlgorithms } from '../../../src/transport/ssh-connection.ts'
import {
  fingerprint,
  type HostKey,
  KnownHosts,
  knownHostsName,
  matchesGlob,
} from '../../../src/transport/ssh-known-hosts.ts'

const folder = mkdtempSync(join(tmpdir(), 'known-hosts-'))
afterAll(() => rmSync(folder, { recursive: true }))

function key(type: string, seed: string): HostKey {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(type.length)
  return { type, blob: Buffer.concat([length, Buffer.from(type), Buffer.from(seed)]) }
}
const line = (hosts: string, { type, blob }: HostKey, rest = ''): string =>
  `${hosts} ${type} ${blob.toString('base64')}${rest}\n`
function hashed(name: string): string {
  const salt = Buffer.from('01234567890123456789')
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
}
function load(text: string): { known: KnownHosts; notes: string[]; file: string } {
  const file = join(folder, `${Math.random()}`)
  writeFileSync(file, text)
  const notes: string[] = []
  return { known: new KnownHosts([file], (note) => notes.push(note), file), notes, file }
}

const ed = key('ssh-ed25519', 'one')
const other = key('ssh-ed25519', 'two')
const rsa = key('ssh-rsa', 'three')

describe('which keys a host may show', () => {
  test.each<[name: string, text: string, host: string, port: number, shown: HostKey, wanted: string]>([
    ['plain', line('h', ed), 'h', 22, ed, 'known'],
    ['case', line('Host', ed), 'hOST', 22, ed, 'known'],
    ['comment after the key', line('h', ed, ' root@h # x'), 'h', 22, ed, 'known'],
    ['comma list', line('a,h,10.0.0.1', ed), '10.0.0.1', 22, ed, 'known'],
    ['port', line('[h]:2222', ed), 'h', 2222, ed, 'known'],
    ['another port', line('[h]:2222', ed), 'h', 22, ed, 'unknown'],
    ['bare name confirms another port', line('h', ed), 'h', 2222, ed, 'known'],
    ['bare name does not refute another port', line('h', other), 'h', 2222, ed, 'unknown'],
    ['hashed', line(hashed('h'), ed), 'h', 22, ed, 'known'],
    ['hashed with port', line(hashed('[h]:2222'), ed), 'h', 2222, ed, 'known'],
    ['hashed, another host', line(hashed('x'), ed), 'h', 22, ed, 'unknown'],
    ['wildcard', line('*.example.com,10.0.0.?', ed), 'a.example.com', 22, ed, 'known'],
    ['wildcard, one character', line('10.0.0.?', ed), '10.0.0.12', 22, ed, 'unknown'],
    ['negated', line('*,!h', ed), 'h', 22, ed, 'unknown'],
    ['negated, others', line('*,!h', ed), 'x', 22, ed, 'known'],
    ['several of a kind', line('h', other) + line('h', ed), 'h', 22, ed, 'known'],
    ['changed', line('h', other), 'h', 22, ed, 'changed'],
    ['changed, though another kind matches no more', line('h', rsa) + line('h', other), 'h', 22, ed, 'changed'],
    ['only another kind', line('h', rsa), 'h', 22, ed, 'unknown'],
    ['revoked', line('h', ed) + line('@revoked *', ed), 'h', 22, ed, 'revoked'],
    ['revoked on the bare name', line('[h]:2222', ed) + line('@revoked h', ed), 'h', 2222, ed, 'revoked'],
    ['revoked, another key', line('@revoked *', other) + line('h', ed), 'h', 22, ed, 'known'],
    ['authority', line('@cert-authority *', ed), 'h', 22, ed, 'unknown'],
    ['nothing', '', 'h', 22, ed, 'unknown'],
    ['IPv6', line('[fd00::1]:2222', ed), 'fd00::1', 2222, ed, 'known'],
  ])('%s', (_name, text, host, port, shown, wanted) => {
    expect(load(text).known.check(host, port, shown).kind).toBe(wanted)
  })

  test('what the verdict says', () => {
    const changed = load(`# x\n${line('h', other)}`)
    expect(changed.known.check('h', 22, ed)).toEqual({
      kind: 'changed',
      known: [fingerprint(other.blob)],
      source: `${changed.file}:2`,
    })
    expect(load(line('h', rsa)).known.check('h', 22, ed)).toEqual({
      kind: 'unknown',
      others: ['ssh-rsa'],
      hasAuthority: false,
    })
    expect(load(line('@cert-authority h', rsa)).known.check('h', 22, ed)).toEqual({
      kind: 'unknown',
      others: [],
      hasAuthority: true,
    })
  })

  test('an alias stands for host and port', () => {
    const { known } = load(line('node-1', ed))
    expect(known.check('10.0.0.1', 2222, ed, 'node-1').kind).toBe('known')
    expect(known.check('10.0.0.1', 2222, other, 'node-1').kind).toBe('changed')
  })

  test('lines that are no entries are skipped and told', () => {
    const text = [
      'h',
      'h ssh-ed25519',
      'h ssh-ed25519 !!!',
      'h ssh-rsa AAAA',
      '@new h ssh-rsa AAAA',
      '',
      '  # c',
      line('h', ed),
    ].join('\n')
    const { known, notes, file } = load(text)
    expect(notes).toEqual([1, 2, 3, 4, 5].map((n) => `${file}:${n} is not a known_hosts entry and was skipped.`))
    expect(known.check('h', 22, ed).kind).toBe('known')
  })

  test('a folder in place of the file is told, a missing file is not', () => {
    const notes: string[] = []
    new KnownHosts([folder, join(folder, 'none')], (note) => notes.push(note))
    expect(notes).toEqual([`${folder} could not be read (EISDIR): the hosts it names are unknown.`])
  })
})

describe('new hosts', () => {
  test('are appended in one line, after a last line without an end too', () => {
    const { known, file } = load(line('h', ed).trimEnd())
    known.accept('[x]:2222', rsa)
    expect(readFileSync(file, 'utf8')).toBe(line('h', ed) + line('[x]:2222', rsa))
    expect(known.check('x', 2222, rsa).kind).toBe('known')
    expect(known.check('x', 2222, key('ssh-rsa', 'new')).kind).toBe('changed')
  })
  test('are written to a file for this user only', () => {
    const file = join(folder, 'new', 'known_hosts')
    new KnownHosts([file], () => undefined, file).accept('h', ed)
    expect(() => new KnownHosts([file], () => undefined).accept('x', ed)).toThrow('no known_hosts file')
    expect(readFileSync(file, 'utf8')).toBe(line('h', ed))
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o700)
  })
})

test('names as known_hosts has them', () => {
  expect([knownHostsName('H', 22), knownHostsName('h', 2200)]).toEqual(['h', '[h]:2200'])
})

test.each([
  ['*', '', true],
  ['a*b*c', 'axxbyyc', true],
  ['a*b*c', 'axxbyy', false],
  ['?', '', false],
  [`${'*a'.repeat(50)}b`, 'a'.repeat(5000), false],
])('pattern %s', (pattern, name, wanted) => expect(matchesGlob(pattern, name)).toBe(wanted))

test('known kinds of key are asked for first', () => {
  expect(preferredAlgorithms(['ssh-rsa']).slice(0, 4)).toEqual([
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-rsa',
    'ssh-ed25519',
  ])
  expect(preferredAlgorithms(['ecdsa-sha2-nistp384', 'sk-ssh-ed25519@openssh.com'])[0]).toBe('ecdsa-sha2-nistp384')
  expect(preferredAlgorithms([])).toHaveLength(7)
})
