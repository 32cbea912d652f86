// Every case of ../shared/reference/kubelet-effective-config against what the real kubelet 1.36.2 printed, field by field.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { kubeletLeaves } from '../../../../src/derive/nodes/kubelet-decode.ts'
import { type EffectiveKubelet, resolveKubelet } from '../../../../src/derive/nodes/kubelet-effective.ts'
import { isUnavailable } from '../../../../src/model/fact.ts'
import { buildHost, buildProcess } from '../host-builder.ts'

const root = join(import.meta.dirname, '../../../../../shared/reference/kubelet-effective-config')
const isThere = existsSync(root)
if (!isThere) console.warn(`SKIPPED: the kubelet oracle is not at ${root}.`)

interface Case {
  readonly flags: readonly string[]
  readonly accepted: boolean
  readonly note: string
}

/** What the harness passed to every kubelet beside the case's own flags: none of it is in case.json, all of it in the results. */
const harnessFlags = ['--v=5', '--container-runtime-endpoint=unix:///W/none.sock']

/** Git keeps no empty folder, but the case is about one. */
const emptyDropInFolder = '24-empty-dir'

/** The build that printed the results only warns about unknown gates (its case.json says so); a "+" version is such a build. */
const lenientBuild = '45-unknown-feature-gate'

function resolveCase(name: string): EffectiveKubelet {
  const folder = join(root, name)
  const { flags }: Case = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'))
  const hasFile = existsSync(join(folder, 'config.yaml'))
  const dropIns = existsSync(join(folder, 'conf.d'))
    ? readdirSync(join(folder, 'conf.d'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, 'conf.d').length + 1))
    : []
  const hasFolder = dropIns.length > 0 || name === emptyDropInFolder
  const files = Object.fromEntries(
    dropIns.map((path) => [`/W/conf.d/${path}`, readFileSync(join(folder, 'conf.d', path), 'utf8')]),
  )
  const host = buildHost({
    files: { ...files, ...(hasFile ? { '/W/kubelet.yaml': readFileSync(join(folder, 'config.yaml'), 'utf8') } : {}) },
    directories: { '/W/conf.d': dropIns, '/nonexistent': { absent: true } },
  })
  const argv = [
    ...(hasFile ? ['--config=/W/kubelet.yaml'] : []),
    ...(hasFolder ? ['--config-dir=/W/conf.d'] : []),
    ...harnessFlags,
    ...flags,
  ]
  return resolveKubelet({
    host,
    process: buildProcess('kubelet', ...argv),
    version: { minor: 36, isDistributionBuild: name === lenientBuild },
  })
}

function readExpected(name: string): Readonly<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(readFileSync(join(root, name, 'effective.json'), 'utf8'))
  return flatten(parsed, '')
}

/** Go's field names are the JSON names in another case, but for this one. */
const renamed: Readonly<Record<string, string>> = { resolverconfig: 'resolvconf' }
const leafByLowerCase = new Map([...kubeletLeaves.keys()].map((path) => [path.toLowerCase(), path]))

/** Leaf path → value, the keys in our spelling; a key that is no field of ours stays as it is and fails the comparison. */
function flatten(value: unknown, prefix: string): Readonly<Record<string, unknown>> {
  const path = leafByLowerCase.get(renamed[prefix] ?? prefix)
  if (path !== undefined) return { [path]: value }
  if (typeof value !== 'object' || value === null) return { [prefix]: value }
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, item]) => flatten(item, join(prefix, key).replaceAll('/', '.').toLowerCase())),
  )
}

function readActual(effective: EffectiveKubelet): Readonly<Record<string, unknown>> {
  const entries = [...kubeletLeaves.keys()].map((path) => {
    const observed = effective.value(path)
    return [path, isUnavailable(observed) ? observed : observed.value]
  })
  const actual = Object.fromEntries(entries)
  // Go prints no empty omitempty field of the logging options.
  for (const path of ['logging.vmodule', 'logging.options.text.splitStream', 'logging.options.json.splitStream']) {
    expect([null, false]).toContain(actual[path])
    delete actual[path]
  }
  // Without a certificate and without serverTLSBootstrap the kubelet makes its own after the merge, in the harness's --cert-dir.
  if (actual['tlsCertFile'] === '' && actual['tlsPrivateKeyFile'] === '' && actual['serverTLSBootstrap'] === false) {
    actual['tlsCertFile'] = '/W/pki/kubelet.crt'
    actual['tlsPrivateKeyFile'] = '/W/pki/kubelet.key'
  }
  return actual
}

describe.skipIf(!isThere)('effective configuration as kubelet 1.36.2 printed it', () => {
  const names = isThere ? readdirSync(root).filter((name) => existsSync(join(root, name, 'case.json'))) : []

  it('has all 29 cases', () => {
    if (isThere) expect(names).toHaveLength(29)
  })

  it.each(names)('%s', (name) => {
    const { accepted }: Case = JSON.parse(readFileSync(join(root, name, 'case.json'), 'utf8'))
    const effective = resolveCase(name)
    expect(effective.refused === undefined).toBe(accepted)
    if (accepted) expect(readActual(effective)).toEqual(readExpected(name))
    else expect(isUnavailable(effective.value('protectKernelDefaults'))).toBe(true)
  })

  it('refuses the unknown gate in an upstream build', () => {
    const host = buildHost({ files: { '/c': readFileSync(join(root, lenientBuild, 'config.yaml'), 'utf8') } })
    const process = buildProcess('kubelet', '--config=/c')
    const upstream = resolveKubelet({ host, process, version: { minor: 36, isDistributionBuild: false } })
    expect(upstream.refused).toBe('unrecognized feature gate: NoSuchGate')
  })
})
