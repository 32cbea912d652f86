// 150,000 pods for the benchmark, generated a page at a time: 3,000 owners, two containers, managed fields, status;
// about 7 KB of JSON each, as in real clusters. May not: be used for anything but measuring.
import { collectionOf, type ObjectProvider, tableProvider } from '../src/simulator/api-server.ts'

const podsPerOwner = 50

/** A provider whose /api/v1/pods holds `count` pods; nothing else is served. */
export function podProvider(count: number): ObjectProvider {
  return tableProvider({
    '/api/v1/pods': {
      kind: 'PodList',
      apiVersion: 'v1',
      count,
      *slice(start, end) {
        for (let index = start; index < end; index += 1) yield pod(index)
      },
    },
    '/api/v1/namespaces': collectionOf('NamespaceList', 'v1', []),
  })
}

function pod(index: number): object {
  const owner = Math.floor(index / podsPerOwner)
  const app = `app-${owner}`
  const suffix = (index % podsPerOwner).toString(36).padStart(5, 'x')
  const hash = (owner * 7919).toString(16).padStart(10, '0')
  const time = '2026-11-20T10:46:27Z'
  return {
    metadata: {
      name: `${app}-${hash}-${suffix}`,
      generateName: `${app}-${hash}-`,
      namespace: `team-${owner % 200}`,
      uid: `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`,
      resourceVersion: String(1_000_000 + index),
      creationTimestamp: time,
      labels: {
        app,
        'app.kubernetes.io/name': app,
        'app.kubernetes.io/version': '1.4.2',
        'app.kubernetes.io/managed-by': 'Helm',
        'pod-template-hash': hash,
      },
      annotations: { 'checksum/config': hash.repeat(4), 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9090' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `${app}-${hash}`,
          uid: `10000000-0000-4000-8000-${owner.toString(16).padStart(12, '0')}`,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      managedFields: managedFields(time),
    },
    spec: spec(app, suffix, index),
    status: status(index, time),
  }
}

function spec(app: string, suffix: string, index: number): object {
  const token = {
    name: `kube-api-access-${suffix}`,
    readOnly: true,
    mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
  }
  return {
    volumes: [
      { name: 'config', configMap: { name: `${app}-config`, defaultMode: 420 } },
      { name: 'tmp', emptyDir: {} },
      {
        name: token.name,
        projected: {
          sources: [
            { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
            { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
            {
              downwardAPI: {
                items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
              },
            },
          ],
          defaultMode: 420,
        },
      },
    ],
    containers: [container(app, token), sidecar(token)],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: app,
    serviceAccount: app,
    nodeName: `node-${index % 5000}`,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    schedulerName: 'default-scheduler',
    tolerations: [
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
    ],
    priority: 0,
    enableServiceLinks: true,
    preemptionPolicy: 'PreemptLowerPriority',
  }
}

function container(app: string, token: object): object {
  const probe = {
    httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  }
  return {
    name: 'app',
    image: `registry.example.com/shop/${app}:1.4.2`,
    args: ['--port=8080', '--config=/etc/app/config.yaml', '--log-level=info', '--metrics-address=:9090'],
    ports: [
      { name: 'http', containerPort: 8080, protocol: 'TCP' },
      { name: 'metrics', containerPort: 9090, protocol: 'TCP' },
    ],
    env: [
      { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
      { name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: `${app}-db`, key: 'url' } } },
      { name: 'REGION', value: 'eu-1' },
      { name: 'CACHE_SIZE', value: '256' },
    ],
    resources: { limits: { cpu: '500m', memory: '512Mi' }, requests: { cpu: '100m', memory: '256Mi' } },
    volumeMounts: [{ name: 'config', mountPath: '/etc/app' }, { name: 'tmp', mountPath: '/tmp' }, token],
    livenessProbe: { ...probe, initialDelaySeconds: 10 },
    readinessProbe: probe,
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
    securityContext: { capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
  }
}

function sidecar(token: object): object {
  return {
    name: 'proxy',
    image: 'registry.example.com/mesh/proxy:2.8.1',
    args: ['proxy', '--log-level=warning', '--admin-port=15000'],
    env: [{ name: 'POD_NAMESPACE', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } } }],
    resources: { limits: { cpu: '1', memory: '256Mi' }, requests: { cpu: '10m', memory: '64Mi' } },
    volumeMounts: [token],
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
    securityContext: { runAsUser: 1337, runAsGroup: 1337 },
  }
}

function status(index: number, time: string): object {
  const conditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled']
  return {
    phase: 'Running',
    conditions: conditions.map((type) => ({ type, status: 'True', lastProbeTime: null, lastTransitionTime: time })),
    hostIP: '192.0.2.10',
    podIP: `10.${index % 250}.1.7`,
    podIPs: [{ ip: `10.${index % 250}.1.7` }],
    startTime: time,
    containerStatuses: ['app', 'proxy'].map((name) => ({
      name,
      state: { running: { startedAt: time } },
      lastState:
        index % 40 === 0
          ? { terminated: { exitCode: 137, reason: 'OOMKilled', startedAt: time, finishedAt: time } }
          : {},
      ready: true,
      restartCount: index % 40 === 0 ? 1 : 0,
      image: `registry.example.com/${name}:1.4.2`,
      imageID: `registry.example.com/${name}@sha256:${'ab'.repeat(32)}`,
      containerID: `containerd://${index.toString(16).padStart(64, '0')}`,
      started: true,
    })),
    qosClass: 'Burstable',
  }
}

function managedFields(time: string): object[] {
  const present: object = {}
  const containerFields = Object.fromEntries(
    [
      '.',
      'f:args',
      'f:image',
      'f:imagePullPolicy',
      'f:name',
      'f:ports',
      'f:resources',
      'f:securityContext',
      'f:volumeMounts',
    ].map((key) => [key, present]),
  )
  const specFields = Object.fromEntries(
    [
      'f:dnsPolicy',
      'f:enableServiceLinks',
      'f:restartPolicy',
      'f:schedulerName',
      'f:securityContext',
      'f:serviceAccount',
      'f:terminationGracePeriodSeconds',
      'f:volumes',
    ].map((key) => [key, present]),
  )
  const conditions = Object.fromEntries(
    ['ContainersReady', 'Initialized', 'PodScheduled', 'Ready'].map((type) => [
      `k:{"type":"${type}"}`,
      {
        '.': present,
        'f:lastProbeTime': present,
        'f:lastTransitionTime': present,
        'f:status': present,
        'f:type': present,
      },
    ]),
  )
  return [
    {
      manager: 'kube-controller-manager',
      operation: 'Update',
      apiVersion: 'v1',
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:metadata': {
          'f:generateName': present,
          'f:labels': { '.': present, 'f:app': present },
          'f:ownerReferences': { '.': present },
        },
        'f:spec': {
          'f:containers': { 'k:{"name":"app"}': containerFields, 'k:{"name":"proxy"}': containerFields },
          ...specFields,
        },
      },
    },
    {
      manager: 'kubelet',
      operation: 'Update',
      apiVersion: 'v1',
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:status': {
          'f:conditions': conditions,
          'f:containerStatuses': present,
          'f:hostIP': present,
          'f:phase': present,
          'f:podIP': present,
          'f:startTime': present,
        },
      },
      subresource: 'status',
    },
  ]
}
