// A new rule as two files, its own and its cases. Every text is empty, so that the catalogue refuses the rule, naming each empty key
// with its line, until somebody has thought about it.
// May not: overwrite anything.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { factsFor } from '../catalog/index.ts'
import { unitKinds } from '../model/facts.ts'

/** Folders of rules and cases below a root. */
interface Places {
  readonly rules: string
  readonly cases: string
}
const ownPlaces: Places = { rules: 'rules', cases: 'test/rules' }
/** In a rule pack. */
export const packPlaces: Places = { rules: '', cases: 'test' }

/** Skeleton files by path below the project's root. */
function skeleton(section: string, id: string, { rules, cases }: Places): Record<string, string> {
  const facts = unitKinds.map((kind) => `#   ${kind}: ${factsFor(kind).join(', ')}`).join('\n')
  return {
    [join(rules, section, `${id}.yaml`)]: `# docs/writing-rules.md explains every key. Facts by unit kind:
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
    [join(cases, section, `${id}.yaml`)]: `rule: ${id}
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
export function writeSkeleton(root: string, section: string, id: string, places = ownPlaces): string[] {
  return Object.entries(skeleton(section, id, places)).map(([path, text]) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text, { flag: 'wx' })
    return path
  })
}
