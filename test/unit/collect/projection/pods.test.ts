import { describe, expect, it } from 'vitest'
import { projectObject } from '../../../../src/collect/projection/index.ts'
import { podObjectSchema } from '../../../../src/model/objects.ts'
import { podTemplateSchema } from '../../../../src/model/pod.ts'
import { type EvidenceRecord, evidenceRecordSchema } from '../../../../src/model/snapshot.ts'

function project(raw: unknown, family: Parameters<typeof projectObject>[0] = 'pods', known = new Set<string>()) {
  const records: EvidenceRecord[] = []
  const problem = projectObject(family, raw, known, (record) => records.push(record))
  const template = records.find((record) => record.record === 'template')?.template
  const object = records.find((record) => record.record === 'object')?.object
  return { problem, template, object, records }
}

const metadata = { name: 'web-0', namespace: 'shop' }
const pod = (spec: object, more: object = {}) => ({ metadata, spec: { containers: [{ name: 'c' }], ...spec }, ...more })
const specOf = (spec: object) => project(pod(spec)).template?.spec
const containerOf = (container: object) => specOf({ containers: [{ name: 'c', ...container }] })?.containers[0]

describe('a whole pod', () => {
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'u1', controller: true }
  const raw = {
    metadata: {
      ...metadata,
      uid: 'p1',
      creationTimestamp: '2026-11-20T10:00:00Z',
      labels: { app: 'web', 'statefulset.kubernetes.io/pod-name': 'web-0', 'apps.kubernetes.io/pod-index': '0' },
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': '{"secret":"hunter2"}',
        'sidecar.istio.io/rewriteAppHTTPProbers': 'false',
        'traffic.sidecar.istio.io/excludeInboundPorts': '8080',
        'container.apparmor.security.beta.kubernetes.io/c': 'unconfined',
      },
      ownerReferences: [{ ...owner, controller: false, name: 'other' }, owner],
      managedFields: [{ manager: 'x' }],
    },
    spec: {
      nodeName: 'node-1',
      serviceAccountName: 'web',
      automountServiceAccountToken: false,
      hostNetwork: true,
      hostUsers: false,
      shareProcessNamespace: true,
      os: { name: 'linux' },
      runtimeClassName: 'kata',
      priorityClassName: 'high',
      restartPolicy: 'Always',
      securityContext: {
        runAsUser: 0,
        runAsNonRoot: false,
        supplementalGroups: [5],
        seLinuxOptions: { type: 'spc_t' },
        seccompProfile: { type: 'Localhost', localhostProfile: 'p.json' },
        windowsOptions: { hostProcess: true, gmsaCredentialSpec: 'secret' },
        sysctls: [{ name: 'kernel.sem', value: '1 2 3 4' }],
      },
      initContainers: [
        { name: 'i', image: 'busybox', restartPolicy: 'Always', command: ['sh', '-c', 'sysctl -w a=1'] },
      ],
      ephemeralContainers: [{ name: 'e', targetContainerName: 'c' }],
      containers: [
        {
          name: 'c',
          image: 'nginx:1',
          args: ['--token=abcdef', '--port=80'],
          ports: [{ name: 'http', containerPort: 80, hostPort: 8080, hostIP: '0.0.0.0', protocol: 'TCP' }],
          env: [
            { name: 'PASSWORD', value: 'hunter2' },
            { name: 'EMPTY' },
            { name: 'S', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
            { name: 'M', valueFrom: { configMapKeyRef: { name: 'conf', key: 'k' } } },
            { name: 'F', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'R', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
            { name: 'N', valueFrom: { somethingNewRef: { name: 'x' } } },
          ],
          envFrom: [{ secretRef: { name: 'all' } }, { prefix: 'P_', configMapRef: { name: 'conf' } }],
          resources: { requests: { cpu: 1, memory: '1Gi' }, limits: { 'nvidia.com/gpu': 1 } },
          securityContext: {
            privileged: true,
            allowPrivilegeEscalation: true,
            readOnlyRootFilesystem: false,
            procMount: 'Unmasked',
            capabilities: { add: ['SYS_ADMIN'], drop: [] },
            appArmorProfile: { type: 'Unconfined' },
          },
          volumeMounts: [
            { name: 'data', mountPath: '/data', mountPropagation: 'Bidirectional', subPath: 's' },
            { name: 'kube-api-access-x7k2p', mountPath: '/var/run/secrets', readOnly: true },
          ],
          livenessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 5, terminationGracePeriodSeconds: 1 },
          readinessProbe: {
            httpGet: {
              path: '/ok?token=hunter2&b',
              port: 8080,
              host: '10.0.0.1',
              httpHeaders: [{ name: 'A', value: 'hunter2' }],
            },
            timeoutSeconds: 3,
          },
          startupProbe: { exec: { command: ['sh', '-c', 'curl -H hunter2'] }, failureThreshold: 30 },
          lifecycle: { preStop: { httpGet: { host: 'evil', port: 1 } }, postStart: { sleep: { seconds: 1 } } },
        },
      ],
      volumes: [
        { name: 'data', persistentVolumeClaim: { claimName: 'data-web-0' } },
        { name: 'host', hostPath: { path: '/etc', type: '' } },
        { name: 'sec', secret: { secretName: 's' } },
        { name: 'kube-api-access-x7k2p', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
        { name: 'none' },
      ],
      resources: { limits: { cpu: '2' } },
      nodeSelector: { a: 'b' },
      tolerations: [{ operator: 'Exists' }],
    },
    status: {
      phase: 'Failed',
      reason: 'SysctlForbidden',
      message: `token=hunter2 ${'x'.repeat(600)}`,
      qosClass: 'Burstable',
      initContainerStatuses: [
        { name: 'i', restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } },
      ],
      containerStatuses: [
        {
          name: 'c',
          restartCount: 7,
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'hunter2' } },
          lastState: {
            terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: '2026-11-20T09:00:00Z', message: 'm' },
          },
        },
      ],
    },
  }
  const { problem, template, object } = project(raw)

  it('keeps what rules need and names its template', () => {
    expect(problem).toBeUndefined()
    expect(object).toEqual({
      name: 'web-0',
      namespace: 'shop',
      uid: 'p1',
      creationTimestamp: '2026-11-20T10:00:00Z',
      labels: { 'statefulset.kubernetes.io/pod-name': 'web-0', 'apps.kubernetes.io/pod-index': '0' },
      owner: { kind: 'StatefulSet', name: 'web', uid: 'u1' },
      template: template?.id,
      nodeName: 'node-1',
      phase: 'Failed',
      reason: 'SysctlForbidden',
      message: `token=<redacted> ${'x'.repeat(483)}`,
      qosClass: 'Burstable',
      containerStatuses: [
        { name: 'i', restartCount: 0, terminated: { reason: 'Completed', exitCode: 0 } },
        {
          name: 'c',
          restartCount: 7,
          waiting: 'CrashLoopBackOff',
          lastTerminated: { reason: 'OOMKilled', exitCode: 137, finishedAt: '2026-11-20T09:00:00Z' },
        },
      ],
    })
  })

  it('keeps the shape in the template', () => {
    expect(template).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      labels: { app: 'web' },
      annotations: {
        'container.apparmor.security.beta.kubernetes.io/c': 'unconfined',
        'sidecar.istio.io/rewriteAppHTTPProbers': 'false',
        'traffic.sidecar.istio.io/excludeInboundPorts': '8080',
      },
      spec: {
        serviceAccountName: 'web',
        automountServiceAccountToken: false,
        hostNetwork: true,
        hostUsers: false,
        shareProcessNamespace: true,
        os: 'linux',
        runtimeClassName: 'kata',
        priorityClassName: 'high',
        restartPolicy: 'Always',
        securityContext: {
          runAsUser: 0,
          runAsNonRoot: false,
          supplementalGroups: [5],
          seLinuxOptions: { type: 'spc_t' },
          seccompProfile: { type: 'Localhost', localhostProfile: 'p.json' },
          windowsOptions: { hostProcess: true },
          sysctls: [{ name: 'kernel.sem', value: '1 2 3 4' }],
        },
        containers: [
          {
            name: 'i',
            kind: 'init',
            image: 'busybox',
            command: ['sh', '-c', 'sysctl -w a=1'],
            restartPolicy: 'Always',
          },
          {
            name: 'c',
            kind: 'container',
            image: 'nginx:1',
            args: ['--token=<redacted>', '--port=80'],
            ports: [{ name: 'http', containerPort: 80, hostPort: 8080, protocol: 'TCP' }],
            env: [
              { name: 'PASSWORD', from: 'value' },
              { name: 'EMPTY', from: 'value' },
              { name: 'S', from: 'secret:db' },
              { name: 'M', from: 'configMap:conf' },
              { name: 'F', from: 'field' },
              { name: 'R', from: 'resource' },
              { name: 'N', from: 'unknown' },
            ],
            envFrom: ['secret:all', 'configMap:conf'],
            resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { 'nvidia.com/gpu': '1' } },
            securityContext: {
              privileged: true,
              allowPrivilegeEscalation: true,
              readOnlyRootFilesystem: false,
              procMount: 'Unmasked',
              capabilities: { add: ['SYS_ADMIN'] },
              appArmorProfile: { type: 'Unconfined' },
            },
            volumeMounts: [
              { name: 'data', mountPath: '/data', mountPropagation: 'Bidirectional', subPath: 's' },
              { name: 'kube-api-access', mountPath: '/var/run/secrets', readOnly: true },
            ],
            livenessProbe: { handler: 'tcpSocket', port: 'http', periodSeconds: 5 },
            readinessProbe: {
              handler: 'httpGet',
              port: '8080',
              path: '/ok?token=<redacted>&b',
              host: '10.0.0.1',
              timeoutSeconds: 3,
            },
            startupProbe: { handler: 'exec', failureThreshold: 30 },
            lifecycle: { preStop: { handler: 'httpGet', port: '1', host: 'evil' }, postStart: { handler: 'sleep' } },
          },
          { name: 'e', kind: 'ephemeral' },
        ],
        volumes: [
          { name: 'data', type: 'persistentVolumeClaim', claimName: 'data-web-*' },
          { name: 'host', type: 'hostPath', hostPath: { path: '/etc' } },
          { name: 'sec', type: 'secret', secretName: 's' },
          { name: 'kube-api-access', type: 'projected', serviceAccountToken: true },
          { name: 'none', type: 'emptyDir' },
        ],
        resources: { limits: { cpu: '2' } },
      },
    })
  })

  it('fits the model and holds no secret', () => {
    expect([podObjectSchema.parse(object), podTemplateSchema.parse(template)]).toEqual([object, template])
    expect(JSON.stringify([object, template])).not.toMatch(/hunter2|undefined/)
  })
})

describe('pods of one owner share a template', () => {
  const one = (index: number, changes: object = {}) => ({
    metadata: {
      name: `web-${index}`,
      labels: { app: 'web', 'controller-revision-hash': `h${index}`, 'apps.kubernetes.io/pod-index': String(index) },
      annotations: { 'kubernetes.io/config.hash': `h${index}`, 'kubernetes.io/config.mirror': `h${index}` },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', controller: true }],
    },
    spec: {
      nodeName: `node-${index}`,
      hostname: `web-${index}`,
      containers: [
        {
          name: 'c',
          volumeMounts: [{ name: `kube-api-access-abcd${index}`, mountPath: '/t' }],
          resources: { limits: { b: '1', a: '2' } },
          ...changes,
        },
      ],
      volumes: [
        { name: `kube-api-access-abcd${index}`, projected: {} },
        { name: 'd', persistentVolumeClaim: { claimName: `data-web-${index}` } },
      ],
    },
  })

  it('writes it once', () => {
    const known = new Set<string>()
    const first = project(one(0), 'pods', known)
    const second = project(one(1), 'pods', known)
    expect([first.records.map((record) => record.record), second.records.map((record) => record.record)]).toEqual([
      ['template', 'object'],
      ['object'],
    ])
    expect(second.object).toMatchObject({ template: first.template?.id, isMirror: true })
  })

  it.each([
    ['another image', { image: 'x' }],
    ['a security setting', { securityContext: { privileged: true } }],
    ['an argument', { args: ['-v'] }],
  ])('but not with %s', (_, changes) => {
    expect(project(one(0, changes)).template?.id).not.toBe(project(one(1)).template?.id)
  })

  it('whatever the order of keys in maps', () => {
    const turned = one(0, { resources: { limits: { a: '2', b: '1' } } })
    expect(project(turned).template?.id).toBe(project(one(0)).template?.id)
  })

  it('does not mark a template as written when its pod is left out', () => {
    const known = new Set<string>()
    const broken = { ...pod({}), status: { phase: 1 } }
    expect([project(broken, 'pods', known).records, project(pod({}), 'pods', known).records.length]).toEqual([[], 2])
  })
})

describe('fields of the wrong type leave the object out, by name', () => {
  it.each<[string, unknown, string]>([
    ['no object', 'text', 'an item that is no object'],
    ['null', null, 'an item that is no object'],
    ['no metadata', { spec: {} }, 'an object without a name: metadata'],
    ['no name', { metadata: {}, spec: {} }, 'an object without a name: metadata.name'],
    ['no spec', { metadata }, 'shop/web-0: spec'],
    ['text for true', pod({ hostNetwork: 'true' }), 'shop/web-0: hostNetwork'],
    ['a number for text', pod({ serviceAccountName: 7 }), 'shop/web-0: serviceAccountName'],
    ['containers that are no list', pod({ containers: { a: 1 } }), 'shop/web-0: containers'],
    ['a container that is none', pod({ containers: ['x'] }), 'shop/web-0: containers'],
    ['a user beyond exact integers', pod({ securityContext: { runAsUser: 2 ** 60 } }), 'shop/web-0: runAsUser'],
    [
      'privileged as a number',
      pod({ containers: [{ name: 'c', securityContext: { privileged: 1 } }] }),
      'shop/web-0: privileged',
    ],
    [
      'capabilities of other types',
      pod({ containers: [{ name: 'c', securityContext: { capabilities: { add: [1] } } }] }),
      'shop/web-0: add',
    ],
    ['a label that is no text', { ...pod({}), metadata: { ...metadata, labels: { v: 1 } } }, 'shop/web-0: labels.v'],
    [
      'a sysctl without a value',
      pod({ securityContext: { sysctls: [{ name: 'a' }] } }),
      'shop/web-0: securityContext.sysctls',
    ],
    ['a hostPath without a path', pod({ volumes: [{ name: 'v', hostPath: {} }] }), 'shop/web-0: hostPath.path'],
  ])('%s', (_, raw, problem) => {
    expect(project(raw)).toEqual({ problem, template: undefined, object: undefined, records: [] })
  })

  it('keeps names that would change an object’s prototype as names', () => {
    const labels = JSON.parse('{"__proto__":"x","constructor":"y"}')
    expect(JSON.stringify(project({ ...pod({}), metadata: { ...metadata, labels } }).template?.labels)).toBe(
      '{"__proto__":"x","constructor":"y"}',
    )
  })
})

describe('containers', () => {
  it.each<[string, object, object]>([
    ['empty settings are absent', { securityContext: {}, resources: {}, env: [], command: [], ports: [] }, {}],
    ['null is absent', { securityContext: null, args: null, env: null, livenessProbe: null }, {}],
    ['an empty probe is none', { livenessProbe: {} }, {}],
    ['grpc', { livenessProbe: { grpc: { port: 9, service: 's' } } }, { livenessProbe: { handler: 'grpc', port: '9' } }],
    [
      'a handler of a newer Kubernetes',
      { livenessProbe: { quic: { port: 9 } } },
      { livenessProbe: { handler: 'quic', port: '9' } },
    ],
    [
      'Istio’s probes without their headers',
      {
        env: [
          {
            name: 'ISTIO_KUBE_APP_PROBERS',
            value:
              '{"/app-health/c/readyz":{"httpGet":{"path":"/r","port":80,"httpHeaders":[{"name":"A","value":"hunter2"}]},"timeoutSeconds":2},"/app-health/c/livez":{"tcpSocket":{"port":"web"}}}',
          },
        ],
      },
      {
        env: [{ name: 'ISTIO_KUBE_APP_PROBERS', from: 'value' }],
        istioAppProbers:
          '{"/app-health/c/livez":{"tcpSocket":{"port":"web"}},"/app-health/c/readyz":{"httpGet":{"path":"/r","port":80},"timeoutSeconds":2}}',
      },
    ],
    [
      'Istio’s probes that do not parse',
      { env: [{ name: 'ISTIO_KUBE_APP_PROBERS', value: 'hunter2' }] },
      { env: [{ name: 'ISTIO_KUBE_APP_PROBERS', from: 'value' }], istioAppProbers: '' },
    ],
  ])('%s', (_, raw, expected) => {
    expect(containerOf(raw)).toEqual({ name: 'c', kind: 'container', ...expected })
  })
})

describe('controllers', () => {
  const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c' }] } }
  const base = { metadata: { name: 'x', namespace: 'n' } }

  it.each([
    ['deployments', { spec: { replicas: 3, template } }, { kind: 'Deployment', replicas: 3 }],
    ['replicasets', { spec: { replicas: 0, template } }, { kind: 'ReplicaSet', replicas: 0 }],
    ['statefulsets', { spec: { template } }, { kind: 'StatefulSet' }],
    ['daemonsets', { spec: { template }, status: { desiredNumberScheduled: 6 } }, { kind: 'DaemonSet', replicas: 6 }],
    ['jobs', { spec: { parallelism: 2, template } }, { kind: 'Job', replicas: 2 }],
    ['cronjobs', { spec: { jobTemplate: { spec: { parallelism: 2, template } } } }, { kind: 'CronJob' }],
    ['replicationcontrollers', { spec: { replicas: 1, template } }, { kind: 'ReplicationController', replicas: 1 }],
  ] as const)('%s', (family, raw, expected) => {
    const { object, template: written, records } = project({ ...base, ...raw }, family)
    expect(object).toEqual({ name: 'x', namespace: 'n', template: written?.id, ...expected })
    expect(written).toMatchObject({ labels: { app: 'x' }, spec: { containers: [{ name: 'c', kind: 'container' }] } })
    for (const record of records) expect(evidenceRecordSchema.parse(record)).toEqual(record)
  })

  it.each<[string, object, string | undefined]>([
    ['nobody', {}, undefined],
    ['the managed-by label', { labels: { 'app.kubernetes.io/managed-by': 'kustomize' } }, 'kustomize'],
    [
      'Helm',
      { labels: { 'app.kubernetes.io/managed-by': 'Helm' }, annotations: { 'meta.helm.sh/release-name': 'shop' } },
      'Helm release shop',
    ],
    [
      'Argo CD',
      {
        annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:n/x', 'meta.helm.sh/release-name': 's' },
      },
      'Argo CD application shop',
    ],
    ['Flux', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } }, 'Flux kustomization apps'],
    [
      'an operator',
      {
        ownerReferences: [
          { apiVersion: 'monitoring.coreos.com/v1', kind: 'Prometheus', name: 'k8s', controller: true },
        ],
      },
      'Prometheus k8s',
    ],
    [
      'not the built-in owner',
      { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'x', controller: true }] },
      undefined,
    ],
  ])('managed by %s', (_, more, managedBy) => {
    const { object } = project({ metadata: { name: 'x', ...more }, spec: { template } }, 'deployments')
    expect(object && 'managedBy' in object ? object.managedBy : undefined).toBe(managedBy)
  })
})

describe('what the kernel is to enforce for a pod', () => {
  const amounts = { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '64Mi' } }
  const status = (extra: object) => ({
    name: 'c',
    containerID: `containerd://${'0123456789abcdef'.repeat(4)}`,
    ...extra,
  })
  const running = { state: { running: { startedAt: 'x' } } }
  const podOf = (raw: object) =>
    project({
      metadata: { name: 'web-0', namespace: 'shop' },
      spec: { containers: [{ name: 'c', image: 'x', resources: amounts }] },
      status: { containerStatuses: [raw] },
    }).object

  it.each([
    ['of one that runs, the id', status(running), { name: 'c', id: '0123456789ab' }],
    [
      'of one that ended, none',
      status({ state: { terminated: { exitCode: 0 } } }),
      { name: 'c', terminated: { exitCode: 0 } },
    ],
    [
      'resources as the spec has them are not repeated',
      status({ ...running, resources: amounts }),
      { name: 'c', id: '0123456789ab' },
    ],
    [
      'a resize on its way',
      status({ ...running, resources: { ...amounts, limits: { memory: '32Mi' } } }),
      { name: 'c', id: '0123456789ab', resources: { ...amounts, limits: { memory: '32Mi' } } },
    ],
    ['an id without a runtime', { ...status(running), containerID: 'abc' }, { name: 'c' }],
  ])('%s', (_name, raw, expected) => {
    expect(podOf(raw)).toHaveProperty('containerStatuses', [expected])
  })

  it('knows a static pod by the hash of its file', () => {
    const annotations = { 'kubernetes.io/config.mirror': 'h1', 'kubernetes.io/config.hash': 'h1' }
    const raw = { metadata: { name: 'etcd-cp-1', namespace: 'kube-system', annotations }, spec: { containers: [] } }
    expect(project(raw).object).toMatchObject({ isMirror: true, configHash: 'h1' })
  })

  it('keeps the overhead of its RuntimeClass', () => {
    const raw = { metadata: { name: 'x' }, spec: { containers: [], overhead: { cpu: '250m', memory: '120Mi' } } }
    expect(project(raw).template?.spec.overhead).toEqual({ cpu: '250m', memory: '120Mi' })
  })
})
