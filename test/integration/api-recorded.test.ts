// A recorded cluster served over HTTPS, read by the live source and collector: what is kept of real objects, and what is not.
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectObjects, readClusterIdentity } from '../../src/collect/objects.ts'
import type { Family } from '../../src/model/objects.ts'
import { type EvidenceRecord, evidenceRecordSchema, type FamilyStatus } from '../../src/model/snapshot.ts'
import { isObject, recordedProvider } from '../../src/simulator/api-provider.ts'
import { type ApiServer, startApiServer } from '../../src/simulator/api-server.ts'
import { type KubeSource, openKubeSource } from '../../src/transport/kube.ts'

const recording = join(import.meta.dirname, '../../../shared/reference/recorded-cluster/responses.jsonl.gz')
const isThere = existsSync(recording)
if (!isThere) console.warn(`SKIPPED: ${recording} is absent, the recorded cluster is not read.`)

describe.skipIf(!isThere)('the recorded cluster', () => {
  let folder = ''
  let server: ApiServer
  let source: KubeSource
  let statuses: readonly FamilyStatus[] = []
  const records: EvidenceRecord[] = []
  const signal = new AbortController().signal

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kube-assay-recorded-'))
    server = await startApiServer({ provider: await recordedProvider(recording) })
    await writeFile(join(folder, 'config'), server.kubeconfig())
    source = await openKubeSource({ kubeconfig: join(folder, 'config'), env: {}, pageSize: 7 })
    statuses = await collectObjects({ source, concurrency: 4, signal, emit: (record) => records.push(record) })
  })
  afterAll(async () => {
    await source?.close()
    await server?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const object = (family: Family, name: string) =>
    records.find((record) => record.record === 'object' && record.family === family && record.object.name === name)
  const template = (record: EvidenceRecord | undefined) => {
    const id = record?.record === 'object' && 'template' in record.object ? record.object.template : undefined
    return records.find((other) => other.record === 'template' && other.template.id === id)
  }

  it('gives every family whole', () => {
    expect(
      Object.fromEntries(statuses.map(({ family, count, unavailable }) => [family, unavailable ?? count])),
    ).toEqual({
      namespaces: 10,
      nodes: 6,
      pods: 62,
      deployments: 21,
      replicasets: 21,
      statefulsets: 0,
      daemonsets: 4,
      jobs: 2,
      cronjobs: 0,
      replicationcontrollers: 0,
      serviceaccounts: 70,
      clusterroles: 82,
      roles: 14,
      clusterrolebindings: 63,
      rolebindings: 15,
      limitranges: 0,
      resourcequotas: 0,
      services: 23,
      networkpolicies: 9,
      secrets: 3,
      bootstraptokens: 0,
      validatingwebhookconfigurations: 1,
      mutatingwebhookconfigurations: 0,
      validatingadmissionpolicies: 0,
      validatingadmissionpolicybindings: 0,
      podsecuritypolicies: 0,
      persistentvolumes: 1,
      persistentvolumeclaims: 0,
      customresourcedefinitions: 10,
      horizontalpodautoscalers: 0,
      poddisruptionbudgets: 3,
      ingresses: 0,
      ingressclasses: 1,
      servicecidrs: 1,
      flowschemas: 11,
      prioritylevelconfigurations: 8,
      priorityclasses: 2,
      runtimeclasses: 0,
      storageclasses: 0,
      csidrivers: 0,
      volumeattributesclasses: 0,
      deviceclasses: 0,
      resourceclaimtemplates: 0,
      mutatingadmissionpolicies: 0,
      mutatingadmissionpolicybindings: 0,
    })
  })

  it('writes records that fit the model, a template before its first use and only once', () => {
    const written = new Set<string>()
    for (const record of records) {
      expect(evidenceRecordSchema.parse(JSON.parse(JSON.stringify(record)))).toEqual(record)
      if (record.record === 'template') {
        expect(written.has(record.template.id)).toBe(false)
        written.add(record.template.id)
      }
      if (record.record === 'object' && 'template' in record.object) expect(written).toContain(record.object.template)
    }
    expect(written.size).toBe(58)
  })

  it('knows the cluster', async () => {
    expect(await readClusterIdentity(source, signal)).toEqual({
      version: 'v1.36.2',
      uid: '90687fe3-8e47-4741-b6a1-b10f917fe5b8',
    })
  })

  it('keeps the pod that was rejected for its sysctl', () => {
    const pod = object('pods', 'modify-sysctl')
    expect(pod).toEqual({
      record: 'object',
      family: 'pods',
      object: {
        name: 'modify-sysctl',
        namespace: 'legacy',
        uid: 'd64b0813-efca-4ca1-be24-32eebcd1b5f1',
        creationTimestamp: '2026-11-20T10:46:27Z',
        template: expect.any(String),
        nodeName: 'node-5',
        phase: 'Failed',
        reason: 'SysctlForbidden',
        message: 'Pod was rejected: forbidden sysctl: "kernel.sem" not allowlisted',
        qosClass: 'BestEffort',
      },
    })
    expect(template(pod)).toEqual({
      record: 'template',
      template: {
        id: expect.any(String),
        spec: {
          serviceAccountName: 'default',
          restartPolicy: 'Always',
          securityContext: { sysctls: [{ name: 'kernel.sem', value: '10000 1024000000 500 32000' }] },
          containers: [
            {
              name: 'web',
              kind: 'container',
              image: 'nginx',
              ports: [{ name: 'http', containerPort: 80, protocol: 'TCP' }],
              volumeMounts: [
                { name: 'kube-api-access', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
              ],
            },
          ],
          volumes: [{ name: 'kube-api-access', type: 'projected', serviceAccountToken: true }],
        },
      },
    })
  })

  it('keeps the privileged init container, one template for all three pods', () => {
    const pods = records.filter(
      (record) => record.record === 'object' && record.family === 'pods' && record.object.name.startsWith('liberty-'),
    )
    expect(new Set(pods.map(template)).size).toBe(1)
    expect(template(pods[0])).toMatchObject({
      template: {
        labels: { app: 'liberty' },
        spec: {
          containers: [
            {
              name: 'init-sysctl',
              kind: 'init',
              command: ['sh', '-c', 'sysctl -w net.core.somaxconn=512\n'],
              securityContext: { privileged: true },
            },
            { name: 'websphere-liberty', kind: 'container' },
          ],
        },
      },
    })
  })

  it('shares one template among the pods of each DaemonSet', () => {
    const shared = new Map<string, Set<string>>()
    for (const record of records) {
      if (record.record !== 'object' || record.family !== 'pods' || record.object.owner?.kind !== 'DaemonSet') continue
      const name = record.object.owner.name
      shared.set(name, (shared.get(name) ?? new Set()).add(record.object.template))
    }
    expect([...shared].map(([name, templates]) => [name, templates.size]).sort()).toEqual([
      ['kube-flannel-ds', 1],
      ['node-exporter', 1],
      ['nvidia-device-plugin-daemonset', 1],
    ])
  })

  it('keeps a control-plane node with what its kubelet reported', () => {
    expect(object('nodes', 'node-1')).toEqual({
      record: 'object',
      family: 'nodes',
      object: {
        name: 'node-1',
        // A digest of what the kubelet reported of the machine.
        machine: '4aabcba81f8f381a8981b1ef56f589b0',
        uid: '5613f035-a4f6-4020-af9d-dd14e21c7daa',
        creationTimestamp: '2026-11-20T10:44:35Z',
        labels: {
          'beta.kubernetes.io/arch': 'amd64',
          'beta.kubernetes.io/os': 'linux',
          'kubernetes.io/arch': 'amd64',
          'kubernetes.io/hostname': 'node-1',
          'kubernetes.io/os': 'linux',
          'node-role.kubernetes.io/control-plane': '',
        },
        roles: ['control-plane'],
        addresses: [
          { type: 'InternalIP', address: '127.0.0.11' },
          { type: 'Hostname', address: 'node-1' },
        ],
        capacity: { cpu: '16', memory: '64Gi', pods: '250' },
        ready: true,
        nodeInfo: {
          kubeletVersion: 'v1.36.2',
          kernelVersion: '6.8.0-60-generic',
          osImage: 'Ubuntu 24.04.2 LTS',
          operatingSystem: 'linux',
          architecture: 'amd64',
          containerRuntimeVersion: 'containerd://2.1.4',
          bootID: 'b',
        },
      },
    })
  })

  it('marks static pods', () => {
    expect(object('pods', 'kube-apiserver-node-1')).toMatchObject({
      object: { isMirror: true, owner: { kind: 'Node', name: 'node-1' } },
    })
  })

  it('keeps no environment value and nothing of annotations that repeat objects', async () => {
    const text = JSON.stringify(records)
    expect(text).not.toContain('last-applied-configuration')
    expect(text).not.toContain('managedFields')
    const values = await environmentValues()
    expect(values.length).toBeGreaterThan(20)
    const variables = records.flatMap((record) =>
      record.record === 'template' ? record.template.spec.containers.flatMap(({ env = [] }) => env) : [],
    )
    expect(variables.filter(({ from }) => from === 'value').length).toBeGreaterThan(20)
    for (const variable of variables) expect(Object.keys(variable)).toEqual(['name', 'from'])
    // Values long enough not to appear by chance, and not also an image, argument or name of something else.
    const telling = values.filter((value) => value.includes('.svc') || value.includes('://') || value.length > 24)
    expect(telling.length).toBeGreaterThan(3)
    for (const value of telling) expect(text).not.toContain(JSON.stringify(value).slice(1, -1))
  })

  /** Every literal environment value of the recorded pods. */
  async function environmentValues(): Promise<string[]> {
    const items = (await recordedProvider(recording)).list('/api/v1/pods')
    const values = new Set<string>()
    for (const pod of items?.slice(0, items.count) ?? []) {
      JSON.stringify(pod, (key, value: unknown) => {
        if (key === 'env' && Array.isArray(value))
          for (const { value: text } of value.filter(isObject)) values.add(String(text ?? ''))
        return value
      })
    }
    return [...values]
  }
})
