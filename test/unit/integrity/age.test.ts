import { generateHybridIdentity, generateIdentity, identityToRecipient } from 'age-encryption'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Bytes, createOpener, createSealer, isSealed } from '../../../src/integrity/index.ts'

let identity = ''
let recipient = ''
beforeAll(async () => {
  identity = await generateIdentity()
  recipient = await identityToRecipient(identity)
})

const all = async (bytes: Bytes) => Buffer.concat(await Array.fromAsync(bytes))
const opened = async (bytes: Uint8Array, text = identity) => {
  const opener = await createOpener([{ shown: 'key.txt', text }])
  return all(opener.open([bytes], 'run.json.age'))
}
const sealed = async (content: Uint8Array) => all((await createSealer([recipient])).seal([content]))

it.each([0, 1, 65_535, 65_536, 65_537, 300_000])('gives back %i bytes', async (size) => {
  const content = Buffer.alloc(size, 'kube-assay')
  const made = await sealed(content)
  expect(isSealed(made)).toBe(true)
  expect(made.includes('kube-assay')).toBe(false)
  expect((await opened(made)).equals(content)).toBe(true)
})

it('opens again what this process made, without a recipient more in the header', async () => {
  const sealer = await createSealer([recipient])
  const made = await all(sealer.sealOpenable([Buffer.from('snapshot')]))
  expect((await all(sealer.reopen([made]))).toString()).toBe('snapshot')
  expect((await opened(made)).toString()).toBe('snapshot')
  expect(made.toString('latin1').match(/^-> /gm)).toHaveLength(1)
  const other = await createSealer([recipient])
  await expect(all(other.reopen([made]))).rejects.toThrow()
})

it('opens for any of several recipients, and for nobody else', async () => {
  const second = await generateIdentity()
  const sealer = await createSealer([recipient, await identityToRecipient(second)])
  expect(sealer.recipients).toBe(2)
  const made = await all(sealer.seal([Buffer.from('both')]))
  expect((await opened(made)).toString()).toBe('both')
  expect((await opened(made, `# created: now\n${await generateIdentity()}\r\n${second}\n`)).toString()).toBe('both')
  await expect(opened(made, await generateIdentity())).rejects.toThrow(
    'run.json.age is encrypted for others: none of the identities given opens it.',
  )
})

it('encrypts for post-quantum recipients, and mixes them with no others', async () => {
  const hybrid = await generateHybridIdentity()
  const to = await identityToRecipient(hybrid)
  const made = await all((await createSealer([to])).seal([Buffer.from('later')]))
  expect((await opened(made, hybrid)).toString()).toBe('later')
  await expect(createSealer([to, recipient])).rejects.toThrow('cannot be mixed')
})

describe('what was altered', () => {
  it('does not open, whichever byte it was', async () => {
    const made = await sealed(Buffer.alloc(70_000, 'x'))
    for (let index = 0; index < made.length; index += index < 300 ? 7 : 9_973) {
      const altered = Buffer.from(made)
      altered[index] = (altered[index] ?? 0) ^ 1
      await expect(opened(altered), `byte ${index}`).rejects.toThrow(
        /^run\.json\.age (is encrypted for others|cannot be decrypted)/,
      )
    }
  })

  it('does not open cut, also where a piece ends', async () => {
    const made = await sealed(Buffer.alloc(200_000, 'x'))
    const header = made.indexOf('\n', made.indexOf('\n--- ') + 1) + 1 + 16
    const piece = 65_536 + 16
    for (const end of [0, 10, header - 20, header, header + piece, header + 2 * piece, made.length - 1])
      await expect(opened(made.subarray(0, end)), `${end} bytes`).rejects.toMatchObject({ name: 'InputError' })
    await expect(opened(Buffer.concat([made, Buffer.from('x')]))).rejects.toMatchObject({ name: 'InputError' })
  })

  it('has a header without end: no more than a bound of it is read', async () => {
    let pulled = 0
    function* endless() {
      yield Buffer.from('age-encryption.org/v1\n-> ')
      for (;;) {
        pulled += 65_536
        yield Buffer.alloc(65_536, 'a')
      }
    }
    const opener = await createOpener([{ shown: 'key.txt', text: identity }])
    await expect(all(opener.open(endless(), 'x.age'))).rejects.toThrow('x.age cannot be decrypted')
    expect(pulled).toBeLessThan(2 * 1024 * 1024)
  })
})

it('holds no more than some pieces of a stream, however long that is', async () => {
  let pulled = 0
  function* large() {
    for (let count = 0; count < 4096; count += 1) {
      pulled += 262_144
      yield Buffer.alloc(262_144)
    }
  }
  const sealer = await createSealer([recipient])
  let taken = 0
  let ahead = 0
  for await (const chunk of sealer.seal(large())) {
    taken += chunk.length
    ahead = Math.max(ahead, pulled - taken)
    if (taken > 32 * 1024 * 1024) break
  }
  expect(ahead).toBeLessThan(1024 * 1024)
  expect(pulled).toBeLessThan(34 * 1024 * 1024)
})

it.each([
  ['age1', 'is no recipient of age'],
  ['age1xyz', 'is no recipient of age'],
  ['age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t', 'belongs to a plugin'],
])('refuses the recipient %s', async (text, message) => {
  await expect(createSealer([text])).rejects.toThrow(message)
})

it.each([
  ['', 'holds no identity of age'],
  ['# only a comment\n', 'holds no identity of age'],
  ['-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n', 'is a key of SSH'],
  ['age-encryption.org/v1\n-> scrypt\n', 'is encrypted itself'],
  ['-----BEGIN AGE ENCRYPTED FILE-----\n', 'is encrypted itself'],
  ['AGE-PLUGIN-YUBIKEY-1ABC', 'belongs to a plugin'],
  ['age1p0hqevxxl8em9va777jxycwcrejn9wt6fpw3phyc56ee7j03s5xqux0vn7', 'holds a recipient, the public part'],
  ['AGE-SECRET-KEY-1QQQQ', 'holds an identity that is damaged'],
])('refuses the identity file %j', async (text, message) => {
  const error = await createOpener([{ shown: 'key.txt', text }]).catch((one: unknown) => one)
  expect(error).toMatchObject({ name: 'InputError' })
  expect(String(error)).toContain(`--identity: key.txt ${message}`)
  expect(String(error)).not.toContain('QQQQ')
})
