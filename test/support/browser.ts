// The browser that integration tests use, found as the report finds it. Without one they are skipped, and say so;
// with KUBE_ASSAY_REQUIRE_INTEGRATION=1 they fail.
import { type FoundBrowser, findBrowser } from '../../src/report/browser-discovery.ts'

/** Undefined where there is none. Throws where one is required. */
export async function browserForTests(): Promise<FoundBrowser | undefined> {
  try {
    return await findBrowser(process.env)
  } catch (error) {
    if (process.env['KUBE_ASSAY_REQUIRE_INTEGRATION'] === '1') throw error
    console.warn(`SKIPPED: tests that need a browser. ${error instanceof Error ? error.message : ''}`)
    return undefined
  }
}
