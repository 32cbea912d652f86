import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadSealer } from '../../../src/cli/load-sealer.ts'

let folder = ''
let recipients: string[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-sealer-'))
  const identities = [await generateIdentity(), await generateIdentity()]
  recipients = await Promise.all(identities.map((one) => identityToRecipient(one)))
  await writeFile(join(folder, 'team.txt'), `# the auditors\r\n${recipients.join('\r\n')}\n\n`)
  await writeFile(join(folder, 'identity.txt'), `# public key: ${recipients[0]}\n${identities[0]}\n`)
  await writeFile(join(folder, 'empty.txt'), '# nobody\n')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('takes recipients and files of them, each once', async () => {
  const sealer = await loadSealer({ encryptTo: [recipients[0] ?? '', join(folder, 'team.txt')] })
  expect(sealer?.recipients).toBe(2)
  expect(await loadSealer({})).toBeUndefined()
})

it.each([
  ['age1nonsense', 'age1nonsense is no recipient of age.'],
  ['ssh-ed25519 AAAA', 'keys of SSH are not encrypted to'],
  ['identity.txt', 'identity.txt holds something else than recipients'],
  ['empty.txt', 'empty.txt names no recipient.'],
  ['none.txt', 'ENOENT'],
])('refuses %s, and prints no secret', async (given, message) => {
  const path = given.endsWith('.txt') ? join(folder, given) : given
  const error = await loadSealer({ encryptTo: [path] }).catch((one: unknown) => one)
  expect(String(error)).toContain(message)
  expect(String(error)).not.toContain('AGE-SECRET')
})
