// Workloads of the demo's legacy and CI namespaces, with what audits find in the field.
// May not: name a rule; each is a workload somebody could have written.
import { secretMarker } from '../hosts/secret-marker.ts'
import type { Workload } from './workload.ts'

/** Namespaces legacy and ci: privileged work-arounds, unsafe sysctls, missing limits, the runtime's socket. */
export const troubledWorkloads: readonly Workload[] = [
  {
    kind: 'Deployment',
    namespace: 'legacy',
    name: 'search',
    nodes: ['worker-1', 'worker-2'],
    spec: {
      initContainers: [
        {
          name: 'sysctl',
          image: 'busybox:1.36',
          command: ['sh', '-c', 'sysctl -w vm.max_map_count=262144 && sysctl -w net.core.somaxconn=4096'],
          securityContext: { privileged: true },
        },
      ],
      containers: [{ name: 'elasticsearch', image: 'elasticsearch:7.17.0', resources: { limits: { memory: '4Gi' } } }],
    },
  },
  {
    kind: 'Deployment',
    namespace: 'legacy',
    name: 'queue',
    nodes: ['worker-2', 'worker-2', 'worker-1'],
    states: {
      2: {
        rejected: {
          reason: 'SysctlForbidden',
          message: 'Pod was rejected: forbidden sysctl: "net.core.somaxconn" not allowlisted',
        },
      },
    },
    spec: {
      securityContext: { sysctls: [{ name: 'net.core.somaxconn', value: '4096' }] },
      containers: [
        { name: 'queue', image: 'registry.shop.example/legacy/queue:4', resources: { requests: { memory: '512Mi' } } },
      ],
    },
  },
  {
    kind: 'Pod',
    namespace: 'legacy',
    name: 'semaphore-test',
    nodes: ['worker-3'],
    states: {
      0: {
        rejected: {
          reason: 'SysctlForbidden',
          message: 'Pod was rejected: forbidden sysctl: "kernel.sem" not allowlisted',
        },
      },
    },
    spec: {
      securityContext: { sysctls: [{ name: 'kernel.sem', value: '10000 1024000000 500 32000' }] },
      containers: [{ name: 'web', image: 'nginx' }],
    },
  },
  {
    kind: 'Deployment',
    namespace: 'legacy',
    name: 'importer',
    nodes: ['worker-3'],
    states: {
      0: {
        containers: {
          importer: {
            restartCount: 17,
            lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: '2026-11-19T23:41:07Z' } },
          },
        },
      },
    },
    spec: {
      containers: [
        {
          name: 'importer',
          image: 'registry.shop.example/legacy/importer:1.0.0-beta4',
          env: [{ name: 'FTP_PASSWORD', value: secretMarker }],
          resources: { limits: { memory: '300Mi' } },
        },
      ],
    },
  },
  {
    kind: 'Deployment',
    namespace: 'legacy',
    name: 'edge-router',
    nodes: ['worker-1'],
    spec: {
      hostNetwork: true,
      dnsPolicy: 'ClusterFirstWithHostNet',
      initContainers: [
        {
          name: 'forwarding',
          image: 'busybox:1.36',
          command: ['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'],
          securityContext: { privileged: true },
        },
      ],
      containers: [
        {
          name: 'router',
          image: 'haproxy:2.4',
          ports: [{ containerPort: 443, hostPort: 443, protocol: 'TCP' }],
          securityContext: { capabilities: { add: ['NET_ADMIN'] } },
        },
      ],
    },
  },
  {
    kind: 'Deployment',
    namespace: 'ci',
    name: 'runner',
    nodes: ['worker-2'],
    spec: {
      containers: [
        {
          name: 'runner',
          image: 'docker:latest',
          securityContext: { privileged: true },
          resources: { requests: { cpu: '2', memory: '4Gi' } },
          volumeMounts: [{ name: 'docker', mountPath: '/var/run/docker.sock' }],
        },
      ],
      volumes: [{ name: 'docker', hostPath: { path: '/var/run/docker.sock', type: 'Socket' } }],
    },
  },
  {
    kind: 'Job',
    namespace: 'ci',
    name: 'image-cleanup',
    nodes: ['worker-2'],
    states: {
      0: {
        phase: 'Succeeded',
        containers: { cleanup: { state: { terminated: { exitCode: 0, reason: 'Completed' } } } },
      },
    },
    spec: {
      restartPolicy: 'Never',
      containers: [{ name: 'cleanup', image: 'docker:27', args: ['docker', 'image', 'prune', '--force'] }],
    },
  },
]
