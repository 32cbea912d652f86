// What the list commands print stays within a terminal of 80 columns; the pages of single things do wherever a word allows it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { listBenchmarks, showBenchmark } from '../../../src/cli/commands/benchmarks.ts'
import { listFrameworks, showFramework } from '../../../src/cli/commands/frameworks.ts'
import { sparkline } from '../../../src/cli/commands/history.ts'
import { listRules, showRule } from '../../../src/cli/commands/rules.ts'
import { checkWaivers, listWaivers } from '../../../src/cli/commands/waivers.ts'
import { loadRules } from '../../../src/cli/load-rules.ts'
import { columnsOf, type Terminal } from '../../../src/cli/terminal.ts'

// The commands load the catalogue anew each time; here they share one.
vi.mock(import('../../../src/cli/load-rules.ts'), async (original) => {
  const { loadRules: load, ...rest } = await original()
  const once = load()
  return { ...rest, loadRules: () => once }
})

const folder = await mkdtemp(join(tmpdir(), 'width-'))
afterAll(() => rm(folder, { recursive: true }))

const columns = 80
const catalogue = await loadRules()

/** What a command prints, by lines. */
async function printed(command: (terminal: Terminal) => Promise<number>): Promise<string[]> {
  const texts: string[] = []
  const none = () => undefined
  await command({
    print: (text) => texts.push(text),
    warn: none,
    summary: none,
    detail: none,
    style: (_, text) => text,
    columns,
    progress: { stage: none, update: none, done: none, stop: none },
  })
  return texts.join('\n').split('\n')
}

const tooWide = (lines: readonly string[]) => lines.filter((line) => [...line].length > columns)
/** Of a page: too wide although there is a space to break at. */
const breakable = (lines: readonly string[]) =>
  tooWide(lines).filter((line) => line.trim().replace(/^- /, '').includes(' '))

const waivers = join(folder, 'waivers.yaml')
await writeFile(
  waivers,
  `waivers:
  - id: a-waiver-with-a-name-of-sixty-three-characters-which-is-the-mos
    rule: controller-manager-kubeconfig-owner
    match: { namespace: ${'n'.repeat(63)} }
    owner: The team that looks after the nodes of the production clusters
    approver: The officer for the security of information
    reason: ${'Nobody reads this text to its end, and it is long enough for several lines. '.repeat(3)}
    created: 2026-01-01
    expires: 2026-02-01
`,
)

describe('at 80 columns', () => {
  it.each<[string, (terminal: Terminal) => Promise<number>]>([
    ['rules list', (terminal) => listRules({ format: 'table' }, terminal)],
    ['rules list --tag', (terminal) => listRules({ format: 'table', tag: ['files'] }, terminal)],
    ['benchmarks list', (terminal) => listBenchmarks('table', terminal)],
    ['frameworks list', (terminal) => listFrameworks('table', terminal)],
    ['waivers list', (terminal) => listWaivers([waivers], {}, terminal)],
    ['waivers check', (terminal) => checkWaivers([waivers], {}, terminal)],
  ])('%s has no line that is wider', async (_name, command) => {
    const lines = await printed(command)
    expect(lines.length).toBeGreaterThan(3)
    expect(tooWide(lines)).toEqual([])
  })

  it.each([...catalogue.frameworks.keys()])('frameworks show %s', async (key) => {
    expect(breakable(await printed((terminal) => showFramework(key, 'table', terminal)))).toEqual([])
  })

  it.each([...catalogue.plans.keys()])('benchmarks show %s', async (key) => {
    expect(breakable(await printed((terminal) => showBenchmark(key, 'table', terminal)))).toEqual([])
  })

  it('rules show of every rule', async () => {
    for (const { rule } of catalogue.rules)
      expect(breakable(await printed((terminal) => showRule(rule.id, { format: 'text' }, terminal))), rule.id).toEqual(
        [],
      )
  })

  it('the line of scores shows the newest of many', () => {
    const [line = ''] = sparkline(Array.from({ length: 200 }, (_, night) => night % 100))
    expect([...line].length).toBeLessThanOrEqual(columns)
    expect(line).toMatch(/lowest 55\.0, highest 99\.0$/)
  })
})

it.each([
  [200, undefined, 120],
  [80, '60', 80],
  [undefined, '60', 60],
  [undefined, '5', 40],
  [undefined, 'wide', 80],
  [undefined, undefined, 80],
])('a terminal of %s and COLUMNS=%s: %s columns', (terminal, variable, expected) => {
  expect(columnsOf(terminal, variable)).toBe(expected)
})
