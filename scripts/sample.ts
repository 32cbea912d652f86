// Makes reports/sample/: what a reader sees before installing, and the golden files of the tests.
// `npm run sample` scores and renders the stored snapshot again; `npm run sample -- --collect` reads the simulated cluster anew.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadTranslation } from '../src/catalog/index.ts'
import { loadRules } from '../src/cli/load-rules.ts'
import { rulesFolder } from '../src/cli/paths.ts'
import { renderHtml, renderJson, renderPdf } from '../src/report/index.ts'
import { startSimulatedCluster } from '../src/simulator/cluster.ts'
import { evaluateSample, sampleFolder, sampleOptions, samplePath } from '../test/golden/sample.ts'
import { runCli } from '../test/support/cli.ts'

await mkdir(sampleFolder, { recursive: true })
if (process.argv.includes('--collect')) await collect()
const result = await evaluateSample(await loadRules())
await writeFile(samplePath('result.json'), renderJson(result))
await writeFile(samplePath('report.html'), await renderHtml(result, sampleOptions(result)))
const { pages } = await renderPdf(result, samplePath('report.pdf'), sampleOptions(result))
// For who decides, in the language of most who read the documents that the catalogue began with.
await renderPdf(result, samplePath('report-executive.ko.pdf'), {
  ...sampleOptions(result),
  edition: 'executive',
  lang: 'ko',
  translation: await loadTranslation(rulesFolder, 'ko'),
})
process.stdout.write(`Written to ${sampleFolder}: ${result.catalogue.rules} rules, ${pages} pages\n`)

async function collect(): Promise<void> {
  const cluster = await startSimulatedCluster()
  try {
    const config = join(cluster.folder, 'kube-assay.yaml')
    const collected = join(sampleFolder, 'new.ndjson.zst')
    await writeFile(
      config,
      JSON.stringify({ cluster: { name: 'sample' }, kubeconfig: cluster.kubeconfig, ssh: cluster.ssh }),
    )
    const run = await runCli(['collect', '--config', config, '--output', collected])
    if (run.code !== 0) throw new Error(run.stderr)
    await rename(collected, samplePath('snapshot.ndjson.zst'))
  } finally {
    await cluster.close()
    await rm(join(sampleFolder, 'new.ndjson.zst'), { force: true })
  }
}
