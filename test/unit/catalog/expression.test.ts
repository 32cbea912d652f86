// The expression engine's door: what is refused when a rule is loaded, and three-valued logic over facts that nobody observed.
import { describe, expect, it } from 'vitest'
import { ExpressionError, Scope } from '../../../src/catalog/expression.ts'
import { UnitContext } from '../../../src/catalog/fact-values.ts'
import { unavailable } from '../../../src/model/fact.ts'
import { factNames } from '../../../src/model/facts.ts'
import { unitsOfCase } from './support.ts'

const scope = Scope.of(['kernelParameters', 'kubeletConfiguration', 'cgroups', 'clusterVersion'])

function context(facts: Record<string, unknown>): UnitContext {
  const { unit, cluster } = unitsOfCase('nodes', facts)
  return new UnitContext(unit, cluster)
}

function parameter(name: string, running: unknown, persisted: unknown = { source: 'no file' }) {
  return { name, expected: 1, running, persisted, kernelDefault: 0 }
}
const seen = (value: unknown) => ({ value, source: 'somewhere' })
const gone = unavailable('permission-denied', 'not readable')

describe('compiling an expression', () => {
  it.each([
    ['a syntax error', 'cgroups.version.value ==', /at the end/],
    [
      'an unknown name',
      'kubeletConfig.failSwapOn.value',
      /nothing named kubeletConfig \(did you mean kubeletConfiguration\?\)/,
    ],
    ['a fact outside needs', 'swap.active.value.size() == 0', /swap is not among this rule's needs/],
    ['item without forEach', 'item.name == "x"', /item is known only where forEach/],
    [
      'an unknown field',
      'kubeletConfiguration.failSwapOnn.value',
      /no field failSwapOnn \(did you mean failSwapOn\?\)/,
    ],
    ['a field beyond a value', 'kubeletConfiguration.failSwapOn.value.x', /Cannot index type 'bool'/],
    ['an unknown field in has()', 'has(kubeletConfiguration.configFile.value)', /no field configFile/],
    ['an unknown field at the end of has()', 'has(kubeletConfiguration.configurationFile.valeu)', /did you mean value/],
    ['an unknown field in has() in a loop', 'kernelParameters.required.all(p, has(p.persisted.x))', /no field x/],
    ['has() of what is always there', 'has(kubeletConfiguration.failSwapOn.value)', /always there/],
    ['has() of no path', 'has(kernelParameters.required[0].persisted.value)', /plain path/],
    ['the wrong type', 'cgroups.version.value', /gives string; wanted is true or false/],
    ['comparison of different types', 'cgroups.version.value == 2', /no such overload: string == int/],
    ['comparison of whole objects', 'kernelParameters.required == kernelParameters.required', /whole objects/],
    ['membership of whole objects', 'kernelParameters.required[0] in kernelParameters.required', /whole objects/],
    ['a backtracking pattern', 'cgroups.version.value.matches("(a+)+$")', /matches\(\) is refused/],
    ['a pattern that is not a literal', 're2Matches("a", cgroups.version.value)', /must be a literal/],
    ['a pattern outside RE2', 're2Matches("a", "(?=a)")', /re2Matches/],
    [
      'an unknown function',
      'cgroups.version.value.startWith("v")',
      /no function startWith\(\) \(did you mean startsWith\?\)/,
    ],
    ['an untyped value', 'dyn(cgroups.version.value) == 1', /no function dyn/],
    ['a type as a value', 'string == string', /nothing named string/],
    ['a map literal', '{"a": true}["a"]', /map|exceeded/i],
    ['a field in brackets', 'cgroups["version"].value == "v2"', /with a dot/],
    ['optional chaining', 'cgroups.?version.value == "v2"', /./],
    ['prototype access', 'cgroups.constructor == "x"', /no field constructor/],
    ['prototype access through brackets', 'cgroups["__proto__"] == "x"', /./],
    ['a name that hides a fact', 'kernelParameters.required.all(cgroups, cgroups.name == "")', /hides another cgroups/],
    ['a name that hides another', 'kernelParameters.required.all(p, [1].all(p, p > 0))', /hides another p/],
    ['loops in loops', '[1].all(a, [1].all(b, [1].all(c, [1].all(d, a + b + c + d > 0))))', /more than 3 nested loops/],
    ['too much text', `"${'x'.repeat(2000)}" == ""`, /longer than 2000/],
    [
      'too many parts',
      Array.from({ length: 300 }, () => '1')
        .join(' + ')
        .concat(' > 0'),
      /limit|exceeded|node/i,
    ],
    ['too deep', `${'('.repeat(60)}true${')'.repeat(60)}`, /limit|exceeded|depth/i],
    ['a clock', 'timestamp("2026-01-01T00:00:00Z") > timestamp("2025-01-01T00:00:00Z")', /no function timestamp/],
  ])('refuses %s', (_, source, message) => {
    let problem: unknown
    try {
      scope.compile(source, 'bool')
    } catch (error) {
      problem = error
    }
    expect(problem).toBeInstanceOf(ExpressionError)
    expect(String(problem)).toMatch(message)
  })

  it('has a type for every fact', () => {
    for (const name of factNames) expect(() => Scope.of([name])).not.toThrow()
  })

  it('records what was read, in has() too', () => {
    const fresh = Scope.of(['kernelParameters', 'cgroups'])
    fresh.compile('kernelParameters.required.all(p, has(p.persisted.value) || unit.name == "x")', 'bool')
    expect([...fresh.used].sort()).toEqual(['kernelParameters', 'unit'])
  })
})

describe('three-valued logic', () => {
  const facts = {
    clusterVersion: { gitVersion: 'v1.36.2', major: 1, minor: 36 },
    cgroups: { version: seen('v2'), controllers: seen(['cpu', 'memory']), kubeletDriver: gone },
    kernelParameters: {
      required: [
        parameter('vm.panic_on_oom', seen(1)),
        parameter('vm.overcommit_memory', gone, gone),
        parameter('kernel.panic', seen(2), seen(1)),
      ],
    },
  }
  const missingDriver = { fact: 'cgroups.kubeletDriver', ...gone.unavailable }
  const missingRunning = { fact: 'kernelParameters.required[vm.overcommit_memory].running', ...gone.unavailable }
  const missingPersisted = { fact: 'kernelParameters.required[vm.overcommit_memory].persisted', ...gone.unavailable }
  const unseen = { fact: 'cgroups.initDriver', reason: 'not-collected', detail: 'The case does not give it.' }
  const whole = {
    fact: 'kubeletConfiguration',
    reason: 'not-collected',
    detail: 'Nothing was derived for kubeletConfiguration.',
  }

  it.each([
    ['cgroups.version.value == "v2"', true],
    ['cgroups.kubeletDriver.value == "systemd"', [missingDriver]],
    ['cgroups.kubeletDriver.value == "systemd" || cgroups.version.value == "v2"', true],
    ['cgroups.version.value == "v1" && cgroups.kubeletDriver.value == "systemd"', false],
    ['cgroups.kubeletDriver.value == "systemd" && cgroups.version.value == "v1"', false],
    ['cgroups.kubeletDriver.value == "systemd" && cgroups.version.value == "v2"', [missingDriver]],
    ['cgroups.kubeletDriver.value == cgroups.initDriver.value', [missingDriver]],
    ['cgroups.kubeletDriver.value == "x" && cgroups.initDriver.value == "x"', [missingDriver, unseen]],
    ['!(cgroups.kubeletDriver.value == "systemd")', [missingDriver]],
    ['cgroups.kubeletDriver.source != ""', [missingDriver]],
    ['cgroups.kubeletDriver.value == "a" ? true : true', [missingDriver]],
    ['kernelParameters.required.all(p, p.running.value == p.expected)', false],
    ['kernelParameters.required.all(p, p.running.value > 0)', [missingRunning]],
    ['kernelParameters.required.exists(p, p.running.value == 2)', true],
    ['kernelParameters.required.exists(p, p.running.value == 7)', [missingRunning]],
    ['kernelParameters.required.filter(p, p.running.value == 2).size() == 1', [missingRunning]],
    ['kernelParameters.required.exists_one(p, p.running.value == 2)', [missingRunning]],
    ['kernelParameters.required.exists(p, has(p.persisted.value))', true],
    ['kernelParameters.required.all(p, !has(p.persisted.value))', false],
    ['has(kubeletConfiguration.configurationFile.value)', [whole]],
    ['kubeletConfiguration.failSwapOn.value || !kubeletConfiguration.failSwapOn.value', [whole]],
    ['"memory" in cgroups.controllers.value', true],
    ['clusterVersion.minor >= 36', true],
    ['unit.node == unit.name && !has(unit.namespace)', true],
    ['re2Matches(unit.name, "^worker-[0-9]+$")', true],
    [String.raw`jsonAt("spec.a\"b", "[1]") == "{\"spec\":{\"a\\\"b\":[1]}}"`, true],
    ['jsonAt("", "null") == "null"', true],
  ] as const)('%s', (source, expected) => {
    const got = scope.compile(source, 'bool').attempt(context(facts))
    expect(got).toEqual(
      typeof expected === 'boolean' ? { kind: 'value', value: expected } : { kind: 'missing', missing: expected },
    )
  })

  it('names both where one element lacks two values', () => {
    const item = scope.compile(
      'kernelParameters.required.all(p, p.running.value > 0 && has(p.persisted.value))',
      'bool',
    )
    expect(item.attempt(context({ kernelParameters: { required: [parameter('x', gone, gone)] } }))).toEqual({
      kind: 'missing',
      missing: [
        { ...missingRunning, fact: 'kernelParameters.required[x].running' },
        { ...missingPersisted, fact: 'kernelParameters.required[x].persisted' },
      ],
    })
  })

  it.each([
    ['an absent optional value', 'kernelParameters.required[0].persisted.value == 1', 'No such key: value'],
    [
      'an index out of bounds',
      'kernelParameters.required[9].name == ""',
      'No such key: index out of bounds, index 9 >= size 3',
    ],
    ['a number that is none', 'int(cgroups.version.value) == 2', 'int() type error: cannot convert to int'],
    ['division by zero', '1 / (clusterVersion.minor - 36) == 0', 'division by zero'],
    ['overflow', '9223372036854775807 + clusterVersion.minor > 0', 'integer overflow: 9223372036854775843'],
  ])('is an error, not a verdict: %s', (_, source, detail) => {
    expect(scope.compile(source, 'bool').attempt(context(facts))).toEqual({ kind: 'error', detail })
  })

  it('does not run long on hostile text', () => {
    const hostile = { cgroups: { version: seen(`${'a'.repeat(50_000)}!`) } }
    const started = performance.now()
    const got = scope.compile('re2Matches(cgroups.version.value, "^(a+)+$")', 'bool').attempt(context(hostile))
    expect(got).toEqual({ kind: 'value', value: false })
    expect(performance.now() - started).toBeLessThan(2000)
  })

  it('does not take a field name of a fact for one of ours', () => {
    const named = {
      containerResources: {
        containers: [
          {
            name: 'constructor',
            kind: '__proto__',
            cpuRequest: '',
            cpuLimit: '',
            memoryRequest: '',
            memoryLimit: '',
            missing: ['memory limit'],
            invalid: [],
          },
        ],
        corrections: [],
        qosClass: 'BestEffort',
        observedQosClasses: [],
      },
    }
    const { unit, cluster } = unitsOfCase('workloads', named)
    const expression = Scope.of(['containerResources']).compile(
      'containerResources.containers[0].kind + " " + containerResources.containers[0].missing.join(", ")',
      'string',
    )
    expect(expression.attempt(new UnitContext(unit, cluster))).toEqual({
      kind: 'value',
      value: '__proto__ memory limit',
    })
  })
})
