// One workload of a generated cluster, computed from its position and the seed: mostly ordinary ones, with the faults of the field
// in the shares one meets them.
// May not: depend on other workloads.
import type { ContainerInput, KubeObject, PodInput, Resources } from './objects/build.ts'
import type { Workload } from './objects/workload.ts'

/** A number from 0 up to `below`, evenly spread, always the same for the same input. */
export function mix(below: number, ...numbers: readonly number[]): number {
  let hash = 0x811c9dc5
  for (const number of numbers) {
    hash = Math.imul(hash ^ (number & 0xffff), 0x01000193)
    hash = Math.imul(hash ^ (number >>> 16), 0x01000193)
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  }
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39)
  return ((hash ^ (hash >>> 15)) >>> 0) % below
}

export type GeneratedKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'CronJob'

export interface TemplatePosition {
  readonly seed: number
  readonly position: number
  readonly pods: number
  readonly nodeCount: number
  readonly nodeName: (index: number) => string
}

const kindsOfTwenty: readonly GeneratedKind[] = [
  ...Array.from({ length: 15 }, (): GeneratedKind => 'Deployment'),
  'StatefulSet',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
  'CronJob',
]

export function generatedKind(seed: number, position: number): GeneratedKind {
  return kindsOfTwenty[mix(20, seed, position, 1)] ?? 'Deployment'
}

export function generatedNamespace(position: number, namespaces: number): string {
  return `team-${`${(position % namespaces) + 1}`.padStart(3, '0')}`
}

export function generatedWorkload(at: TemplatePosition, namespace: string): Workload {
  const { seed, position, pods, nodeCount, nodeName } = at
  const first = mix(nodeCount, seed, position, 2)
  return {
    kind: generatedKind(seed, position),
    namespace,
    name: `service-${`${position + 1}`.padStart(5, '0')}`,
    labels: { 'app.kubernetes.io/part-of': namespace, version: `v${mix(9, seed, position, 3) + 1}` },
    nodes: Array.from({ length: pods }, (_, index) => nodeName((first + index) % nodeCount)),
    spec: podInput(seed, position),
  }
}

function podInput(seed: number, position: number): PodInput {
  const percent = (salt: number) => mix(100, seed, position, salt)
  const sidecar = percent(10) < 30 ? [sidecarContainer] : []
  return {
    containers: [appContainer(seed, position), ...sidecar],
    ...(percent(11) < 3 ? { initContainers: [sysctlContainer] } : {}),
    ...(percent(12) < 2 ? { hostNetwork: true } : {}),
    ...(percent(13) < 1 ? { hostPID: true } : {}),
    ...(percent(14) < 4 ? { securityContext: { sysctls: [{ name: 'net.core.somaxconn', value: '1024' }] } } : {}),
    volumes: [
      { name: 'config', configMap: { name: `config-${position}`, defaultMode: 420 } },
      ...(percent(15) < 4 ? [{ name: 'logs', hostPath: { path: '/var/log', type: '' } }] : []),
    ],
  }
}

function appContainer(seed: number, position: number): ContainerInput {
  const percent = (salt: number) => mix(100, seed, position, salt)
  const isPrivileged = percent(20) < 2
  return {
    name: 'app',
    image: `registry.example/team/service-${position}:${percent(21) < 10 ? 'latest' : `1.${percent(22)}.0`}`,
    args: ['--listen=:8080', `--shard=${position}`],
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    env: Array.from({ length: 6 }, (_, index) => ({ name: `SETTING_${index}`, value: `value-${position}-${index}` })),
    resources: resourcesFor(percent(23)),
    securityContext: isPrivileged ? { privileged: true } : { allowPrivilegeEscalation: false, runAsNonRoot: true },
    volumeMounts: [{ name: 'config', mountPath: '/etc/app', readOnly: true }],
    ...(percent(24) < 70 ? { readinessProbe: probe('/ready'), livenessProbe: probe('/healthz') } : {}),
  }
}

function resourcesFor(percent: number): Resources {
  if (percent < 15) return {}
  if (percent < 40) return { requests: { cpu: '100m', memory: '128Mi' } }
  return { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '1', memory: `${128 * (1 + (percent % 8))}Mi` } }
}

function probe(path: string): KubeObject {
  const times = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }
  return { httpGet: { path, port: 8080, scheme: 'HTTP' }, ...times }
}

const sidecarContainer: ContainerInput = {
  name: 'proxy',
  image: 'registry.example/mesh/proxy:1.27.1',
  args: ['proxy', 'sidecar'],
  resources: { requests: { cpu: '10m', memory: '40Mi' }, limits: { memory: '256Mi' } },
  securityContext: { runAsUser: 1337, runAsNonRoot: true, allowPrivilegeEscalation: false },
}

const sysctlContainer: ContainerInput = {
  name: 'sysctl',
  image: 'busybox:1.36',
  command: ['sh', '-c', 'sysctl -w net.core.somaxconn=1024'],
  securityContext: { privileged: true },
}
