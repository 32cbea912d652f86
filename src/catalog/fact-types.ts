// The types that expressions see, read off the fact schemas: one named object type per schema object, so that a field path can be
// checked before a rule ever runs. May not: know the expression engine or hold a value.
import { z } from 'zod'
import { unavailableSchema } from '../model/fact.ts'
import { type FactName, factNames, facts, type UnitKind } from '../model/facts.ts'

export interface ObjectType {
  readonly kind: 'object'
  /** Path of the type in the facts, such as "kernelParameters.required.running". */
  readonly name: string
  readonly fields: ReadonlyMap<string, { readonly type: FactType; readonly optional: boolean }>
}
export type FactType =
  | { readonly kind: 'string' | 'int' | 'double' | 'bool' }
  | { readonly kind: 'list'; readonly element: FactType }
  | { readonly kind: 'map'; readonly value: FactType }
  | ObjectType

const scalars = ['string', 'int', 'double', 'bool'] as const

/** Name of a type in the expression language. */
export function typeName(type: FactType): string {
  if (type.kind === 'list') return `list<${typeName(type.element)}>`
  if (type.kind === 'map') return `map<string, ${typeName(type.value)}>`
  return type.kind === 'object' ? type.name : type.kind
}

/** The type of a name that `typeName` gave; undefined for types that no fact has. */
export function typeNamed(name: string): FactType | undefined {
  const scalar = scalars.find((kind) => kind === name)
  if (scalar !== undefined) return { kind: scalar }
  const element = /^list<(.+)>$/.exec(name)?.[1]
  if (element === undefined) return objectTypes.get(name)
  const type = typeNamed(element)
  return type && { kind: 'list', element: type }
}

/** Every object type by name, those inside others included. */
export const objectTypes = new Map<string, ObjectType>()

/** What `unit` is: the identity of the thing a rule is evaluated for. */
export const unitType = declareObject('unit', {
  id: z.string(),
  name: z.string(),
  node: z.string().optional(),
  namespace: z.string().optional(),
  kubeletUnit: z.string(),
  kubeletPlaces: z.array(z.string()),
  containerdUnit: z.string(),
})

/** The units of Kubernetes' and containerd's own packages; for `unit` where a node shows no others. */
export const usualUnits = {
  kubeletUnit: 'kubelet',
  containerdUnit: 'containerd',
  kubeletPlaces: [
    '/etc/systemd/system',
    '/usr/lib/systemd/system',
    '/etc/default/kubelet',
    '/etc/sysconfig/kubelet',
    '/var/lib/kubelet/kubeadm-flags.env',
  ],
} as const

export const factTypes: ReadonlyMap<FactName, ObjectType> = new Map(
  factNames.map((name) => [name, declareObject(name, facts[name].schema.shape)]),
)

/** Facts that rules of a unit kind may need: its own, and the cluster's. */
export function factsFor(each: UnitKind): FactName[] {
  return factNames.filter((name) => facts[name].each === each || facts[name].each === 'cluster')
}

function declareObject(name: string, shape: z.core.$ZodShape): ObjectType {
  const fields = new Map<string, { type: FactType; optional: boolean }>()
  for (const [field, schema] of Object.entries(shape)) {
    const optional = schema instanceof z.ZodOptional
    fields.set(field, { type: typeOf(`${name}.${field}`, optional ? schema.unwrap() : schema), optional })
  }
  const type: ObjectType = { kind: 'object', name, fields }
  objectTypes.set(name, type)
  return type
}

function typeOf(path: string, schema: z.core.$ZodType): FactType {
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) return { kind: 'string' }
  if (schema instanceof z.ZodBoolean) return { kind: 'bool' }
  if (schema instanceof z.ZodNumber) return { kind: schema.format === 'safeint' ? 'int' : 'double' }
  if (schema instanceof z.ZodArray) return { kind: 'list', element: typeOf(path, schema.element) }
  if (schema instanceof z.ZodRecord) return { kind: 'map', value: typeOf(path, schema.valueType) }
  if (schema instanceof z.ZodObject) return declareObject(path, schema.shape)
  // A value that may be unavailable has the type of the value: reading it when it is not there is what makes an outcome unknown.
  const known =
    schema instanceof z.ZodUnion ? schema.options.filter((option: z.core.$ZodType) => option !== unavailableSchema) : []
  const [only] = known
  if (known.length === 1 && only instanceof z.ZodObject) return declareObject(path, only.shape)
  throw new Error(`The fact schema at ${path} has no counterpart in the expression language.`)
}
