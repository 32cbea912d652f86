// Makes src/derive/rbac/bootstrap-role-data.ts from what API servers of several versions print as their bootstrap policy:
// node scripts/bootstrap-roles.ts <folder with one folder a version, such as 1.36.2/cluster-roles.yaml>
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

const texts = z.array(z.string()).default([])
const roleSchema = z.object({
  kind: z.enum(['ClusterRole', 'Role']),
  metadata: z.object({ name: z.string(), namespace: z.string().default('') }),
  rules: z
    .array(z.object({ verbs: texts, apiGroups: texts, resources: texts, resourceNames: texts, nonResourceURLs: texts }))
    .nullish(),
  aggregationRule: z
    .object({ clusterRoleSelectors: z.array(z.object({ matchLabels: z.record(z.string(), z.string()) })) })
    .optional(),
})
type Role = z.infer<typeof roleSchema>

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('Usage: node scripts/bootstrap-roles.ts <folder>')

/** Role → line → first minor version that has the line. */
const found = new Map<string, Map<string, number>>()
for (const version of readdirSync(folder).sort()) {
  const minor = Number(version.split('.')[1])
  const files = readdirSync(join(folder, version)).filter((name) => name.includes('roles') && name.endsWith('.yaml'))
  for (const file of files) {
    const list: unknown = parse(readFileSync(join(folder, version, file), 'utf8'))
    for (const role of z.object({ items: z.array(roleSchema) }).parse(list).items) note(role, minor)
  }
}

function note(role: Role, minor: number): void {
  const key = role.kind === 'Role' ? `${role.metadata.namespace}/${role.metadata.name}` : role.metadata.name
  const lines = found.get(key) ?? new Map<string, number>()
  found.set(key, lines)
  for (const line of [...rulesOf(role), ...selectorsOf(role)]) if (!lines.has(line)) lines.set(line, minor)
}

function rulesOf({ rules }: Role): string[] {
  return (rules ?? []).map(({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }) => {
    if (nonResourceURLs.length > 0) return `${verbs.join(',')} ${nonResourceURLs.join(',')}`
    const groups = apiGroups.map((group) => (group === '' ? 'core' : group)).join(',')
    const names = resourceNames.length === 0 ? '' : ` ${resourceNames.join(',')}`
    return `${verbs.join(',')} ${groups} ${resources.join(',')}${names}`
  })
}

function selectorsOf({ aggregationRule }: Role): string[] {
  const selectors = aggregationRule?.clusterRoleSelectors ?? []
  return selectors.flatMap(({ matchLabels }) => Object.entries(matchLabels).map(([key, value]) => `+ ${key}=${value}`))
}

const first = Math.min(...[...found.values()].flatMap((lines) => [...lines.values()]))
const blocks = [...found]
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([key, lines]) => {
    const since = [...lines].map(([line, minor]) => (minor === first ? line : `@${minor} ${line}`))
    return [`# ${key}`, ...since].join('\n')
  })
const head = `// The roles that Kubernetes 1.31–1.36 creates at start, each right from the first of these versions that has it; \`@34\` is 1.34.
// A role is "# name" or "# namespace/name"; a line is "verbs groups resources names", "verbs paths" or "+ label" it aggregates.
// From kubernetes/kubernetes, plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata (Apache-2.0, The Kubernetes Authors).
// Made by scripts/bootstrap-roles.ts. May not: be edited by hand.
`
const file = join(import.meta.dirname, '..', 'src/derive/rbac/bootstrap-role-data.ts')
writeFileSync(file, `${head}\nexport const bootstrapRoleData = \`\n${blocks.join('\n')}\n\`\n`)
