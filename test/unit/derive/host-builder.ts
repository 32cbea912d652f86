// Builds the evidence of one host for derive tests: only what a case is about, everything else as the probe would leave it out.
import type { HostEvidence, ProcessEvidence } from '../../../src/model/node-evidence.ts'

export interface HostParts {
  /** Path → content, or evidence as it is (absent, unavailable, resolved …). */
  readonly files?: Readonly<Record<string, string | HostEvidence['files'][string]>>
  readonly directories?: Readonly<Record<string, readonly string[] | HostEvidence['directories'][string]>>
  readonly processes?: HostEvidence['processes']
  readonly commands?: Readonly<Record<string, string | HostEvidence['commands'][string]>>
  readonly incomplete?: HostEvidence['incomplete']
}

export const absent = { absent: true } as const
export const denied = { unavailable: { reason: 'permission-denied', detail: 'Permission denied.' } } as const

export function buildHost(parts: HostParts): HostEvidence {
  return {
    run: {
      transport: 'ssh',
      privilege: 'root',
      startedAt: '2026-11-20T10:00:00Z',
      durationMs: 10,
      bytes: 100,
      probeVersion: '1',
    },
    files: mapValues(parts.files ?? {}, (file) => (typeof file === 'string' ? { content: file } : file)),
    directories: mapValues(parts.directories ?? {}, (entry) => (isList(entry) ? { entries: [...entry] } : entry)),
    processes: parts.processes ?? [],
    commands: mapValues(parts.commands ?? {}, (command) =>
      typeof command === 'string' ? { exitCode: 0, output: command } : command,
    ),
    ...(parts.incomplete ? { incomplete: parts.incomplete } : {}),
  }
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value)
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}

export function buildProcess(name: string, ...rest: readonly string[]): ProcessEvidence {
  return {
    pid: 812,
    name,
    executable: `/usr/bin/${name}`,
    arguments: [`/usr/bin/${name}`, ...rest],
    startedAt: 1_700_000_000,
  }
}
