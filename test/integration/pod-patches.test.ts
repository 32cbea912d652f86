// Applies the patches that findings about pods propose, with kubectl's own strategic merge, in the order in which they are given:
// afterwards the finding is gone, and at the end none of these rules fails.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { type CompiledRule, loadCatalogue } from '../../src/catalog/index.ts'
import { projectObject } from '../../src/collect/projection/index.ts'
import { deriveWorkloadUnits } from '../../src/derive/workloads/index.ts'
import { findingOf } from '../../src/evaluate/index.ts'
import type { ControllerObject, ServiceObject } from '../../src/model/objects.ts'
import { controllerObjectSchema } from '../../src/model/objects.ts'
import type { PodTemplate } from '../../src/model/pod.ts'
import type { Unit } from '../../src/model/unit.ts'
import { buildEvidence, manifests, version } from '../unit/derive/workloads/evidence-builder.ts'

/** In the order in which a reader would follow them: first what others depend on. */
const ruleIds = [
  'privileged-containers',
  'host-network',
  'host-process-namespace',
  'host-ipc-namespace',
  'host-path-volumes',
  'windows-host-process',
  'host-ports',
  'added-capabilities',
  'net-raw-capability',
  'dropped-capabilities',
  'privilege-escalation',
  'root-containers',
  'seccomp-profile',
  'pod-security-restricted',
  'pod-security-baseline',
]

const kubectlEnvironment = { ...process.env, KUBECONFIG: '/dev/null' }

function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { env: kubectlEnvironment, stdio: 'ignore' })
    return true
  } catch {
    console.warn('SKIPPED: the patches of findings are not applied, because there is no kubectl here.')
    return false
  }
}

const app = { name: 'app', image: 'app:1' }
const podSpecs = {
  'nothing set': { containers: [app, { name: 'proxy', image: 'proxy:1' }] },
  'settings that say no for the whole pod': {
    securityContext: { runAsNonRoot: false, seccompProfile: { type: 'Unconfined' } },
    containers: [app],
  },
  'one of everything': {
    hostPID: true,
    initContainers: [{ name: 'setup', image: 'setup:1', securityContext: { runAsUser: 0 } }],
    containers: [
      {
        ...app,
        ports: [
          { containerPort: 80, hostPort: 8080, protocol: 'TCP' },
          { containerPort: 53, hostPort: 53, protocol: 'UDP' },
        ],
        securityContext: { capabilities: { add: ['SYS_ADMIN', 'NET_BIND_SERVICE'], drop: ['MKNOD'] } },
      },
      { name: 'agent', image: 'agent:1', securityContext: { privileged: true } },
      {
        name: 'tracer',
        image: 'tracer:1',
        securityContext: {
          seccompProfile: { type: 'Unconfined' },
          runAsUser: 1,
          allowPrivilegeEscalation: true,
          capabilities: { add: ['NET_RAW'], drop: ['ALL'] },
        },
      },
      {
        name: 'sandbox',
        image: 'sandbox:1',
        securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'sandbox.json' } },
      },
    ],
    volumes: [
      { name: 'etc', hostPath: { path: '/etc' } },
      { name: 'settings', configMap: { name: 'settings' } },
    ],
  },
  "the node's network": {
    hostNetwork: true,
    containers: [{ ...app, ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }] }],
  },
  'a Windows HostProcess pod': {
    os: { name: 'windows' },
    hostNetwork: true,
    securityContext: { windowsOptions: { hostProcess: true } },
    initContainers: [{ name: 'setup', image: 'setup:1' }],
    containers: [app],
  },
} as const

const metadata = { name: 'cart', namespace: 'shop' }
const labels = { app: 'cart' }
type Family = 'deployments' | 'cronjobs'

function manifestOf(family: Family, spec: object): unknown {
  const template = { metadata: { labels }, spec }
  if (family === 'deployments')
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { selector: { matchLabels: labels }, template },
    }
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata,
    spec: { schedule: '0 * * * *', jobTemplate: { spec: { template } } },
  }
}

function unitOf(family: Family, manifest: unknown, services: readonly ServiceObject[] = []): Unit {
  const templates: PodTemplate[] = []
  const objects: ControllerObject[] = []
  const problem = projectObject(family, manifest, new Set(), (record) => {
    if (record.record === 'template') templates.push(record.template)
    if (record.record === 'object') objects.push(controllerObjectSchema.parse(record.object))
  })
  const evidence = buildEvidence({ objects: { [family]: objects, services }, templates, source: manifests })
  const [unit] = deriveWorkloadUnits(evidence, version)
  if (unit === undefined) throw new Error(`No workload: ${problem}`)
  return unit
}

const { rules } = await loadCatalogue(join(import.meta.dirname, '..', '..', 'rules'))
const compiled = ruleIds.map((id) => {
  const found = rules.find(({ rule }) => rule.id === id)
  if (found === undefined) throw new Error(`There is no rule ${id}.`)
  return found
})
const cluster: Unit = {
  identity: { kind: 'cluster', id: 'cluster', name: 'cluster' },
  facts: { clusterVersion: version },
}

describe.runIf(hasKubectl())('patches of findings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-assay-patches-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function apply(manifest: unknown, patch: string): unknown {
    const [object, change] = [join(folder, 'object.yaml'), join(folder, 'patch.yaml')]
    writeFileSync(object, stringify(manifest))
    writeFileSync(change, patch)
    const argv = ['patch', '--local', '-f', object, '--patch-file', change, '-o', 'yaml']
    return parse(execFileSync('kubectl', argv, { encoding: 'utf8', env: kubectlEnvironment }))
  }

  const findingIn = (rule: CompiledRule, family: Family, manifest: unknown) =>
    findingOf(rule, unitOf(family, manifest), cluster)

  const cases = Object.entries(podSpecs).flatMap(([name, spec]) =>
    (['deployments', 'cronjobs'] as const).map((family) => ({ name, family, spec })),
  )

  it.each(cases)('make findings go away: $family, $name', ({ family, spec }) => {
    let manifest = manifestOf(family, spec)
    const failing = () =>
      compiled.filter((rule) => findingIn(rule, family, manifest).outcome === 'fail').map(({ rule }) => rule.id)
    const before = failing()
    const stubborn: string[] = []
    for (const rule of compiled) {
      const { outcome, remediation = [] } = findingIn(rule, family, manifest)
      if (outcome !== 'fail') continue
      for (const { file, content } of remediation)
        if (file === 'patch.yaml' && content !== undefined) manifest = apply(manifest, content)
      if (findingIn(rule, family, manifest).outcome !== 'pass') stubborn.push(rule.rule.id)
    }
    expect({ hadFindings: before.length > 0, stubborn, after: failing() }).toEqual({
      hadFindings: true,
      stubborn: [],
      after: [],
    })
  })

  // Whoever follows one of these rules alone ends privileged mode with it: the API server refuses the half of it.
  const alone = ['net-raw-capability', 'dropped-capabilities', 'privilege-escalation'].flatMap((id) =>
    (['deployments', 'cronjobs'] as const).map((family) => ({ id, family })),
  )
  it.each(alone)('close a privileged container without another rule: $id, $family', ({ id, family }) => {
    const privileged = { privileged: true, allowPrivilegeEscalation: true, capabilities: { add: ['NET_RAW'] } }
    const manifest = manifestOf(family, {
      initContainers: [{ name: 'setup', image: 'setup:1', securityContext: privileged }],
      containers: [
        { ...app, securityContext: privileged },
        { name: 'proxy', image: 'proxy:1' },
      ],
    })
    const rule = compiled.find((one) => one.rule.id === id)
    const ending = compiled.find((one) => one.rule.id === 'privileged-containers')
    if (rule === undefined || ending === undefined) throw new Error(`There is no rule ${id}.`)
    const { outcome, remediation = [] } = findingIn(rule, family, manifest)
    const changed = remediation
      .filter(({ file, content }) => file === 'patch.yaml' && content !== undefined)
      .reduce((object, { content = '' }) => apply(object, content), manifest)
    expect([outcome, findingIn(rule, family, changed).outcome]).toEqual(['fail', 'pass'])
    expect(findingIn(ending, family, changed).outcome).toBe('pass')
  })
})

/** A kubectl that patches the object in a file as the real one would. */
const localKubectl = `#!/bin/sh
[ "$1 $3" = "--namespace patch" ] && [ "$6" = --patch ] || { echo "not used by these rules: $*" >&2; exit 1; }
command "$REAL" patch --local -f "$OBJECT" --patch "$7" -o yaml >"$OBJECT.new" && mv "$OBJECT.new" "$OBJECT"
`

describe.runIf(hasKubectl())('commands that patch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-assay-commands-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const real = execFileSync('sh', ['-c', 'command -v kubectl'], { encoding: 'utf8' }).trim()
  writeFileSync(join(folder, 'kubectl'), localKubectl, { mode: 0o755 })

  /** The object after the commands of a finding that patch it, in order. */
  function run(manifest: unknown, commands: readonly string[]): unknown {
    const object = join(folder, 'object.yaml')
    writeFileSync(object, stringify(manifest))
    const env = { ...kubectlEnvironment, PATH: `${folder}:${process.env['PATH'] ?? ''}`, REAL: real, OBJECT: object }
    for (const command of commands) execFileSync('sh', ['-euc', command], { env })
    return parse(readFileSync(object, 'utf8'))
  }

  const service = { name: 'cart', namespace: 'shop', selector: labels, ports: [{ port: 80, targetPort: 'http' }] }
  const probe = { httpGet: { path: '/live', port: 'http' } }
  const slow = { exec: { command: ['true'] }, timeoutSeconds: 30 }
  const cases: readonly [string, string, object, readonly ServiceObject[]][] = [
    [
      'probe-values',
      'one port',
      { containers: [{ ...app, livenessProbe: probe, ports: [{ containerPort: 80 }] }] },
      [],
    ],
    [
      'probe-values',
      'no port is known; a native sidecar',
      {
        initContainers: [
          { name: 'log', image: 'log:1', restartPolicy: 'Always', startupProbe: probe, readinessProbe: slow },
        ],
        containers: [{ ...app, livenessProbe: probe, readinessProbe: { ...probe, initialDelaySeconds: -1 } }],
      },
      [],
    ],
    [
      'container-resource-values',
      'units and order',
      {
        initContainers: [{ name: 'setup', image: 'setup:1', resources: { limits: { memory: '512', cpu: '0.0005' } } }],
        containers: [
          { ...app, resources: { requests: { memory: '2Gi', cpu: '1' }, limits: { memory: '1Gi', cpu: '2' } } },
          { name: 'gpu', image: 'gpu:1', resources: { requests: { 'nvidia.com/gpu': '1', memory: '1Gi' } } },
        ],
      },
      [],
    ],
    ...Object.entries(podSpecs)
      .filter(([name]) => name !== 'nothing set')
      .map(([name, spec]): [string, string, object, ServiceObject[]] => ['pod-security-baseline', name, spec, []]),
    [
      'pod-security-baseline',
      'annotations, sysctls, labels and one port twice',
      {
        securityContext: {
          sysctls: [
            { name: 'kernel.shmmax', value: '1' },
            { name: 'net.ipv4.tcp_syncookies', value: '1' },
          ],
          seLinuxOptions: { type: 'spc_t', level: 's0' },
          appArmorProfile: { type: 'Unconfined' },
        },
        containers: [
          {
            ...app,
            ports: [
              { name: 'dns', containerPort: 53, hostPort: 53, protocol: 'UDP' },
              { name: 'dns-tcp', containerPort: 53, hostPort: 53, protocol: 'TCP' },
            ],
            livenessProbe: { tcpSocket: { port: 53, host: '10.0.0.1' } },
          },
        ],
      },
      [],
    ],
  ]
  const inBoth = cases.flatMap(([id, name, spec, services]) =>
    (['deployments', 'cronjobs'] as const).map((family) => ({ id, name, family, spec, services })),
  )
  it.each(inBoth)('close the finding: $id, $family, $name', ({ id, family, spec, services }) => {
    const rule = rules.find((one) => one.rule.id === id)
    if (rule === undefined) throw new Error(`There is no rule ${id}.`)
    const manifest = manifestOf(family, spec)
    const { outcome, remediation = [] } = findingOf(rule, unitOf(family, manifest, services), cluster)
    const commands = remediation.flatMap(({ language, content = '' }) => (language === 'shell' ? [content] : []))
    const after = run(manifest, commands)
    expect([outcome, findingOf(rule, unitOf(family, after, services), cluster).outcome]).toEqual([
      'fail',
      // A pod without probes has none that could be wrong.
      id === 'probe-values' && !JSON.stringify(after).includes('Probe') ? 'notApplicable' : 'pass',
    ])
  })

  it('declare the port that a Service names, and keep the others', () => {
    const rule = rules.find((one) => one.rule.id === 'missing-probes')
    if (rule === undefined) throw new Error('There is no rule missing-probes.')
    const udp = { containerPort: 53, protocol: 'UDP' }
    const manifest = manifestOf('deployments', { containers: [{ ...app, ports: [udp, { containerPort: 8080 }] }] })
    const { remediation = [] } = findingOf(rule, unitOf('deployments', manifest, [service]), cluster)
    const commands = remediation.flatMap(({ language, content = '' }) =>
      language === 'shell' && !content.includes('--patch-file') ? [content] : [],
    )
    expect(run(manifest, commands)).toEqual(
      manifestOf('deployments', {
        containers: [{ ...app, ports: [udp, { containerPort: 8080, name: 'http', protocol: 'TCP' }] }],
      }),
    )
  })
})
