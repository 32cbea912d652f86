// How far a pod is, by its object; and what its log holds.
import { describe, expect, test } from 'vitest'
import { readPodLog } from '../../../src/transport/pod-output.ts'
import { type PodState, readPodState } from '../../../src/transport/pod-status.ts'

const container = (state: object) => [{ name: 'probe', state }]
const waiting = (reason: string, message?: string) => ({
  phase: 'Pending',
  startTime: 't',
  containerStatuses: container({ waiting: { reason, message } }),
})
const terminated = (phase: string, exitCode: number, reason: string, more: object = {}) => ({
  phase,
  ...more,
  containerStatuses: container({ terminated: { exitCode, reason } }),
})

describe('a pod', () => {
  test.each<[name: string, status: unknown, expected: PodState, metadata?: object]>([
    ['without a status', undefined, { kind: 'waiting', hint: 'the node’s kubelet has not taken it' }],
    ['not taken', { phase: 'Pending' }, { kind: 'waiting', hint: 'the node’s kubelet has not taken it' }],
    ['taken', { phase: 'Pending', startTime: 't' }, { kind: 'waiting', hint: 'its container is being created' }],
    ['being created', waiting('ContainerCreating'), { kind: 'waiting', hint: 'its container is being created' }],
    [
      'pulled once in vain',
      waiting('ErrImagePull', 'no such host.'),
      { kind: 'waiting', hint: 'ErrImagePull: no such host' },
    ],
    [
      'pulled twice in vain',
      waiting('ImagePullBackOff'),
      { kind: 'failed', detail: 'The pod cannot start: ImagePullBackOff.' },
    ],
    [
      'unscheduled, where something took its node',
      {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }],
      },
      { kind: 'waiting', hint: 'Unschedulable: 0/3 nodes' },
    ],
    ['running', { phase: 'Running', containerStatuses: container({ running: {} }) }, { kind: 'running' }],
    ['done', terminated('Succeeded', 0, 'Completed'), { kind: 'ended' }],
    // The container's end is told before the pod's.
    ['whose container ended', terminated('Running', 0, 'Completed'), { kind: 'running' }],
    [
      'killed for memory',
      terminated('Failed', 137, 'OOMKilled'),
      { kind: 'ended', why: 'The pod was ended before the probe was done: OOMKilled, exit code 137.' },
    ],
    [
      'past its deadline',
      terminated('Failed', 137, 'Error', {
        reason: 'DeadlineExceeded',
        message: 'Pod was active on the node too long',
      }),
      {
        kind: 'ended',
        why: 'The pod was ended before the probe was done: DeadlineExceeded: Pod was active on the node too long, exit code 137.',
      },
    ],
    [
      'refused by the kubelet',
      { phase: 'Failed', reason: 'OutOfpods', message: 'Node didn’t have enough resource: pods\u001b[31m\n' },
      {
        kind: 'failed',
        detail: 'The pod was refused or ended by the node: OutOfpods: Node didn’t have enough resource: pods [31m.',
      },
    ],
    [
      'being evicted',
      {
        phase: 'Running',
        conditions: [
          {
            type: 'DisruptionTarget',
            status: 'True',
            reason: 'DeletionByTaintManager',
            message: 'Taint manager: deleting',
          },
        ],
      },
      { kind: 'deleting', why: ': DeletionByTaintManager: Taint manager: deleting' },
      { deletionTimestamp: 't' },
    ],
    [
      'of another shape',
      { phase: 7, containerStatuses: 'x' },
      { kind: 'waiting', hint: 'the node’s kubelet has not taken it' },
    ],
  ])('%s', (_name, status, expected, metadata = {}) => {
    expect(readPodState({ metadata, status })).toEqual(expected)
  })
})

describe('a log', () => {
  const reasons = {
    cut: 'connection-lost The pod’s log ended before the probe’s last line.',
    head: 'connection-lost The pod’s log does not begin with the probe’s first line: the node may have rotated it away (containerLogMaxSize of the kubelet).',
    middle:
      'connection-lost Lines are missing in the pod’s log after 2: the node may have rotated them away (containerLogMaxSize of the kubelet).',
  }
  test.each<[name: string, log: string, stdout: string, interrupted: string | undefined]>([
    ['whole', '0 #n H\n1 abc\n2 end\n', '#n H\nabc\n', undefined],
    ['empty', '', '', reasons.cut],
    ['cut at a line', '0 #n H\n1 abc\n', '#n H\nabc\n', reasons.cut],
    ['cut in a line', '0 #n H\n1 ab', '#n H\n', reasons.cut],
    ['without its beginning', '5 abc\n6 end\n', '', reasons.head],
    ['without its middle', '0 a\n1 b\n3 d\n4 end\n', 'a\nb\n', reasons.middle],
    ['with a line twice', '0 a\n1 b\n1 b\n2 end\n', 'a\nb\n', reasons.middle],
    ['with words of others', 'permission denied\n0 a\n1 end\n', '', reasons.head],
    // Only the last line is the end; one within a body is text.
    ['that goes on after its end', '0 end\n1 a\n', '', undefined],
    [
      'of an image without awk',
      'kube-assay: no awk\n',
      '',
      'unsupported The pod’s image has no awk. Choose another with --pod-image.',
    ],
    [
      'without a host',
      'kube-assay: no host\n',
      '',
      'pod-failed The pod found no host below its mount: /proc or /sys of the node are not there.',
    ],
  ])('%s', (_name, log, stdout, interrupted) => {
    const output = readPodLog(Buffer.from(log))
    expect(output.stdout.toString()).toBe(stdout)
    expect(output.interrupted && `${output.interrupted.reason} ${output.interrupted.detail}`).toBe(interrupted)
  })
})
