// The change that takes a subject out of a binding, as kubectl takes it.
// May not: touch what is not the subject's. The API server refuses the patch where the list is no longer the one that was read.
import type { BindingObject } from '../../model/objects.ts'
import { type SubjectName, subjectId, subjectOf } from './names.ts'

/** A JSON patch (RFC 6902). From the last place on, so that no removal moves what another one names. */
export function removalOf(binding: BindingObject, ...subjects: readonly SubjectName[]): string {
  const places = new Set(subjects.flatMap((subject) => placesOf(binding).get(subjectId(subject)) ?? []))
  const steps = [...places]
    .toSorted((a, b) => b - a)
    .flatMap((at) => [
      { op: 'test', path: `/subjects/${at}/name`, value: binding.subjects[at]?.name },
      { op: 'remove', path: `/subjects/${at}` },
    ])
  return JSON.stringify(steps)
}

/** Subject id → where it stands; once for a binding, which can have thousands. */
const known = new WeakMap<BindingObject, ReadonlyMap<string, readonly number[]>>()

function placesOf(binding: BindingObject): ReadonlyMap<string, readonly number[]> {
  const made = known.get(binding) ?? findPlaces(binding)
  known.set(binding, made)
  return made
}

function findPlaces({ subjects }: BindingObject): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>()
  for (const [at, one] of subjects.entries()) {
    const id = subjectId(subjectOf(one))
    places.set(id, [...(places.get(id) ?? []), at])
  }
  return places
}
