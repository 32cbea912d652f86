// A text as one word of a POSIX shell, whatever it holds.

/** Controls, format characters, line separators, lone surrogates: they would act on the terminal that shows the script. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

/** In single quotes, always; undefined for a text with characters that cannot be seen. */
export function shellWord(text: string): string | undefined {
  return invisible.test(text) ? undefined : `'${text.replaceAll("'", "'\\''")}'`
}
