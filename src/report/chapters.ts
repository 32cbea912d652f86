// Which chapters a document has, in which order. Screen and paper, and every edition, take them from here.
// May not: know what is in them.
import type { Edition } from '../model/split.ts'
import type { Chapter, OwnerGroup } from './view-frame-model.ts'

type Shape = Partial<Pick<Chapter, 'longTitle' | 'startsPage' | 'isFiltered'>>

function chapter(id: string, title: string, partial: string, shape: Shape = {}): Chapter {
  return { id, title, longTitle: title, partial, startsPage: true, isFiltered: false, isFirstFiltered: false, ...shape }
}

const follows = { startsPage: false }
const filtered = { isFiltered: true }

const all = {
  summary: chapter('summary', 'Summary', 'summary', { longTitle: 'Executive summary' }),
  method: chapter('method', 'Scope and method', 'method'),
  coverage: chapter('coverage', 'Coverage', 'coverage', { longTitle: 'Coverage: what was read, and what was not' }),
  trend: chapter('trend', 'Trend', 'trend', { longTitle: 'Trend: earlier audits, and what changed', ...follows }),
  findings: chapter('findings', 'Findings', 'findings', filtered),
  index: chapter('findings', 'Findings', 'findings-index', follows),
  unknown: chapter('unknown', 'Not answered', 'unknown', { ...filtered }),
  manual: chapter('manual', 'For a person', 'manual', { ...filtered, ...follows }),
  waivers: chapter('waivers', 'Accepted risks', 'waivers'),
  passed: chapter('passed', 'Passed', 'passed', { ...filtered, ...follows }),
  notApplicable: chapter('not-applicable', 'Not applicable', 'not-applicable', { ...filtered, ...follows }),
  overview: chapter('benchmarks', 'Benchmarks', 'benchmark-overview', follows),
  frameworks: chapter('frameworks', 'Requirements', 'frameworks', { longTitle: 'Requirements of frameworks' }),
  benchmarks: chapter('benchmarks', 'Controls', 'benchmarks', { longTitle: 'Benchmarks, control by control' }),
  nodes: chapter('nodes', 'Nodes', 'nodes', { longTitle: 'Nodes, and in what they differ' }),
  matrix: chapter('matrix', 'By node', 'matrix', { longTitle: 'Rules by node' }),
  appendix: chapter('appendix', 'Appendix', 'appendix', {
    longTitle: 'Appendix: inventory, configuration, glossary, evidence',
  }),
} as const

/** `groups`: owners, each with a chapter in the edition for remediation. */
export function chaptersOf(edition: Edition, groups: readonly OwnerGroup[] = []): Chapter[] {
  const chapters = listOf(edition, groups)
  const first = chapters.findIndex(({ isFiltered }) => isFiltered)
  return chapters.map((one, index) => ({ ...one, isFirstFiltered: index === first }))
}

function listOf(edition: Edition, groups: readonly OwnerGroup[]): readonly Chapter[] {
  switch (edition) {
    case 'executive':
      return [
        all.summary,
        all.overview,
        all.index,
        { ...all.waivers, startsPage: false },
        { ...all.method, startsPage: true },
      ]
    case 'remediation':
      return groups.length === 0
        ? [all.findings]
        : groups.map((group) => ({ ...chapter(group.id, group.title, 'owner-group', filtered), group }))
    case 'auditor':
      return [
        all.summary,
        all.method,
        all.coverage,
        all.trend,
        all.findings,
        all.unknown,
        all.manual,
        all.passed,
        all.notApplicable,
        all.benchmarks,
        all.frameworks,
        all.waivers,
        all.nodes,
        all.matrix,
        all.appendix,
      ]
  }
}
