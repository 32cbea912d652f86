// Kubernetes' own conformance cases for the Pod Security Standards: every pod of every version, through the projection that a live
// cluster goes through, must get the verdict of its version. None is left out: pods that the API server itself refuses before any
// check (procMount Unmasked without hostUsers: false) have the same verdict here.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { projectObject } from '../../../../src/collect/projection/index.ts'
import { derivePodSecurity, evaluatePodSecurity } from '../../../../src/derive/pod-security/index.ts'
import type { PodTemplate } from '../../../../src/model/pod.ts'

const file = join(import.meta.dirname, '../../../../../shared/reference/pod-security/cases.jsonl.gz')
const isThere = existsSync(file)
if (!isThere)
  console.warn('SKIPPED: Pod Security conformance, because the reference cases are not beside the repository.')

const caseSchema = z.strictObject({
  level: z.enum(['baseline', 'restricted']),
  version: z.string().regex(/^v1\.\d+$/),
  expected: z.enum(['pass', 'fail']),
  case: z.string(),
  manifest: z.string(),
})
type Case = z.infer<typeof caseSchema>

function readCases(): Case[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n')
  return lines.map((line) => caseSchema.parse(JSON.parse(line)))
}

/** The template that a snapshot would hold: written as JSON and read again. */
function templateOf(manifest: string): PodTemplate {
  const found: PodTemplate[] = []
  const problem = projectObject('pods', parse(manifest), new Set(), (record) => {
    if (record.record === 'template') found.push(JSON.parse(JSON.stringify(record.template)))
  })
  const [template] = found
  if (template === undefined) throw new Error(`The projection does not keep the pod: ${problem}`)
  return template
}

function verdictOf({ level, version, manifest }: Case): { verdict: Case['expected']; checks: string } {
  const minor = Number(version.slice('v1.'.length))
  const violations = evaluatePodSecurity(templateOf(manifest), level, minor)
  const checks = [...new Set(violations.map(({ check }) => check))]
  return { verdict: checks.length === 0 ? 'pass' : 'fail', checks: checks.join(', ') }
}

function nameOf(one: Case): string {
  return `${one.level}/${one.version}/${one.expected}/${one.case}`
}

/**
 * What the failing cases fail for, by level and name of the case (without its number): its own check; at level restricted the check
 * that overrides it there; and what else such a pod cannot avoid, such as a HostProcess pod the node's network.
 */
const failures: Readonly<Record<Case['level'], Readonly<Record<string, readonly string[]>>>> = {
  baseline: {
    apparmorprofile: ['appArmorProfile'],
    capabilities_baseline: ['capabilities_baseline'],
    hostnamespaces: ['hostNamespaces'],
    hostpathvolumes: ['hostPathVolumes'],
    hostports: ['hostPorts'],
    hostprobesandhostlifecycle: ['hostProbesAndHostLifecycle'],
    privileged: ['privileged'],
    procmount: ['procMount'],
    seccompprofile_baseline: ['seccompProfile_baseline'],
    selinuxoptions: ['seLinuxOptions'],
    sysctls: ['sysctls'],
    windowshostprocess: ['hostNamespaces, windowsHostProcess'],
  },
  restricted: {
    allowprivilegeescalation: [
      'allowPrivilegeEscalation',
      // The container without any security context.
      'allowPrivilegeEscalation, capabilities_restricted',
    ],
    apparmorprofile: ['appArmorProfile'],
    capabilities_baseline: ['capabilities_baseline', 'capabilities_restricted'],
    capabilities_restricted: ['capabilities_restricted'],
    hostnamespaces: ['hostNamespaces'],
    hostpathvolumes: ['restrictedVolumes'],
    hostports: ['hostPorts'],
    hostprobesandhostlifecycle: ['hostProbesAndHostLifecycle'],
    privileged: ['privileged', 'privileged, allowPrivilegeEscalation'],
    procmount: ['procMount', 'procMount_restricted'],
    procmount_restricted: ['procMount_restricted'],
    restrictedvolumes: ['restrictedVolumes'],
    runasnonroot: ['runAsNonRoot'],
    runasuser: ['runAsUser'],
    seccompprofile_baseline: ['seccompProfile_baseline', 'seccompProfile_restricted'],
    seccompprofile_restricted: ['seccompProfile_restricted'],
    selinuxoptions: ['seLinuxOptions'],
    sysctls: ['sysctls'],
    windowshostprocess: ['hostNamespaces, windowsHostProcess'],
  },
}

function failuresOf(cases: readonly Case[], level: Case['level']): Record<string, string[]> {
  const found = new Map<string, Set<string>>()
  for (const one of cases.filter(({ expected, level: of }) => expected === 'fail' && of === level)) {
    const name = one.case.replace(/\d+$/, '')
    found.set(name, (found.get(name) ?? new Set()).add(verdictOf(one).checks))
  }
  return Object.fromEntries([...found].map(([name, checks]) => [name, [...checks].sort()]))
}

/** As kubectl would apply the patch of a template to the pod, for the few kinds of change that there are. */
function patched(manifest: string, change: string): string {
  const apply = (before: unknown, after: unknown, key = ''): unknown => {
    if (Array.isArray(after)) {
      const listed = after.filter((one) => one?.['$patch'] !== 'replace')
      const by = { containers: 'name', initContainers: 'name', volumes: 'name', ports: 'containerPort' }[key]
      if (by === undefined || !Array.isArray(before) || listed.length < after.length) return listed
      const rest = before.filter((one) => !listed.some((other) => other[by] === one[by]))
      return [
        ...rest,
        ...listed.map((one) =>
          apply(
            before.find((other) => other[by] === one[by]),
            one,
          ),
        ),
      ]
    }
    if (typeof after !== 'object' || after === null) return after
    const { $retainKeys: kept, ...fields } = after as Record<string, unknown>
    const old = Object.entries((before ?? {}) as Record<string, unknown>)
    const result = new Map(old.filter(([name]) => !Array.isArray(kept) || kept.includes(name)))
    for (const [name, value] of Object.entries(fields)) {
      if (value === null) result.delete(name)
      else result.set(name, apply(result.get(name), value, name))
    }
    return Object.fromEntries(result)
  }
  return JSON.stringify(apply(parse(manifest), JSON.parse(change)))
}

describe.runIf(isThere)('conformance cases', () => {
  const cases = isThere ? readCases() : []

  it('are all there', () => {
    const versions = new Set(cases.map(({ version }) => version))
    expect({ cases: cases.length, versions: versions.size }).toEqual({ cases: 4_241, versions: 36 })
  })

  it('have the verdict that the API server gives', () => {
    const wrong = cases.flatMap((one) => {
      const { verdict, checks } = verdictOf(one)
      return verdict === one.expected ? [] : [{ case: nameOf(one), verdict, checks }]
    })
    if (wrong.length > 0) console.table(wrong)
    expect(wrong).toEqual([])
  })

  it.each(['baseline', 'restricted'] as const)('fail at level %s for the check that they are about', (level) => {
    expect(failuresOf(cases, level)).toEqual(
      Object.fromEntries(Object.entries(failures[level]).map(([name, checks]) => [name, checks.toSorted()])),
    )
  })

  it('meet level baseline after the change that is printed for them', () => {
    const wrong = cases.flatMap((one) => {
      const minor = Number(one.version.slice('v1.'.length))
      const template = templateOf(one.manifest)
      const fact = derivePodSecurity(template, { gitVersion: `${one.version}.0`, major: 1, minor })
      if (!('violations' in fact)) return [nameOf(one)]
      const isMet = fact.violations.every(({ level }) => level !== 'baseline')
      if (isMet) return fact.baselineChange === '' ? [] : [nameOf(one)]
      const after = evaluatePodSecurity(templateOf(patched(one.manifest, fact.baselineChange)), 'baseline', minor)
      return after.length === 0 ? [] : [`${nameOf(one)}: ${fact.baselineChange}`]
    })
    expect(wrong).toEqual([])
  })
})
