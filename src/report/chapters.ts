// Which chapters a document has, in which order. Screen and paper, and every edition, take them from here.
// May not: know what is in them.
import type { Edition } from '../model/split.ts'
import type { Language } from './lang/language.ts'
import type { Chapter, OwnerGroup } from './view-frame-model.ts'

type Shape = Partial<Pick<Chapter, 'longTitle' | 'startsPage' | 'isFiltered'>>

function chapter(id: string, title: string, partial: string, shape: Shape = {}): Chapter {
  return { id, title, longTitle: title, partial, startsPage: true, isFiltered: false, isFirstFiltered: false, ...shape }
}

const follows = { startsPage: false }
const filtered = { isFiltered: true }

function chaptersIn({ say }: Language) {
  return {
    summary: chapter('summary', say('chapter.summary'), 'summary', { longTitle: say('chapter.summary.long') }),
    method: chapter('method', say('chapter.method'), 'method'),
    coverage: chapter('coverage', say('chapter.coverage'), 'coverage', {
      longTitle: say('chapter.coverage.long'),
      ...follows,
    }),
    trend: chapter('trend', say('chapter.trend'), 'trend', { longTitle: say('chapter.trend.long'), ...follows }),
    findings: chapter('findings', say('chapter.findings'), 'findings', filtered),
    index: chapter('findings', say('chapter.findings'), 'findings-index', follows),
    unknown: chapter('unknown', say('chapter.unknown'), 'unknown', { ...filtered }),
    manual: chapter('manual', say('chapter.manual'), 'manual', { ...filtered, ...follows }),
    waivers: chapter('waivers', say('chapter.waivers'), 'waivers'),
    passed: chapter('passed', say('chapter.passed'), 'passed', { ...filtered, ...follows }),
    notApplicable: chapter('not-applicable', say('chapter.notApplicable'), 'not-applicable', {
      ...filtered,
      ...follows,
    }),
    overview: chapter('benchmarks', say('chapter.overview'), 'benchmark-overview', follows),
    frameworks: chapter('frameworks', say('chapter.frameworks'), 'frameworks', {
      longTitle: say('chapter.frameworks.long'),
      ...follows,
    }),
    benchmarks: chapter('benchmarks', say('chapter.benchmarks'), 'benchmarks', {
      longTitle: say('chapter.benchmarks.long'),
      ...follows,
    }),
    nodes: chapter('nodes', say('chapter.nodes'), 'nodes', { longTitle: say('chapter.nodes.long') }),
    matrix: chapter('matrix', say('chapter.matrix'), 'matrix', { longTitle: say('chapter.matrix.long'), ...follows }),
    appendix: chapter('appendix', say('chapter.appendix'), 'appendix', {
      longTitle: say('chapter.appendix.long'),
      ...follows,
    }),
  }
}

/** `groups`: owners, each with a chapter in the edition for remediation. */
export function chaptersOf(edition: Edition, lang: Language, groups: readonly OwnerGroup[] = []): Chapter[] {
  const chapters = listOf(edition, chaptersIn(lang), groups)
  const first = chapters.findIndex(({ isFiltered }) => isFiltered)
  return chapters.map((one, index) => ({ ...one, isFirstFiltered: index === first }))
}

function listOf(
  edition: Edition,
  all: ReturnType<typeof chaptersIn>,
  groups: readonly OwnerGroup[],
): readonly Chapter[] {
  switch (edition) {
    case 'executive':
      return [
        all.summary,
        all.trend,
        all.overview,
        all.index,
        { ...all.waivers, partial: 'waivers-short', startsPage: false },
        { ...all.method, startsPage: false },
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
        all.nodes,
        all.matrix,
        all.waivers,
        all.frameworks,
        all.appendix,
      ]
  }
}
