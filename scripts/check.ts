// `npm run check`: everything that must hold before a change lands, in the order of how fast it fails.
import { spawnSync } from 'node:child_process'

const steps: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['format and lint', 'biome', 'ci', '.'],
  ['types', 'tsc', '-p', 'tsconfig.json'],
  ['import boundaries', 'depcruise', '--config', '.dependency-cruiser.mjs', 'src'],
  ['unused code', 'knip'],
  ['generated documents', 'node', 'scripts/docs.ts', '--check'],
  ['build', 'tsc', '-p', 'tsconfig.build.json'],
  ['tests', 'vitest', 'run'],
]

const withoutTests = process.argv.includes('--without-tests')
for (const [name, command, ...args] of steps) {
  if (withoutTests && name === 'tests') continue
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  if (status === 0) {
    process.stdout.write(`✓ ${name}\n`)
    continue
  }
  process.stdout.write(`✗ ${name}\n${stdout}${stderr}\n`)
  process.exit(1)
}
