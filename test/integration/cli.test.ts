// The command line as a user meets it when something is wrong: what it says, its exit code, and that nothing is lost.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type SimulatedCluster,
  type SimulatedClusterOptions,
  startSimulatedCluster,
} from '../../src/simulator/cluster.ts'
import { loadSnapshot } from '../../src/snapshot/index.ts'
import { type CliRun, runCli } from '../support/cli.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function withCluster<T>(
  options: SimulatedClusterOptions,
  body: (cluster: SimulatedCluster) => Promise<T>,
): Promise<T> {
  const cluster = await startSimulatedCluster(options)
  try {
    return await body(cluster)
  } finally {
    await cluster.close()
  }
}

/** Flags that reach a simulated cluster, nodes included, without the PDF. */
async function reach(cluster: SimulatedCluster, name: string): Promise<{ args: string[]; output: string }> {
  const config = join(cluster.folder, 'kube-assay.yaml')
  await writeFile(
    config,
    JSON.stringify({ kubeconfig: cluster.kubeconfig, ssh: cluster.ssh, formats: ['html', 'json'] }),
  )
  const output = join(folder, name)
  return { args: ['audit', '--config', config, '--output', output], output }
}

interface Verdicts {
  rules: {
    id: string
    outcome: string
    counts: Record<string, number>
    findings: { unit: { node?: string }; missing?: { reason: string; detail: string }[] }[]
  }[]
  coverage: { nodes: { node: string; facts: ({ reason: string; detail: string } | null)[] }[] }
}
async function readResult(output: string): Promise<Verdicts> {
  return JSON.parse(await readFile(join(output, 'result.json'), 'utf8'))
}
/** Every distinct reason for which a fact of a node is missing. */
async function reasonsOf(output: string, node: string): Promise<string[]> {
  const { coverage } = await readResult(output)
  const facts = coverage.nodes.find((one) => one.node === node)?.facts ?? []
  return [...new Set(facts.flatMap((fact) => (fact === null ? [] : [fact.reason])))].toSorted()
}

function expectRefusal(run: CliRun, code: number, message: RegExp): void {
  expect(run.stderr).toMatch(message)
  expect(run.stderr).not.toContain('internal error')
  expect(run.code).toBe(code)
  expect(run.stdout).toBe('')
}

describe('without a cluster', () => {
  it.each<[name: string, args: string[], code: number, message: RegExp]>([
    ['an unknown command', ['audti'], 2, /unknown command 'audti'.*audit/s],
    ['an unknown flag', ['audit', '--contxt', 'x'], 2, /unknown option '--contxt'.*--context/s],
    ['no kubeconfig', ['audit'], 2, /kubeconfig/],
    ['a kubeconfig that is not there', ['audit', '--kubeconfig', '/nonexistent/config'], 2, /\/nonexistent\/config/],
    ['a value outside its choices', ['audit', '--fail-on', 'urgent'], 2, /critical, high, medium, low, info/],
    ['an unknown schema', ['schema', 'spell'], 2, /Allowed: result, ndjson, config, waivers, rule, snapshot/],
    ['an unknown rule', ['rules', 'show', 'swap-of'], 2, /There is no rule swap-of/],
    [
      'a snapshot that is not there',
      ['evaluate', '/nonexistent/snapshot'],
      2,
      /\/nonexistent\/snapshot does not exist/,
    ],
    ['a result that is not one', ['render', 'package.json'], 2, /package\.json is not a result of kube-assay/],
    // Before anything is read: stderr would begin with what was.
    [
      'a benchmark that there is not',
      ['audit', '--benchmark', '9.9', '--manifests', 'docs'],
      2,
      /^kube-assay: There is no .* benchmark 9\.9; known are /,
    ],
    ['manifests that are not there', ['audit', '--manifests', '/nonexistent/deploy'], 2, /\/nonexistent\/deploy/],
  ])('refuses %s', async (_name, args, code, message) => {
    const home = await mkdtemp(join(folder, 'home-'))
    expectRefusal(await runCli(args, { env: { HOME: home } }), code, message)
  })

  it('names the contexts there are', async () => {
    const kubeconfig = join(folder, 'contexts')
    const cluster = { name: 'c', cluster: { server: 'https://127.0.0.1:1' } }
    const contexts = ['blue', 'green'].map((name) => ({ name, context: { cluster: 'c', user: 'u' } }))
    await writeFile(
      kubeconfig,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [cluster],
        users: [{ name: 'u', user: { token: 't' } }],
        contexts,
      }),
    )
    expectRefusal(await runCli(['audit', '--kubeconfig', kubeconfig, '--context', 'red']), 2, /red.*blue.*green/s)
  })

  it('ends with 3 and one sentence when nobody answers', async () => {
    const kubeconfig = join(folder, 'nobody')
    await writeFile(
      kubeconfig,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'c',
        clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:9' } }],
        users: [{ name: 'u', user: { token: 'secret-token-4711' } }],
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      }),
    )
    const output = join(folder, 'nobody-out')
    const run = await runCli(['audit', '--kubeconfig', kubeconfig, '--output', output])
    expect(run.code).toBe(3)
    expect(run.stderr).toMatch(/cannot read the cluster at https:\/\/127\.0\.0\.1:9/)
    expect(run.stderr + run.stdout).not.toContain('secret-token-4711')
    expect(await readdir(output)).toEqual([])
  })

  it.runIf(process.getuid?.() !== 0)('refuses a folder that cannot be written before it reads anything', async () => {
    const locked = join(folder, 'locked')
    await mkdir(locked)
    await chmod(locked, 0o500)
    expectRefusal(
      await runCli(['audit', '--manifests', 'docs', '--output', join(locked, 'out')]),
      2,
      /permission denied/,
    )
  })

  it('refuses an output that is a file before it reads anything', async () => {
    const file = join(folder, 'a-file')
    await writeFile(file, '')
    expectRefusal(
      await runCli(['audit', '--manifests', 'docs', '--output', file]),
      2,
      /a-file: exists already and is not a folder/,
    )
  })

  it('prints schemas, rules and the probe on stdout only', async () => {
    const rules = await runCli(['rules', 'list', '--format', 'json'])
    const listed: { id: string; severity: string; assessment: string; needs: string[]; references: object }[] =
      JSON.parse(rules.stdout)
    expect(listed.find(({ id }) => id === 'protect-kernel-defaults')).toMatchObject({
      severity: 'medium',
      assessment: 'automated',
      needs: ['kubeletConfiguration', 'kernelParameters'],
      references: { 'cis-kubernetes': { '1.24': '4.2.6' }, documents: ['A1', 'A2', 'A3'] },
    })
    const schema = await runCli(['schema', 'config'])
    expect(JSON.parse(schema.stdout)).toMatchObject({ type: 'object', properties: { kubeconfig: { type: 'string' } } })
    const probe = await runCli(['probe', '--print'])
    expect(probe.stdout).toMatch(/^nonce='[0-9a-f]{32}'\n#!\/bin\/sh\n/)
    expect([rules.stderr, schema.stderr, probe.stderr]).toEqual(['', '', ''])
  })
})

describe('with a cluster that misbehaves', { timeout: 90_000 }, () => {
  it.each<[name: string, options: SimulatedClusterOptions, message: RegExp]>([
    [
      'an expired certificate',
      { api: { certificate: { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') } } },
      /expired/,
    ],
    ['a certificate for another name', { api: { certificate: { names: ['other.example'] } } }, /127\.0\.0\.1/],
    ['refused credentials', { apiFaults: [{ effect: { kind: 'status', status: 401 } }] }, /401|credentials/i],
  ])('ends with 3 for %s', async (name, options, message) => {
    await withCluster({ ...options, hosts: false }, async (cluster) => {
      const { args, output } = await reach(cluster, name.replaceAll(' ', '-'))
      const run = await runCli(args)
      expect(run.stderr).toMatch(message)
      expect(run.code).toBe(3)
      expect(await readdir(output)).toEqual([])
    })
  })

  it('keeps one forbidden list apart from everything else', async () => {
    await withCluster(
      { hosts: false, apiFaults: [{ path: '/api/v1/limitranges', effect: { kind: 'status', status: 403 } }] },
      async (cluster) => {
        const { args, output } = await reach(cluster, 'forbidden')
        const run = await runCli([...args, '--node-access', 'none'])
        expect(run.code).toBe(0)
        expect(run.stdout).toContain('Lists, forbidden: limitranges.')
        const { families } = await loadSnapshot(join(output, 'snapshot.ndjson.zst'))
        const gaps = Object.entries(families).filter(([, { status }]) => status?.unavailable !== undefined)
        expect(gaps.map(([family, { status }]) => [family, status?.unavailable?.reason])).toEqual([
          ['limitranges', 'forbidden'],
        ])
        const { rules } = await readResult(output)
        expect(rules.find(({ id }) => id === 'namespace-limit-range')?.counts['pass']).toBe(0)
        expect(rules.find(({ id }) => id === 'namespace-limit-range')?.outcome).toBe('unknown')
      },
    )
  })

  it('keeps what a list gave before the server died, and calls the rest unknown', async () => {
    const effect = { kind: 'reset', afterBytes: 2000 } as const
    await withCluster(
      { hosts: false, apiFaults: [{ path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', effect }] },
      async (cluster) => {
        const { args, output } = await reach(cluster, 'died')
        const run = await runCli([...args, '--node-access', 'none'])
        expect(run.code).toBe(0)
        const { families } = await loadSnapshot(join(output, 'snapshot.ndjson.zst'))
        expect(families.clusterrolebindings.status?.unavailable?.reason).toBe('connection-lost')
        const { rules } = await readResult(output)
        expect(rules.find(({ id }) => id === 'cluster-admin-bindings')?.outcome).not.toBe('pass')
      },
    )
  })

  it('reports every node with its own reason', async () => {
    const nodeFaults: SimulatedClusterOptions['nodeFaults'] = {
      'cp-1': { down: true },
      'cp-2': { hostKey: 'changed' },
      'cp-3': { hostKey: 'unknown' },
      'worker-1': { refuseAuth: true },
      'worker-2': { flood: true },
    }
    await withCluster({ nodeFaults }, async (cluster) => {
      const { args, output } = await reach(cluster, 'node-faults')
      const run = await runCli([...args, '--node-timeout', '20', '--min-coverage', '0.99'])
      expect(run.code).toBe(3)
      expect(run.stderr).toMatch(/exit 3: coverage 0\.\d+ .* is below --min-coverage 0\.99/)
      expect(await reasonsOf(output, 'cp-1')).toEqual(['unreachable'])
      expect(await reasonsOf(output, 'cp-2')).toEqual(['host-key-mismatch'])
      expect(await reasonsOf(output, 'cp-3')).toEqual(['host-key-unknown'])
      expect(await reasonsOf(output, 'worker-1')).toEqual(['auth-failed'])
      expect(await reasonsOf(output, 'worker-2')).toEqual(['too-large'])
      expect(await reasonsOf(output, 'worker-3')).toContain('sudo-denied')
    })
  })

  it('gives up on a node that never answers, within its budget, and says so', async () => {
    await withCluster(
      { nodeFaults: { 'worker-1': { hang: 'after-exec' }, 'worker-2': { hang: 'before-auth' } } },
      async (cluster) => {
        const { args, output } = await reach(cluster, 'silent')
        const run = await runCli([...args, '--node-timeout', '12', '--connect-timeout', '4'])
        expect(run.code).toBe(0)
        expect(await reasonsOf(output, 'worker-1')).toEqual(['timeout'])
        expect(await reasonsOf(output, 'worker-2')).toEqual(['timeout'])
        // The running kubelet is not asked without --kubelet-configz; all else was read.
        expect(await reasonsOf(output, 'cp-1')).toEqual(['not-collected'])
      },
    )
  })

  it('refuses a node pattern that matches nothing, and leaves no snapshot', async () => {
    await withCluster({}, async (cluster) => {
      const { args, output } = await reach(cluster, 'no-match')
      const run = await runCli([...args, '--nodes', 'wroker-*'])
      expect(run.code).toBe(2)
      expect(run.stderr).toMatch(/wroker-\*/)
      expect(await readdir(output)).toEqual([])
    })
  })

  it('keeps what was read when it is interrupted', async () => {
    await withCluster({ nodeFaults: { 'worker-1': { hang: 'after-exec' } } }, async (cluster) => {
      const { args, output } = await reach(cluster, 'interrupted')
      const run = await runCli([...args, '--node-timeout', '60'], {
        onStart: (child) => {
          const timer = setInterval(() => {
            // All but the silent node have logged in and answered: the moment a person loses patience.
            if (
              (cluster.nodes.get('worker-2')?.counts.commands ?? 0) === 0 ||
              (cluster.nodes.get('worker-1')?.counts.commands ?? 0) === 0
            )
              return
            clearInterval(timer)
            setTimeout(() => child.kill('SIGINT'), 3000)
          }, 50)
          child.once('exit', () => clearInterval(timer))
        },
      })
      expect(run.code).toBe(130)
      expect(run.stderr).toMatch(/interrupted\. What was read is kept in .*snapshot\.ndjson\.zst/)
      expect(await readdir(output)).toEqual(['snapshot.ndjson.zst'])
      const evidence = await loadSnapshot(join(output, 'snapshot.ndjson.zst'))
      expect(evidence.trailer.interrupted).toBe(true)
      expect(evidence.nodes.find(({ node }) => node === 'worker-1')?.host).toMatchObject({
        unavailable: { reason: 'interrupted' },
      })
      const again = await runCli(['evaluate', join(output, 'snapshot.ndjson.zst')])
      expect(again.code).toBe(0)
      expect(JSON.parse(again.stdout)).toMatchObject({ snapshot: { interrupted: true } })
    })
  })

  it('leaves nothing half-written when Ctrl-C is pressed twice', async () => {
    const hang = { path: '/api/v1/pods', effect: { kind: 'hang' } } as const
    await withCluster({ hosts: false, apiFaults: [hang] }, async (cluster) => {
      const { args, output } = await reach(cluster, 'twice')
      let isAsked = false
      const run = await runCli([...args, '--node-access', 'none'], {
        onStart: (child) => {
          const timer = setInterval(() => {
            if (!isAsked && existsSync(join(output, 'snapshot.ndjson.zst.partial'))) {
              isAsked = true
              child.kill('SIGINT')
              setTimeout(() => child.kill('SIGINT'), 1)
            }
          }, 20)
          child.once('exit', () => clearInterval(timer))
        },
      })
      expect(run.code).toBe(130)
      // The second may come after the snapshot was finished; either way it is whole or not there.
      expect((await readdir(output)).filter((name) => name !== 'snapshot.ndjson.zst')).toEqual([])
    })
  })

  it('reads what it can when the nodes asked for cannot be listed', async () => {
    const forbidden = { path: '/api/v1/nodes', effect: { kind: 'status', status: 403 } } as const
    await withCluster({ hosts: false, apiFaults: [forbidden] }, async (cluster) => {
      const { args, output } = await reach(cluster, 'unlisted')
      const run = await runCli([...args, '--nodes', 'worker-*'])
      expect(run.stderr).toContain(
        'warning: --nodes, --ssh-address or --local-node names no node of this cluster: worker-*. The API gave no nodes. The list of nodes is incomplete.',
      )
      expect(run.code).toBe(0)
      const { rules } = await readResult(output)
      const ofNodes = rules.filter(({ id }) => id === 'swap-configuration' || id === 'protect-kernel-defaults')
      expect(ofNodes.map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown'])
    })
  })
})

describe('a reader that goes away', () => {
  it.each([[['rules', 'list', '--format', 'json']], [['schema', 'snapshot']], [['--help']]])(
    'is no error of %j',
    async (args) => {
      const run = await runCli(args, { onStart: (child) => child.stdout?.destroy() })
      expect(run).toMatchObject({ code: 0, stderr: '' })
    },
  )
})

it.skipIf(!existsSync('/dev/full'))('ends with 4 when what was asked for could not be written', async () => {
  const { PATH = '', HOME = '' } = process.env
  const run = spawnSync('/bin/sh', ['-c', `exec "$0" src/cli/main.ts rules list > /dev/full`, process.execPath], {
    env: { PATH, HOME },
    encoding: 'utf8',
  })
  expect(run.stderr).toBe('kube-assay: standard output could not be written: ENOSPC: no space left on device, write\n')
  expect(run.status).toBe(4)
})

describe('gates', () => {
  it('end with 1 for findings at or above the threshold, after everything is written', async () => {
    await withCluster({}, async (cluster) => {
      const { args, output } = await reach(cluster, 'gate')
      const run = await runCli([...args, '--fail-on', 'high'])
      expect(run.code).toBe(1)
      expect(run.stderr).toMatch(/exit 1: \d+ failing at or above --fail-on high: /)
      expect((await readdir(output)).toSorted()).toEqual([
        'manifest.json',
        'report.html',
        'result.json',
        'run.json',
        'snapshot.ndjson.zst',
      ])
    })
  })
})

it('scores a snapshot again to the same verdicts, and renders it again', async () => {
  await withCluster({}, async (cluster) => {
    const { args, output } = await reach(cluster, 'again')
    expect((await runCli(args)).code).toBe(0)
    const first = await readResult(output)
    const run = await runCli(['evaluate', join(output, 'snapshot.ndjson.zst'), '--output', join(output, 'second.json')])
    expect(run).toMatchObject({ code: 0, stdout: '' })
    const second: Verdicts = JSON.parse(await readFile(join(output, 'second.json'), 'utf8'))
    expect(second.rules).toEqual(first.rules)
    const rendered = await runCli([
      'render',
      join(output, 'second.json'),
      '--format',
      'html',
      '--output',
      join(output, 'again'),
    ])
    expect(rendered.stdout).toBe(`${join(output, 'again', 'report.html')}\n`)
    expect(existsSync(join(output, 'again', 'report.html'))).toBe(true)
  })
})
