// `rbac`: the least rights for the chosen rules and ways to the nodes, as objects to apply.
import { type CompiledRule, leftOutRules, neededFamilies, selectBenchmarks } from '../../catalog/index.ts'
import type { Config } from '../../model/config.ts'
import { unavailable } from '../../model/fact.ts'
import type { Family } from '../../model/objects.ts'
import { InputError } from '../../util/input-error.ts'
import { exitCodes } from '../exit.ts'
import { benchmarksAsked, loadRules } from '../load-rules.ts'
import { parseSubject, roleDocuments } from '../rights.ts'
import { type Flags, readSettings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

export async function rbac(
  flags: Flags & { readonly subject?: string; readonly name: string },
  terminal: Terminal,
): Promise<number> {
  const settings = await readSettings(flags)
  const subject = flags.subject === undefined ? undefined : parseSubject(flags.subject)
  if (flags.subject !== undefined && subject === undefined)
    throw new InputError(
      `--subject ${flags.subject}: expected User:<name>, Group:<name> or ServiceAccount:<namespace>/<name>.`,
    )
  if (!/^[a-z0-9]([-a-z0-9.]{0,200}[a-z0-9])?$/.test(flags.name))
    throw new InputError(`--name ${flags.name}: expected lower-case letters, digits, dashes and dots.`)
  const { needed, rules, all } = await chosenFamilies(settings)
  const head = `# The least that an audit with ${rules === all ? 'all' : `${rules} of ${all}`} rules needs. ${subject === undefined ? "Bind it to the auditor's user or group; --subject writes the binding too." : 'Apply it with kubectl apply -f.'}`
  terminal.print(
    roleDocuments(needed, settings, { name: flags.name, head, ...(subject !== undefined && { subject }) }).trimEnd(),
  )
  return exitCodes.done
}

/** The lists that the chosen rules need. */
export async function chosenFamilies(
  settings: Config,
): Promise<{ readonly needed: Family[]; readonly rules: number; readonly all: number }> {
  const catalogue = await loadRules(settings)
  const nothing = unavailable('not-collected', 'No cluster was read.')
  const leftOut = leftOutRules(
    catalogue,
    selectBenchmarks(catalogue, benchmarksAsked(settings), { version: nothing }),
    settings,
  )
  const rules: readonly CompiledRule[] = catalogue.rules.filter(
    ({ rule }) => !leftOut.has(rule.id) && !catalogue.off.has(rule.id),
  )
  return { needed: neededFamilies({ rules }), rules: rules.length, all: catalogue.rules.length }
}
