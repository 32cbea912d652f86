// `frameworks list` and `frameworks show`: which rules say something about which requirement, and how strongly.
// May not: say that a framework is met.
import type { Framework } from '../../catalog/index.ts'
import { strengths } from '../../model/crosswalk.ts'
import { nearest } from '../../util/did-you-mean.ts'
import { InputError } from '../../util/input-error.ts'
import { exitCodes } from '../exit.ts'
import { loadRules } from '../load-rules.ts'
import type { Terminal } from '../terminal.ts'
import { wrap } from '../wrap.ts'

export async function listFrameworks(format: 'table' | 'json', terminal: Terminal): Promise<number> {
  const { frameworks } = await loadRules()
  const all = [...frameworks.values()].map(({ requirements, ...rest }) => ({ ...rest, ...countsOf(requirements) }))
  if (format === 'json') terminal.print(JSON.stringify(all, null, 2))
  else {
    const width = Math.max(...all.map(({ key }) => key.length))
    const lines = all.map(({ key, requirements, mapped, unmapped, name, version }) => {
      const lead = `${key.padEnd(width)}  ${String(requirements).padStart(12)}  ${String(mapped).padStart(6)}  ${String(unmapped).padStart(8)}  `
      return lead + wrap(`${name} ${version}`, terminal.columns, ' '.repeat(lead.length)).trimStart()
    })
    const head = `${'framework'.padEnd(width)}  requirements  mapped  unmapped  name`
    terminal.print([terminal.style('bold', head), ...lines, '', noVerdict(terminal)].join('\n'))
  }
  return exitCodes.done
}

function countsOf(requirements: Framework['requirements']) {
  const mapped = requirements.filter(({ rules }) => rules.length > 0).length
  return { requirements: requirements.length, mapped, unmapped: requirements.length - mapped }
}

function noVerdict({ columns }: Terminal): string {
  return wrap('A map says where evidence can be found. It is no verdict about a framework.', columns)
}

export async function showFramework(name: string, format: 'table' | 'json', terminal: Terminal): Promise<number> {
  const { frameworks } = await loadRules()
  const framework = frameworks.get(name)
  const known = [...frameworks.keys()]
  if (framework === undefined)
    throw new InputError(`There is no framework ${name}${nearest(name, known)}; known are ${known.join(', ')}.`)
  terminal.print(format === 'json' ? JSON.stringify(framework, null, 2) : page(framework, terminal))
  return exitCodes.done
}

function page(framework: Framework, terminal: Terminal): string {
  const { name, version, source, requirements, unmappedRules } = framework
  const { style, columns } = terminal
  const width = Math.max(...requirements.map(({ id }) => id.length))
  const indent = ' '.repeat(width + 2)
  const lines = requirements.map(({ id, subject, rules, reason }) => {
    const head = `${style('bold', id.padEnd(width))}  ${wrap(subject, columns, indent).slice(indent.length)}`
    const mapped = strengths.flatMap((strength) => {
      const ids = rules.filter((one) => one.strength === strength).map((one) => one.id)
      return ids.length === 0 ? [] : [style('dim', wrap(`${strength}: ${ids.join(', ')}`, columns, indent))]
    })
    const why = mapped.length === 0 ? [style('unknown', wrap(`No rule: ${reason ?? ''}`, columns, indent))] : []
    return [head, ...mapped, ...why].join('\n')
  })
  const { mapped, unmapped } = countsOf(requirements)
  return [
    style('bold', `${name} ${version}`),
    wrap(
      `${requirements.length} requirements: ${mapped} with rules, ${unmapped} without; ${unmappedRules.length} rules that none of them is about.`,
      columns,
    ),
    style('dim', wrap(originOf(framework), columns)),
    style('dim', wrap(source, columns)),
    noVerdict(terminal),
    '',
    ...lines,
    ...withoutRequirement(framework, terminal),
  ].join('\n')
}

/** Which publication the ids are of, and who held the map against what. */
function originOf({ publication, reviews }: Framework): string {
  const { publisher, title, edition, date } = publication
  const read = reviews.map((one) => `${one.date} by a ${one.by} against ${one.against}`)
  return `Ids of: ${title} (${publisher}), ${edition}, ${date}.\nRead: ${read.join('; ')}.`
}

/** Rules that no requirement is about, by reason. */
function withoutRequirement({ unmappedRules }: Framework, { style, columns }: Terminal): string[] {
  if (unmappedRules.length === 0) return []
  const byReason = Map.groupBy(unmappedRules, ({ reason }) => reason ?? 'Nobody has placed these yet.')
  return [
    '',
    style('bold', 'Rules that no requirement is about'),
    ...[...byReason].flatMap(([reason, rules]) => [
      wrap(reason, columns, '  '),
      style('dim', wrap(rules.map(({ id }) => id).join(', '), columns, '    ')),
    ]),
  ]
}
