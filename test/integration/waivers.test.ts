// Accepted risks from the command line: adding, checking and listing them, and what an evaluation and its gate make of them.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resultSchema } from '../../src/model/result.ts'
import { runCli } from '../support/cli.ts'

const snapshot = join(import.meta.dirname, '../../reports/sample/snapshot.ndjson.zst')
let folder: string
let count = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-waivers-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const newPath = (name: string) => {
  count += 1
  return join(folder, `${count}-${name}`)
}
const day = (inDays: number) => new Date(Date.now() + inDays * 86_400_000).toISOString().slice(0, 10)
const people = ['--owner', 'Platform', '--approver', 'CISO', '--reason', 'Needed: "until" # the driver is replaced']
const add = (file: string, ...args: string[]) => runCli(['waivers', 'add', file, ...people, ...args])

describe('waivers add', () => {
  it('keeps comments and what is there', async () => {
    const file = newPath('waivers.yaml')
    const before = `# Reviewed each quarter
waivers:
  # The network plug-in.
  - id: cni # do not rename
    rule: privileged-containers
    match: { namespace: kube-system }
    owner: Platform
    approver: CISO
    reason: Needs it
    created: ${day(-1)}
    expires: ${day(90)}
`
    await writeFile(file, before)
    const { code, stdout } = await add(
      file,
      '--rule',
      'host-network',
      '--namespace',
      'shop',
      '--kind',
      'Deployment',
      '--expires',
      '60d',
      '--ticket',
      'SEC-1',
    )
    expect([code, stdout]).toEqual([0, `Added host-network-shop to ${file}; it counts until ${day(60)}.\n`])
    const [first, second] = (await readFile(file, 'utf8')).split('  - id: host-network-shop\n')
    expect(first?.replace('{ namespace: kube-system }', '{ namespace: kube-system }')).toBe(before)
    expect(second).toBe(`    rule: host-network
    match:
      namespace: shop
      kind: Deployment
    owner: Platform
    approver: CISO
    reason: 'Needed: "until" # the driver is replaced'
    ticket: SEC-1
    created: ${day(0)}
    expires: ${day(60)}
`)
  })

  it('makes the file, for its owner alone', async () => {
    const file = newPath('waivers.yaml')
    expect((await add(file, '--rule', 'host-network', '--name', 'x', '--expires', day(10))).code).toBe(0)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await runCli(['waivers', 'list', file])).stdout).toBe(`host-network-x  until ${day(10)}
  accepts   host-network on name x
  by        CISO on ${day(0)}, for Platform
  because   Needed: "until" # the driver is replaced
  in        ${file}:4
`)
  })

  it.each<[string, string[], RegExp]>([
    [
      'a rule that is none',
      ['--rule', 'host-netwrk', '--expires', '9d'],
      /No rule is named by host-netwrk \(did you mean host-network\?\)/,
    ],
    ['too long a time', ['--rule', 'host-network', '--expires', '366d'], /Lasts 366 days, longer than the 365/],
    ['an end before the beginning', ['--rule', 'host-network', '--expires', day(-1)], /must not be before created/],
    ['a day that is none', ['--rule', 'host-network', '--expires', '2027-02-30'], /is no day of the calendar/],
    ['no owner', ['--rule', 'host-network', '--expires', '9d', '--owner', ' '], /--owner/],
  ])('refuses %s and leaves no file', async (_name, args, message) => {
    const file = newPath('none.yaml')
    const { code, stderr } = await add(file, ...args)
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)])
    await expect(stat(file)).rejects.toThrow()
  })

  it('refuses an id that is taken, and a file that is no list of waivers', async () => {
    const file = newPath('waivers.yaml')
    const args = ['--rule', 'host-network', '--name', 'x', '--expires', '9d']
    await add(file, ...args)
    const once = await readFile(file, 'utf8')
    expect(await add(file, ...args)).toMatchObject({ code: 2, stderr: expect.stringContaining('choose another --id') })
    expect(await readFile(file, 'utf8')).toBe(once)
    await writeFile(file, 'waivers:\n  - id: a\n    rule: [\n')
    expect((await add(file, ...args)).code).toBe(2)
  })
})

describe('an evaluation with waivers', () => {
  const file = () => join(folder, 'all.yaml')
  const waiver = (id: string, rest: string) =>
    `  - { id: ${id}, owner: o, approver: a, reason: r, created: ${day(-10)}, expires: ${day(90)}, ${rest} }\n`

  it('keeps every outcome, fails no gate for what is waived, and says so', async () => {
    const result = newPath('result.json')
    await writeFile(
      file(),
      `waivers:\n${waiver('hosts', 'rule: [host-network, host-ports], match: { name: "*", namespace: "*" }')}`,
    )
    const only = ['--include', 'host-network', '--include', 'host-ports', '--include', 'privileged-containers']
    const plain = await runCli(['evaluate', snapshot, ...only, '-o', newPath('plain.json'), '--fail-on', 'info'])
    const waived = await runCli(['evaluate', snapshot, ...only, '-o', result, '--waivers', file(), '--fail-on', 'info'])
    expect([plain.code, waived.code]).toEqual([1, 1])
    expect(plain.stderr).toContain(
      'exit 1: 3 failing at or above --fail-on info: host-network, host-ports, privileged-containers\n',
    )
    expect(waived.stderr).toContain(
      'exit 1: 1 failing at or above --fail-on info: privileged-containers; 2 more are waived\n',
    )
    const { rules } = resultSchema.parse(JSON.parse(await readFile(result, 'utf8')))
    expect(
      rules.map(({ id, outcome, counts, waived: under }) => [id, outcome, counts.fail - (under?.fail ?? 0)]),
    ).toEqual([
      ['host-network', 'fail', 0],
      ['host-ports', 'fail', 0],
      ['privileged-containers', 'fail', expect.any(Number)],
    ])
    const less = await runCli([
      'evaluate',
      snapshot,
      '--include',
      'host-network',
      '-o',
      result,
      '--waivers',
      file(),
      '--fail-on',
      'info',
    ])
    expect([less.code, less.stderr]).toEqual([0, ''])
  })

  it('does not begin with a file that is wrong, and names every place', async () => {
    const wrong = newPath('wrong.yaml')
    await writeFile(
      wrong,
      `waivers:\n  - id: a\n    rule: x\n    owner: o\n    approver: a\n    reason: r\n    created: 2026-01-01\n  - { id: b, rules: x }\n`,
    )
    const output = newPath('result.json')
    const { code, stderr } = await runCli(['evaluate', snapshot, '--waivers', wrong, '-o', output])
    expect(code).toBe(2)
    expect(stderr).toContain(`${wrong}:2:5: waivers[0].expires: is needed: a day as YYYY-MM-DD`)
    expect(stderr).toContain(`${wrong}:8:14: waivers[1]: unknown key rules (did you mean rule?)`)
    await expect(stat(output)).rejects.toThrow()
    expect(await runCli(['evaluate', snapshot, '--waivers', join(folder, 'none.yaml')])).toMatchObject({ code: 2 })
  })

  it('is foretold by waivers check', async () => {
    const checked = newPath('waivers.yaml')
    await writeFile(
      checked,
      `waivers:\n${waiver('gone', 'rule: host-network, match: { name: no-such }')}${waiver('all', 'rule: "*"')}`,
    )
    const blind = await runCli(['waivers', 'check', checked, '--format', 'json'])
    const seen = await runCli(['waivers', 'check', checked, '--against', snapshot, '--format', 'json'])
    const told = (text: string): unknown =>
      JSON.parse(text).map(({ waiver: id, id: issue }: { waiver: string; id: string }) => `${id}: ${issue}`)
    expect([blind.code, told(blind.stdout)]).toEqual([1, ['all: waiver-too-broad']])
    expect([seen.code, told(seen.stdout)]).toEqual([1, ['gone: waiver-never-matching', 'all: waiver-too-broad']])
    await writeFile(checked, `waivers:\n${waiver('fine', 'rule: host-network, match: { namespace: kube-system }')}`)
    expect(await runCli(['waivers', 'check', checked])).toMatchObject({
      code: 0,
      stdout: '1 waiver, nothing wrong with them.\n',
    })
  })
})
