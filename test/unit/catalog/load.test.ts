// A catalogue that is wrong is refused as a whole, with every problem at its place.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { CatalogueError, loadCatalogue, referencesOf, selectBenchmark } from '../../../src/catalog/index.ts'
import { unavailable } from '../../../src/model/fact.ts'
import { rulesFolder } from './support.ts'

const benchmarks = `key: cis-kubernetes
name: CIS Kubernetes
versions:
  - { version: "1.24", kubernetes: ["1.24"] }
  - { version: "2.0", kubernetes: ["1.34", "1.35"] }
`
const rule = `id: cgroup-version
title: The node uses cgroup v2
severity: medium
assessment: automated
references: { documents: [C5], cis-kubernetes: { "1.24": "9.9.9" } }
needs: [cgroups]
each: nodes
checks:
  - expression: cgroups.version.value == "v2"
    message: The node uses cgroup v1
    observed: cgroups.version.value
    expected: v2
    source: cgroups.version.source
description: About cgroups.
rationale: Because of cgroups.
remediation:
  steps:
    - text: Boot with cgroup v2.
verify: stat -fc %T /sys/fs/cgroup
problem: The node uses cgroup v1
`

const folders: string[] = []
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })))
})

async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'kube-assay-rules-'))
  folders.push(parent)
  const folder = join(parent, 'rules')
  for (const [path, text] of Object.entries({ 'benchmarks/cis-kubernetes.yaml': benchmarks, ...files })) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return folder
}

async function problemsOf(files: Readonly<Record<string, string>>): Promise<string[]> {
  try {
    await loadCatalogue(await folderOf(files))
    return []
  } catch (error) {
    if (error instanceof CatalogueError) return error.message.split('\n')
    throw error
  }
}

describe('loading a catalogue', () => {
  const path = 'cgroups/cgroup-version.yaml'
  const at = `rules/${path}`

  it('accepts a rule that is right', async () => {
    const catalogue = await loadCatalogue(await folderOf({ [path]: rule }), '1.2.3')
    expect(catalogue.rules.map(({ rule: { id }, section }) => `${section}/${id}`)).toEqual(['cgroups/cgroup-version'])
    expect([catalogue.version, catalogue.digest]).toEqual(['1.2.3', expect.stringMatching(/^[0-9a-f]{64}$/)])
  })

  it.each([
    ['a syntax error', 'severity: medium', 'severity: [medium', /^rules\/cgroups\/cgroup-version\.yaml:\d+:\d+: /],
    ['a duplicate key', 'each: nodes', 'each: nodes\neach: nodes', `${at}:8:1: Map keys must be unique`],
    [
      'an unknown key',
      'severity: medium',
      'severty: medium',
      /yaml:3:1: unknown key severty \(did you mean severity\?\); allowed: id, title,/,
    ],
    [
      'a wrong value',
      'severity: medium',
      'severity: hihg',
      `${at}:3:11: severity: hihg is not allowed (did you mean high?); allowed: critical, high, medium, low, info`,
    ],
    [
      'a missing key',
      'title: The node uses cgroup v2\n',
      '',
      `${at}:1:1: title: Invalid input: expected string, received undefined`,
    ],
    [
      'an unknown key in a check',
      '    message: The',
      '    massage: The',
      /yaml:10:5: checks\[0\]: unknown key massage \(did you mean message\?\)/,
    ],
    [
      'an unknown fact',
      'needs: [cgroups]',
      'needs: [cgroup]',
      /yaml:6:9: needs\[0\]: cgroup is not allowed \(did you mean cgroups\?\)/,
    ],
    [
      'a fact of other units',
      'needs: [cgroups]',
      'needs: [cgroups, hostAccess]',
      /yaml:6:8: needs: hostAccess is not a fact of nodes; allowed are/,
    ],
    [
      'a fact that is never read',
      'needs: [cgroups]',
      'needs: [cgroups, swap]',
      `${at}:6:18: needs[1]: swap is never read; leave it out`,
    ],
    [
      'a fact listed twice',
      'needs: [cgroups]',
      'needs: [cgroups, cgroups]',
      `${at}:6:8: needs: cgroups is listed twice`,
    ],
    [
      'an unknown field path',
      'cgroups.version.value ==',
      'cgroups.versin.value ==',
      /yaml:9:17: checks\[0\]\.expression: cgroups has no field versin \(did you mean version\?\); it has version, /,
    ],
    [
      'a wrong type',
      'observed: cgroups.version.value',
      'observed: cgroups.controllers.value',
      `${at}:11:15: checks[0].observed: the expression gives list<string>; wanted is a string`,
    ],
    [
      'a forEach that is no list',
      '  - expression:',
      '  - forEach: cgroups.version.value\n    expression:',
      /yaml:9:14: checks\[0\]\.forEach: the expression gives string; wanted is a list/,
    ],
    [
      'another id',
      'id: cgroup-version',
      'id: cgroups-version',
      `${at}:1:5: id: the id is cgroups-version, but the file is named cgroup-version; they must be the same`,
    ],
    [
      'an unknown benchmark version',
      '"1.24": "9.9.9"',
      '"1.23": "9.9.9"',
      `${at}:5:58: references.cis-kubernetes.1.23: there is no CIS Kubernetes benchmark 1.23 (did you mean 1.24?); known: 1.24, 2.0`,
    ],
    [
      'content without language',
      '    - text: Boot with cgroup v2.',
      '    - text: Boot with cgroup v2.\n      content: reboot',
      /remediation\.steps\[0\]\.content: content needs a language/,
    ],
    [
      'forEach without content',
      '    - text: Boot with cgroup v2.',
      '    - text: Boot with cgroup v2.\n      forEach: cgroups.controllers.value',
      /forEach and header need a content/,
    ],
    [
      'a value in quotes',
      'verify: stat -fc %T /sys/fs/cgroup',
      'verify: echo "{{ unit.name }}"',
      `${at}:19:9: verify: {{ unit.name }} stands in quotes; leave them out, quoting is added`,
    ],
    ['an anchor bomb', 'title: The node uses cgroup v2', `title: &a [x]\nx1: &b [${'*a,'.repeat(30)}]`, /./],
    ['a document that is no map', rule, '- just\n- a list\n', /yaml:1:1: /],
    ['an empty file', rule, '', /yaml:1:1: /],
  ] as const)('refuses %s', async (_, from, to, expected) => {
    expect(rule).toContain(from)
    const problems = await problemsOf({ [path]: rule.replace(from, to) })
    if (typeof expected === 'string') expect(problems).toEqual([expected])
    else expect(problems).toContainEqual(expect.stringMatching(expected))
  })

  it('tells all problems of all files at once, in order', async () => {
    const problems = await problemsOf({
      [path]: rule.replace('cgroups.version.value ==', 'cgroups.x ==').replace('severity: medium', 'severity: medium '),
      'other/cgroup-version.yaml': rule.replace('source: cgroups.version.source', 'source: 1 + 1'),
      'loose.yaml': rule.replace('id: cgroup-version', 'id: loose'),
    })
    expect(problems.map((problem) => problem.slice(0, 60))).toEqual([
      'rules/cgroups/cgroup-version.yaml:9:17: checks[0].expression: cg'.slice(0, 60),
      'rules/loose.yaml:1:1: a rule lies in rules/<section>/<id>.yaml'.slice(0, 60),
      `rules/other/cgroup-version.yaml:1:5: id: cgroup-version is also the id of ${at}`.slice(0, 60),
      'rules/other/cgroup-version.yaml:13:13: checks[0].source: the expression'.slice(0, 60),
    ])
  })

  it('refuses a folder without rules, and one that does not exist', async () => {
    await expect(loadCatalogue(join(tmpdir(), 'kube-assay-no-such-folder'))).rejects.toThrow(/no rules/)
    await expect(loadCatalogue(await folderOf({}))).rejects.toThrow(/no rules/)
  })

  it('has a digest that follows every byte and no order', async () => {
    const digests = await Promise.all(
      [{ [path]: rule }, { [path]: rule }, { [path]: `${rule}# note\n` }].map(
        async (files) => (await loadCatalogue(await folderOf(files))).digest,
      ),
    )
    expect([digests[0] === digests[1], digests[0] === digests[2]]).toEqual([true, false])
  })
})

describe('the benchmark of a cluster', async () => {
  const catalogue = await loadCatalogue(rulesFolder)

  it.each([
    ['v1.24.17', '1.24', undefined],
    ['v1.25.0', '1.7', undefined],
    ['v1.31.4-eks-ae9a62a', '1.11', undefined],
    ['v1.33.2+k3s1', '1.12', undefined],
    ['v1.34.0', '2.0', undefined],
    ['v1.36.2', '2.0', 'No CIS Kubernetes benchmark known here names Kubernetes 1.36; the newest, 2.0, is used.'],
    ['v1.9.0', '1.5', 'No CIS Kubernetes benchmark known here covers Kubernetes 1.9; the oldest, 1.5, is used.'],
    ['odd', '2.0', 'The version of the cluster is not known; the newest benchmark is used.'],
  ])('%s: %s', (server, version, note) => {
    expect(selectBenchmark(catalogue, 'auto', server)).toEqual({
      key: 'cis-kubernetes',
      name: 'CIS Kubernetes',
      version,
      ...(note && { note }),
    })
  })

  it('is the newest, with a note, where the version could not be read', () => {
    expect(selectBenchmark(catalogue, 'auto', unavailable('forbidden', ''))).toMatchObject({
      version: '2.0',
      note: expect.stringContaining('not known'),
    })
  })

  it('is the one asked for, and an unknown one is refused with those that exist', () => {
    expect(selectBenchmark(catalogue, '1.24', 'v1.36.2')).toEqual({
      key: 'cis-kubernetes',
      name: 'CIS Kubernetes',
      version: '1.24',
    })
    expect(() => selectBenchmark(catalogue, '1.25', 'v1.36.2')).toThrow(
      /no CIS Kubernetes benchmark 1\.25; known are 1\.5, /,
    )
  })

  it.each([
    ['1.24', ['CIS Kubernetes 1.24 · 4.2.6', 'DISA STIG V-242434', 'Documents A1', 'Documents A2', 'Documents A3']],
    ['2.0', ['DISA STIG V-242434', 'Documents A1', 'Documents A2', 'Documents A3']],
  ])(
    'shows the control number 4.2.6 of protect-kernel-defaults only where it is that control: %s',
    (version, expected) => {
      const found = catalogue.rules.find(({ rule: { id } }) => id === 'protect-kernel-defaults')
      const choice = selectBenchmark(catalogue, version, 'v1.36.2')
      expect(found && referencesOf(found.rule, [choice], catalogue.plans)).toEqual(expected)
    },
  )
})
