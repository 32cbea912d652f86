// What a file in this folder offers: a name for its output, and the text of it in pieces.
import type { Result } from '../../model/result.ts'

export interface FormatOptions {
  /** Where findings in AWS' format are imported. */
  readonly aws?: { readonly account: string; readonly region: string }
}

export interface Exporter {
  /** Name of the file, without folder. */
  readonly fileName: (result: Result) => string
  /** In pieces, so that a large result is never one text in memory. Throws InputError where the result cannot be told in this format. */
  readonly render: (result: Result, options: FormatOptions) => Iterable<string>
}
