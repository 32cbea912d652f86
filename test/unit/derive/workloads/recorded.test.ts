// The recorded 1.36.2 API server: exactly the facts that the objects of `legacy` deserve, and none that `payments` does not.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { projectObject } from '../../../../src/collect/projection/index.ts'
import { deriveNamespaceUnits } from '../../../../src/derive/namespaces/index.ts'
import { deriveAccessUnits } from '../../../../src/derive/rbac/index.ts'
import { deriveWorkloadUnits } from '../../../../src/derive/workloads/index.ts'
import type { Evidence } from '../../../../src/model/evidence.ts'
import { facts } from '../../../../src/model/facts.ts'
import { families, familyNames } from '../../../../src/model/objects.ts'
import type { PodTemplate } from '../../../../src/model/pod.ts'
import { buildEvidence, version } from './evidence-builder.ts'

const recording = join(import.meta.dirname, '../../../../../shared/reference/recorded-cluster/responses.jsonl.gz')
const isPresent = existsSync(recording)
if (!isPresent) console.warn(`SKIPPED: facts of the recorded cluster; ${recording} is absent.`)

const responseSchema = z.object({ path: z.string(), body: z.unknown() })
const listSchema = z.object({ items: z.array(z.unknown()) })

function readEvidence(): Evidence {
  const bodies = new Map<string, unknown>()
  for (const line of gunzipSync(readFileSync(recording)).toString('utf8').trim().split('\n')) {
    const { path, body } = responseSchema.parse(JSON.parse(line))
    bodies.set(path, body)
  }
  const evidence = buildEvidence({})
  const templates = new Map<string, PodTemplate>()
  const objects = new Map<string, unknown[]>(familyNames.map((family) => [family, []]))
  const known = new Set<string>()
  for (const family of familyNames) {
    const body = bodies.get(families[family].path)
    // What the server did not have, and the part of a list that was not recorded on its own.
    if (body === undefined) continue
    for (const item of listSchema.parse(typeof body === 'string' ? JSON.parse(body) : body).items) {
      const problem = projectObject(family, item, known, (record) => {
        if (record.record === 'template') templates.set(record.template.id, record.template)
        if (record.record === 'object') objects.get(record.family)?.push(record.object)
      })
      expect(problem).toBeUndefined()
    }
  }
  return { ...evidence, templates, families: withObjects(evidence.families, objects) }
}

/** The objects come typed from the projection; the schemas of the model give them back their types. */
function withObjects(empty: Evidence['families'], objects: ReadonlyMap<string, unknown[]>): Evidence['families'] {
  const filled = { ...empty }
  for (const family of familyNames) {
    const parsed = z.array(families[family].schema).parse(objects.get(family))
    Object.assign(filled, { [family]: { ...empty[family], objects: parsed } })
  }
  return filled
}

const noHostAccess = { hostNetwork: false, hostPID: false, hostIPC: false, privilegedContainers: [], hostPaths: [] }
const noStatuses = { rejected: [], oomKilled: [], raises: [] }
const bare = { cpuRequest: '', cpuLimit: '', memoryRequest: '', memoryLimit: '', invalid: [] }
const unset = { ...bare, missing: ['cpu request', 'memory request', 'memory limit'] }
const bestEffort = { corrections: [], qosClass: 'BestEffort', observedQosClasses: ['BestEffort'] }
const unmanaged = { isStaticPod: false, managedBy: '' }

const legacy = [
  {
    identity: {
      kind: 'workloads',
      id: 'legacy/Deployment/liberty',
      name: 'Deployment legacy/liberty',
      labels: { app: 'liberty' },
      namespace: 'legacy',
      pods: 3,
      podNames: ['liberty-9898b88b4-7lf49', 'liberty-9898b88b4-k8cp8', 'liberty-9898b88b4-nrt8k'],
      owner: { kind: 'Deployment', name: 'liberty' },
    },
    facts: {
      workload: {
        ...unmanaged,
        namespace: 'legacy',
        kind: 'Deployment',
        name: 'liberty',
        pods: 3,
        nodes: 3,
        podSpecPath: 'spec.template.spec',
      },
      podSysctls: { requested: [] },
      sysctlWorkarounds: {
        containers: [
          {
            name: 'init-sysctl',
            kind: 'init',
            command: 'sysctl -w net.core.somaxconn=512',
            privileged: true,
            changesNode: false,
            parameters: ['net.core.somaxconn'],
          },
        ],
      },
      containerResources: {
        ...bestEffort,
        containers: [
          { name: 'init-sysctl', kind: 'init', ...bare, missing: [] },
          { name: 'websphere-liberty', kind: 'container', ...unset },
        ],
      },
      hostAccess: { ...noHostAccess, privilegedContainers: [{ name: 'init-sysctl', kind: 'init' }] },
      podStatuses: noStatuses,
    },
  },
  {
    identity: {
      kind: 'workloads',
      id: 'legacy/Deployment/probe-test',
      name: 'Deployment legacy/probe-test',
      labels: { app: 'probe-test' },
      namespace: 'legacy',
      pods: 2,
      podNames: ['probe-test-6f69df66f4-gthxx', 'probe-test-6f69df66f4-xc79w'],
      owner: { kind: 'Deployment', name: 'probe-test' },
    },
    facts: {
      workload: {
        ...unmanaged,
        namespace: 'legacy',
        kind: 'Deployment',
        name: 'probe-test',
        pods: 2,
        nodes: 2,
        podSpecPath: 'spec.template.spec',
      },
      podSysctls: { requested: [] },
      sysctlWorkarounds: { containers: [] },
      containerResources: {
        ...bestEffort,
        containers: [
          { name: 'test', kind: 'container', ...unset },
          { name: 'istio-proxy', kind: 'container', ...unset },
        ],
      },
      hostAccess: noHostAccess,
      podStatuses: noStatuses,
    },
  },
  {
    identity: {
      kind: 'workloads',
      id: 'legacy/Pod/memory-demo',
      name: 'Pod legacy/memory-demo',
      namespace: 'legacy',
      pods: 1,
      podNames: ['memory-demo'],
      owner: { kind: 'Pod', name: 'memory-demo' },
    },
    facts: {
      workload: {
        ...unmanaged,
        namespace: 'legacy',
        kind: 'Pod',
        name: 'memory-demo',
        pods: 1,
        nodes: 1,
        podSpecPath: 'spec',
      },
      podSysctls: { requested: [] },
      sysctlWorkarounds: { containers: [] },
      containerResources: {
        qosClass: 'Burstable',
        observedQosClasses: ['Burstable'],
        corrections: [],
        containers: [
          {
            name: 'memory-demo-ctr',
            kind: 'container',
            ...bare,
            memoryRequest: '300Mi',
            memoryLimit: '300Mi',
            missing: ['cpu request'],
          },
        ],
      },
      hostAccess: noHostAccess,
      podStatuses: {
        rejected: [],
        oomKilled: [
          {
            pod: 'memory-demo',
            node: 'node-4',
            container: 'memory-demo-ctr',
            restarts: 0,
            at: '2026-11-20T10:05:00Z',
            memoryLimit: '300Mi',
          },
        ],
        raises: [
          {
            container: 'memory-demo-ctr',
            from: '300Mi',
            to: '400Mi',
            change:
              '{"containers":[{"name":"memory-demo-ctr","resources":{"limits":{"memory":"400Mi"},"requests":{"memory":"400Mi"}}}]}',
          },
        ],
      },
    },
  },
  {
    identity: {
      kind: 'workloads',
      id: 'legacy/Pod/modify-sysctl',
      name: 'Pod legacy/modify-sysctl',
      namespace: 'legacy',
      pods: 1,
      podNames: ['modify-sysctl'],
      owner: { kind: 'Pod', name: 'modify-sysctl' },
    },
    facts: {
      workload: {
        ...unmanaged,
        namespace: 'legacy',
        kind: 'Pod',
        name: 'modify-sysctl',
        pods: 1,
        nodes: 1,
        podSpecPath: 'spec',
      },
      podSysctls: {
        requested: [
          {
            name: 'kernel.sem',
            value: '10000 1024000000 500 32000',
            category: 'unsafe',
            conflict: '',
            reason: 'namespaced, but refused by a kubelet that does not list it in allowedUnsafeSysctls',
          },
        ],
      },
      sysctlWorkarounds: { containers: [] },
      containerResources: { ...bestEffort, containers: [{ name: 'web', kind: 'container', ...unset }] },
      hostAccess: noHostAccess,
      podStatuses: {
        rejected: [
          {
            pod: 'modify-sysctl',
            node: 'node-5',
            reason: 'SysctlForbidden',
            message: 'Pod was rejected: forbidden sysctl: "kernel.sem" not allowlisted',
          },
        ],
        oomKilled: [],
        raises: [],
      },
    },
  },
]

const payments = [
  {
    identity: {
      kind: 'workloads',
      id: 'payments/Deployment/api',
      name: 'Deployment payments/api',
      labels: { app: 'api' },
      namespace: 'payments',
      pods: 4,
      podNames: ['api-7fb4b74c6d-4cths', 'api-7fb4b74c6d-6dssb', 'api-7fb4b74c6d-cl95n', 'api-7fb4b74c6d-z96rh'],
      owner: { kind: 'Deployment', name: 'api' },
    },
    facts: {
      workload: {
        ...unmanaged,
        namespace: 'payments',
        kind: 'Deployment',
        name: 'api',
        pods: 4,
        nodes: 4,
        podSpecPath: 'spec.template.spec',
      },
      podSysctls: {
        requested: [
          {
            name: 'net.ipv4.ip_local_port_range',
            value: '32768 60999',
            category: 'safe',
            conflict: '',
            reason: 'allowed by default',
          },
        ],
      },
      sysctlWorkarounds: { containers: [] },
      containerResources: {
        qosClass: 'Guaranteed',
        observedQosClasses: ['Guaranteed'],
        corrections: [],
        containers: [
          {
            name: 'api',
            kind: 'container',
            cpuRequest: '250m',
            cpuLimit: '250m',
            memoryRequest: '256Mi',
            memoryLimit: '256Mi',
            missing: [],
            invalid: [],
          },
        ],
      },
      hostAccess: noHostAccess,
      podStatuses: noStatuses,
    },
  },
]

/** What level restricted asks for and containers without a security context do not set, check by check. */
function unsetIn(...containers: readonly string[]): string[] {
  const asked = [
    ['allowPrivilegeEscalation', 'allowPrivilegeEscalation'],
    ['capabilities_restricted', 'capabilities.drop'],
    ['runAsNonRoot', 'runAsNonRoot'],
    ['seccompProfile_restricted', 'seccompProfile.type'],
  ]
  return asked.flatMap(([check, field]) =>
    containers.map((container) => `restricted ${check}: spec.${container}.securityContext.${field}: not set`),
  )
}

const ofLegacy = {
  'legacy/Deployment/liberty': [
    'baseline privileged: spec.initContainers[init-sysctl].securityContext.privileged: true',
    ...unsetIn('initContainers[init-sysctl]', 'containers[websphere-liberty]'),
  ],
  'legacy/Deployment/probe-test': [
    ...unsetIn('containers[test]'),
    'restricted seccompProfile_restricted: spec.containers[istio-proxy].securityContext.seccompProfile.type: not set',
  ],
  'legacy/Pod/memory-demo': unsetIn('containers[memory-demo-ctr]'),
  'legacy/Pod/modify-sysctl': [
    'baseline sysctls: spec.securityContext.sysctls[kernel.sem]: 10000 1024000000 500 32000',
    ...unsetIn('containers[web]'),
  ],
}
const ofPayments = { 'payments/Deployment/api': [] }

describe.skipIf(!isPresent)('recorded cluster', () => {
  const evidence = isPresent ? readEvidence() : buildEvidence({})
  const workloads = deriveWorkloadUnits(evidence, version)
  const bindings = deriveAccessUnits(evidence).bindings

  it.each([
    ['legacy', legacy],
    ['payments', payments],
  ])('workloads of %s', (namespace, expected) => {
    const found = workloads.filter(({ identity }) => identity.namespace === namespace)
    const others = found.map(
      ({
        identity,
        facts: {
          containerSecurity: _,
          podSecurity: __,
          probes: ___,
          images: ____,
          secretVariables: _____,
          deviceUse: _______,
          securityContexts: ________,
          insecurePulls: ______,
          ...rest
        },
      }) => ({
        identity,
        facts: rest,
      }),
    )
    expect(others).toEqual(expected)
  })

  it.each([
    ['legacy', ofLegacy],
    ['payments', ofPayments],
  ])('what Pod Security says of the workloads of %s', (namespace, expected) => {
    const found = workloads
      .filter(({ identity }) => identity.namespace === namespace)
      .map(({ identity, facts: { podSecurity } }) => [
        identity.id,
        podSecurity !== undefined && 'violations' in podSecurity
          ? podSecurity.violations.map(({ level, check, path, value }) => `${level} ${check}: ${path}: ${value}`)
          : podSecurity,
      ])
    expect(Object.fromEntries(found)).toEqual(expected)
  })

  it('what there is to say of the probes and images of both namespaces', () => {
    const found = workloads
      .filter(({ identity }) => ['legacy', 'payments'].includes(identity.namespace ?? ''))
      .flatMap(({ identity, facts: { probes, images } }) => [
        ...(probes !== undefined && 'probes' in probes ? probes.probes : []).map(
          ({ kind, target, isBlind, problems }) =>
            `${identity.id}: ${JSON.stringify([kind, target, isBlind, problems].map((one) => (typeof one === 'object' && 'value' in one ? one.value : one)))}`,
        ),
        ...(images !== undefined && 'images' in images ? images.images : []).map(
          ({ registry, repository, movingTag }) => `${identity.id}: ${registry}/${repository} ${movingTag}`,
        ),
      ])
    const untagged = 'no tag, which means latest'
    expect(found).toEqual([
      `legacy/Deployment/liberty: /busybox ${untagged}`,
      `legacy/Deployment/liberty: /websphere-liberty ${untagged}`,
      'legacy/Deployment/probe-test: ["liveness","tcpSocket port 80",true,[]]',
      'legacy/Deployment/probe-test: ["readiness","tcpSocket port 80",true,[]]',
      'legacy/Deployment/probe-test: /nginx tag latest',
      'legacy/Deployment/probe-test: docker.io/istio/proxyv2 ',
      `legacy/Pod/memory-demo: /polinux/stress ${untagged}`,
      `legacy/Pod/modify-sysctl: /nginx ${untagged}`,
      'payments/Deployment/api: ["liveness","httpGet /live port 8080",false,[]]',
      'payments/Deployment/api: ["readiness","httpGet /ready port 8080",false,[]]',
      'payments/Deployment/api: registry.internal.example/payments/api ',
    ])
  })

  it('every pod stands behind exactly one unit', () => {
    expect(workloads.reduce((sum, { identity }) => sum + (identity.pods ?? 0), 0)).toBe(62)
    expect(new Set(workloads.map(({ identity }) => identity.id)).size).toBe(workloads.length)
  })

  it('computes the QoS class that the API server computed, of every workload with pods', () => {
    const classes = workloads
      .filter(({ identity }) => identity.pods !== 0)
      .map(({ facts: { containerResources } }) => containerResources)
      .map((fact) => (fact !== undefined && 'qosClass' in fact ? [[fact.qosClass], fact.observedQosClasses] : []))
    expect(classes).toHaveLength(32)
    expect(classes.filter(([computed, observed]) => JSON.stringify(computed) !== JSON.stringify(observed))).toEqual([])
  })

  it('static pods are one unit per component', () => {
    const ids = workloads
      .filter(({ identity }) => identity.id.includes('/StaticPod/'))
      .map(({ identity }) => [identity.id, identity.pods])
    expect(ids).toEqual([
      ['kube-system/StaticPod/etcd', 3],
      ['kube-system/StaticPod/kube-apiserver', 3],
      ['kube-system/StaticPod/kube-controller-manager', 3],
      ['kube-system/StaticPod/kube-scheduler', 3],
    ])
  })

  it('workloads that change sysctls themselves, are rejected or killed', () => {
    const named = workloads.flatMap(({ identity, facts: { sysctlWorkarounds: w, podStatuses: s } }) => [
      ...(w !== undefined && 'containers' in w ? w.containers.map(({ name }) => `${identity.id} ${name}`) : []),
      ...(s !== undefined && 'rejected' in s
        ? [...s.rejected, ...s.oomKilled].map(({ pod }) => `${identity.id} ${pod}`)
        : []),
    ])
    expect(named).toEqual([
      'legacy/Deployment/liberty init-sysctl',
      'legacy/Pod/memory-demo memory-demo',
      'legacy/Pod/modify-sysctl modify-sysctl',
    ])
  })

  it('namespaces', () => {
    const wanted = new Set(['legacy', 'payments'])
    const units = deriveNamespaceUnits(evidence).filter(({ identity }) => wanted.has(identity.namespace ?? ''))
    const none = { isSystem: false, limitRanges: [], resourceQuotas: [] }
    expect(units.map((unit) => unit.facts.namespacePolicies)).toEqual([
      { ...none, name: 'legacy', pods: 7, podSecurityEnforce: '' },
      { ...none, name: 'payments', pods: 4, podSecurityEnforce: 'restricted' },
    ])
  })

  it('bindings that grant everything, and those of shared subjects that are not built in', () => {
    const telling = bindings.flatMap(({ facts: { roleBinding: b } }) => {
      if (b === undefined || 'unavailable' in b) return []
      return b.grantsEverything || (!b.isBuiltIn && b.subjects.some(({ isShared }) => isShared)) ? [b] : []
    })
    const clusterWide = { kind: 'ClusterRoleBinding', namespace: '', roleKind: 'ClusterRole', tokenRemoval: '[]' }
    expect(telling).toEqual([
      {
        ...clusterWide,
        name: 'ci-admin',
        roleName: 'cluster-admin',
        grantsEverything: true,
        isBuiltIn: false,
        subjects: [
          { kind: 'ServiceAccount', name: 'default', namespace: 'legacy', isShared: true, isBootstrapToken: false },
        ],
      },
      {
        ...clusterWide,
        name: 'cluster-admin',
        roleName: 'cluster-admin',
        grantsEverything: true,
        isBuiltIn: true,
        subjects: [{ kind: 'Group', name: 'system:masters', namespace: '', isShared: false, isBootstrapToken: false }],
      },
      {
        ...clusterWide,
        name: 'somaxconn-clusterrolebinding',
        roleName: 'somaxconn-clusterrole',
        grantsEverything: false,
        isBuiltIn: false,
        subjects: [
          {
            kind: 'Group',
            name: 'system:serviceaccounts:legacy',
            namespace: '',
            isShared: true,
            isBootstrapToken: false,
          },
        ],
      },
    ])
  })

  it('every fact has the shape that rules are checked against', () => {
    const units = [...workloads, ...deriveNamespaceUnits(evidence), ...bindings]
    const names = [
      'workload',
      'podSysctls',
      'sysctlWorkarounds',
      'containerResources',
      'hostAccess',
      'containerSecurity',
      'podSecurity',
      'podStatuses',
      'namespacePolicies',
      'roleBinding',
    ] as const
    const wrong = units.flatMap((unit) =>
      names.filter((name) => unit.facts[name] !== undefined && !facts[name].schema.safeParse(unit.facts[name]).success),
    )
    expect(wrong).toEqual([])
  })
})
