// The result's part about nodes as such: the settings that tell nodes apart, and where one differs from the others of its pool.
// May not: hold verdicts. A difference is no finding by itself; a rule says what is wrong.
import { z } from 'zod'

const text = z.string()
const int = z.number().int()

export const nodeProfilesSchema = z.strictObject({
  /** Settings, in column order. */
  columns: z.array(z.strictObject({ fact: text, label: text })),
  pools: z.array(
    z.strictObject({
      name: text,
      /** What makes these nodes a pool: "label eks.amazonaws.com/nodegroup" or "roles". */
      by: text,
      nodes: int,
      /** Per column: the value that more than half of the pool's known nodes have, on how many of how many; null where there is none. */
      usual: z.array(z.strictObject({ value: text, nodes: int, known: int }).nullable()),
    }),
  ),
  nodes: z.array(
    z.strictObject({
      node: text,
      /** Index in `pools`. */
      pool: int,
      /** Per column: null where it is not known; `coverage` tells why. */
      values: z.array(text.nullable()),
      /** Columns in which this node is not like the rest of its pool. */
      differs: z.array(int),
    }),
  ),
})
export type NodeProfiles = z.infer<typeof nodeProfilesSchema>

/** Labels ("team=shop") of what findings name and of namespaces, by which reports are split. */
export const unitLabelsSchema = z.array(z.strictObject({ unit: text, labels: z.array(text) }))
export type UnitLabels = z.infer<typeof unitLabelsSchema>
