// A waiver into the text of a file, which keeps its comments, order and style.
// May not: touch what is there, or write into a file that is not well-formed.
import { isMap, isSeq, parseDocument } from 'yaml'
import { type Waiver, waiversFileSchema } from '../model/waiver.ts'
import { InputError } from '../util/input-error.ts'
import { YamlSource } from '../util/yaml-source.ts'

const newFile = `# Accepted risks: who accepted what, for whom, why, and until when.
# The findings stay in every report, with their outcome; they do not fail a gate. Schema: kube-assay schema waivers
waivers: []
`

/** The new text. Throws InputError for a file with problems or with a waiver of this id. */
export function appendWaiver(file: string, text: string, waiver: Waiver): string {
  const before = text.trim() === '' ? newFile : text
  const source = new YamlSource(file, before, waiversFileSchema)
  if (source.value?.waivers.some(({ id }) => id === waiver.id))
    source.add(['waivers'], `has a waiver ${waiver.id} already; choose another --id`)
  if (source.problems.length > 0)
    throw new InputError(source.problems.map((one) => `${file}:${one.line}:${one.column}: ${one.message}`).join('\n'))
  const document = parseDocument(before)
  const list = isMap(document.contents) ? document.contents.get('waivers') : undefined
  if (!isSeq(list)) throw new InputError(`${file}: waivers is not a list.`)
  list.flow = false
  document.addIn(['waivers'], document.createNode(waiver))
  return document.toString({ lineWidth: 120 })
}
