// Checks the CIS numbers in the rules against the reference tables: a number moved in a benchmark version, or another control's
// number, would put a verdict under the wrong title.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadCatalogue } from '../../../src/catalog/index.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const reference = join(root, '..', 'shared', 'reference')
const isThere = existsSync(join(reference, 'cis-id-diff.csv'))
if (!isThere)
  console.warn('SKIPPED: CIS numbers are not compared, because the reference tables are not beside the repository.')

/** Oldest first: the versions between which the table of changes tells. */
const versions = ['1.24', '1.7', '1.8', '1.9', '1.10', '1.11', '1.12', '2.0'] as const

/** Control of version 2.0 → the rule that answers it, or the rules that do so together. */
const controls: Readonly<Record<string, string | readonly string[]>> = {
  '1.1.1': 'api-server-manifest-mode',
  '1.1.2': 'api-server-manifest-owner',
  '1.1.3': 'controller-manager-manifest-mode',
  '1.1.4': 'controller-manager-manifest-owner',
  '1.1.5': 'scheduler-manifest-mode',
  '1.1.6': 'scheduler-manifest-owner',
  '1.1.7': 'etcd-manifest-mode',
  '1.1.8': 'etcd-manifest-owner',
  '1.1.9': 'cni-file-mode',
  '1.1.10': 'cni-file-owner',
  '1.1.11': 'etcd-data-mode',
  '1.1.12': 'etcd-data-owner',
  '1.1.13': 'admin-kubeconfig-mode',
  '1.1.14': 'admin-kubeconfig-owner',
  '1.1.15': 'scheduler-kubeconfig-mode',
  '1.1.16': 'scheduler-kubeconfig-owner',
  '1.1.17': 'controller-manager-kubeconfig-mode',
  '1.1.18': 'controller-manager-kubeconfig-owner',
  '1.1.19': 'pki-owner',
  '1.1.21': 'pki-key-mode',
  '1.2.1': 'api-anonymous-authentication',
  '1.2.2': 'api-token-file',
  '1.2.3': 'external-ips-admission',
  '1.2.4': 'api-kubelet-client-certificate',
  '1.2.5': 'api-kubelet-certificate-authority',
  '1.2.6': 'api-authorization-always-allow',
  '1.2.7': 'api-node-authorization',
  '1.2.8': 'api-rbac-authorization',
  '1.2.9': 'event-rate-limit-admission',
  '1.2.10': 'always-admit-admission',
  '1.2.11': 'always-pull-images-admission',
  '1.2.12': 'service-account-admission',
  '1.2.13': 'namespace-lifecycle-admission',
  '1.2.14': 'node-restriction-admission',
  '1.2.15': 'api-profiling',
  '1.2.16': 'audit-log',
  '1.2.17': 'audit-log-age',
  '1.2.18': 'audit-log-backups',
  '1.2.19': 'audit-log-size',
  '1.2.20': 'api-request-timeout',
  '1.2.21': 'service-account-lookup',
  '1.2.22': 'service-account-key-files',
  '1.2.23': 'api-etcd-client-certificate',
  '1.2.24': 'api-serving-certificate',
  '1.2.25': 'api-client-ca',
  '1.2.26': 'api-etcd-ca',
  '1.2.27': 'encryption-configuration',
  '1.2.28': 'encryption-providers',
  '1.2.29': 'api-tls-cipher-suites',
  '1.2.30': 'service-account-token-extension',
  '1.3.1': 'terminated-pod-collection',
  '1.3.2': 'controller-manager-profiling',
  '1.3.3': 'controller-credentials',
  '1.3.4': 'service-account-signing-key',
  '1.3.5': 'controller-manager-root-ca',
  '1.3.6': 'kubelet-serving-certificate-gate',
  '1.3.7': 'controller-manager-address',
  '1.4.1': 'scheduler-profiling',
  '1.4.2': 'scheduler-address',
  '2.1': 'etcd-serving-certificate',
  '2.2': 'etcd-client-authentication',
  '2.3': 'etcd-auto-tls',
  '2.4': 'etcd-peer-certificate',
  '2.5': 'etcd-peer-authentication',
  '2.6': 'etcd-peer-auto-tls',
  '2.7': 'etcd-certificate-authority',
  '3.1.1': 'client-certificate-users',
  '3.1.2': 'service-account-users',
  '3.1.3': 'bootstrap-token-users',
  '3.2.1': 'audit-policy',
  '3.2.2': 'audit-policy-coverage',
  '4.1.1': 'kubelet-unit-mode',
  '4.1.2': 'kubelet-unit-owner',
  '4.1.3': 'proxy-kubeconfig-mode',
  '4.1.4': 'proxy-kubeconfig-owner',
  '4.1.5': 'kubelet-kubeconfig-mode',
  '4.1.6': 'kubelet-kubeconfig-owner',
  '4.1.8': 'kubelet-client-ca-owner',
  '4.1.9': 'kubelet-configuration-mode',
  '4.1.10': 'kubelet-configuration-owner',
  '4.2.1': 'kubelet-anonymous-authentication',
  '4.2.2': 'kubelet-authorization-mode',
  '4.2.3': 'kubelet-client-ca',
  '4.2.4': 'kubelet-read-only-port',
  '4.2.5': 'kubelet-streaming-idle-timeout',
  '4.2.6': 'iptables-util-chains',
  '4.2.7': 'kubelet-hostname-override',
  '4.2.8': 'kubelet-event-rate',
  '4.2.9': 'kubelet-serving-certificate',
  '4.2.10': 'kubelet-certificate-rotation',
  '4.2.11': 'kubelet-certificate-renewal-gate',
  '4.2.12': 'kubelet-tls-cipher-suites',
  '4.2.13': 'kubelet-pod-pids-limit',
  '4.2.14': 'kubelet-seccomp-default',
  '4.3.1': 'kube-proxy-metrics-address',
  '5.1.1': 'cluster-admin-bindings',
  '5.1.2': ['secret-access', 'namespace-secret-access'],
  '5.1.3': ['wildcard-roles', 'unbound-wildcard-roles'],
  '5.1.4': ['pod-creation', 'namespace-pod-creation'],
  '5.1.5': ['default-service-account-rights', 'default-service-account-tokens'],
  '5.1.6': 'service-account-tokens',
  '5.1.7': 'system-masters-use',
  '5.1.8': 'permission-escalation',
  '5.1.9': 'persistent-volume-creation',
  '5.1.10': 'node-proxy-access',
  '5.1.11': 'certificate-approval',
  '5.1.12': 'webhook-configuration-access',
  '5.1.13': 'token-requests',
  '5.2.1': ['pod-security-admission', 'pod-webhook-enforcement'],
  '5.2.2': 'privileged-containers',
  '5.2.3': 'host-process-namespace',
  '5.2.4': 'host-ipc-namespace',
  '5.2.5': 'host-network',
  '5.2.6': 'privilege-escalation',
  '5.2.7': 'root-containers',
  '5.2.8': 'net-raw-capability',
  '5.2.9': 'dropped-capabilities',
  '5.2.10': 'windows-host-process',
  '5.2.11': 'host-path-volumes',
  '5.2.12': 'host-ports',
  '5.3.1': 'network-policy-enforcement',
  '5.3.2': 'network-policies',
  '5.4.1': 'secret-environment-variables',
  '5.4.2': 'external-secret-store',
  '5.5.1': ['image-policy', 'image-policy-engine'],
  '5.6.1': 'namespace-boundaries',
  '5.6.2': 'seccomp-profile',
  '5.6.3': 'security-context',
  '5.6.4': 'default-namespace-use',
}

/** Controls that ask for another value since a version: the rule for what came before, and the one for what they ask now. */
const changedValues: Readonly<Record<string, readonly [before: string, now: string]>> = {
  '1.1.20': ['pki-certificate-mode-strict', 'pki-certificate-mode'],
  '4.1.7': ['kubelet-client-ca-mode-strict', 'kubelet-client-ca-mode'],
}

function rows(file: string): string[][] {
  const [, ...lines] = readFileSync(join(reference, file), 'utf8').trim().split('\n')
  return lines.map((line) => line.split(','))
}

/** The numbers that a control of 2.0 had in each version, followed back until the version that added it. */
function numbersOf(control: string): Record<string, string> {
  const changes = rows('cis-id-diff.csv')
  const numbers: Record<string, string> = { '2.0': control }
  let current = control
  for (let at = versions.length - 1; at > 0; at -= 1) {
    const of = changes.filter(
      ([from, to, , idTo]) => from === `cis-${versions[at - 1]}` && to === `cis-${versions[at]}` && idTo === current,
    )
    // Under an older meaning the number is another control's.
    if (of.some(([, , , , change]) => change === 'added' || change === 'meaning')) return numbers
    current = of.find(([, , , , change]) => change === 'renumbered')?.[2] ?? current
    numbers[versions[at - 1] ?? ''] = current
  }
  return numbers
}

describe.runIf(isThere)('CIS numbers', async () => {
  const { rules } = await loadCatalogue(join(root, 'rules'))
  const numbered = new Map(
    rules.flatMap(({ rule }) => {
      const numbers = rule.references['cis-kubernetes']
      return numbers === undefined ? [] : [[rule.id, numbers] as const]
    }),
  )

  const pairs = Object.entries(controls).flatMap(([control, ids]) => [ids].flat().map((id) => [control, id] as const))
  it.each(pairs)('%s of 2.0, in every version: %s', (control, id) => {
    const known = rows('cis-controls.csv').some(([number]) => number === control)
    expect({ known, numbers: numbered.get(id) }).toEqual({ known: true, numbers: numbersOf(control) })
  })

  it.each(Object.entries(changedValues))('%s, which changed its value: %s', (control, [before, now]) => {
    const change = rows('cis-id-diff.csv').find(([, , from, , kind]) => from === control && kind === 'value')
    const since = versions.findIndex((version) => change?.[1] === `cis-${version}`)
    const numbers = Object.entries(numbersOf(control))
    const of = (isNow: boolean) =>
      Object.fromEntries(
        numbers.filter(([version]) => versions.some((one, at) => one === version && at >= since === isNow)),
      )
    expect([numbered.get(before), numbered.get(now)]).toEqual([of(false), of(true)])
  })

  it('has protect-kernel-defaults as 4.2.6 up to 1.24 and never after', () => {
    const upTo124 = { '1.5': '4.2.6', '1.6': '4.2.6', '1.20': '4.2.6', '1.23': '4.2.6', '1.24': '4.2.6' }
    expect(numbered.get('protect-kernel-defaults')).toEqual(upTo124)
  })

  it('has added-capabilities as 5.2.9 until 1.12 removes it', () => {
    const removed = rows('cis-id-diff.csv').filter(
      ([, to, from, , change]) => change === 'removed' && from === '5.2.9' && to === 'cis-1.12',
    )
    const versionsBefore = versions.slice(0, versions.indexOf('1.12'))
    expect(removed).toHaveLength(1)
    expect(numbered.get('added-capabilities')).toEqual(Object.fromEntries(versionsBefore.map((one) => [one, '5.2.9'])))
  })

  it('covers every rule that has numbers', () => {
    const removed = ['protect-kernel-defaults', 'added-capabilities']
    expect([...numbered.keys()].sort()).toEqual(
      [...pairs.map(([, id]) => id), ...Object.values(changedValues).flat(), ...removed].sort(),
    )
  })
})
