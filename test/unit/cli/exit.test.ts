import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { ExitError, exitCodes, explain } from '../../../src/cli/exit.ts'
import { SnapshotError } from '../../../src/snapshot/index.ts'
import { InputError } from '../../../src/util/input-error.ts'

it('gives what a person can mend exit code 2 and its own words', async () => {
  expect(explain(new InputError('no such context'), false)).toEqual({ code: 2, message: 'no such context' })
  expect(explain(new SnapshotError('x is truncated'), false)).toEqual({ code: 2, message: 'x is truncated' })
  const missing = await readFile('/nonexistent/file').catch((error: unknown) => error)
  expect(explain(missing, false)).toEqual({
    code: 2,
    message: '/nonexistent/file: does not exist. Choose another path or change its permissions.',
  })
})

it.each([
  ['ENOSPC', 'no space left on the device. Free some or choose another output; what was written whole is kept.'],
  ['EDQUOT', 'the disk quota is used up. Free some or choose another output; what was written whole is kept.'],
])('calls a disk that fills up (%s) no defect', (code, message) => {
  expect(explain(Object.assign(new Error(`${code}: write`), { code, syscall: 'write' }), false)).toEqual({
    code: 4,
    message,
  })
})

it('keeps the code an end was given', () => {
  expect(explain(new ExitError(exitCodes.incomplete, 'below'), false)).toEqual({ code: 3, message: 'below' })
})

it('calls everything else a defect, with the stack only when asked', () => {
  const defect = new TypeError('x is not a function')
  expect(explain(defect, false)).toEqual({
    code: 4,
    message:
      'internal error: x is not a function\nThis is a defect of kube-assay; run again with --verbose and report the output.',
  })
  expect(explain(defect, true).message).toMatch(/^internal error: TypeError: x is not a function\n\s+at /)
  expect(explain('odd', false).message).toMatch(/^internal error: odd\n/)
})
