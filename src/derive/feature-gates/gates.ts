// What becomes of a feature gate that is set, from the version that runs to the last one whose gates are known.
// May not: say that a build of a distribution does not know a gate, or guess the gates of a later version.
import { type Observed, unavailable } from '../../model/fact.ts'
import { gateData, gateDataMinor } from './gate-data.ts'

interface Change {
  readonly minor: number
  readonly stage: string
  readonly isOn: boolean
  readonly isLocked: boolean
}

export interface ComponentVersion {
  readonly minor: number
  /** The version has a suffix (v1.31.6+k3s1): such builds may have gates of their own. */
  readonly isDistributionBuild: boolean
}

export interface GateFate {
  /** Such as "GA since 1.34, locked to true"; "" where no list has the gate. */
  readonly stage: string
  /** Why this version or a later one does not start with the gate as it is set; "" when all that are known do. */
  readonly refusal: Observed<string>
  /** The feature is GA or deprecated: the gate is on its way out. */
  readonly isSettled: boolean
}

const stages: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', g: 'GA', d: 'deprecated' }

const histories: ReadonlyMap<string, readonly Change[]> = new Map(
  gateData
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', ...changes] = line.split(' ')
      return [name, changes.map(readChange)]
    }),
)

function readChange(text: string): Change {
  const [, minor, stage = '', isOn, lock] = /^(\d+)([abgd])([+-])(!?)$/.exec(text) ?? []
  return { minor: Number(minor), stage: stages[stage] ?? '', isOn: isOn === '+', isLocked: lock === '!' }
}

/** Gates of component-base, which no list of features has. */
const collective: ReadonlySet<string> = new Set(['AllAlpha', 'AllBeta', 'LoggingStableOptions'])

export { gateDataMinor }

/** Whether the version that the data is of knows the gate; any other name stops its components at start. */
export function isKnownGate(name: string): boolean {
  return histories.has(name) || collective.has(name)
}

/** Of a gate that a component of `version` has set to `value`. */
export function fateOf(name: string, value: boolean, version: ComponentVersion): GateFate {
  const source = `feature gates of Kubernetes 1.${gateDataMinor}`
  const { minor, isDistributionBuild } = version
  if (minor > gateDataMinor) {
    const why = `The feature gates of 1.${minor} are not known here, only those up to 1.${gateDataMinor}.`
    return { stage: '', refusal: unavailable('unsupported', why), isSettled: false }
  }
  if (collective.has(name)) return { stage: '', refusal: { value: '', source }, isSettled: false }
  const history = histories.get(name)
  if (history === undefined) {
    const refusal: Observed<string> = isDistributionBuild
      ? unavailable(
          'unsupported',
          `Kubernetes 1.${gateDataMinor} has no gate ${name.slice(0, 80)}; this build may have.`,
        )
      : { value: `1.${gateDataMinor} has no such gate${minor < gateDataMinor ? ' any more' : ''}`, source }
    return { stage: '', refusal, isSettled: false }
  }
  const now = history.findLast((change) => change.minor <= minor)
  return {
    stage: now === undefined ? '' : describe(now),
    refusal: { value: refusalOf(history, value, minor), source },
    // What is GA without ever having been beta is a switch that is meant to stay.
    isSettled:
      now !== undefined && (now.isLocked || now.stage === 'deprecated' || (now.stage === 'GA' && now.minor > 0)),
  }
}

function refusalOf(history: readonly Change[], value: boolean, minor: number): string {
  const lock = history.find((change, index) => {
    const until = history[index + 1]?.minor ?? Infinity
    return change.isLocked && change.isOn !== value && until > minor
  })
  return lock === undefined ? '' : `1.${Math.max(lock.minor, minor)} locks it to ${lock.isOn}`
}

function describe({ stage, minor, isOn, isLocked }: Change): string {
  return `${stage}${minor === 0 ? '' : ` since 1.${minor}`}${isLocked ? `, locked to ${isOn}` : ''}`
}
