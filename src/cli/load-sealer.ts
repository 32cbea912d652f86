// Whom files are encrypted for, from the settings. May not: be loaded where nobody asked for that.
import { createSealer, linesOf, type Sealer } from '../integrity/index.ts'
import type { Config } from '../model/config.ts'
import { InputError } from '../util/input-error.ts'
import { readSmallFile } from '../util/read-small-file.ts'
import { visibleText } from '../util/visible-text.ts'

/** Before anything is collected. Throws InputError for a recipient or a file of them that cannot be used. */
export async function loadSealer({ encryptTo = [] }: Pick<Config, 'encryptTo'>): Promise<Sealer | undefined> {
  const recipients = (await Promise.all(encryptTo.map(recipientsOf))).flat()
  return recipients.length === 0 ? undefined : createSealer([...new Set(recipients)])
}

/** A recipient itself, or a file with one a line. */
async function recipientsOf(given: string): Promise<string[]> {
  if (given.startsWith('age1')) return [given]
  if (given.startsWith('ssh-'))
    throw new InputError(
      '--encrypt-to: keys of SSH are not encrypted to. age-keygen makes an identity and its recipient.',
    )
  const lines = linesOf(await readSmallFile(given))
  const shown = visibleText(given)
  if (lines.length === 0) throw new InputError(`--encrypt-to: ${shown} names no recipient.`)
  // An identity here would be a secret that the next line prints.
  if (lines.some((line) => !line.startsWith('age1')))
    throw new InputError(`--encrypt-to: ${shown} holds something else than recipients (age1…), one a line.`)
  return lines
}
