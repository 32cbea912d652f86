// The way `local` for who is not root, with the real sudo: allowed, asked for a password, and not installed; and inside a container.
import { execFileSync, spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLocalAccess } from '../../src/transport/local.ts'

const isRequired = process.env['KUBE_ASSAY_REQUIRE_INTEGRATION'] === '1'
const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
const isPossible =
  process.getuid?.() === 0 &&
  ['sudo', 'useradd', 'setpriv', 'unshare'].every(has) &&
  (isRequired || process.env['KUBE_ASSAY_TEST_USERADD'] === '1')
if (!isPossible) {
  console.warn(
    'SKIPPED: no user is made (needs root, sudo and KUBE_ASSAY_TEST_USERADD=1, or the CI): sudo was NOT tried locally.',
  )
}

const user = 'kube-assay-local'
const sudoers = `/etc/sudoers.d/${user}`
const program = `
import { openLocalAccess } from ${JSON.stringify(join(import.meta.dirname, '../../src/transport/local.ts'))}
const access = openLocalAccess({ targets: [{ node: 'here', addresses: [] }], node: 'here', hostRoot: '/', sudo: process.argv[1] })
const limits = { timeoutMs: 20000, connectTimeoutMs: 1000, maxBytes: 100000 }
const script = 'printf "%s %s %s" "$(id -u)" "\${SUDO_UID:-none}" "\${KUBE_ASSAY_SUDO:-asked}"\\n'
const output = await access.runProbe({ node: 'here', addresses: [] }, script, limits, new AbortController().signal)
console.log('stdout' in output ? output.stdout.toString() : JSON.stringify(output))
`

/** As the user, with no more than that. */
function asUser(sudo: 'auto' | 'never', before = ''): string {
  const line = `${before}exec setpriv --reuid=${user} --regid=${user} --clear-groups --inh-caps=-all "$@"`
  const node = [process.execPath, '--input-type=module-typescript', '-e', program, sudo]
  return spawnSync('unshare', ['--mount', 'sh', '-c', line, 'sh', ...node], {
    encoding: 'utf8',
    cwd: '/',
  }).stdout.trim()
}

describe.skipIf(!isPossible)('sudo on this machine', () => {
  let id = ''
  beforeAll(() => {
    spawnSync('userdel', ['-f', user])
    execFileSync('useradd', ['-M', '-d', '/nonexistent', '-s', '/bin/sh', '-p', '*', user])
    id = execFileSync('id', ['-u', user], { encoding: 'utf8' }).trim()
  })
  afterAll(() => {
    rmSync(sudoers, { force: true })
    spawnSync('userdel', ['-f', user])
  })

  test('a password is wanted: the probe runs without, and says that sudo was denied', () => {
    writeFileSync(sudoers, `${user} ALL=(root) /bin/sh -s\n`, { mode: 0o440 })
    expect(asUser('auto')).toBe(`${id} none denied`)
  })
  test('the line of the documentation: root', () => {
    writeFileSync(sudoers, `${user} ALL=(root) NOPASSWD: /bin/sh -s\n`, { mode: 0o440 })
    expect(asUser('auto')).toBe(`0 ${id} asked`)
    expect(asUser('never')).toBe(`${id} none asked`)
  })
  test('another command is allowed: this one is not', () => {
    writeFileSync(sudoers, `${user} ALL=(root) NOPASSWD: /usr/bin/true\n`, { mode: 0o440 })
    expect(asUser('auto')).toBe(`${id} none denied`)
  })
  test('no sudo at all', () => {
    rmSync(sudoers, { force: true })
    expect(asUser('auto', 'mount --bind /dev/null "$(command -v sudo)" && ')).toBe(`${id} none denied`)
  })
})

test('inside a container, without the host’s root, nothing is read', async () => {
  const before = process.env['KUBERNETES_SERVICE_HOST']
  process.env['KUBERNETES_SERVICE_HOST'] = '10.96.0.1'
  try {
    const target = { node: 'here', addresses: [] }
    const access = openLocalAccess({ targets: [target], node: 'here' })
    const limits = { timeoutMs: 5_000, connectTimeoutMs: 1_000, maxBytes: 1_000 }
    expect(await access.runProbe(target, 'echo read', limits, new AbortController().signal)).toEqual({
      unavailable: { reason: 'unsupported', detail: expect.stringMatching(/runs in a container.*--host-root/) },
    })
  } finally {
    if (before === undefined) delete process.env['KUBERNETES_SERVICE_HOST']
    else process.env['KUBERNETES_SERVICE_HOST'] = before
  }
})
