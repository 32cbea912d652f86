// `doctor`: whether an audit with these settings would work and see everything, and how to mend what would not.
import type { Config } from '../../model/config.ts'
import { KubeConfigError, type KubeSource, openKubeSource } from '../../transport/kube.ts'
import { InputError } from '../../util/input-error.ts'
import { visibleText } from '../../util/visible-text.ts'
import { type Check, failed, skipped } from '../doctor/check.ts'
import { checkServer } from '../doctor/cluster.ts'
import { checkBrowser, checkDisk, checkNodeVersion } from '../doctor/machine.ts'
import { checkNodes } from '../doctor/nodes.ts'
import { checkRights } from '../doctor/rights.ts'
import { checkWaivers } from '../doctor/waivers.ts'
import { exitCodes } from '../exit.ts'
import { type Flags, readSettings } from '../settings.ts'
import type { Style, Terminal } from '../terminal.ts'
import { wrap } from '../wrap.ts'

export async function doctor(
  { format, ...flags }: Omit<Flags, 'format'> & { readonly format: 'table' | 'json' },
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const settings = await readSettings(flags)
  terminal.progress.stage('Checking')
  const machine = [checkNodeVersion(process.version), await checkDisk(settings), await checkBrowser(settings, signal)]
  const checks = [...machine, ...(await checkWaivers(settings)), ...(await clusterChecks(settings, signal))]
  terminal.progress.stop()
  const isWell = checks.every(({ state }) => state !== 'failed')
  terminal.print(format === 'json' ? JSON.stringify({ ok: isWell, checks }, null, 2) : page(checks, terminal))
  return isWell ? exitCodes.done : exitCodes.incomplete
}

async function clusterChecks(settings: Config, signal: AbortSignal): Promise<Check[]> {
  if (settings.manifests !== undefined) return [skipped('server', 'API server', 'Files are audited, no cluster.')]
  let source: KubeSource
  try {
    source = await openKubeSource({
      ...(settings.kubeconfig !== undefined && { kubeconfig: settings.kubeconfig }),
      ...(settings.context !== undefined && { context: settings.context }),
    })
  } catch (error) {
    if (!(error instanceof KubeConfigError)) throw error
    const fix = 'Name a kubeconfig with --kubeconfig or $KUBECONFIG, and a context with --context.'
    return [failed('credentials', 'Credentials', error.message, fix)]
  }
  try {
    const server = await checkServer(source, signal)
    if (server.some(({ id, state }) => id === 'server' && state === 'failed')) return server
    return [
      ...server,
      ...(await checkRights(source, settings, signal)),
      ...(await nodeChecks(source, settings, signal)),
    ]
  } finally {
    await source.close()
  }
}

async function nodeChecks(source: KubeSource, settings: Config, signal: AbortSignal): Promise<Check[]> {
  try {
    return await checkNodes(source, settings, signal)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return [failed('nodes', 'Nodes', error.message, 'Correct the setting that it names.')]
  }
}

const marks: Readonly<Record<Check['state'], readonly [sign: string, style: Style]>> = {
  ok: ['✓', 'pass'],
  warned: ['!', 'medium'],
  failed: ['✗', 'fail'],
  skipped: ['–', 'dim'],
}

function page(checks: readonly Check[], { style, columns }: Terminal): string {
  const width = Math.max(...checks.map(({ title }) => title.length)) + 4
  const indent = ' '.repeat(width)
  const lines = checks.map(({ title, state, detail, fix }) => {
    const [sign, look] = marks[state]
    const text = wrap(visibleText(detail), columns, indent).trimStart()
    const advice = fix === undefined ? '' : `\n${style('bold', wrap(visibleText(fix), columns, indent))}`
    return `${style(look, sign)} ${title.padEnd(width - 2)}${text}${advice}`
  })
  const bad = checks.filter(({ state }) => state === 'failed').length
  const verdict = bad === 0 ? 'An audit with these settings can see everything it asks for.' : `${bad} to mend.`
  return [...lines, '', style('bold', verdict)].join('\n')
}
