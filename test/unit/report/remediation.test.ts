// The remediation pack from made-up results: what is scripted and what is not, the order, hostile values, and the functions of the
// node's script on files in every way people write them.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Finding, Result, RuleResult } from '../../../src/model/result.ts'
import { hostPlan } from '../../../src/report/remediation/actions.ts'
import { gatherRemedies } from '../../../src/report/remediation/gather.ts'
import { renderRemediation } from '../../../src/report/remediation/index.ts'
import { mergedPatch } from '../../../src/report/remediation/objects.ts'
import { fileName } from '../../../src/report/remediation/pack-file.ts'
import { inline } from '../../../src/report/remediation/plan.ts'
import { result as baseResult } from '../../support/result-builder.ts'

type Step = NonNullable<Finding['remediation']>[number]

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function nodeFinding(node: string, steps: Step[]): Finding {
  return {
    unit: { kind: 'nodes', id: `node/${node}`, name: node, node },
    outcome: 'fail',
    evidence: [{ message: 'wrong', observed: 'seen', expected: 'wanted', source: 'somewhere' }],
    remediation: steps,
    verify: 'true',
  }
}

function rule(id: string, findings: Finding[], more: Partial<RuleResult> = {}): RuleResult {
  return {
    id,
    title: `${id} is right`,
    problem: `${id} is wrong`,
    severity: 'medium',
    assessment: 'automated',
    each: 'nodes',
    references: [],
    links: [],
    description: 'd',
    rationale: 'r',
    outcome: 'fail',
    counts: { notApplicable: 0, pass: 0, manual: 0, unknown: 0, error: 0, fail: findings.length },
    findings,
    findingsTotal: findings.length,
    ...more,
  }
}

const resultOf = (rules: RuleResult[]): Result => ({ ...baseResult({ rules: [] }), rules })

function filesOf(result: Result): Map<string, string> {
  return new Map([...renderRemediation(result)].map(({ path, content }) => [path, content]))
}

interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  readonly root: string
}

/** Writes the script of a node that has these steps, and runs it against these files. */
function runSteps(steps: Step[], files: Readonly<Record<string, string>>, flags = ['--apply'], node = 'n1'): Ran {
  const base = mkdtempSync(join(tmpdir(), 'kube-assay-unit-'))
  folders.push(base)
  const root = join(base, 'root')
  for (const [path, content] of Object.entries({ '/etc/hostname': `${node}\n`, ...files })) {
    mkdirSync(dirname(root + path), { recursive: true })
    writeFileSync(root + path, content)
  }
  const script = [...filesOf(resultOf([rule('one', [nodeFinding(node, steps)])]))].find(([path]) =>
    path.startsWith('nodes/'),
  )
  if (script === undefined) throw new Error('no script was made')
  writeFileSync(join(base, 'script.sh'), script[1])
  const env = { PATH: process.env['PATH'], KUBE_ASSAY_ROOT: root, TMPDIR: base }
  return { ...spawnSync('/bin/sh', [join(base, 'script.sh'), ...flags], { encoding: 'utf8', env }), root }
}

const kubelet = (content: string, seen?: Step['seen']): Step => ({
  text: 'Set it.',
  file: '/var/lib/kubelet/config.yaml',
  language: 'yaml',
  action: 'kubelet-settings',
  content,
  ...(seen && { seen }),
})

describe('settings of the kubelet', () => {
  const file = '/var/lib/kubelet/config.yaml'
  it.each<[name: string, before: string, setting: string, after: string]>([
    ['adds a key', 'kind: K\n', 'podPidsLimit: 4096', 'kind: K\npodPidsLimit: 4096\n'],
    ['replaces a value', 'a: 1\nreadOnlyPort: 10255 # old\nb: 2\n', 'readOnlyPort: 0', 'a: 1\nreadOnlyPort: 0\nb: 2\n'],
    [
      'goes into a nested map',
      'authentication:\n  anonymous:\n    enabled: true\n  webhook:\n    enabled: true\nz: 1\n',
      'authentication:\n  anonymous:\n    enabled: false',
      'authentication:\n  anonymous:\n    enabled: false\n  webhook:\n    enabled: true\nz: 1\n',
    ],
    [
      'adds below a map that is there, with its indentation',
      'authentication:\n    webhook:\n        enabled: true\nz: 1\n',
      'authentication:\n  anonymous:\n    enabled: false',
      'authentication:\n    webhook:\n        enabled: true\n    anonymous:\n      enabled: false\nz: 1\n',
    ],
    [
      'adds a whole branch',
      'z: 1\n',
      'memorySwap:\n  swapBehavior: NoSwap',
      'z: 1\nmemorySwap:\n  swapBehavior: NoSwap\n',
    ],
    [
      'replaces a list at the indentation of its key',
      'tlsCipherSuites:\n- OLD\n- OLDER\nz: 1\n',
      'tlsCipherSuites: [NEW]',
      'tlsCipherSuites: ["NEW"]\nz: 1\n',
    ],
    ['replaces a deeper list', 'l:\n  - a\n  - b: c\n    d: e\nz: 1\n', 'l: []', 'l: []\nz: 1\n'],
    ['keeps comments and blank lines', '# top\n\na: 1\n\n# end\n', 'b: 2', '# top\n\na: 1\nb: 2\n\n# end\n'],
    ['takes a quoted key', '"readOnlyPort": 1\n', 'readOnlyPort: 0', 'readOnlyPort: 0\n'],
    [
      'does not take a key of another map',
      'x:\n  enabled: true\n',
      'enabled: false',
      'x:\n  enabled: true\nenabled: false\n',
    ],
    ['keeps backslashes and quotes of a value', 'a: 1\n', String.raw`a: "x\\n\"y"`, `${String.raw`a: "x\\n\"y"`}\n`],
    ['writes words of YAML in quotes', 'a: 1\n', 'a: "true"', 'a: "true"\n'],
  ])('%s', (_, before, setting, after) => {
    const { status, stderr, root } = runSteps([kubelet(setting)], { [file]: before })
    expect({ status, stderr, after: readFileSync(root + file, 'utf8') }).toEqual({ status: 0, stderr: '', after })
    expect(() => parse(after)).not.toThrow()
  })

  it.each<[name: string, before: string]>([
    ['JSON', '{"kind": "K", "readOnlyPort": 1}\n'],
    ['several documents', 'a: 1\n---\nreadOnlyPort: 1\n'],
    ['a block scalar in its place', 'readOnlyPort: |\n  1\n'],
    ['an alias in its place', 'x: &x 1\nreadOnlyPort: *x\n'],
    ['tabs', 'a:\n\tb: 1\n'],
    ['a value over several lines', 'readOnlyPort: [1,\n  2]\n'],
  ])('refuses %s, and leaves the file', (_, before) => {
    const { status, stderr, root } = runSteps([kubelet('readOnlyPort: 0')], { [file]: before })
    expect({ status, stderr, after: readFileSync(root + file, 'utf8') }).toEqual({
      status: 3,
      stderr: expect.stringContaining('refused: /var/lib/kubelet/config.yaml is not written in a way'),
      after: before,
    })
  })

  it('refuses a map that is written in one line', () => {
    const { status, root } = runSteps([kubelet('authentication:\n  anonymous:\n    enabled: false')], {
      [file]: 'authentication: {anonymous: {enabled: true}}\n',
    })
    expect([status, readFileSync(root + file, 'utf8')]).toEqual([3, 'authentication: {anonymous: {enabled: true}}\n'])
  })

  it('refuses a file that the audit saw otherwise', () => {
    const seen = { sha256: '0'.repeat(64), modifiedAt: 1 }
    const { status, stderr, root } = runSteps([kubelet('a: 2', seen)], { [file]: 'a: 1\n' })
    expect([status, stderr, readFileSync(root + file, 'utf8')]).toEqual([
      3,
      'refused: /var/lib/kubelet/config.yaml is not as the audit saw it; audit again, or change it by hand\n',
      'a: 1\n',
    ])
  })

  it('does not turn on protectKernelDefaults while a kernel parameter differs', () => {
    const { status, stderr, root } = runSteps([kubelet('protectKernelDefaults: true')], { [file]: 'a: 1\n' })
    expect(status).toBe(1)
    expect(stderr).toContain('stopped: vm.overcommit_memory is not 1')
    expect(readFileSync(root + file, 'utf8')).toBe('a: 1\n')
  })
})

describe('arguments of static pods', () => {
  const file = '/etc/kubernetes/manifests/kube-apiserver.yaml'
  const manifest = (...args: string[]) =>
    `kind: Pod\nspec:\n  containers:\n  - command:\n${args.map((arg) => `    - ${arg}\n`).join('')}    image: x\n  - command:\n    - other\n`
  const argument = (content: string): Step => ({
    text: 'Set it.',
    file,
    language: 'yaml',
    action: 'static-pod-arguments',
    content,
  })

  it.each<[name: string, before: string[], content: string, after: string[]]>([
    ['adds', ['kube-apiserver', '--a=1'], '- --profiling=false', ['kube-apiserver', '--a=1', '--profiling=false']],
    [
      'replaces',
      ['kube-apiserver', '--profiling=true', '--a=1'],
      '- --profiling=false',
      ['kube-apiserver', '--profiling=false', '--a=1'],
    ],
    [
      'replaces in quotes',
      ['kube-apiserver', '"--profiling=true"'],
      '- --profiling=false',
      ['kube-apiserver', '--profiling=false'],
    ],
    [
      'takes a path of the program',
      ['/usr/bin/kube-apiserver'],
      '- --profiling=false',
      ['/usr/bin/kube-apiserver', '--profiling=false'],
    ],
    [
      'is not misled by a longer name',
      ['kube-apiserver', '--profiling-x=1'],
      '- --profiling=false',
      ['kube-apiserver', '--profiling-x=1', '--profiling=false'],
    ],
    [
      'quotes what YAML would read otherwise',
      ['kube-apiserver'],
      '- "--x=a: b # c"',
      ['kube-apiserver', '"--x=a: b # c"'],
    ],
    [
      'adds to a list',
      ['kube-apiserver', '--enable-admission-plugins=NodeRestriction,Other'],
      '- --enable-admission-plugins=NodeRestriction,AlwaysPullImages',
      ['kube-apiserver', '--enable-admission-plugins=NodeRestriction,Other,AlwaysPullImages'],
    ],
    [
      'takes out what admits or allows all',
      ['kube-apiserver', '--authorization-mode=AlwaysAllow'],
      '- --authorization-mode=Node,RBAC',
      ['kube-apiserver', '--authorization-mode=Node,RBAC'],
    ],
    [
      'only takes away from what is disabled',
      ['kube-apiserver', '--disable-admission-plugins=A,ServiceAccount,B'],
      '- --disable-admission-plugins=A,B,NamespaceLifecycle',
      ['kube-apiserver', '--disable-admission-plugins=A,B'],
    ],
  ])('%s', (_, before, content, after) => {
    const { status, stderr, root } = runSteps([argument(content)], { [file]: manifest(...before) })
    expect({ status, stderr, after: readFileSync(root + file, 'utf8') }).toEqual({
      status: 0,
      stderr: '',
      after: manifest(...after),
    })
  })

  it.each<[name: string, before: string]>([
    ['a flag given twice', manifest('kube-apiserver', '--profiling=true', '--profiling=true')],
    ['a flag and its value as two items', manifest('kube-apiserver', '--profiling', '"true"')],
    ['JSON', '{"kind":"Pod"}\n'],
    ['another program', manifest('kube-scheduler')],
  ])('refuses %s', (_, before) => {
    const { status, root } = runSteps([argument('- --profiling=false')], { [file]: before })
    expect([status, readFileSync(root + file, 'utf8')]).toEqual([3, before])
  })

  it('refuses a manifest that is a link', () => {
    const before = manifest('kube-apiserver')
    const ran = runSteps([argument('- --profiling=false')], { '/real.yaml': before, [file]: '' }, ['--list'])
    rmSync(ran.root + file)
    symlinkSync('../../../real.yaml', ran.root + file)
    const env = { PATH: process.env['PATH'], KUBE_ASSAY_ROOT: ran.root }
    const again = spawnSync('/bin/sh', [join(dirname(ran.root), 'script.sh'), '--apply'], { encoding: 'utf8', env })
    expect([again.status, again.stderr]).toEqual([3, `refused: ${file} is a link; change what it leads to by hand\n`])
    expect(readFileSync(`${ran.root}/real.yaml`, 'utf8')).toBe(before)
  })
})

describe('kernel parameters', () => {
  const file = '/etc/sysctl.d/90-kubelet.conf'
  const step: Step = {
    text: 'Set.',
    file,
    language: 'sysctl',
    action: 'kernel-parameters',
    content: 'kernel.panic = 10',
  }
  const running = { '/proc/sys/kernel/panic': '0\n' }

  it('sets the file and the kernel, and sets aside what would win', () => {
    const { status, stderr, root } = runSteps([step], {
      ...running,
      [file]: '# ours\nkernel/panic=5\nvm.x = 1\n',
      '/etc/sysctl.conf': 'kernel.panic = 0\n',
      '/etc/sysctl.d/99-late.conf': '-kernel.panic = 0\nkernel.panic_on_oops = 1\n',
      '/etc/sysctl.d/10-early.conf': 'kernel.panic = 0\n',
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(readFileSync(root + file, 'utf8')).toBe('# ours\nkernel.panic = 10\nvm.x = 1\n')
    expect(readFileSync(`${root}/etc/sysctl.conf`, 'utf8')).toBe('# kube-assay: kernel.panic = 0\n')
    expect(readFileSync(`${root}/etc/sysctl.d/99-late.conf`, 'utf8')).toBe(
      '# kube-assay: -kernel.panic = 0\nkernel.panic_on_oops = 1\n',
    )
    expect(readFileSync(`${root}/etc/sysctl.d/10-early.conf`, 'utf8')).toBe('kernel.panic = 0\n')
    expect(readFileSync(`${root}/proc/sys/kernel/panic`, 'utf8')).toBe('10\n')
  })

  it('does not lose a change made after it when rolled back', () => {
    const ran = runSteps([step], running)
    writeFileSync(ran.root + file, 'kernel.panic = 10\nmine = 1\n')
    const env = { PATH: process.env['PATH'], KUBE_ASSAY_ROOT: ran.root }
    const back = spawnSync('/bin/sh', [join(dirname(ran.root), 'script.sh'), '--rollback'], { encoding: 'utf8', env })
    expect(back.status).toBe(1)
    expect(back.stderr).toContain(`${file} was changed after this script changed it`)
    expect(readFileSync(ran.root + file, 'utf8')).toBe('kernel.panic = 10\nmine = 1\n')
  })
})

describe('modes', () => {
  it('of files are not given to folders, and none to the root', () => {
    const steps: Step[] = [
      { text: 'x', language: 'shell', action: 'access', content: 'chmod 0600 /etc/a\nchmod 0600 /etc\nchmod go-w /' },
    ]
    const { status, stderr, root } = runSteps(steps, { '/etc/a': '' })
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: 'refused: /etc is a folder; chmod 0600 is not for it\nrefused: / is a folder; chmod go-w is not for it\n',
    })
    expect([statSync(`${root}/etc/a`).mode & 0o777, statSync(`${root}/etc`).mode & 0o777]).toEqual([0o600, 0o755])
  })
})

describe('the script of a node', () => {
  it('runs on its node only', () => {
    const { status, stderr } = runSteps([kubelet('a: 2')], {
      '/etc/hostname': 'other\n',
      '/var/lib/kubelet/config.yaml': 'a: 1\n',
    })
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('this host is called other, and the script is for the node n1'),
    ])
  })

  it('does the rules that are asked for', () => {
    expect(runSteps([kubelet('a: 2')], {}, ['--list']).stdout).toBe('one\n')
    const unknown = runSteps([kubelet('a: 2')], {}, ['--only', 'two'])
    expect([unknown.status, unknown.stderr]).toEqual([
      1,
      'stopped: there is no rule two in this script; --list shows them\n',
    ])
    const skipped = runSteps([kubelet('a: 2')], { '/var/lib/kubelet/config.yaml': 'a: 1\n' }, [
      '--apply',
      '--skip',
      'one',
    ])
    expect(skipped.stdout).toContain('Made 0 changes')
  })

  it('is unhurt by hostile names and values', () => {
    const marker = join(tmpdir(), `kube-assay-marker-${process.pid}`)
    const hostile = `x'; touch ${marker}; $(touch ${marker}) \`touch ${marker}\` "\\`
    const steps: Step[] = [
      {
        text: hostile,
        file: `/etc/${hostile}`,
        language: 'yaml',
        action: 'kubelet-settings',
        content: `a: ${JSON.stringify(hostile)}`,
      },
      {
        text: 'x',
        file: '/etc/manifests/etcd.yaml',
        language: 'yaml',
        action: 'static-pod-arguments',
        content: `- ${JSON.stringify(`--x=${hostile.replaceAll('/', '_')}`)}`,
      },
    ]
    const finding: Finding = {
      ...nodeFinding(hostile, steps),
      evidence: [{ message: hostile, observed: `${hostile}\n\u001b[2J`, expected: hostile, source: hostile }],
    }
    const files = filesOf(resultOf([rule('one', [finding], { problem: hostile, risk: hostile, rationale: hostile })]))
    const [path, script] = [...files].find(([name]) => name.startsWith('nodes/')) ?? []
    expect(path).toMatch(/^nodes\/[a-z0-9.-]+\.sh$/)
    const base = mkdtempSync(join(tmpdir(), 'kube-assay-unit-'))
    folders.push(base)
    mkdirSync(join(base, 'root/etc/manifests'), { recursive: true })
    writeFileSync(join(base, 'root/etc/manifests/etcd.yaml'), 'spec:\n- command:\n  - etcd\n')
    writeFileSync(join(base, 'root/etc', 'plain'), '')
    writeFileSync(join(base, 'script.sh'), script ?? '')
    expect(spawnSync('/bin/sh', ['-n', join(base, 'script.sh')]).status).toBe(0)
    const env = { PATH: process.env['PATH'], KUBE_ASSAY_ROOT: join(base, 'root') }
    const { stdout } = spawnSync('/bin/sh', [join(base, 'script.sh'), '--apply', '--any-host'], {
      encoding: 'utf8',
      env,
      cwd: base,
    })
    expect(existsSync(marker)).toBe(false)
    expect(stdout).not.toContain('\u001b')
    const written = parse(readFileSync(join(base, 'root/etc/manifests/etcd.yaml'), 'utf8'))
    expect(written.spec[0].command).toEqual(['etcd', `--x=${hostile.replaceAll('/', '_')}`])
  })
})

describe('what a script may do', () => {
  const access = (content: string): Step[] => [{ text: 'x', language: 'shell', action: 'access', content }]
  it.each<[name: string, steps: Step[], byHand: string]>([
    ['another command', access('chmod 0600 /a\nrm -rf /'), 'Its commands are not ones that the script can undo.'],
    [
      'a second command behind one',
      access('chmod 0600 /a; rm -rf /'),
      'Its commands are not ones that the script can undo.',
    ],
    ['a substitution', access('chmod 0600 $(id)'), 'Its commands are not ones that the script can undo.'],
    ['a relative path of a file', access('chmod 0600 etc/a'), 'Its commands are not ones that the script can undo.'],
    ['an option behind the paths', access('chmod 0600 /a -R'), 'Its commands are not ones that the script can undo.'],
    ['a recursive change', access('chown -R etcd:etcd /a'), 'Its commands are not ones that the script can undo.'],
    ['a path with ..', [{ ...kubelet('a: 1'), file: '/etc/../x' }], 'It names no file by a plain path.'],
    ['a relative path', [{ ...kubelet('a: 1'), file: 'x' }], 'It names no file by a plain path.'],
    ['a step for a person', [kubelet('a: 1'), { text: 'x', action: 'by-hand' }], 'One of its steps needs a person.'],
    ['a value that cannot be seen', [kubelet('a: "\\u202e"')], 'A value holds characters that cannot be seen.'],
    ['no action', [{ text: 'x' }], 'Its steps need a person.'],
  ])('not %s', (_, steps, byHand) => {
    expect(hostPlan(steps)).toEqual({ byHand })
  })

  it('leaves a node to a person while a rule there stands in the way', () => {
    const blocker = rule('applied', [nodeFinding('n1', [{ text: 'Look.' }])], { blocks: ['kubelet-settings'] })
    const changed = rule('one', [nodeFinding('n1', [kubelet('a: 1')]), nodeFinding('n2', [kubelet('a: 1')])])
    const ways = gatherRemedies(resultOf([changed, blocker])).map(({ rule: { id }, finding, way }) => [
      id,
      finding.unit.name,
      way.kind,
    ])
    expect(ways).toEqual([
      ['one', 'n1', 'by-hand'],
      ['one', 'n2', 'node'],
      ['applied', 'n1', 'by-hand'],
    ])
  })
})

describe('the order', () => {
  it('puts kernel before kubelet before static pods, and what `after` names first, also in a circle', () => {
    const kernel: Step = {
      text: 'x',
      file: '/etc/sysctl.d/9.conf',
      language: 'sysctl',
      action: 'kernel-parameters',
      content: 'a = 1',
    }
    const rules = [
      rule('z-kubelet', [nodeFinding('n', [kubelet('a: 1')])], { severity: 'critical' }),
      rule('kernel', [nodeFinding('n', [kernel])], { severity: 'low' }),
      rule('a-kubelet', [nodeFinding('n', [kubelet('b: 1')])], { after: ['b-kubelet'] }),
      rule('b-kubelet', [nodeFinding('n', [kubelet('c: 1')])], { severity: 'info', after: ['a-kubelet', 'not-there'] }),
    ]
    expect(gatherRemedies(resultOf(rules)).map(({ rule: { id } }) => id)).toEqual([
      'kernel',
      'z-kubelet',
      'b-kubelet',
      'a-kubelet',
    ])
  })
})

describe('patches', () => {
  it('become one', () => {
    const container = (more: object) => ({ spec: { template: { spec: { containers: [{ name: 'a', ...more }] } } } })
    const merged = mergedPatch([
      container({ securityContext: { capabilities: { drop: ['NET_RAW'] } } }),
      container({ securityContext: { capabilities: { drop: ['ALL'] }, runAsNonRoot: true } }),
      container({
        ports: [
          { containerPort: 53, protocol: 'UDP', hostPort: null },
          { containerPort: 53, hostPort: null },
        ],
      }),
    ])
    expect(parse(merged)).toEqual(
      container({
        securityContext: { capabilities: { drop: ['ALL'] }, runAsNonRoot: true },
        ports: [
          { containerPort: 53, protocol: 'UDP', hostPort: null },
          { containerPort: 53, hostPort: null },
        ],
      }),
    )
  })
})

describe('names', () => {
  it.each([
    ['cp-1', 'cp-1'],
    ['node.example.com', 'node.example.com'],
    ['../../etc', expect.stringMatching(/^etc-[0-9a-f]{8}$/)],
    ['', expect.stringMatching(/^unnamed-[0-9a-f]{8}$/)],
    ['Deployment/cart', expect.stringMatching(/^deployment-cart-[0-9a-f]{8}$/)],
  ])('of files: %s', (name, file) => {
    expect(fileName(name)).toEqual(file)
  })

  it.each([
    ['# a', '\\# a'],
    ['<img src=x>', '\\<img src=x\\>'],
    ['run `x` now', 'run `x` now'],
    ['a`b', 'a\\`b'],
    ['\u202ex\ny', '\\[U+202E\\]x y'],
  ])('in the plan: %j', (raw, shown) => {
    expect(inline(raw)).toBe(shown)
  })
})
