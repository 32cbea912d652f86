// Flags of the documents for people, as they are typed.
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { documentOptions } from '../../../src/cli/document-options.ts'

test('who gets a report is given name by name, and takes no argument after it', () => {
  const command = documentOptions(new Command('render').argument('<result>'))
  command.parse(['--distribution', 'CISO', '--distribution', 'Platform, Example Ltd', 'result.json'], { from: 'user' })
  expect([command.opts()['distribution'], command.args]).toEqual([['CISO', 'Platform, Example Ltd'], ['result.json']])
})
