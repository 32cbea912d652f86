// Rules of other authors: judged under a deadline, since an expression within every limit of size can still run for hours. What is
// stopped is an error of the rule, for each unit that it had not answered, and never a pass.
// May not: be used for built-in rules, whose cost is known and measured.
import { type CompiledRule, UnitContext } from '../catalog/index.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Finding } from '../model/result.ts'
import type { Unit } from '../model/unit.ts'
import { DeadlineError, withDeadline } from '../util/deadline.ts'
import { unitOf } from './describe.ts'
import { judge } from './judge.ts'

/** A built-in rule takes some microseconds a unit; this leaves a thousand times that. */
const baseMilliseconds = 2_000
const unitMilliseconds = 5

/** One rule of a pack over all its units. */
export class PackRuleRun {
  readonly #compiled: CompiledRule
  readonly #cluster: Unit
  /** Units without an answer when the rule was stopped. */
  readonly #stopped = new Set<Unit>()
  /** Set when even the words of one finding took too long. */
  #isMute = false

  constructor(compiled: CompiledRule, cluster: Unit) {
    this.#compiled = compiled
    this.#cluster = cluster
  }

  /** In the order of the units. */
  outcomes(units: readonly Unit[]): Outcome[] {
    const outcomes: Outcome[] = []
    try {
      withDeadline(baseMilliseconds + unitMilliseconds * units.length, () => {
        for (const unit of units) outcomes.push(judge(this.#compiled, new UnitContext(unit, this.#cluster)).outcome)
      })
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error
      for (const unit of units.slice(outcomes.length)) this.#stopped.add(unit)
    }
    return units.map((_, index) => outcomes[index] ?? 'error')
  }

  /** The finding that `describe` gives, or one that says that the rule was stopped. */
  finding(unit: Unit, outcome: Finding['outcome'], describe: () => Finding): Finding {
    if (this.#isMute || this.#stopped.has(unit)) return this.#stoppedFinding(unit, outcome)
    try {
      return withDeadline(baseMilliseconds, describe)
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error
      this.#isMute = true
      return this.#stoppedFinding(unit, outcome)
    }
  }

  #stoppedFinding(unit: Unit, outcome: Finding['outcome']): Finding {
    return {
      unit: unitOf(unit.identity),
      outcome,
      evidence: [
        {
          message: 'The rule was stopped because it took too long; this is a defect of the rule',
          observed: 'timeout',
          expected: 'an answer in time',
          source: `rule ${this.#compiled.rule.id} of the pack ${this.#compiled.pack}`,
        },
      ],
    }
  }
}
