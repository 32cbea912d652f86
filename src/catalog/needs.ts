// What the rules of a catalogue ask of a cluster: the lists to read, and so the rights an auditor must have.
import { facts } from '../model/facts.ts'
import { type Family, familyNames } from '../model/objects.ts'
import type { Catalogue } from './load.ts'

/** Families that any rule needs, and the two that name the units: namespaces and nodes. In the order of `familyNames`. */
export function neededFamilies({ rules }: Pick<Catalogue, 'rules'>): Family[] {
  const needed = new Set<Family>(['namespaces', 'nodes'])
  for (const { rule } of rules)
    for (const need of rule.needs) for (const family of facts[need].families) needed.add(family)
  return familyNames.filter((name) => needed.has(name))
}
