// What anybody who may name an object, write an annotation or a rule pack can put into a text of a report. May not: be tame.
export const hostileTexts: Readonly<Record<string, string>> = {
  script: '<script>window.owned=1;document.title="owned"</script><img src=x onerror="window.owned=1">',
  markup:
    '</td></tr></table></details></main></body><h1>Passed</h1><details open><base href="http://127.0.0.1:9/"><form action="//127.0.0.1:9/">',
  attribute: '" autofocus onfocus="window.owned=1" x=\' onload=\'window.owned=1\' ` =',
  address:
    'javascript:window.owned=1//data:text/html,<script>window.owned=1</script>//https://127.0.0.1:9/"onclick="window.owned=1',
  elsewhere:
    '<meta http-equiv="refresh" content="0;url=http://127.0.0.1:9/"><iframe src="file:///etc/passwd"></iframe><link rel=stylesheet href=//127.0.0.1:9/x.css>',
  style: '</style><style>*{display:none}@page{size:1mm}</style>;}body{background:url(http://127.0.0.1:9/)} /* \\',
  ends: ']]> --> </title></script></textarea></svg></noscript> <![CDATA[ <!--',
  template: '{{constructor.constructor("return process")()}} {{{raw}}} {{> cover}} {{#each this}} ${1+1} <%= 1 %> #{1}',
  prototype: '__proto__ constructor toString hasOwnProperty',
  longWord: 'W'.repeat(5_000),
  longWords: Array.from({ length: 1_700 }, (_, index) => `word${index}`)
    .join(' ')
    .slice(0, 10_000),
  annotation: Array.from({ length: 400 }, (_, index) => `key${index}: "${'v'.repeat(12)}"`)
    .join('\n')
    .slice(0, 10_000),
  bidi: 'safe\u202Egnp.exe \u2066isolated\u2069 \u200Fmark\u200E \u061C',
  nothing: '\u0000 \u0000\u0000end',
  controls: Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join('x'),
  c1: Array.from({ length: 33 }, (_, index) => String.fromCharCode(0x7f + index)).join('x'),
  terminal: '\u001B[2J\u001B[31mred\u001B[0m\u001B]8;;http://127.0.0.1:9/\u0007link\u001B]8;;\u0007\u009B31m',
  invisible:
    'zero\u200B\u200C\u200D\u2060\uFEFFwidth soft\u00ADhyphen \u180E tags\u{E0041}\u{E0042} line\u2028para\u2029',
  emoji: '\u{1F680}\u{1F468}\u200D\u{1F469}\u200D\u{1F467} \u{1F1E9}\u{1F1EA} 1\uFE0F\u20E3 \u2764\uFE0F',
  surrogates: 'high \uD800 low \uDC00 swapped \uDC00\uD800 end\uD83D',
  unassigned: 'private \uE000 \u{F0000} none \uFFFE \uFFFF \u{1FFFE} \uFFFD',
  marks: `z${'\u0300\u0316\u0489'.repeat(120)}algo`,
  scripts: 'עברית العربية ไทย हिन्दी አማርኛ ᠮᠣᠩᠭᠣᠯ',
  csv: '=cmd|" /C calc"!A0 +1 -1 @SUM(1) \t,;"',
}

/** One after the other over the texts of a result, so that each kind stands in many places and each place has one kind. */
export function hostileAt(_place: string, index: number): string {
  const texts = Object.values(hostileTexts)
  return texts[(index * 7) % texts.length] ?? ''
}

/** What no document may hold unseen: it would move, hide, reorder or end something. Tabs, line ends and form feeds lay text out. */
export const unseen =
  /[\u0000-\u0008\u000B\u000E-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF\uD800-\uDFFF]/
