// Applies the patches that findings about pods propose, with kubectl's own strategic merge, in the order in which they are given:
// afterwards the finding is gone, and at the end none of these rules fails.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { type CompiledRule, loadCatalogue } from '../../src/catalog/index.ts'
import { projectObject } from '../../src/collect/projection/index.ts'
import { deriveWorkloadUnits } from '../../src/derive/workloads/index.ts'
import { findingOf } from '../../src/evaluate/index.ts'
import type { ControllerObject } from '../../src/model/objects.ts'
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

function unitOf(family: Family, manifest: unknown): Unit {
  const templates: PodTemplate[] = []
  const objects: ControllerObject[] = []
  const problem = projectObject(family, manifest, new Set(), (record) => {
    if (record.record === 'template') templates.push(record.template)
    if (record.record === 'object') objects.push(controllerObjectSchema.parse(record.object))
  })
  const evidence = buildEvidence({ objects: { [family]: objects }, templates, source: manifests })
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
