// npm run new:rule <section> <id>: writes a rule and its cases as skeletons. Every text is empty, so that the catalogue refuses the
// rule, naming each empty key with its line, until somebody has thought about it. Overwrites nothing.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { factsFor } from '../src/catalog/fact-types.ts'
import { unitKinds } from '../src/model/facts.ts'

const idPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/

/** Skeleton files by path below the project's root. */
export function skeleton(section: string, id: string): Record<string, string> {
  const facts = unitKinds.map((kind) => `#   ${kind}: ${factsFor(kind).join(', ')}`).join('\n')
  return {
    [`rules/${section}/${id}.yaml`]: `# docs/writing-rules.md explains every key. Facts by unit kind:
${facts}
id: ${id}
title: ""
problem: ""
severity: # critical, high, medium, low, info
assessment: automated
references:
  documents: []
needs: []
each: # ${unitKinds.join(', ')}
checks:
  - expression: ""
    message: ""
    observed: ""
    expected: ""
    source: ""
description: ""
rationale: ""
remediation:
  risk: ""
  steps:
    - text: ""
verify: ""
`,
    [`test/rules/${section}/${id}.yaml`]: `rule: ${id}
cases:
  - name: ""
    outcome: fail
    facts: {}
    observed: []
    remediation: []
  - name: ""
    outcome: pass
    facts: {}
  - name: ""
    outcome: unknown
    facts: {}
`,
  }
}

/** Writes the skeletons below `root`; throws when one exists. */
export function writeSkeleton(root: string, section: string, id: string): string[] {
  return Object.entries(skeleton(section, id)).map(([path, text]) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text, { flag: 'wx' })
    return path
  })
}

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
