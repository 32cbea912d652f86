// Which units there are, what they are called and how many pods stand behind each.
import { describe, expect, it } from 'vitest'
import { deriveWorkloadUnits } from '../../../../src/derive/workloads/index.ts'
import { unavailable } from '../../../../src/model/fact.ts'
import type { PodObject } from '../../../../src/model/objects.ts'
import type { PodTemplate } from '../../../../src/model/pod.ts'
import {
  buildEvidence,
  container,
  controller,
  type EvidenceParts,
  forbidden,
  manifests,
  pod,
  spec,
  template,
  version,
} from './evidence-builder.ts'

const derive = (parts: EvidenceParts) => deriveWorkloadUnits(buildEvidence(parts), version)
/** [id, name, pods, pod names] of every unit. */
const outline = (parts: EvidenceParts) =>
  derive(parts).map(({ identity: { id, name, pods, podNames } }) => [id, name, pods, podNames])
const ownedBy = (kind: string, name: string, parts: Partial<PodObject> = {}): Partial<PodObject> => ({
  owner: { kind, name },
  ...parts,
})
const owner = (kind: string, name: string) => ({ owner: { kind, name } })
const t = template('t')

describe('top-level owner', () => {
  it.each<[string, EvidenceParts['objects'], unknown[]]>([
    ['a bare pod', { pods: [pod('one', 't')] }, [['shop/Pod/one', 'Pod shop/one', 1, ['one']]]],
    [
      'Pod → ReplicaSet → Deployment',
      {
        pods: [
          pod('cart-1-b', 't', ownedBy('ReplicaSet', 'cart-1')),
          pod('cart-1-a', 't', ownedBy('ReplicaSet', 'cart-1')),
        ],
        replicasets: [controller('ReplicaSet', 'cart-1', 'rs', owner('Deployment', 'cart'))],
        deployments: [controller('Deployment', 'cart', 'd')],
      },
      [['shop/Deployment/cart', 'Deployment shop/cart', 2, ['cart-1-a', 'cart-1-b']]],
    ],
    [
      'Pod → Job → CronJob, runs of several days',
      {
        pods: [
          pod('back-1-x', 't', ownedBy('Job', 'back-1', { phase: 'Succeeded' })),
          pod('back-2-x', 't', ownedBy('Job', 'back-2')),
        ],
        jobs: [
          controller('Job', 'back-1', 'j', owner('CronJob', 'back')),
          controller('Job', 'back-2', 'j', owner('CronJob', 'back')),
        ],
        cronjobs: [controller('CronJob', 'back', 'c')],
      },
      [['shop/CronJob/back', 'CronJob shop/back', 2, ['back-1-x', 'back-2-x']]],
    ],
    [
      'a Job of nobody, pods gone',
      { jobs: [controller('Job', 'migrate', 't')] },
      [['shop/Job/migrate', 'Job shop/migrate', 0, []]],
    ],
    [
      'StatefulSet, DaemonSet, ReplicationController',
      {
        pods: [
          pod('db-0', 't', ownedBy('StatefulSet', 'db')),
          pod('log-x', 't', ownedBy('DaemonSet', 'log')),
          pod('old-x', 't', ownedBy('ReplicationController', 'old')),
        ],
        statefulsets: [controller('StatefulSet', 'db', 's')],
        daemonsets: [controller('DaemonSet', 'log', 's')],
        replicationcontrollers: [controller('ReplicationController', 'old', 's')],
      },
      [
        ['shop/DaemonSet/log', 'DaemonSet shop/log', 1, ['log-x']],
        ['shop/ReplicationController/old', 'ReplicationController shop/old', 1, ['old-x']],
        ['shop/StatefulSet/db', 'StatefulSet shop/db', 1, ['db-0']],
      ],
    ],
    [
      'an owner of another kind through a ReplicaSet, old revisions ignored',
      {
        pods: [pod('r-2-x', 't', ownedBy('ReplicaSet', 'r-2'))],
        replicasets: [
          controller('ReplicaSet', 'r-1', 'old', owner('Rollout', 'r')),
          controller('ReplicaSet', 'r-2', 't', owner('Rollout', 'r')),
        ],
      },
      [['shop/Rollout/r', 'Rollout shop/r', 1, ['r-2-x']]],
    ],
    [
      'an owner of another kind',
      { pods: [pod('spark-x', 't', ownedBy('SparkApplication', 'spark'))] },
      [['shop/SparkApplication/spark', 'SparkApplication shop/spark', 1, ['spark-x']]],
    ],
    [
      'Pod → ReplicationController → DeploymentConfig',
      {
        pods: [pod('web-2-x', 't', ownedBy('ReplicationController', 'web-2'))],
        replicationcontrollers: [
          controller('ReplicationController', 'web-1', 'd', owner('DeploymentConfig', 'web')),
          controller('ReplicationController', 'web-2', 't', owner('DeploymentConfig', 'web')),
        ],
      },
      [['shop/DeploymentConfig/web', 'DeploymentConfig shop/web', 1, ['web-2-x']]],
    ],
    [
      'a manifest without a namespace',
      { deployments: [controller('Deployment', 'cart', 't', { namespace: undefined })] },
      [['Deployment/cart', 'Deployment cart', 0, []]],
    ],
    [
      'an operator above a known kind is not followed',
      {
        pods: [pod('prom-0', 't', ownedBy('StatefulSet', 'prom'))],
        statefulsets: [controller('StatefulSet', 'prom', 's', owner('Prometheus', 'k8s'))],
      },
      [['shop/StatefulSet/prom', 'StatefulSet shop/prom', 1, ['prom-0']]],
    ],
    [
      'same names in two namespaces',
      {
        pods: [
          pod('x', 't', ownedBy('DaemonSet', 'log')),
          pod('x', 't', ownedBy('DaemonSet', 'log', { namespace: 'infra' })),
        ],
      },
      [
        ['infra/DaemonSet/log', 'DaemonSet infra/log', 1, ['x']],
        ['shop/DaemonSet/log', 'DaemonSet shop/log', 1, ['x']],
      ],
    ],
    [
      'a few names of many',
      { pods: ['g', 'b', 'f', 'a', 'e', 'd', 'c'].map((name) => pod(name, 't', ownedBy('DaemonSet', 'log'))) },
      [['shop/DaemonSet/log', 'DaemonSet shop/log', 7, ['a', 'b', 'c', 'd', 'e']]],
    ],
  ])('%s', (_, objects = {}, expected) => {
    expect(outline({ objects, templates: [t, template('s'), template('d'), template('c')] })).toEqual(expected)
  })

  it('is the newest ReplicaSet of an unlisted owner where none has pods', () => {
    const replicasets = [
      controller('ReplicaSet', 'r-1', 'old', { ...owner('Rollout', 'r'), creationTimestamp: '2026-01-01T00:00:00Z' }),
      controller('ReplicaSet', 'r-2', 'new', { ...owner('Rollout', 'r'), creationTimestamp: '2026-02-01T00:00:00Z' }),
      controller('ReplicaSet', 'r-3', 'old', { ...owner('Rollout', 'r'), creationTimestamp: '2026-01-15T00:00:00Z' }),
    ]
    const sysctls = [{ name: 'vm.x', value: '1' }]
    const templates = [template('old'), { id: 'new', spec: spec({ securityContext: { sysctls } }) }]
    for (const list of [replicasets, replicasets.toReversed()]) {
      expect(derive({ objects: { replicasets: list }, templates })).toMatchObject([
        { identity: { id: 'shop/Rollout/r', pods: 0 }, facts: { podSysctls: { requested: [{ name: 'vm.x' }] } } },
      ])
    }
  })
})

describe('static pods', () => {
  const mirror = (component: string, node: string, templateId: string) =>
    pod(`${component}-${node}`, templateId, {
      namespace: 'kube-system',
      isMirror: true,
      nodeName: node,
      owner: { kind: 'Node', name: node },
    })
  const identities = (pods: PodObject[]) =>
    derive({ objects: { pods }, templates: [t, template('u', 'app:2')] }).map(({ identity }) => identity)

  it('are one unit while all nodes have the same', () => {
    expect(identities([mirror('etcd', 'cp-2', 't'), mirror('etcd', 'cp-1', 't'), mirror('dns', 'cp-1', 't')])).toEqual([
      {
        kind: 'workloads',
        id: 'kube-system/StaticPod/dns',
        name: 'StaticPod kube-system/dns',
        namespace: 'kube-system',
        node: 'cp-1',
        pods: 1,
        podNames: ['dns-cp-1'],
        owner: { kind: 'StaticPod', name: 'dns' },
      },
      {
        kind: 'workloads',
        id: 'kube-system/StaticPod/etcd',
        name: 'StaticPod kube-system/etcd',
        namespace: 'kube-system',
        pods: 2,
        podNames: ['etcd-cp-1', 'etcd-cp-2'],
        owner: { kind: 'StaticPod', name: 'etcd' },
      },
    ])
  })

  it('are told apart by node where their files differ', () => {
    expect(
      identities([mirror('etcd', 'cp-3', 't'), mirror('etcd', 'cp-2', 'u'), mirror('etcd', 'cp-1', 't')]),
    ).toMatchObject([
      { id: 'kube-system/StaticPod/etcd', name: 'StaticPod kube-system/etcd', pods: 2 },
      { id: 'kube-system/StaticPod/etcd@cp-2', name: 'StaticPod kube-system/etcd on cp-2', pods: 1, node: 'cp-2' },
    ])
    expect(identities([mirror('etcd', 'cp-2', 'u'), mirror('etcd', 'cp-1', 't')]).map(({ id }) => id)).toEqual([
      'kube-system/StaticPod/etcd@cp-1',
      'kube-system/StaticPod/etcd@cp-2',
    ])
  })

  it.each([
    ['all alike', { 'cp-1': 't', 'cp-2': 't', 'cp-3': 't' }],
    ['the first differs', { 'cp-1': 'u', 'cp-2': 't', 'cp-3': 't' }],
    ['the first is gone', { 'cp-2': 't', 'cp-3': 't' }],
    ['the first is replaced', { 'cp-2': 't', 'cp-3': 't', 'cp-4': 't' }],
    ['one more, which differs', { 'cp-1': 't', 'cp-2': 't', 'cp-3': 't', 'cp-0': 'u' }],
  ])('keep the plain name on the nodes that did not change: %s', (_name, nodes) => {
    const pods = Object.entries(nodes).map(([node, templateId]) => mirror('etcd', node, templateId))
    for (const list of [pods, pods.toReversed()]) {
      const plain = identities(list).find(({ id }) => id === 'kube-system/StaticPod/etcd')
      expect(plain?.podNames).toEqual(expect.arrayContaining(['etcd-cp-2', 'etcd-cp-3']))
    }
  })

  it('are the same when their mirrors are made again', () => {
    const before = identities([mirror('etcd', 'cp-1', 't')])
    const again = { ...mirror('etcd', 'cp-1', 't'), uid: 'another', creationTimestamp: '2026-11-25T00:00:00Z' }
    expect(identities([again])).toEqual(before)
  })

  it('have the name of a node in theirs once, also where the manifest already has it', () => {
    expect(identities([mirror('etcd-cp-1', 'cp-1', 't')]).map(({ id }) => id)).toEqual([
      'kube-system/StaticPod/etcd-cp-1',
    ])
  })

  it('are numbered where a node has two of one name, which only files can say', () => {
    expect(identities([mirror('etcd', 'cp-1', 'u'), mirror('etcd', 'cp-1', 't')]).map(({ id }) => id)).toEqual([
      'kube-system/StaticPod/etcd',
      'kube-system/StaticPod/etcd#2',
    ])
  })

  it('keep a name that does not end in the node', () => {
    expect(
      identities([pod('odd', 't', { isMirror: true }), pod('-n1', 't', { isMirror: true })]).map(({ id }) => id),
    ).toEqual(['shop/StaticPod/-n1', 'shop/StaticPod/odd'])
  })
})

it('owners of one name in several files are all units, in any order', () => {
  const set = { templates: [template('t'), template('a', 'app:a'), template('b', 'app:b')], source: manifests }
  const defined = ['b', 't', 'a', 'b'].map((id) => controller('Deployment', 'cart', id))
  const expected = [
    ['shop/Deployment/cart', 'Deployment shop/cart', 0, []],
    ['shop/Deployment/cart#2', 'Deployment shop/cart (defined again #2)', 0, []],
    ['shop/Deployment/cart#3', 'Deployment shop/cart (defined again #3)', 0, []],
  ]
  expect(outline({ ...set, objects: { deployments: defined } })).toEqual(expected)
  expect(outline({ ...set, objects: { deployments: defined.toReversed() } })).toEqual(expected)
})

describe('several templates of one owner', () => {
  const made = (name: string, templateId: string, creationTimestamp: string): PodObject =>
    pod(name, templateId, { ...ownedBy('DaemonSet', 'log'), creationTimestamp })
  const daemonsets = [controller('DaemonSet', 'log', 'own')]
  const withToken = (id: string, image: string, parts: Partial<PodTemplate['spec']> = {}): PodTemplate => ({
    id,
    spec: spec({
      containers: [container({ image, volumeMounts: [{ name: 'kube-api-access', mountPath: '/var/run/secrets' }] })],
      serviceAccountName: 'default',
      volumes: [{ name: 'kube-api-access', type: 'projected' }],
      ...parts,
    }),
  })
  const own = template('own', 'app:2')
  const templates = [own, withToken('new', 'app:2'), withToken('old', 'app:1'), withToken('older', 'app:0')]
  const names = (pods: PodObject[], set = templates) =>
    outline({ objects: { pods, daemonsets }, templates: set }).map(([id, name, count]) => [id, name, count])

  const rollout = [
    made('a', 'old', '2026-01-01'),
    made('b', 'old', '2026-01-01'),
    made('c', 'new', '2026-01-02'),
    made('d', 'older', '2025-01-01'),
  ]
  it('in a roll-out the owner’s own is the plain one, in any order', () => {
    const expected = [
      ['shop/DaemonSet/log', 'DaemonSet shop/log', 1],
      ['shop/DaemonSet/log#2', 'DaemonSet shop/log (older template #2)', 2],
      ['shop/DaemonSet/log#3', 'DaemonSet shop/log (older template #3)', 1],
    ]
    expect(names(rollout)).toEqual(expected)
    expect(names(rollout.toReversed())).toEqual(expected)
  })

  it('a debugging container is another template of the same age', () => {
    const debugged = withToken('debug', 'app:2', {
      containers: [container({ image: 'app:2' }), container({ name: 'debug', kind: 'ephemeral' })],
    })
    const pods = [made('a', 'debug', '2026-01-03'), made('b', 'new', '2026-01-01'), made('c', 'new', '2026-01-01')]
    expect(names(pods, [own, withToken('new', 'app:2'), debugged])).toEqual([
      ['shop/DaemonSet/log', 'DaemonSet shop/log', 2],
      ['shop/DaemonSet/log#2', 'DaemonSet shop/log (other template #2)', 1],
    ])
  })

  it('where none matches, the newest pods have the plain one', () => {
    const pods = [made('a', 'old', '2026-01-01'), made('b', 'old', '2026-01-01'), made('c', 'older', '2026-01-02')]
    expect(names(pods)).toEqual([
      ['shop/DaemonSet/log', 'DaemonSet shop/log', 1],
      ['shop/DaemonSet/log#2', 'DaemonSet shop/log (other template #2)', 2],
    ])
  })
})

describe('lists that are missing or partial', () => {
  const objects: EvidenceParts['objects'] = {
    pods: [pod('cart-1-a', 't', ownedBy('ReplicaSet', 'cart-1')), pod('bare', 't')],
    deployments: [controller('Deployment', 'cart', 't'), controller('Deployment', 'idle', 't')],
    replicasets: [controller('ReplicaSet', 'cart-1', 't', owner('Deployment', 'cart'))],
    statefulsets: [controller('StatefulSet', 'db', 't')],
  }
  /** Per unit: pods, and which of workload, containerResources, podStatuses are unavailable. */
  const state = (parts: EvidenceParts) =>
    Object.fromEntries(
      derive({ objects, templates: [t], ...parts }).map(({ identity, facts }) => [
        identity.id,
        [
          identity.pods,
          ...(['workload', 'containerResources', 'podStatuses'] as const).filter(
            (name) => facts[name] !== undefined && 'unavailable' in facts[name],
          ),
        ],
      ]),
    )

  it('none', () => {
    expect(state({})).toEqual({
      'shop/Deployment/cart': [1],
      'shop/Deployment/idle': [0],
      'shop/Pod/bare': [1],
      'shop/StatefulSet/db': [0],
    })
  })

  it('pods partial: what was seen counts, but nothing says that was all', () => {
    expect(state({ gaps: { pods: forbidden } })).toEqual({
      'shop/Deployment/cart': [1, 'podStatuses'],
      'shop/Deployment/idle': [undefined, 'workload', 'containerResources', 'podStatuses'],
      'shop/Pod/bare': [1],
      'shop/StatefulSet/db': [undefined, 'workload', 'containerResources', 'podStatuses'],
    })
  })

  it('ReplicaSets missing: pods stay with the one they name', () => {
    expect(state({ objects: { ...objects, replicasets: [] }, gaps: { replicasets: forbidden } })).toEqual({
      'shop/Deployment/cart': [undefined, 'workload', 'containerResources', 'podStatuses'],
      'shop/Deployment/idle': [undefined, 'workload', 'containerResources', 'podStatuses'],
      'shop/Pod/bare': [1],
      'shop/ReplicaSet/cart-1': [1],
      'shop/StatefulSet/db': [0],
    })
  })

  it('Deployments missing: the ReplicaSet names its owner', () => {
    expect(state({ objects: { ...objects, deployments: [] }, gaps: { deployments: forbidden } })).toEqual({
      'shop/Deployment/cart': [1],
      'shop/Pod/bare': [1],
      'shop/StatefulSet/db': [0],
    })
  })

  it('nothing at all: no units, no crash', () => {
    expect(derive({ gaps: { pods: 'not asked', deployments: forbidden } })).toEqual([])
  })

  it('gives the reason of the list', () => {
    const units = derive({
      objects: { deployments: [controller('Deployment', 'idle', 't')] },
      templates: [t],
      gaps: { pods: 'not asked' },
    })
    const reason = unavailable('not-collected', 'The snapshot does not hold the list of pods.')
    const { workload, containerResources, podStatuses } = units[0]?.facts ?? {}
    expect([workload, containerResources, podStatuses]).toEqual([reason, reason, reason])
    expect(units[0]?.facts.hostAccess).toMatchObject({ hostNetwork: false })
  })

  it('a template that the snapshot lacks leaves the facts open', () => {
    const reason = unavailable('malformed', 'The snapshot names pod template gone but does not hold it.')
    expect(derive({ objects: { pods: [pod('a', 'gone')] } })).toMatchObject([
      {
        facts: {
          workload: { pods: 1 },
          podSysctls: reason,
          sysctlWorkarounds: reason,
          containerResources: reason,
          hostAccess: reason,
          containerSecurity: reason,
          podSecurity: reason,
          podStatuses: reason,
        },
      },
    ])
  })
})

describe('manifests', () => {
  const noStatus = unavailable('not-collected', 'Manifest files do not tell what happened to pods.')
  const objects = {
    deployments: [controller('Deployment', 'cart', 't')],
    pods: [
      { name: 'plain', namespace: 'shop', template: 't' },
      pod('exported', 't', { phase: 'Failed', reason: 'SysctlForbidden', message: 'm' }),
    ],
  }
  it('tell everything but what happened to pods', () => {
    const units = derive({ objects, templates: [t], source: manifests, gaps: { pods: forbidden } })
    expect(units.map(({ identity, facts }) => [identity.id, identity.pods, facts.podStatuses])).toEqual([
      ['shop/Deployment/cart', 0, noStatus],
      [
        'shop/Pod/exported',
        1,
        {
          rejected: [{ pod: 'exported', node: 'n1', reason: 'SysctlForbidden', message: 'm' }],
          oomKilled: [],
          raises: [],
        },
      ],
      ['shop/Pod/plain', 1, noStatus],
    ])
    expect(units[0]?.facts.containerResources).toMatchObject({ qosClass: 'BestEffort', observedQosClasses: [] })
  })
})

describe('workload', () => {
  const labelled: PodTemplate = { ...t, labels: { 'app.kubernetes.io/managed-by': 'Helm' } }
  it.each<[string, EvidenceParts['objects'], object]>([
    [
      'counts pods and nodes',
      {
        pods: [
          pod('a', 't', ownedBy('DaemonSet', 'log')),
          pod('b', 't', ownedBy('DaemonSet', 'log', { nodeName: 'n2' })),
          pod('c', 't', { ...ownedBy('DaemonSet', 'log'), nodeName: undefined }),
        ],
        daemonsets: [controller('DaemonSet', 'log', 't', { managedBy: 'Flux kustomization infra' })],
      },
      {
        kind: 'DaemonSet',
        name: 'log',
        pods: 3,
        nodes: 2,
        managedBy: 'Flux kustomization infra',
        podSpecPath: 'spec.template.spec',
      },
    ],
    [
      'asks the pods’ label otherwise',
      { pods: [pod('a', 't')] },
      { kind: 'Pod', name: 'a', pods: 1, nodes: 1, managedBy: 'Helm', podSpecPath: 'spec' },
    ],
    [
      'a CronJob',
      { cronjobs: [controller('CronJob', 'back', 't')] },
      {
        kind: 'CronJob',
        name: 'back',
        pods: 0,
        nodes: 0,
        managedBy: 'Helm',
        podSpecPath: 'spec.jobTemplate.spec.template.spec',
      },
    ],
    [
      'a kind nobody knows here',
      { pods: [pod('a', 't', ownedBy('Workflow', 'w'))] },
      { kind: 'Workflow', name: 'w', pods: 1, nodes: 1, managedBy: 'Helm', podSpecPath: '' },
    ],
    [
      'a static pod',
      { pods: [pod('a-n1', 't', { isMirror: true })] },
      { kind: 'StaticPod', name: 'a', isStaticPod: true, pods: 1, nodes: 1, managedBy: 'Helm', podSpecPath: 'spec' },
    ],
  ])('%s', (_, objects = {}, expected) => {
    expect(derive({ objects, templates: [labelled] })[0]?.facts.workload).toEqual({
      namespace: 'shop',
      isStaticPod: false,
      ...expected,
    })
  })
})

it('observes the QoS classes of its pods', () => {
  const qos = (name: string, qosClass: string | undefined) =>
    pod(name, 't', { ...ownedBy('DaemonSet', 'log'), qosClass })
  const pods = [qos('a', 'Guaranteed'), qos('b', 'BestEffort'), qos('c', 'Guaranteed'), qos('d', undefined)]
  expect(derive({ objects: { pods }, templates: [t] })[0]?.facts.containerResources).toMatchObject({
    qosClass: 'BestEffort',
    observedQosClasses: ['BestEffort', 'Guaranteed'],
  })
})

it('derives a shared template once', () => {
  const [a, b] = derive({ objects: { pods: [pod('a', 't'), pod('b', 't')] }, templates: [t] })
  expect(a?.facts.hostAccess).toBe(b?.facts.hostAccess)
})
