// The ways to a node's host facts and their settings: what the configuration may say of them.
// May not: know how a way works.
import { z } from 'zod'

/** In the words of `--node-access`. api: node objects and the API alone, no host. none: nodes are not looked at beyond their objects. */
export const accessWays = ['ssh', 'pod', 'local', 'api', 'none'] as const
export type AccessWay = (typeof accessWays)[number]

const names = accessWays.join(', ')
const waySchema = z.enum(accessWays, { error: `Expected one of ${names}.` })

export const nodeAccessSchema = z
  .union([waySchema, z.array(waySchema).min(1)], { error: `Expected one of ${names}, or a list of them.` })
  .refine((value) => typeof value === 'string' || new Set(value).size === value.length, 'A way stands twice.')
  .refine((value) => typeof value === 'string' || value.length === 1 || !value.includes('none'), 'none stands alone.')
  .refine(
    (value) => typeof value === 'string' || !value.slice(0, -1).includes('api'),
    'api has no host to fail on, so that no way after it is ever tried: put it last.',
  )
  .describe('How host facts are read, tried in this order on every node: ssh, pod, local, api; or none. Default ssh.')

/** The ways in order, without `none`. */
export function waysOf(value: z.infer<typeof nodeAccessSchema> | undefined): readonly Exclude<AccessWay, 'none'>[] {
  const list = value === undefined ? ['ssh' as const] : typeof value === 'string' ? [value] : value
  return list.filter((way) => way !== 'none')
}

const dnsLabel = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'Expected a name of lower-case letters, digits and dashes.')

export const podConfigSchema = z.strictObject({
  namespace: dnsLabel
    .optional()
    .describe('An existing namespace for the pods; default: one of its own, made for the run and removed after it.'),
  image: z
    .string()
    .min(1)
    .max(512)
    .regex(/^[\w][\w.\-/:@]*$/, 'Expected the name of an image.')
    .optional()
    .describe('Image with /bin/sh, awk, base64, sed and stat; default docker.io/library/busybox:1.37.'),
  pullSecret: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'Expected the name of a Secret.')
    .optional()
    .describe('Name of a pull secret in the namespace given.'),
  timeoutSeconds: z
    .number()
    .int()
    .min(10)
    .max(3600)
    .optional()
    .describe('Budget of one pod, image pull included; default 120.'),
})

export const localConfigSchema = z.strictObject({
  node: z.string().min(1).optional().describe('The node that this machine is; default: the one with its boot id.'),
  hostRoot: z
    .string()
    .min(1)
    .optional()
    .describe('Where the host’s / is mounted, for a container on the node. "/": this file system is the host’s.'),
})
