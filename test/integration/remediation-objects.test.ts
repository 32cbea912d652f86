// The patches of the remediation pack on the workloads of a real cluster, by the pack's own scripts: kubectl's own strategic merge,
// with files in the place of the API server. What a patch claims to close is closed, nothing new fails, and a rollback undoes it.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Result, resultSchema } from '../../src/model/result.ts'
import { gatherRemedies } from '../../src/report/remediation/gather.ts'
import { runCli } from '../support/cli.ts'

const recording = join(import.meta.dirname, '../../../shared/reference/recorded-cluster/responses.jsonl.gz')
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0
if (!existsSync(recording)) console.warn(`SKIPPED: the recorded cluster is not at ${recording}`)
if (!hasKubectl) console.warn('SKIPPED: the patches of the pack are not applied, because there is no kubectl here.')

const kinds = {
  '/api/v1/namespaces': ['v1', 'Namespace'],
  '/apis/apps/v1/deployments': ['apps/v1', 'Deployment'],
  '/apis/apps/v1/statefulsets': ['apps/v1', 'StatefulSet'],
  '/apis/apps/v1/daemonsets': ['apps/v1', 'DaemonSet'],
  '/apis/batch/v1/cronjobs': ['batch/v1', 'CronJob'],
} as const

/** Three of them are made to look managed. */
const managers: Readonly<Record<string, (metadata: Record<string, unknown>) => void>> = {
  cartservice: (metadata) => {
    metadata['annotations'] = { 'meta.helm.sh/release-name': "shop'; touch /tmp/x; '" }
  },
  adservice: (metadata) => {
    metadata['ownerReferences'] = [
      { apiVersion: 'shop.example.com/v1', kind: 'Shop', name: 'main', uid: '1', controller: true },
    ]
  },
  frontend: (metadata) => {
    metadata['labels'] = { 'argocd.argoproj.io/instance': 'shop' }
  },
}

/** A kubectl for one folder of objects: patches by the real one, everything else by what the pack's scripts use of it. */
const stand = `
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { parse } from ${JSON.stringify(import.meta.resolve('yaml'))}
const argv = process.argv.slice(2)
const flags = {}
const words = []
for (let at = 0; at < argv.length; at += 1) {
  const [, name, value] = /^--([a-z-]+)(?:=(.*))?$/s.exec(argv[at]) ?? []
  if (name === undefined) words.push(argv[at])
  else flags[name] = value ?? argv[++at]
}
const fileOf = (namespace, kind, name) => process.env.OBJECTS + '/' + [namespace, kind.split('.')[0].toLowerCase(), name].join('_') + '.json'
const [verb, resource, name] = words
const file = () => fileOf(flags.namespace, resource, name)
if (verb === 'patch') {
  const args = ['patch', '--local', '-f', file(), '--type', flags.type, '--patch-file', flags['patch-file'], '-o', 'json']
  const out = execFileSync('kubectl', args, { encoding: 'utf8', env: { ...process.env, KUBECONFIG: '/dev/null' } })
  if (flags['dry-run'] === 'server') process.stdout.write(out)
  else writeFileSync(file(), out)
} else if (verb === 'get') {
  if (!existsSync(file())) process.exit(1)
  const path = /^jsonpath=\\{\\.(.*)\\}$/.exec(flags.output ?? '')?.[1]
  let value = JSON.parse(readFileSync(file(), 'utf8'))
  for (const key of path?.split('.') ?? []) value = value[key]
  process.stdout.write(JSON.stringify(value))
} else if (verb === 'apply') {
  const object = parse(readFileSync(flags.filename, 'utf8'))
  if (flags['dry-run'] !== 'server') writeFileSync(fileOf(object.metadata.namespace, object.kind, object.metadata.name), JSON.stringify(object))
} else if (verb === 'delete') rmSync(file())
else if (verb === 'diff') process.exit(1)
else if (verb !== 'rollout') throw new Error('not used by the scripts: ' + argv.join(' '))
`

describe.skipIf(!existsSync(recording) || !hasKubectl)('patches for the recorded cluster', { timeout: 120_000 }, () => {
  const base = mkdtempSync(join(tmpdir(), 'kube-assay-objects-'))
  const objects = join(base, 'objects')
  let before: Map<string, unknown>
  let first: Result
  afterAll(() => rmSync(base, { recursive: true, force: true }))

  async function audit(name: string): Promise<Result> {
    const output = join(base, name)
    const flags = ['--manifests', objects, '--format', 'json,remediation', '--output', output]
    const { code, stderr } = await runCli(['audit', ...flags])
    if (code !== 0) throw new Error(stderr)
    return resultSchema.parse(JSON.parse(readFileSync(join(output, 'result.json'), 'utf8')))
  }
  const contents = () =>
    new Map(readdirSync(objects).map((name) => [name, JSON.parse(readFileSync(join(objects, name), 'utf8'))]))
  const failing = (result: Result) =>
    new Set(
      result.rules.flatMap(({ id, findings }) =>
        findings.filter(({ outcome }) => outcome === 'fail').map(({ unit }) => `${id} ${unit.id}`),
      ),
    )
  function run(namespace: string, ...flags: string[]): { status: number | null; stdout: string; stderr: string } {
    const script = join(base, 'first', 'remediation', 'namespaces', namespace, 'apply.sh')
    const env = { PATH: process.env['PATH'], KUBECTL: join(base, 'kubectl'), OBJECTS: objects }
    return spawnSync('/bin/sh', [script, ...flags], { encoding: 'utf8', env })
  }
  const namespaces = () => readdirSync(join(base, 'first', 'remediation', 'namespaces')).sort()

  beforeAll(async () => {
    mkdirSync(objects)
    for (const line of gunzipSync(readFileSync(recording)).toString().trim().split('\n')) {
      const { path, status, body } = JSON.parse(line)
      const [plain = ''] = path.split('?')
      const kind = Object.hasOwn(kinds, plain) ? kinds[plain as keyof typeof kinds] : undefined
      if (kind === undefined || status !== 200) continue
      for (const item of (typeof body === 'string' ? JSON.parse(body) : body).items) {
        // kubectl shows objects without them.
        delete item.metadata.managedFields
        const { namespace = '', name } = item.metadata
        if (Object.hasOwn(managers, name)) managers[name]?.(item.metadata)
        const file = [namespace, kind[1].toLowerCase(), name].join('_')
        writeFileSync(join(objects, `${file}.json`), JSON.stringify({ apiVersion: kind[0], kind: kind[1], ...item }))
      }
    }
    writeFileSync(join(base, 'kubectl.mjs'), stand)
    writeFileSync(join(base, 'kubectl'), `#!/bin/sh\nexec ${process.execPath} ${join(base, 'kubectl.mjs')} "$@"\n`, {
      mode: 0o755,
    })
    before = contents()
    first = await audit('first')
  })

  it('show every change and make none', () => {
    for (const namespace of namespaces()) {
      const { status, stderr } = run(namespace)
      expect({ namespace, status, stderr }).toEqual({ namespace, status: 0, stderr: '' })
    }
    expect(contents()).toEqual(before)
  })

  it.each([
    // The network plug-in's pods leave the node's network, so that its namespace now has pods that a policy could protect: a reason
    // for which such a change is made only when asked for.
    { flags: ['--opt-in'], count: 72, newly: ['network-policies namespace/kube-flannel'] },
    { flags: [], count: 22, newly: [] },
  ])('close what they claim to close, and make nothing else fail: $flags', async ({ flags, count, newly }) => {
    rmSync(objects, { recursive: true })
    mkdirSync(objects)
    for (const [file, object] of before) writeFileSync(join(objects, file), JSON.stringify(object))
    for (const namespace of namespaces()) {
      rmSync(join(base, 'first/remediation/namespaces', namespace, 'saved'), { recursive: true, force: true })
      const { status, stderr } = run(namespace, '--apply', ...flags)
      expect({ namespace, status, stderr }).toEqual({ namespace, status: 0, stderr: '' })
    }
    const second = await audit('second')
    const claimed = gatherRemedies(first).flatMap(({ rule, finding, way }) =>
      way.kind === 'object' && (!way.isOptIn || flags.length > 0) ? [`${rule.id} ${finding.unit.id}`] : [],
    )
    const [failedBefore, failsNow] = [failing(first), failing(second)]
    expect(claimed).toHaveLength(count)
    expect(claimed.filter((finding) => failsNow.has(finding))).toEqual([])
    expect([...failsNow].filter((finding) => !failedBefore.has(finding))).toEqual(newly)
  })

  it('claim every failing workload that shows a patch, but for what a person or a manager changes', () => {
    const patched = first.rules.flatMap(({ id, findings }) =>
      findings
        .filter(({ outcome, unit }) => outcome === 'fail' && unit.kind === 'workloads')
        .filter(({ remediation = [] }) => remediation.some(({ action }) => action === 'patch'))
        .map(({ unit }) => `${id} ${unit.id}`),
    )
    const ways = new Map(gatherRemedies(first).map(({ rule, finding, way }) => [`${rule.id} ${finding.unit.id}`, way]))
    const kinds = Map.groupBy(patched, (one) => ways.get(one)?.kind)
    const tally = Object.fromEntries([...kinds].map(([kind, list]) => [kind, list.length]))
    expect({ all: patched.length, ...tally }).toEqual({ all: 73, object: 66, managed: 6, 'by-hand': 1 })
    // Beside what the patch changes, one of its containers names an image whose registry is not to be seen.
    expect(kinds.get('by-hand')).toEqual(['image-unqualified legacy/Deployment/liberty'])
  })

  it('leave what an operator, Helm or a GitOps tool manages', () => {
    const managed = gatherRemedies(first).filter(({ way }) => way.kind === 'managed')
    const names = new Set(managed.map(({ finding }) => finding.unit.id))
    const changed = [...contents()].filter(
      ([file, object]) => JSON.stringify(before.get(file)) !== JSON.stringify(object),
    )
    const ids = changed.map(([, { kind, metadata }]) => `${metadata.namespace}/${kind}/${metadata.name}`)
    expect(new Set(managed.map(({ way }) => (way.kind === 'managed' ? way.by : '')))).toEqual(
      new Set(["Helm release shop'; touch /tmp/x; '", 'Shop main', 'Argo CD application shop']),
    )
    expect(ids.filter((id) => names.has(id))).toEqual([])
  })

  it('put everything back', () => {
    for (const namespace of namespaces()) {
      const { status, stderr } = run(namespace, '--rollback')
      expect({ namespace, status, stderr }).toEqual({ namespace, status: 0, stderr: '' })
    }
    expect(contents()).toEqual(before)
  })

  it('are merged by kubectl itself to the same object as one after the other', () => {
    // The pack merges patches itself; kubectl is asked to apply them in order.
    const patches = gatherRemedies(first).filter(
      ({ way }) => way.kind === 'object' && !way.isOptIn && way.change.kind === 'patch',
    )
    const byUnit = Map.groupBy(patches, ({ finding }) => finding.unit.id)
    expect(byUnit.size).toBeGreaterThan(3)
    for (const [id, members] of [...byUnit].slice(0, 8)) {
      // What a patch removed, kubectl brings back as a fragment when a later one names it; the pack does not.
      if (JSON.stringify(members).includes('"$patch":"delete"')) continue
      const [namespace, kind = '', name] = id.split('/')
      const file = join(objects, [namespace, kind.toLowerCase(), name].join('_'))
      let inOrder = readFileSync(`${file}.json`, 'utf8')
      const apply = (object: string, patch: unknown) => {
        writeFileSync(join(base, 'one.json'), object)
        const argv = ['patch', '--local', '-f', join(base, 'one.json'), '-p', JSON.stringify(patch), '-o', 'json']
        return execFileSync('kubectl', argv, { encoding: 'utf8', env: { ...process.env, KUBECONFIG: '/dev/null' } })
      }
      for (const { way } of members) {
        if (way.kind !== 'object' || way.change.kind !== 'patch') continue
        for (const patch of way.change.patches) inOrder = apply(inOrder, patch)
      }
      const label = `${kind}/${name}`
      const script = readFileSync(join(base, 'first/remediation/namespaces', namespace ?? '', 'apply.sh'), 'utf8')
      const patchFile = new RegExp(`change_workload '${label}' .* '([^']+\\.yaml)'`).exec(script)?.[1] ?? ''
      const merged = execFileSync(
        'kubectl',
        [
          'patch',
          '--local',
          '-f',
          `${file}.json`,
          '--patch-file',
          join(base, 'first/remediation/namespaces', namespace ?? '', patchFile),
          '-o',
          'json',
        ],
        { encoding: 'utf8', env: { ...process.env, KUBECONFIG: '/dev/null' } },
      )
      expect({ id, object: JSON.parse(merged) }).toEqual({ id, object: JSON.parse(inOrder) })
    }
  })
})
