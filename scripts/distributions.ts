// Writes the table of docs/distributions.md anew: every control on every stored host, read by the probe. The rest of the page is by hand.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { matrixPage, readMatrix, readSubjects } from '../test/support/distribution-matrix.ts'

const file = join(import.meta.dirname, '../docs/distributions.md')
const page = await readFile(file, 'utf8')
const [begin, end] = ['<!-- table: npm run distributions -->\n', '<!-- end of table -->']
const [from, to] = [page.indexOf(begin), page.indexOf(end)]
if (from < 0 || to < from) throw new Error(`${file} has lost the marks of its table`)
const table = matrixPage(await readMatrix(), await readSubjects())
await writeFile(file, `${page.slice(0, from + begin.length)}\n${table}\n${page.slice(to)}`)
process.stdout.write(`Written: ${file}\n`)
