// By what a report is split into one part per owner. May not: know who owns what.
import { z } from 'zod'

export const editions = ['auditor', 'executive', 'remediation'] as const
export const editionSchema = z.enum(editions)
export type Edition = z.infer<typeof editionSchema>

/** "namespace", "node-pool", "control" or "team-label=<label key>". */
export const splitSchema = z.string().regex(/^(namespace|node-pool|control|team-label=.+)$/, {
  message: 'must be namespace, node-pool, control or team-label=<label key>, such as team-label=team',
})
