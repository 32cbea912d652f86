// The stored snapshot of the simulated cluster and how it is scored, the same way each time.
import { hash } from 'node:crypto'
import { join } from 'node:path'
import { type Catalogue, selectBenchmark } from '../../src/catalog/index.ts'
import { deriveFacts } from '../../src/derive/index.ts'
import { evaluate } from '../../src/evaluate/index.ts'
import type { Result } from '../../src/model/result.ts'
import { renderJson } from '../../src/report/index.ts'
import { loadSnapshot } from '../../src/snapshot/index.ts'

export const sampleFolder = join(import.meta.dirname, '../../reports/sample')
export const samplePath = (name: string) => join(sampleFolder, name)

/** The result as of the moment the collection ended. */
export async function evaluateSample(catalogue: Catalogue): Promise<Result> {
  const evidence = await loadSnapshot(samplePath('snapshot.ndjson.zst'))
  return evaluate({
    evidence,
    facts: deriveFacts(evidence),
    catalogue,
    benchmark: selectBenchmark(catalogue, 'auto', evidence.header.cluster.version),
    now: evidence.trailer.finishedAt,
    tool: evidence.header.tool,
    findingsCap: 1000,
  })
}

/** What its documents say of it: the digest of result.json beside them, too. */
export const sampleOptions = (result: Result) => ({
  classification: 'SAMPLE',
  people: {
    preparedBy: 'Example security team',
    preparedFor: 'Example audit committee',
    distribution: ['Head of platform', 'Security officer', 'External auditor'],
  },
  resultDigest: hash('sha256', renderJson(result)),
})
