// The accepted risks that an audit would be given: whether they can be read, and what is wrong with them by their words and days alone.
// May not: say that one matches nothing; that needs a cluster.
import { checkWaiverBook } from '../../evaluate/index.ts'
import type { Config } from '../../model/config.ts'
import { InputError } from '../../util/input-error.ts'
import { loadRules } from '../load-rules.ts'
import { loadWaivers } from '../load-waivers.ts'
import { type Check, failed, ok, warned } from './check.ts'

export async function checkWaivers(settings: Config): Promise<Check[]> {
  try {
    const input = await loadWaivers(settings)
    if (input === undefined || input.files.length === 0) return []
    const issues = checkWaiverBook(input, await loadRules(settings), new Date().toISOString())
    const [first] = issues
    const count = `${input.waivers.length} in ${input.files.length === 1 ? 'one file' : `${input.files.length} files`}`
    if (first === undefined) return [ok('waivers', 'Waivers', `${count}, each in force.`)]
    const more = issues.length > 1 ? ` And ${issues.length - 1} more: kube-assay waivers check lists them.` : ''
    return [warned('waivers', 'Waivers', `${count}. ${first.message}`, `${first.remedy}${more}`)]
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return [
      failed('waivers', 'Waivers', error.message, 'An audit would end before it reads anything; correct the file.'),
    ]
  }
}
