// The base of every error that a person can mend: a wrong flag, file, or credential. Its message says what is wrong, where,
// and what to do, and is shown as it is; everything else that is thrown is a defect of ours.

/** Maps to exit code 2. Subclasses name the part that refused. */
export class InputError extends Error {
  override readonly name: string = 'InputError'
}
