// Brings a fresh clone to the point where `npm run demo` and `npm test` work. Plain JavaScript on purpose: it runs on
// whatever Node the machine has, before the pinned Node of the `node` package exists. It installs only when needed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stamp = join(root, 'node_modules', '.kube-assay-setup')
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')
const pinnedNode = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')

if (!(existsSync(stamp) && existsSync(pinnedNode) && readFileSync(stamp, 'utf8') === wanted)) {
  process.stderr.write('Installing dependencies (first run only) …\n')
  // Install scripts stay off: ssh2's native helper would be compiled against the machine's Node and not load under the
  // pinned one. Only the `node` package needs its script, which puts the pinned Node in place.
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
  run('npm', ['rebuild', 'node', '--ignore-scripts=false', '--loglevel=error'])
  // npm on an older Node.js leaves out optional packages whose engines that does not meet: the packaged Chromium is one.
  if (!existsSync(join(root, 'node_modules', '@sparticuz', 'chromium'))) {
    const path = `${dirname(pinnedNode)}${delimiter}${process.env.PATH}`
    run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      PATH: path,
    })
  }
  writeFileSync(stamp, wanted)
}

function run(command, args, env = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (result.status === 0) return
  process.stderr.write(
    `\nSet-up failed: \`${command} ${args.join(' ')}\` ended with ${result.status ?? result.signal ?? result.error?.message}.\n`,
  )
  process.stderr.write('kube-assay needs npm and access to an npm registry for its first run.\n')
  process.exit(1)
}
