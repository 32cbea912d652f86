// The ways to the nodes: whether each lets the audit in, and as root.
// May not: read a fact of a node, or make pods; for the way pod the rights are what can be asked beforehand.
import pLimit from 'p-limit'
import { nodeTargets } from '../../collect/nodes.ts'
import { collectObjects } from '../../collect/objects.ts'
import { waysOf } from '../../model/access.ts'
import type { Config } from '../../model/config.ts'
import { isUnavailable } from '../../model/fact.ts'
import type { NodeObject } from '../../model/objects.ts'
import type { NodeAccess, NodeTarget } from '../../transport/contracts.ts'
import type { KubeSource } from '../../transport/kube.ts'
import { openWays } from '../node-ways.ts'
import { type Check, failed, ok, skipped, someOf, warned } from './check.ts'

const mark = 'kube-assay-doctor'
const script = `printf '${mark} %s %s\\n' "$(id -u)" "\${KUBE_ASSAY_SUDO:-}"\n`
const maxBytes = 4096

export async function checkNodes(source: KubeSource, settings: Config, signal: AbortSignal): Promise<Check[]> {
  const ways = waysOf(settings.nodeAccess)
  if (ways.length === 0) return [skipped('nodes', 'Nodes', 'Their hosts are not read (--node-access none).')]
  const nodes = await listNodes(source, signal)
  if (nodes === undefined)
    return [
      failed('nodes', 'Nodes', 'They could not be listed, so that none can be reached.', 'See Rights, and API server.'),
    ]
  const { ssh = {}, local, nodes: selectors } = settings
  const { targets, unmatched } = nodeTargets(nodes, {
    ...(selectors !== undefined && { selectors }),
    ...(ssh.addresses !== undefined && { addresses: ssh.addresses }),
    ...(local?.node !== undefined && { localNode: local.node }),
    ...(ssh.port !== undefined && { port: ssh.port }),
    ...(ssh.user !== undefined && { user: ssh.user }),
    ...(ssh.groups !== undefined && { groups: ssh.groups }),
  })
  const checks: Check[] =
    unmatched.length === 0
      ? []
      : [
          failed(
            'node-names',
            'Node names',
            `These name no node of the cluster: ${someOf(unmatched)}.`,
            'Correct --nodes, --ssh-address or --local-node; kubectl get nodes has the names.',
          ),
        ]
  for (const way of ways) {
    if (way === 'ssh' || way === 'local') checks.push(...(await checkWay(way, targets, settings, source, signal)))
    else if (way === 'pod')
      checks.push(
        skipped('pod', 'Pods on nodes', 'Making pods is not tried here; whether it is allowed stands under Rights.'),
      )
  }
  return checks
}

async function listNodes(source: KubeSource, signal: AbortSignal): Promise<NodeObject[] | undefined> {
  const nodes: NodeObject[] = []
  let isWhole = false
  await collectObjects({
    source,
    families: ['nodes'],
    serverMinor: undefined,
    concurrency: 1,
    signal,
    drained: async () => undefined,
    onProgress: () => undefined,
    emit: (record) => {
      if (record.record === 'object' && record.family === 'nodes') nodes.push(record.object)
      if (record.record === 'restart') nodes.length = 0
      if (record.record === 'family' && record.family === 'nodes') isWhole = record.unavailable === undefined
    },
  })
  return isWhole ? nodes : undefined
}

interface Reached {
  readonly node: string
  /** root: as an audit wants it. user: sudo was refused or is not to be used. forced: another program answered. */
  readonly state: 'root' | 'user' | 'forced' | 'no'
  readonly detail: string
}

async function checkWay(
  way: 'ssh' | 'local',
  targets: readonly NodeTarget[],
  settings: Config,
  source: KubeSource,
  signal: AbortSignal,
): Promise<Check[]> {
  const concurrency = settings.concurrency?.nodes ?? 32
  const { ways, close } = await openWays(
    { ...settings, nodeAccess: way },
    { request: source.request, targets, concurrency, onNote: () => undefined, onWarning: () => undefined },
  )
  try {
    const [access] = ways
    if (access === undefined) return []
    const limit = pLimit(concurrency)
    const reached = await Promise.all(targets.map((target) => limit(reach, access, target, settings, signal)))
    return verdicts(way, reached)
  } finally {
    await close()
  }
}

async function reach(access: NodeAccess, target: NodeTarget, { ssh }: Config, signal: AbortSignal): Promise<Reached> {
  const { node, noSsh } = target
  if (noSsh !== undefined && access.transport === 'ssh') return { node, state: 'no', detail: noSsh }
  const limits = {
    timeoutMs: (ssh?.timeoutSeconds ?? 60) * 1000,
    connectTimeoutMs: (ssh?.connectTimeoutSeconds ?? 10) * 1000,
    maxBytes,
  }
  const output = await access.runProbe(target, script, limits, signal)
  if (isUnavailable(output)) return { node, state: 'no', detail: output.unavailable.detail }
  const text = Buffer.from(output.stdout).toString('utf8')
  const [, uid, sudo] = new RegExp(`^${mark} (\\d+) ?(\\w*)$`, 'm').exec(text) ?? []
  if (uid === undefined) {
    if (output.stdout.length > 0)
      return { node, state: 'forced', detail: 'A forced command answers in the shell’s place.' }
    return {
      node,
      state: 'no',
      detail: output.interrupted?.detail ?? `${output.address} ran nothing and said nothing.`,
    }
  }
  if (uid === '0') return { node, state: 'root', detail: '' }
  return { node, state: 'user', detail: sudo === 'denied' ? 'sudo -n was refused.' : 'sudo is not to be used.' }
}

function verdicts(way: 'ssh' | 'local', reached: readonly Reached[]): Check[] {
  const title = way === 'ssh' ? 'SSH' : 'This machine'
  const of = (state: Reached['state']) => reached.filter((one) => one.state === state)
  const [lost, users, forced] = [of('no'), of('user'), of('forced')]
  const inside = reached.length - lost.length
  const reasons = [...Map.groupBy(lost, ({ detail }) => generalised(detail))].map(
    ([, group]) => `${someOf(group.map(({ node }) => node))}: ${group[0]?.detail ?? ''}`,
  )
  return [
    lost.length === 0
      ? ok(way, title, `${inside} of ${reached.length} nodes let the audit in.`)
      : failed(
          way,
          title,
          `${lost.length} of ${reached.length} nodes cannot be read this way. ${someOf(reasons)}`,
          way === 'ssh'
            ? 'ssh <user>@<address> true as the same user shows more; --ssh-user, --ssh-key, --ssh-jump and --ssh-address say how, --ssh-accept-new records new host keys.'
            : '--local-node names the node that this machine is; other nodes need another way.',
        ),
    ...(users.length === 0
      ? reached.length === lost.length
        ? []
        : [ok(`${way}-root`, 'Root', `${inside - forced.length} of ${inside} nodes read as root.`)]
      : [
          failed(
            `${way}-root`,
            'Root',
            `${users.length} of ${inside} nodes only as the login user: ${someOf(users.map(({ node }) => node))}. ${users[0]?.detail ?? ''}`,
            'One line in sudoers on each: audit ALL=(root) NOPASSWD: /bin/sh -s',
          ),
        ]),
    ...(forced.length === 0
      ? []
      : [
          warned(
            `${way}-forced`,
            'Forced command',
            `${forced.length} nodes run an installed copy of the probe: ${someOf(forced.map(({ node }) => node))}.`,
            'Nothing to do, unless an audit calls it a copy of another release.',
          ),
        ]),
  ]
}

/** The same trouble on many nodes is told once: addresses and ports apart. */
function generalised(detail: string): string {
  return detail.replaceAll(/\d+/g, '0')
}
