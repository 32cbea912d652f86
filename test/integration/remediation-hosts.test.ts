// The scripts of the remediation pack against folders that stand for the demo's hosts: what they claim to close is closed when the
// host is read again, nothing new fails, a second run changes nothing, and a rollback leaves every byte, mode and owner as it was.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadCatalogue, selectBenchmark } from '../../src/catalog/index.ts'
import { parseProbe } from '../../src/collect/probe/parse.ts'
import { createNonce, renderProbe } from '../../src/collect/probe/script.ts'
import { deriveFacts } from '../../src/derive/index.ts'
import { evaluate } from '../../src/evaluate/index.ts'
import type { Evidence } from '../../src/model/evidence.ts'
import type { HostEvidence } from '../../src/model/node-evidence.ts'
import type { Result } from '../../src/model/result.ts'
import { gatherRemedies } from '../../src/report/remediation/gather.ts'
import { renderRemediation } from '../../src/report/remediation/index.ts'
import { demoHosts, type MaterialisedHost, materialiseHost } from '../../src/simulator/hosts/index.ts'
import { loadSnapshot } from '../../src/snapshot/index.ts'

const project = join(import.meta.dirname, '..', '..')
const base = mkdtempSync(join(tmpdir(), 'kube-assay-remediation-'))
const hosts = new Map<string, MaterialisedHost>()
const catalogue = await loadCatalogue(join(project, 'rules'))
const snapshot = await loadSnapshot(join(project, 'reports/sample/snapshot.ndjson.zst'))

// Only root can change owners; what cannot be tried is said.
const isRoot = process.getuid?.() === 0
if (!isRoot) console.warn('SKIPPED: the remediation scripts of nodes need root.')

function probe({ root, commands }: MaterialisedHost): HostEvidence {
  const nonce = createNonce()
  const { stdout, status } = spawnSync('/bin/sh', ['-s'], {
    input: renderProbe(nonce),
    env: { PATH: commands, KUBE_ASSAY_ROOT: root },
    maxBuffer: 64 * 1024 * 1024,
  })
  expect(status).toBe(0)
  const evidence = parseProbe(stdout, nonce, {
    transport: 'local',
    startedAt: '2026-11-20T00:00:00.000Z',
    durationMs: 1,
  })
  if ('unavailable' in evidence) throw new Error(evidence.unavailable.detail)
  return evidence
}

/** The cluster of the sample with its hosts read anew. Mirror pods show what was, so they are left out. */
function audit(): Result {
  const { pods } = snapshot.families
  const evidence: Evidence = {
    ...snapshot,
    families: {
      ...snapshot.families,
      pods: { ...pods, objects: pods.objects.filter(({ isMirror }) => isMirror !== true) },
    },
    nodes: snapshot.nodes.map(({ node }) => {
      const host = hosts.get(node)
      if (host === undefined) throw new Error(`There is no host ${node}.`)
      return { node, host: probe(host) }
    }),
  }
  return evaluate({
    evidence,
    facts: deriveFacts(evidence),
    catalogue,
    benchmark: selectBenchmark(catalogue, 'auto', evidence.header.cluster.version),
    now: '2026-11-20T00:00:00.000Z',
    tool: { name: 'kube-assay', version: '0.0.0' },
    findingsCap: 1000,
  })
}

function failingOf(result: Result): Set<string> {
  return new Set(
    result.rules.flatMap(({ id, findings }) =>
      findings.filter(({ outcome }) => outcome === 'fail').map(({ unit }) => `${id} ${unit.id}`),
    ),
  )
}

/** Every file, folder and link below a host's root: kind, mode, owner, content. */
function inventory(root: string): Map<string, string> {
  const found = new Map<string, string>()
  const walk = (path: string): void => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      const here = `${path}/${entry.name}`
      if (here === '/var/lib/kube-assay') continue
      if (entry.isSymbolicLink()) found.set(here, `-> ${readlinkSync(join(root, here))}`)
      else {
        const { mode, uid, gid, mtimeMs } = statSync(join(root, here))
        const who = `${mode.toString(8)} ${uid}:${gid}`
        if (entry.isDirectory()) {
          found.set(here, who)
          walk(here)
        } else found.set(here, `${who} ${here.startsWith('/proc/') ? '' : mtimeMs} ${digest(join(root, here))}`)
      }
    }
  }
  walk('')
  return found
}

function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

function changesBetween(before: Map<string, string>, after: Map<string, string>): string[] {
  const paths = new Set([...before.keys(), ...after.keys()])
  return [...paths].filter((path) => before.get(path) !== after.get(path)).sort()
}

const systemctl = join(base, 'systemctl')
const script = join(import.meta.dirname, '../../templates/remediation/node.sh')
const systemctlLog = join(base, 'systemctl.log')

function run(node: string, ...flags: string[]): { status: number | null; stdout: string; stderr: string } {
  const root = hosts.get(node)?.root ?? ''
  return spawnSync('/bin/sh', [join(base, 'pack', 'nodes', `${node}.sh`), ...flags], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', KUBE_ASSAY_ROOT: root, KUBE_ASSAY_SYSTEMCTL: systemctl },
    encoding: 'utf8',
  })
}

/** What the kubelet and the static pods are after the script: started now, with the arguments of the manifests. */
function restartAll(root: string): void {
  const boot = Number(/btime (\d+)/.exec(readFileSync(join(root, 'proc/stat'), 'utf8'))?.[1])
  for (const pid of readdirSync(join(root, 'proc')).filter((name) => /^\d+$/.test(name))) {
    const folder = join(root, 'proc', pid)
    const name = readFileSync(join(folder, 'comm'), 'utf8').trim()
    if (name === 'kubelet') {
      const fields = readFileSync(join(folder, 'stat'), 'utf8').trim().split(' ')
      fields[21] = String((Math.ceil(Date.now() / 1000) + 60 - boot) * 100)
      writeFileSync(join(folder, 'stat'), `${fields.join(' ')}\n`)
    }
    const manifest = join(
      root,
      'etc/kubernetes/manifests',
      `${name === 'kube-controller' ? 'kube-controller-manager' : name}.yaml`,
    )
    const file = statSync(manifest, { throwIfNoEntry: false }) && readFileSync(manifest, 'utf8')
    if (!file || !before.get(root)?.argumentsApplied.has(manifest)) continue
    const { spec } = parse(file)
    writeFileSync(join(folder, 'cmdline'), spec.containers[0].command.map((word: string) => `${word}\0`).join(''))
  }
}

interface Before {
  readonly inventory: Map<string, string>
  /** Manifests that the running process was started with. */
  readonly argumentsApplied: Set<string>
}
const before = new Map<string, Before>()
let first: Result
let second: Result

function manifestsInUse(root: string): Set<string> {
  const used = new Set<string>()
  for (const pid of readdirSync(join(root, 'proc')).filter((name) => /^\d+$/.test(name))) {
    const running = readFileSync(join(root, 'proc', pid, 'cmdline'), 'utf8')
    for (const name of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) {
      const manifest = join(root, 'etc/kubernetes/manifests', `${name}.yaml`)
      if (!statSync(manifest, { throwIfNoEntry: false })) continue
      const { spec } = parse(readFileSync(manifest, 'utf8'))
      if (spec.containers[0].command.map((word: string) => `${word}\0`).join('') === running) used.add(manifest)
    }
  }
  return used
}

describe.runIf(isRoot)('scripts of nodes', () => {
  beforeAll(async () => {
    for (const tree of demoHosts) {
      const folder = join(base, tree.hostname)
      await mkdir(folder)
      hosts.set(tree.hostname, await materialiseHost(tree, folder))
    }
    for (const { root } of hosts.values()) {
      before.set(root, { inventory: inventory(root), argumentsApplied: manifestsInUse(root) })
    }
    writeFileSync(systemctl, `#!/bin/sh\nprintf '%s\\n' "$*" >>${systemctlLog}\n`, { mode: 0o755 })
    first = audit()
    for (const { path, content } of renderRemediation(first)) {
      mkdirSync(dirname(join(base, 'pack', path)), { recursive: true })
      writeFileSync(join(base, 'pack', path), content)
    }
  }, 120_000)
  afterAll(() => rmSync(base, { recursive: true, force: true }))

  const nodes = demoHosts.map(({ hostname }) => hostname)

  it.each(nodes)('%s: shows the changes and makes none', (node) => {
    const { status, stdout, stderr } = run(node)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/Would make [1-9]\d* changes, refuses 0\./)
    const root = hosts.get(node)?.root ?? ''
    expect(changesBetween(before.get(root)?.inventory ?? new Map(), inventory(root))).toEqual([])
  })

  it('close what they claim to close, and make nothing else fail', () => {
    for (const node of nodes) {
      const { status, stderr } = run(node, '--apply')
      expect({ node, status, stderr }).toEqual({ node, status: 0, stderr: '' })
      restartAll(hosts.get(node)?.root ?? '')
    }
    second = audit()
    const claimed = gatherRemedies(first).flatMap(({ rule, finding, way }) =>
      way.kind === 'node' ? [`${rule.id} ${finding.unit.id}`] : [],
    )
    const [failedBefore, failsNow] = [failingOf(first), failingOf(second)]
    expect(claimed.length).toBeGreaterThan(30)
    expect(claimed.filter((finding) => failsNow.has(finding))).toEqual([])
    expect([...failsNow].filter((finding) => !failedBefore.has(finding))).toEqual([])
  })

  it('restart the kubelet once per node whose settings changed, after reading its unit', () => {
    const calls = readFileSync(systemctlLog, 'utf8').trim().split('\n')
    const restarts = calls.filter((call) => call === 'restart kubelet').length
    expect(restarts).toBeGreaterThan(0)
    const isActive = 'is-active --quiet kubelet'
    expect(calls).toEqual(
      Array.from({ length: restarts }, () => [isActive, 'daemon-reload', 'restart kubelet', isActive]).flat(),
    )
  })

  it('restart what runs the kubelet inside itself, where the kubelet has no unit of its own', () => {
    const [function_ = ''] = /^find_kubelet_unit\(\) \{[\s\S]*?^\}/m.exec(readFileSync(script, 'utf8')) ?? []
    const unitOf = (active: string): string => {
      const fake = join(base, `systemctl-${active}`)
      writeFileSync(fake, `#!/bin/sh\n[ "$3" = '${active}' ]\n`, { mode: 0o755 })
      const env = { KUBE_ASSAY_SYSTEMCTL: fake }
      return spawnSync('/bin/sh', ['-c', `${function_}\nfind_kubelet_unit\nprintf %s "$unit"`], {
        env,
        encoding: 'utf8',
      }).stdout
    }
    expect(['kubelet', 'k3s-agent', 'rke2-server', 'k0sworker', 'none'].map(unitOf)).toEqual([
      'kubelet',
      'k3s-agent',
      'rke2-server',
      'k0sworker',
      'kubelet',
    ])
  })

  it.each(nodes)('%s: a second run changes nothing', (node) => {
    const root = hosts.get(node)?.root ?? ''
    const state = inventory(root)
    const { status, stdout } = run(node, '--apply')
    expect({ status, last: /Made \d+ changes, refused \d+/.exec(stdout)?.[0] }).toEqual({
      status: 0,
      last: 'Made 0 changes, refused 0',
    })
    expect(changesBetween(state, inventory(root))).toEqual([])
  })

  it.each(nodes)('%s: a rollback leaves everything as it was', (node) => {
    const { status, stderr } = run(node, '--rollback')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const root = hosts.get(node)?.root ?? ''
    const changed = changesBetween(before.get(root)?.inventory ?? new Map(), inventory(root))
    // The processes are the test's doing, and folders made on the way stay.
    expect(changed.filter((path) => !/^\/proc\/\d+\//.test(path) && path !== '/var/lib')).toEqual([])
  })
})
