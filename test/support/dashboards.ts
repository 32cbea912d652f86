// What tests look at in dashboards/: panels, their queries, and the expressions of the alert rules.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

export const dashboardsFolder = join(import.meta.dirname, '..', '..', 'dashboards')

const source = z.object({ uid: z.string() })
const dashboardSchema = z.looseObject({
  uid: z.string(),
  schemaVersion: z.number(),
  templating: z.object({
    list: z.array(z.looseObject({ name: z.string(), type: z.string(), multi: z.boolean() })),
  }),
  panels: z.array(
    z.looseObject({
      id: z.number(),
      title: z.string(),
      datasource: source,
      gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      targets: z.array(
        z.looseObject({ datasource: source, expr: z.string().optional(), rawQueryText: z.string().optional() }),
      ),
    }),
  ),
})

export function grafanaDashboard(name: string) {
  const text = readFileSync(join(dashboardsFolder, 'grafana', `${name}.json`), 'utf8')
  return dashboardSchema.parse(JSON.parse(text))
}

/** Expressions of all panels, variables as they stand there. */
export function dashboardExpressions(): string[] {
  return grafanaDashboard('clusters').panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => expr ?? []))
}

export function alertExpressions(): string[] {
  const rules = z.object({ groups: z.array(z.object({ rules: z.array(z.looseObject({ expr: z.string() })) })) })
  const text = readFileSync(join(dashboardsFolder, 'prometheus', 'alerts.yaml'), 'utf8')
  return rules.parse(parse(text)).groups.flatMap((group) => group.rules.map(({ expr }) => expr))
}
