import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseCommandLine } from '../../../../src/derive/nodes/flags.ts'
import { kubeletLeaves } from '../../../../src/derive/nodes/kubelet-decode.ts'
import { flagValue, parseCsv } from '../../../../src/derive/nodes/kubelet-flag-values.ts'
import { type KubeletFlagType, kubeletFlagSyntax, kubeletFlags } from '../../../../src/derive/nodes/kubelet-flags.ts'

const help = join(import.meta.dirname, '../../../../../shared/reference/flags/kubelet-1.36.help.txt')
if (!existsSync(help)) console.warn(`SKIPPED: the kubelet's help is not at ${help}.`)

interface SplitCase {
  readonly given: readonly string[]
  readonly flags: readonly string[]
  readonly positional?: readonly string[]
  readonly errors?: readonly string[]
}

describe('parseCommandLine', () => {
  it.each<SplitCase>([
    { given: ['--config=/a'], flags: ['config=/a'] },
    { given: ['--config', '/a'], flags: ['config=/a'] },
    { given: ['--config='], flags: ['config='] },
    { given: ['--node-labels=a=b,c=d'], flags: ['node-labels=a=b,c=d'] },
    { given: ['--read_only_port', '0'], flags: ['read-only-port=0'] },
    { given: ['--anonymous-auth', 'false'], flags: ['anonymous-auth=true'], positional: ['false'] },
    { given: ['--anonymous_auth=false'], flags: ['anonymous-auth=false'] },
    { given: ['--config', '--v=2'], flags: ['config=--v=2'] },
    { given: ['-v', '4'], flags: ['v=4'] },
    { given: ['-v4'], flags: ['v=4'] },
    { given: ['-v=4'], flags: ['v=4'] },
    { given: ['--v=4', '--', '--config=/a'], flags: ['v=4'], positional: ['--config=/a'] },
    { given: ['--version'], flags: ['version=true'] },
    { given: ['--version', 'raw'], flags: ['version=true'], positional: ['raw'] },
    {
      given: ['--vendor-flag', 'x', '--vendor-switch', '--v=1'],
      flags: ['vendor-flag=x', 'vendor-switch=true', 'v=1'],
    },
    { given: ['--config'], flags: [], errors: ['flag needs an argument: --config'] },
    { given: ['-x'], flags: [], errors: ['unknown shorthand flag: -x'] },
    { given: ['---config=/a'], flags: [], errors: ['bad flag syntax: ---config=/a'] },
    { given: ['', '-'], flags: [], positional: ['', '-'] },
  ])('$given', ({ given, flags, positional = [], errors = [] }) => {
    const parsed = parseCommandLine(given, kubeletFlagSyntax)
    expect({
      flags: parsed.occurrences.map(({ name, value }) => `${name}=${value}`),
      positional: parsed.positional,
      errors: parsed.errors,
    }).toEqual({ flags, positional, errors })
  })
})

describe('flagValue', () => {
  it.each<[KubeletFlagType, string[], unknown]>([
    ['bool', ['true', 'F'], false],
    ['bool', ['yes'], undefined],
    ['bool', ['maybe', 'true'], undefined],
    ['int32', ['10255', '0'], 0],
    ['int32', ['0x10'], 16],
    ['int32', ['2147483648'], undefined],
    ['int64', ['-1'], -1],
    ['duration', ['0'], '0s'],
    ['duration', ['90m'], '1h30m0s'],
    ['duration', ['1.5s'], '1.5s'],
    ['duration', ['4'], undefined],
    ['strings', ['a,b', 'c'], ['a', 'b', 'c']],
    ['strings', ['"a,b",c'], ['a,b', 'c']],
    ['strings', [''], []],
    ['stringMap', ['cpu=1, memory=2Gi', 'cpu=3'], { cpu: '3', memory: '2Gi' }],
    ['stringMap', ['cpu'], undefined],
    ['labels', ['a,b=c', 'b=d'], { a: '', b: 'd' }],
    ['stringMapNoSplit', ['a=b,c=d'], { a: 'b,c=d' }],
    ['thresholdMap', ['memory.available<1Gi'], { 'memory.available': '1Gi' }],
    ['headerMap', ['a:1,b:2', 'a:3'], { a: ['1', '3'], b: ['2'] }],
    ['boolMap', ['A=true,B=false', 'A=0'], { A: false, B: false }],
    ['boolMap', ['A=maybe'], undefined],
    [
      'memoryReservations',
      ['0:memory=1Gi,hugepages-2Mi=4Mi'],
      [{ numaNode: 0, limits: { memory: '1Gi', 'hugepages-2Mi': '4Mi' } }],
    ],
    ['ip', ['0.0.0.0'], '0.0.0.0'],
    ['ip', ['everywhere'], undefined],
  ])('%s %j', (type, texts, expected) => {
    const occurrences = texts.map((value, index) => ({ name: 'x', value, index }))
    expect(flagValue(type, occurrences)).toEqual(expected)
  })

  it('refuses a broken quote in CSV', () => {
    expect(parseCsv('"a')).toBeUndefined()
  })
})

describe('the table of kubelet flags', () => {
  it('names only fields that exist', () => {
    const paths = [...kubeletFlags.values()].flatMap(({ path }) => path ?? [])
    expect(paths.filter((path) => !kubeletLeaves.has(path))).toEqual([])
  })

  /** The help's word for a type → the types that may stand for it here. */
  const typesOf: Readonly<Record<string, readonly KubeletFlagType[]>> = {
    '': ['bool'],
    // The help quotes a word of the flag's own text here.
    RuntimeDefault: ['bool'],
    Whether: ['bool'],
    use: ['bool'],
    string: ['string'],
    strings: ['strings'],
    int32: ['int32'],
    int: ['int64', 'string'],
    duration: ['duration', 'string'],
    ip: ['ip'],
    mapStringBool: ['boolMap'],
    mapStringString: ['stringMap', 'labels', 'stringMapNoSplit', 'thresholdMap'],
    quantity: ['quantity'],
    Level: ['int64'],
    '[]v1.Taint': ['taints'],
    'reserved-memory': ['memoryReservations'],
    colonSeparatedMultimapStringString: ['headerMap'],
    'pattern=N,...': ['vmodule'],
  }

  it.skipIf(!existsSync(help))('has every flag of kubelet 1.36 with its type', () => {
    const listed = [...readFileSync(help, 'utf8').matchAll(/^ +(?:-\w, )?--([a-z0-9-]+)(?: (\S+))?(?: {2,}|$)/gm)]
    const wrong = listed.flatMap(([, name = '', word = '']) => {
      const type = kubeletFlags.get(name)?.type
      const isRight = name === 'version' || (type !== undefined && typesOf[word]?.includes(type))
      return isRight ? [] : [`${name} ${word}: ${type}`]
    })
    expect(listed.length).toBeGreaterThan(140)
    expect(wrong).toEqual([])
  })
})
