// Turns a rule's texts into something that can be run: every expression type-checked, every template's places checked. Collects all
// problems of a rule, each at its place in the file.
// May not: evaluate anything.
import type { FactName } from '../model/facts.ts'
import type { Check, ParameterValue, Rule } from '../model/rule.ts'
import type { Path } from '../util/yaml-source.ts'
import { type Expression, ExpressionError, needsProblem, Scope } from './expression.ts'
import { declareParameters, type ParametersType } from './fact-values.ts'
import { engineValues, parametersType, valueProblem } from './parameters.ts'
import { compileTemplate, type Template } from './template.ts'

export interface CompiledCheck {
  /** Absent: the check is made once, without `item`. */
  readonly forEach?: Expression<readonly unknown[]>
  readonly expression: Expression<boolean>
  readonly message: Template
  readonly observed: Expression<string>
  readonly expected: Template
  readonly source: Expression<string>
  /** Which part of what the rule asks the line is about. */
  readonly part?: Expression<string>
}

export interface CompiledStep {
  readonly when?: Expression<boolean>
  readonly text: Template
  readonly file?: Template
  readonly language?: string
  readonly action?: Step['action']
  readonly forEach?: Expression<readonly unknown[]>
  readonly where?: Expression<boolean>
  readonly header?: Template
  readonly content?: Template
}

export interface CompiledRule {
  readonly rule: Rule
  /** Folder of the rule's file, such as "kubelet". */
  readonly section: string
  readonly when?: Expression<boolean>
  readonly checks: readonly CompiledCheck[]
  readonly steps: readonly CompiledStep[]
  readonly verify: Template
  /** What expressions see as `params`, and how to make it with other values. */
  readonly params?: RuleParameters
  /** Name of the rule pack it comes from; built-in rules have none. */
  readonly pack?: string
  /** Set where the configuration gave the rule another severity. */
  readonly severityBefore?: Rule['severity']
  /** Why the configuration changed the rule. */
  readonly changeReason?: string
}

export interface RuleParameters {
  /** An object of the expression engine. */
  readonly object: unknown
  readonly values: Readonly<Record<string, ParameterValue>>
  /** The same with these values in the place of what they were. */
  readonly with: (values: Readonly<Record<string, ParameterValue>>) => RuleParameters
}

type Report = (path: Path, message: string) => void

/** Compiles a rule; undefined when something was reported. */
export function compileRule(rule: Rule, section: string, report: Report): CompiledRule | undefined {
  const problem = needsProblem(rule.needs, rule.each)
  if (problem !== undefined) {
    report(['needs'], problem)
    return undefined
  }
  const params = parametersOf(rule)
  for (const [name, parameter] of Object.entries(rule.parameters ?? {})) {
    const wrong = valueProblem(parameter, parameter.default)
    if (wrong === undefined) continue
    report(['parameters', name, 'default'], wrong)
    return undefined
  }
  const compiler = new RuleCompiler(rule.needs, params?.type, report)
  const when =
    rule.when === undefined ? undefined : compiler.try(['when'], () => compiler.scope.compile(rule.when ?? '', 'bool'))
  const checks = rule.checks.map((check, index) => compiler.check(check, index))
  const steps = rule.remediation.steps.map((_, index) => compiler.step(rule, index))
  const verify = compiler.try(['verify'], () => compileTemplate(rule.verify, 'shell', compiler.scope))
  const idle = rule.needs.filter((name) => !compiler.scope.used.has(name))
  for (const name of idle) report(['needs', rule.needs.indexOf(name)], `${name} is never read; leave it out`)
  if (params !== undefined && !compiler.scope.used.has('params'))
    report(['parameters'], 'params is never read; leave the parameters out, or use them')
  else if (!compiler.failed && idle.length === 0 && verify !== undefined) {
    return assemble(rule, section, { when, checks, steps, verify, params: params?.parameters })
  }
  return undefined
}

function assemble(
  rule: Rule,
  section: string,
  {
    when,
    checks,
    steps,
    verify,
    params,
  }: {
    readonly when: Expression<boolean> | undefined
    readonly checks: readonly (CompiledCheck | undefined)[]
    readonly steps: readonly (CompiledStep | undefined)[]
    readonly verify: Template
    readonly params: RuleParameters | undefined
  },
): CompiledRule {
  return {
    rule,
    section,
    ...(when === undefined ? {} : { when }),
    checks: checks.filter((check) => check !== undefined),
    steps: steps.filter((step) => step !== undefined),
    verify,
    ...(params === undefined ? {} : { params }),
  }
}

function parametersOf({ id, parameters }: Rule): { type: ParametersType; parameters: RuleParameters } | undefined {
  if (parameters === undefined) return undefined
  const type = declareParameters(parametersType(id, parameters))
  const make = (values: Readonly<Record<string, ParameterValue>>): RuleParameters => ({
    object: type.make(engineValues(parameters, values)),
    values: Object.fromEntries(Object.entries(parameters).map(([name, one]) => [name, values[name] ?? one.default])),
    with: (more) => make({ ...values, ...more }),
  })
  return { type, parameters: make({}) }
}

class RuleCompiler {
  failed = false
  readonly scope: Scope
  readonly #report: Report
  constructor(needs: readonly FactName[], params: ParametersType | undefined, report: Report) {
    this.scope = Scope.of(needs, params)
    this.#report = report
  }

  /** Runs a compilation; a refusal is reported at `path`, and gives undefined. */
  try<T>(path: Path, compile: () => T): T | undefined {
    try {
      return compile()
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      this.failed = true
      this.#report(path, error.message)
      return undefined
    }
  }

  check(check: Check, index: number): CompiledCheck | undefined {
    const at = (key: keyof Check): Path => ['checks', index, key]
    const list = this.#list(check.forEach, at('forEach'))
    if (list === 'refused') return undefined
    const scope = list === undefined ? this.scope : this.scope.withItem(list.element)
    const expression = this.try(at('expression'), () => scope.compile(check.expression, 'bool'))
    const message = this.try(at('message'), () => compileTemplate(check.message, 'text', scope))
    const observed = this.try(at('observed'), () => scope.compile(check.observed, 'string'))
    const expected = this.try(at('expected'), () => compileTemplate(check.expected, 'text', scope))
    const source = this.try(at('source'), () => scope.compile(check.source, 'string'))
    const part =
      check.part === undefined ? undefined : this.try(at('part'), () => scope.compile(check.part ?? '', 'string'))
    if (!(expression && message && observed && expected && source)) return undefined
    return {
      ...(list && { forEach: list.expression }),
      expression,
      message,
      observed,
      expected,
      source,
      ...(part && { part }),
    }
  }

  step(rule: Rule, index: number): CompiledStep | undefined {
    const step = rule.remediation.steps[index]
    if (step === undefined) return undefined
    const at = (key: keyof typeof step): Path => ['remediation', 'steps', index, key]
    const misuse = stepProblem(step)
    if (misuse !== undefined) this.try(at(misuse.key), () => refuse(misuse.message))
    const { when, where, file } = step
    const list = this.#list(step.forEach, at('forEach'))
    if (list === 'refused') return undefined
    const items = list === undefined ? this.scope : this.scope.withItem(list.element)
    const language = step.language ?? 'text'
    const text = this.try(at('text'), () => compileTemplate(step.text, 'text', this.scope))
    if (text === undefined) return undefined
    const whenExpression = when && this.try(at('when'), () => this.scope.compile(when, 'bool'))
    const whereExpression = where && this.try(at('where'), () => items.compile(where, 'bool'))
    const fileTemplate = file && this.try(at('file'), () => compileTemplate(file, 'text', this.scope))
    return {
      text,
      ...(whenExpression && { when: whenExpression }),
      ...(fileTemplate && { file: fileTemplate }),
      ...(step.language && { language }),
      ...(step.action && { action: step.action }),
      ...(list && { forEach: list.expression }),
      ...(whereExpression && { where: whereExpression }),
      ...this.#content(step, language, items, at),
    }
  }

  /** A head and its repeated part need not be whole documents apart, so the places of both are checked as one text. */
  #content(
    { header, content }: Step,
    language: NonNullable<Step['language']>,
    items: Scope,
    at: (key: 'header' | 'content') => Path,
  ): Pick<CompiledStep, 'header' | 'content'> {
    const joined = header !== undefined && content !== undefined ? `${header}\n${content}` : content
    if (joined !== undefined) this.try(at('content'), () => compileTemplate(joined, language, items))
    const head = header && this.try(at('header'), () => compileTemplate(header, language, this.scope, 'part'))
    const body = content && this.try(at('content'), () => compileTemplate(content, language, items, 'part'))
    return { ...(head && { header: head }), ...(body && { content: body }) }
  }

  #list(source: string | undefined, path: Path) {
    if (source === undefined) return undefined
    const compiled = this.try(path, () => {
      const { expression, type } = this.scope.compileTyped(source, 'list')
      if (type.kind !== 'list') return refuse('forEach needs a list')
      return { expression, element: type.element }
    })
    return compiled ?? 'refused'
  }
}

function refuse(message: string): never {
  throw new ExpressionError(message)
}

type Step = Rule['remediation']['steps'][number]
function stepProblem(step: Step): { key: keyof Step; message: string } | undefined {
  if (step.content !== undefined && step.language === undefined) {
    return { key: 'content', message: 'content needs a language, which decides how values are quoted' }
  }
  if (step.where !== undefined && step.forEach === undefined) {
    return { key: 'where', message: 'where chooses among the elements of forEach, which is not there' }
  }
  if (step.content === undefined && (step.forEach !== undefined || step.header !== undefined)) {
    return { key: 'text', message: 'forEach and header need a content' }
  }
  return actionProblem(step)
}

/** The language, and whether a file is named, that each action stands on. */
function actionProblem({ action, language, file, content }: Step): { key: keyof Step; message: string } | undefined {
  if (action === undefined || action === 'by-hand') return undefined
  const wanted = { access: 'shell', 'kernel-parameters': 'sysctl' } as const
  const needed = action === 'access' || action === 'kernel-parameters' ? wanted[action] : 'yaml'
  if (content === undefined || language !== needed)
    return { key: 'action', message: `${action} needs a content in ${needed}` }
  if (action !== 'access' && file === undefined) return { key: 'action', message: `${action} needs a file` }
  return undefined
}
