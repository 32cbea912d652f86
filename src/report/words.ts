// The words a reader sees for the model's terms. One table each, so that the same thing has one name in every section.
// May not: decide anything, or hold a word of a report: those are in lang/.
import { facts } from '../model/facts.ts'
import type { Outcome, Severity } from '../model/outcome.ts'
import type { Language } from './lang/language.ts'
import { englishIn, englishPhrase, type Phrase, phraseOf } from './phrase.ts'

/** Shapes in templates/marks.hbs; each is always printed beside its word or a legend. */
export type MarkKind = Severity | Exclude<Outcome, 'fail'> | 'open'

export interface Mark {
  readonly kind: MarkKind
  readonly word: string
}

/** The words of one language for the model's terms. */
export interface TermWords {
  readonly severityMarks: Readonly<Record<Severity, Mark>>
  readonly outcomeMarks: Readonly<Record<Exclude<Outcome, 'fail'>, Mark>>
  /** A failing rule where its severity is not at issue. */
  readonly findingMark: Mark
  readonly outcomeWords: Readonly<Record<Outcome, string>>
  /** From most to least pressing, with what each means for the reader. */
  readonly outcomeDefinitions: readonly { readonly mark: Mark; readonly text: string }[]
}

const made = new Map<Language, TermWords>()

export function termsOf(lang: Language): TermWords {
  const known = made.get(lang)
  if (known) return known
  const terms = makeTerms(lang)
  made.set(lang, terms)
  return terms
}

function makeTerms({ say }: Language): TermWords {
  const severity = (kind: Severity): Mark => ({ kind, word: say(`severity.${kind}`) })
  const outcome = (kind: Exclude<Outcome, 'fail'>): Mark => ({ kind, word: say(`outcome.${kind}`) })
  const outcomeMarks = {
    error: outcome('error'),
    unknown: outcome('unknown'),
    manual: outcome('manual'),
    pass: outcome('pass'),
    notApplicable: outcome('notApplicable'),
  }
  const findingMark: Mark = { kind: 'critical', word: say('outcome.fail') }
  const marks = { fail: findingMark, ...outcomeMarks }
  return {
    severityMarks: {
      critical: severity('critical'),
      high: severity('high'),
      medium: severity('medium'),
      low: severity('low'),
      info: severity('info'),
    },
    outcomeMarks,
    findingMark,
    outcomeWords: {
      fail: findingMark.word,
      error: outcomeMarks.error.word,
      unknown: outcomeMarks.unknown.word,
      manual: outcomeMarks.manual.word,
      pass: outcomeMarks.pass.word,
      notApplicable: outcomeMarks.notApplicable.word,
    },
    outcomeDefinitions: (['fail', 'error', 'unknown', 'manual', 'pass', 'notApplicable'] as const).map((one) => ({
      mark: marks[one],
      text: say(`outcome.${one}.means`),
    })),
  }
}

const factLabels = new Map<string, string>(Object.entries(facts).map(([name, fact]) => [name, fact.label]))

/**
 * "Kubelet: authorization mode" for kubeletConfiguration.authorizationMode, "Kernel: kernel.panic running" for
 * kernelParameters.required[kernel.panic].running. What is no fact's path stays as it is.
 */
export function factWords(path: string, { term }: Pick<Language, 'term'>): string {
  const fields = [...path.matchAll(/([^.[\]]+)(?:\[(.*?)\](?=\.|$))?/g)]
  const label = factLabels.get(fields[0]?.[1] ?? '')
  if (label === undefined) return path
  const words = fields.slice(1).map(([, field = '', entry]) => (isName(entry) ? entry : fieldWords(field)))
  return words.length === 0 ? term(label) : `${term(label)}: ${words.join(' ')}`
}

/** As factWords; the words of fields are English in every report. */
export function factPhrase(path: string, { code, term }: Pick<Language, 'code' | 'term'>): Phrase {
  const words = factWords(path, { term: (label) => label })
  const label = factLabels.get(/^[^.[\]]+/.exec(path)?.[0] ?? '')
  if (label === undefined) return englishPhrase(words, { code })
  return phraseOf(`${term(label)}${englishIn(words.slice(label.length), { code })}`)
}

/** An entry of a list is known by its name, or by its place, which tells a reader nothing. */
function isName(entry: string | undefined): entry is string {
  return entry !== undefined && !/^\d+$/.test(entry)
}

const abbreviations = new Set(['tls', 'os', 'id'])

/** Words of a field's name: "client CA file", "kubelet client CAs". */
function fieldWords(field: string): string {
  const words = field.match(/[A-Z]{2,}s(?![a-z])|[A-Z]+\d*(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? [field]
  return words
    .map((word) => (/^[A-Z][a-z]/.test(word) ? word.toLowerCase() : word))
    .map((word) => (abbreviations.has(word) ? word.toUpperCase() : word))
    .join(' ')
}

const sectionNames = new Map([
  ['admission', 'Admission'],
  ['api-versions', 'API versions'],
  ['authentication', 'Logins and tokens'],
  ['certificates', 'Certificates'],
  ['cgroups', 'Control groups'],
  ['control-plane', 'Control plane'],
  ['etcd', 'etcd'],
  ['files', 'Files and their owners'],
  ['isolation', 'Host isolation'],
  ['kernel', 'Kernel'],
  ['kubelet', 'Kubelet'],
  ['kube-proxy', 'kube-proxy'],
  ['network', 'Network'],
  ['pods', 'Pods'],
  ['rbac', 'Access rights (RBAC)'],
  ['resources', 'Requests and limits'],
  ['runtime', 'Container runtime'],
  ['storage', 'Storage'],
  ['swap', 'Swap'],
])

/** A section of the catalogue for people; one of a rule pack keeps its own name. */
export function sectionWords(section: string, { term }: Pick<Language, 'term'>): string {
  return term(sectionNames.get(section) ?? section)
}

const shortNames: readonly (readonly [RegExp, string])[] = [
  [/^CIS Kubernetes (\S+) · /, 'CIS $1 · '],
  [/^NSA\/CISA Kubernetes Hardening Guidance (\S+) · /, 'NSA/CISA · '],
  [/^Pod Security Standards: /, 'PSS · '],
  [/^DISA STIG /, 'STIG '],
  [/^Documents /, 'Doc. '],
]

/** "CIS 2.0 · 4.2.6" for "CIS Kubernetes 2.0 · 4.2.6": the chapter of controls has the full names. */
export function shortReference(reference: string): string {
  return shortNames.reduce((text, [pattern, short]) => text.replace(pattern, short), reference)
}
