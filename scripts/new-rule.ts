// npm run new:rule <section> <id>: writes a rule and its cases as skeletons. Every text is empty, so that the catalogue refuses the
// rule, naming each empty key with its line, until somebody has thought about it. Overwrites nothing.
import { dirname, join, relative } from 'node:path'
import { writeSkeleton } from '../src/cli/rule-skeleton.ts'

const idPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/

function main([section = '', id = '', ...rest]: readonly string[]): number {
  if (!idPattern.test(section) || !idPattern.test(id) || rest.length > 0) {
    process.stderr.write(
      'Usage: npm run new:rule <section> <id>, both in lower case with hyphens: kubelet protect-kernel-defaults\n',
    )
    return 2
  }
  const root = dirname(import.meta.dirname)
  try {
    const paths = writeSkeleton(root, section, id)
    process.stdout.write(
      `${paths.map((path) => `wrote ${path}\n`).join('')}Fill in both, then: npx vitest run test/unit/catalog\n`,
    )
    return 0
  } catch (error) {
    const reason =
      error instanceof Error && 'code' in error && error.code === 'EEXIST' ? 'exists already' : String(error)
    process.stderr.write(
      `Nothing was overwritten: ${relative(process.cwd(), join(root, 'rules', section, `${id}.yaml`))} ${reason}.\n`,
    )
    return 2
  }
}

if (process.argv[1] === import.meta.filename) process.exitCode = main(process.argv.slice(2))
