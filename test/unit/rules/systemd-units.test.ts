// What restarts a kubelet or containerd is the node's own unit, which k3s, RKE2, k0s and MicroK8s give another name: rules take it
// from the node and name none themselves.
import { describe, expect, it } from 'vitest'
import { loadCatalogue } from '../../../src/catalog/index.ts'
import { findKubeletUnit } from '../../../src/derive/nodes/kubelet-unit.ts'
import { rulesFolder } from '../catalog/support.ts'
import { absent, buildHost, buildProcess } from '../derive/host-builder.ts'

const { rules } = await loadCatalogue(rulesFolder)

describe('the steps of rules', () => {
  it.each(rules.map(({ rule }) => [rule.id, rule] as const))('%s', (_id, { remediation, verify }) => {
    const commands = [...remediation.steps.flatMap(({ content }) => content ?? []), verify].join('\n')
    expect(commands).not.toMatch(
      /(?:systemctl (?!list-units)[a-z-]+|--unit)(?: \S+)* (?:kubelet|containerd)(?:\.service)?(?:\s|$)/m,
    )
    expect(commands).not.toMatch(/pidof kubelet/)
  })
})

describe('the units of a node', () => {
  const folders = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((folder) => `${folder}/systemd/system`)
  const server = (name: string, ...rest: string[]) => buildProcess(name, ...rest)
  it.each([
    ['k3s, which hides its arguments', server('k3s-server'), 'k3s', 'k3s'],
    ['a k3s agent', server('k3s-agent'), 'k3s-agent', 'k3s-agent'],
    ['RKE2', server('rke2', 'server'), 'rke2-server', 'rke2-server'],
    ['an RKE2 agent', server('rke2', 'agent'), 'rke2-agent', 'rke2-agent'],
    ['k0s', server('k0s', 'controller', '--enable-worker'), 'k0scontroller', 'k0scontroller'],
    ['a k0s worker', server('k0s', 'worker'), 'k0sworker', 'k0sworker'],
    ['MicroK8s', server('kubelite'), 'snap.microk8s.daemon-kubelite', 'snap.microk8s.daemon-containerd'],
  ])('%s', (_case, process, kubeletUnit, containerdUnit) => {
    expect(findKubeletUnit(buildHost({ processes: [process] }))).toMatchObject({ kubeletUnit, containerdUnit })
  })

  it.each([
    ['a kubelet of its own', buildHost({ processes: [server('kubelet'), server('containerd')] })],
    ['processes not to be seen', buildHost({ processes: { unavailable: { reason: 'sudo-denied', detail: '' } } })],
    [
      'k0s beside a kubelet.service',
      buildHost({
        processes: [server('k0s', 'worker')],
        files: { '/etc/systemd/system/kubelet.service': '[Service]\nExecStart=/usr/bin/kubelet\n' },
        directories: Object.fromEntries(folders.map((folder) => [`${folder}/kubelet.service.d`, absent])),
      }),
    ],
  ])('%s: nothing is said against the usual ones', (_case, host) => {
    expect(findKubeletUnit(host)).toBeUndefined()
  })
})
