#!/usr/bin/env node
// Entry of `kube-assay` and `kubectl assay`. Checks the Node.js version before anything that needs a newer one is loaded.

const minimum = [22, 19] as const
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < minimum[0] || (major === minimum[0] && minor < minimum[1])) {
  process.stderr.write(
    `kube-assay needs Node.js ${minimum.join('.')} or newer; this is ${process.versions.node} (${process.execPath}).\n`,
  )
  process.exitCode = 2
} else {
  const { run } = await import('./program.ts')
  process.exitCode = await run(process.argv)
}
