// The list of retired rules, held against the rules there are.
// May not: let an id be retired and in use.
import { type RetiredRule, retiredRulesSchema } from '../model/retired-rule.ts'
import { type Problem, YamlSource } from '../util/yaml-source.ts'

export const retiredFile = 'retired.yaml'

export function readRetired(
  file: { readonly shown: string; readonly text: string } | undefined,
  ids: ReadonlySet<string>,
  problems: Problem[],
): readonly RetiredRule[] {
  if (file === undefined) return []
  const source = new YamlSource(file.shown, file.text, retiredRulesSchema)
  const retired = source.value?.retired ?? []
  const seen = new Set<string>()
  for (const [index, one] of retired.entries()) {
    if (ids.has(one.id)) source.add(['retired', index, 'id'], `${one.id} is a rule; a retired id is not used again`)
    if (seen.has(one.id)) source.add(['retired', index, 'id'], `${one.id} is retired twice`)
    seen.add(one.id)
    for (const successor of one.successors ?? [])
      if (!ids.has(successor) && !retired.some(({ id }) => id === successor))
        source.add(['retired', index, 'successors'], `there is no rule ${successor}`)
  }
  problems.push(...source.problems)
  return retired
}
