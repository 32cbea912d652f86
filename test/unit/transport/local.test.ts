// Which node this machine is, and where it may not be read. What a probe brings back is in test/integration/local.test.ts.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { NodeTarget } from '../../../src/transport/contracts.ts'
import { openLocalAccess } from '../../../src/transport/local.ts'

const base = mkdtempSync(join(tmpdir(), 'kube-assay-local-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

const bootID = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
const limits = { timeoutMs: 20_000, connectTimeoutMs: 1000, maxBytes: 1000 }
const target = (node: string, id?: string): NodeTarget => ({
  node,
  addresses: [],
  ...(id === undefined ? {} : { bootID: id }),
})

function tree(name: string, files: Readonly<Record<string, string>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(base, name, path)), { recursive: true })
    writeFileSync(join(base, name, path), content)
  }
  return join(base, name)
}

const host = {
  'etc/hostname': 'Worker-9\n',
  'proc/1/comm': 'systemd\n',
  'proc/sys/kernel/random/boot_id': 'b9\n',
  'sys/kernel/x': '',
  'sys/fs/cgroup/x': '',
}

async function readers(hostRoot: string, targets: readonly NodeTarget[], node?: string): Promise<string[]> {
  const access = openLocalAccess({ hostRoot, targets, node })
  const read: string[] = []
  for (const one of targets) {
    const output = await access.runProbe(one, 'echo ok', limits, new AbortController().signal)
    read.push('unavailable' in output ? `${one.node}: ${output.unavailable.detail}` : one.node)
  }
  return read
}

const none = (node: string, here: string) =>
  `${node}: The way local reads the machine it runs on, and that is not ${node}: ${here}.`

describe('the node that this machine is', () => {
  const root = tree('host', host)
  test.each<[name: string, root: string, targets: NodeTarget[], node: string | undefined, expected: string[]]>([
    ['has its boot id', '/', [target('a', bootID), target('b', 'x')], undefined, ['a', none('b', 'it is a')]],
    ['of a mounted host, too', root, [target('a', 'b9'), target('b', bootID)], undefined, ['a', none('b', 'it is a')]],
    ['has its name, where no boot id is known', '/', [target(hostname().toLowerCase())], undefined, [hostname()]],
    ['has its name in the host’s own words', root, [target('worker-9')], undefined, ['worker-9']],
    [
      'is not one with its name and another boot id',
      root,
      [target('worker-9', 'x')],
      undefined,
      [none('worker-9', 'it is none of the nodes asked for')],
    ],
    ['is the one said', root, [target('a', 'x'), target('b', 'b9')], 'a', ['a', none('b', 'it is a')]],
    [
      'is told by name among nodes on one kernel',
      root,
      [target('worker-9', 'b9'), target('b', 'b9')],
      undefined,
      ['worker-9', none('b', 'it is worker-9')],
    ],
    [
      'is not guessed among nodes on one kernel',
      root,
      [target('a', 'b9'), target('b', 'b9')],
      undefined,
      [
        'a: 2 nodes share the boot id of this machine, as containers on one kernel do. Say which it is with --local-node.',
        'b: 2 nodes share the boot id of this machine, as containers on one kernel do. Say which it is with --local-node.',
      ],
    ],
  ])('%s', async (_name, hostRoot, targets, node, expected) => {
    expect(await readers(hostRoot, targets, node)).toEqual(expected)
  })
})

describe('a host root', () => {
  const without = (missing: string) => Object.fromEntries(Object.entries(host).filter(([path]) => path !== missing))
  test.each<[name: string, root: string, message: RegExp]>([
    ['that is relative', 'host', /expected an absolute path/],
    ['that would end the quotes in the script', "/tmp/a'b", /quotes or line breaks/],
    ['that is an empty folder', tree('empty', { x: '' }), /no host is mounted there: .*etc is missing/],
    ['without what is mounted below it', tree('bare', without('proc/1/comm')), /proc\/1\/comm is missing/],
    ['without cgroups', tree('no-cgroups', { ...without('sys/fs/cgroup/x') }), /sys\/fs\/cgroup is missing/],
  ])('%s is refused', (_name, hostRoot, message) => {
    expect(() => openLocalAccess({ hostRoot, targets: [] })).toThrow(message)
  })
})
