// Values in texts, commands and files: a hostile value stays one value, read back by the tools that would read it for real.
import { spawnSync } from 'node:child_process'
import { parse as parseToml } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { ExpressionError, Scope } from '../../../src/catalog/expression.ts'
import { UnitContext } from '../../../src/catalog/fact-values.ts'
import { type Language, visibleText } from '../../../src/catalog/quote.ts'
import { compileTemplate } from '../../../src/catalog/template.ts'
import { unavailable } from '../../../src/model/fact.ts'
import { unitsOfCase } from './support.ts'

const scope = Scope.of(['cgroups'])

/** The template with `value` as {{ v }}, which stands for a value from a host. */
function render(source: string, language: Language, value: unknown) {
  const written = source
    .replaceAll('{{ v }}', '{{ cgroups.version.value }}')
    .replaceAll('{{ list }}', '{{ cgroups.controllers.value }}')
  const observed =
    typeof value === 'string' ? { version: { value, source: '' } } : { controllers: { value, source: '' } }
  const { unit, cluster } = unitsOfCase('nodes', { cgroups: observed })
  return compileTemplate(written, language, scope).render(new UnitContext(unit, cluster))
}

const hostile = [
  'plain',
  'two words',
  '$(touch /tmp/owned)',
  '`id`',
  "'; id; '",
  '"; id; "',
  '${HOME}',
  '~root',
  '*',
  'a\\',
  "\\'",
  '#comment',
  'key: value',
  '- item',
  '!!js/function x',
  '&anchor',
  '{"a":1}',
  'true',
  '1e3',
  'null',
  '',
  ' ',
  '日本語',
  '=cmd|x',
  'a=b;c&&d|e>f<g',
]
const withControls = [
  'a\nb',
  'a\r\nb',
  '\u001b[2Jx',
  '\u001b[201~id\n',
  'a\u0000b',
  'x\u202etxt',
  'a\u2028b',
  'a\u0085b',
  'a\u007fb',
  '\u{e0041}',
]

describe('a value in a shell command', () => {
  it.each([...hostile, '-x but later'])('stays one word: %j', (value) => {
    const got = render("printf '%s\\n' =\"$(printf '%s' ={{ v }})\" x={{ v }}", 'shell', value)
    if (got.kind !== 'value') throw new Error(got.kind)
    const run = spawnSync('sh', ['-c', got.value], { encoding: 'utf8', env: { PATH: process.env['PATH'] } })
    expect({ out: run.stdout, err: run.stderr }).toEqual({ out: `==${value}\nx=${value}\n`, err: '' })
  })

  it.each(withControls)('is refused with control characters: %j', (value) => {
    expect(render('echo {{ v }}', 'shell', value)).toMatchObject({
      kind: 'error',
      detail: expect.stringContaining('control'),
    })
  })

  it.each(['-rf', '--option=x'])('is refused where it would be an option: %s', (value) => {
    expect(render('rm {{ v }}', 'shell', value)).toMatchObject({
      kind: 'error',
      detail: expect.stringContaining('option'),
    })
  })

  it('is bare where that is safe, and a list is words', () => {
    expect(render('cat {{ list }}', 'shell', ['/etc/a.conf', 'x y'])).toEqual({
      kind: 'value',
      value: "cat /etc/a.conf 'x y'",
    })
  })
})

describe('a value in a file', () => {
  it.each([...hostile, ...withControls])('stays one string in YAML, JSON and TOML: %j', (value) => {
    const yaml = render('a: {{ v }}\nb: [{{ v }}]', 'yaml', value)
    const json = render('{"a": {{ v }}, "b": [{{ v }}]}', 'json', value)
    const toml = render('a = {{ v }}\nb = [{{ v }}]', 'toml', value)
    if (yaml.kind !== 'value' || json.kind !== 'value' || toml.kind !== 'value') throw new Error('refused')
    const wanted = { a: value, b: [value] }
    expect([parseYaml(yaml.value), JSON.parse(json.value), parseToml(toml.value)]).toEqual([wanted, wanted, wanted])
    expect(`${yaml.value}${json.value}${toml.value}`.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  })

  it.each(['a\nkernel.panic = 0', 'x#y', 'a;b', 'a=b', '"q"', '%n', 'end\\', ...withControls])(
    'is refused in sysctl and ini where it could be read otherwise: %j',
    (value) => {
      expect(render('kernel.core_pattern = {{ v }}', 'sysctl', value).kind).toBe('error')
      if (value !== 'a=b') expect(render('Environment={{ v }}', 'ini', value).kind).toBe('error')
    },
  )

  it('is itself in sysctl where it is plain', () => {
    expect(render('net.ipv4.ip_local_port_range = {{ v }}', 'sysctl', '1024 65535')).toEqual({
      kind: 'value',
      value: 'net.ipv4.ip_local_port_range = 1024 65535',
    })
  })
})

describe('a value in a message', () => {
  it.each([
    ['line breaks and tabs', 'a\nb\tc', 'a\\nb\\tc'],
    ['a terminal escape', '\u001b[31mred', '\\u{1b}[31mred'],
    ['a reversed file name', 'x\u202etxt.exe', 'x\\u{202e}txt.exe'],
    ['half a character', '\ud800', '\\u{d800}'],
    ['markup', '<b>&amp;', '<b>&amp;'],
    ['much text', 'x'.repeat(2003), `${'x'.repeat(2000)}… (3 more characters)`],
  ])('shows %s', (_, value, shown) => {
    expect([visibleText(value), render('{{ v }}', 'text', value)]).toEqual([shown, { kind: 'value', value: shown }])
  })

  it('is not half there: a missing value takes the text away', () => {
    const { unit, cluster } = unitsOfCase('nodes', { cgroups: { version: unavailable('timeout', 'no answer') } })
    const template = compileTemplate('rm /x/{{ cgroups.version.value }}', 'shell', scope)
    expect(template.render(new UnitContext(unit, cluster))).toEqual({
      kind: 'missing',
      missing: [{ fact: 'cgroups.version', reason: 'timeout', detail: 'no answer' }],
    })
  })

  it.each([
    ['\\{{ {{ v }}', '{{ v2'],
    ["{{ 'a}}' + cgroups.version.value }}", 'a}}v2'],
    ['{{v}}'.replace('v', 'cgroups.version.value'), 'v2'],
    ['no values }} here', 'no values }} here'],
  ])('%s', (source, expected) => expect(render(source, 'text', 'v2')).toEqual({ kind: 'value', value: expected }))
})

describe('a place where quoting could not hold', () => {
  it.each([
    ['shell', "echo '{{ v }}'"],
    ['shell', 'echo "{{ v }}"'],
    ['shell', 'echo "a $(b) {{ v }}"'],
    ['shell', 'sh -c "echo $(cat {{ v }} "{{ v }}")"'],
    ['shell', 'echo ${{ v }}'],
    ['shell', 'echo `cat {{ v }}`'],
    ['shell', 'cat <<EOF\n{{ v }}\nEOF'],
    ['shell', 'true # {{ v }}'],
    ['shell', 'echo ${x:-{{ v }}}'],
    ['yaml', 'a: "{{ v }}"'],
    ['yaml', "a: '{{ v }}'"],
    ['yaml', 'a: x-{{ v }}'],
    ['yaml', 'a: |\n  {{ v }}'],
    ['yaml', 'a: [{{ v }}'],
    ['yaml', '# {{ v }}\na: 1'],
    ['json', '{"a": "{{ v }}"}'],
    ['json', '"a": {{ v }}'],
    ['toml', 'a = "{{ v }}"'],
    ['toml', 'a = {{ v }}-x'],
    ['text', 'open {{ v'],
  ] as const)('is refused in %s: %s', (language, source) => {
    const written = source.replaceAll('{{ v }}', '{{ cgroups.version.value }}')
    expect(() => compileTemplate(written, language, scope)).toThrow(ExpressionError)
  })

  it.each([
    ['shell', 'x="$(findmnt -T {{ v }})" # it\'s fine\ncat {{ v }}'],
    ['shell', "kubectl get -o jsonpath='{.x}' pod {{ v }}"],
    ['shell', '(cd /; echo {{ v }}) && echo "a (b" {{ v }}'],
    ['yaml', '- name: {{ v }}'],
    ['yaml', '{{ v }}: true'],
    ['toml', '[plugins.{{ v }}]\nx = {{ list }}'],
  ] as const)('but not in %s: %s', (language, source) => {
    const written = source
      .replaceAll('{{ v }}', '{{ cgroups.version.value }}')
      .replaceAll('{{ list }}', '{{ cgroups.controllers.value }}')
    expect(() => compileTemplate(written, language, scope)).not.toThrow()
  })
})
