// A small audit: three nodes, one of them not reached, and a catalogue made for the test from YAML texts.
import { type CompiledRule, compileRule } from '../../../src/catalog/compile.ts'
import type { BenchmarkChoice, Catalogue } from '../../../src/catalog/index.ts'
import type { EvaluateInput } from '../../../src/evaluate/index.ts'
import type { Evidence } from '../../../src/model/evidence.ts'
import { type Unavailable, unavailable } from '../../../src/model/fact.ts'
import type { UnitKind } from '../../../src/model/facts.ts'
import type { Family } from '../../../src/model/objects.ts'
import { type Rule, ruleSchema } from '../../../src/model/rule.ts'
import type { FactSet, Unit } from '../../../src/model/unit.ts'
import { forEachFamily } from '../../../src/snapshot/families.ts'

export const unreachable = unavailable('unreachable', 'worker-2 refused the connection')
const benchmark: BenchmarkChoice = { key: 'cis-kubernetes', name: 'CIS Kubernetes', version: '1.24' }

/** A rule on the cgroup version, with parts replaced. */
export function compiled(parts: Partial<Rule> = {}): CompiledRule {
  const rule = ruleSchema.parse({
    id: 'cgroup-version',
    title: 'The node uses cgroup v2',
    problem: 'The node uses cgroup v1',
    severity: 'medium',
    assessment: 'automated',
    references: { documents: ['C5'], 'cis-kubernetes': { '1.24': '9.9.9', '2.0': '8.8.8' } },
    needs: ['cgroups'],
    each: 'nodes',
    checks: [
      {
        expression: 'cgroups.version.value == "v2"',
        message: 'The node uses cgroup {{ cgroups.version.value }}',
        observed: 'cgroups.version.value',
        expected: 'v2',
        source: 'cgroups.version.source',
      },
    ],
    description: 'About cgroups.',
    rationale: 'Because of cgroups.',
    remediation: { risk: 'A reboot.', steps: [{ text: 'Boot {{ unit.name }} with cgroup v2.' }] },
    verify: 'ssh {{ unit.name }} stat -fc %T /sys/fs/cgroup',
    ...parts,
  })
  const problems: string[] = []
  const made = compileRule(rule, 'cgroups', (path, message) => problems.push(`${path.join('.')}: ${message}`))
  if (made === undefined) throw new Error(problems.join('\n'))
  return made
}

export function catalogueOf(rules: readonly CompiledRule[]): Catalogue {
  return {
    rules,
    benchmarks: new Map(),
    plans: new Map(),
    frameworks: new Map(),
    version: '0.1.0',
    digest: 'd'.repeat(64),
  }
}

export function node(name: string, cgroups: Record<string, unknown> | Unavailable): Unit {
  const value = 'unavailable' in cgroups ? cgroups : { ...noCgroups, ...cgroups }
  const facts: Record<string, unknown> = { cgroups: value }
  return { identity: { kind: 'nodes', id: `node/${name}`, name, node: name }, facts }
}
const unread = unavailable('not-collected', 'The test does not give it.')
const noCgroups = {
  version: unread,
  controllers: unread,
  missingControllers: unread,
  initDriver: unread,
  kubeletDriver: unread,
  runtimeDriver: unread,
}
export const seen = (value: unknown, source = '/proc/mounts') => ({ value, source })

const cluster: Unit = { identity: { kind: 'cluster', id: 'cluster', name: 'prod' }, facts: {} }

export function factSetOf(
  units: Partial<Record<UnitKind, readonly Unit[]>>,
  missingUnits: FactSet['missingUnits'] = {},
): FactSet {
  return {
    cluster,
    units: {
      cluster: [cluster],
      nodes: [],
      workloads: [],
      namespaces: [],
      bindings: [],
      roles: [],
      subjects: [],
      ...units,
    },
    missingUnits,
  }
}

export function evidenceOf(parts: Partial<Evidence> = {}): Evidence {
  const family = (name: Family) => ({
    objects: [],
    status: {
      record: 'family' as const,
      family: name,
      count: 0,
      source: `GET /${name}`,
      startedAt: '2026-11-20T08:00:00Z',
      finishedAt: '2026-11-20T08:00:01Z',
      ...(name === 'secrets' && { unavailable: { reason: 'forbidden' as const, detail: 'secrets are forbidden' } }),
    },
  })
  return {
    header: {
      record: 'header',
      schemaVersion: '1.0',
      tool: { name: 'kube-assay', version: '0.1.0' },
      cluster: { name: 'Prod/EU 1', uid: 'uid-1', version: 'v1.24.17' },
      source: { kind: 'live', server: 'https://10.0.0.1:6443' },
      startedAt: '2026-11-20T08:00:00Z',
    },
    trailer: { record: 'trailer', finishedAt: '2026-11-20T08:01:00Z', counts: {}, sha256: '7f3a'.padEnd(64, '0') },
    families: forEachFamily(family),
    templates: new Map(),
    nodes: [
      {
        node: 'worker-1',
        host: {
          run: {
            transport: 'ssh',
            address: '10.0.0.11',
            user: 'audit',
            privilege: 'sudo',
            startedAt: '2026-11-20T08:00:00Z',
            durationMs: 120,
            bytes: 4096,
            probeVersion: '1',
          },
          files: {},
          directories: {},
          processes: [],
          commands: {},
        },
      },
      { node: 'worker-2', host: unreachable },
    ],
    ...parts,
  }
}

export function inputOf(parts: Partial<EvaluateInput>): EvaluateInput {
  return {
    evidence: evidenceOf(),
    facts: factSetOf({}),
    catalogue: catalogueOf([compiled()]),
    benchmark,
    now: '2026-11-20T09:00:00Z',
    tool: { name: 'kube-assay', version: '0.1.0' },
    findingsCap: 1000,
    ...parts,
  }
}
