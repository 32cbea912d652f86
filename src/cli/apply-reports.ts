// `render --apply`: report objects into the cluster that the result is of. Nothing is written before that is certain.
import { readClusterIdentity } from '../collect/objects.ts'
import type { Config } from '../model/config.ts'
import { isUnavailable } from '../model/fact.ts'
import type { Result } from '../model/result.ts'
import { countNoun } from '../report/text.ts'
import { createReportWriter, objectKey } from '../transport/kube-reports.ts'
import { InputError } from '../util/input-error.ts'
import { visibleText } from '../util/visible-text.ts'
import { ExitError, exitCodes } from './exit.ts'
import { stopIfAsked } from './interrupt.ts'
import type { Terminal } from './terminal.ts'

const apis = ['openreports', 'policyreport'] as const

/** Throws InputError where no format was asked for that can be applied. */
export function appliedFormat(formats: readonly string[]): (typeof apis)[number] {
  const found = apis.filter((name) => formats.includes(name))
  const [format] = found
  if (format === undefined || found.length > 1) {
    throw new InputError('--apply needs one of --format openreports and --format policyreport.')
  }
  return format
}

export async function applyReports(
  result: Result,
  format: (typeof apis)[number],
  { kubeconfig, context }: Config,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const { managedBy, openReports, policyReports, reportObjects } = await import('../report/formats/policy-reports.ts')
  const { openKubeSource } = await import('../transport/kube.ts')
  const api = format === 'openreports' ? openReports : policyReports
  const source = await openKubeSource({
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  })
  if (!source.tlsVerified) {
    terminal.warn(
      'warning: the kubeconfig turns certificate verification off; whoever answers is taken for the API server.',
    )
  }
  for (const warning of source.warnings) terminal.warn(`warning: ${visibleText(warning)}`)
  try {
    terminal.progress.stage(`Writing reports to ${visibleText(source.clusterName)}`)
    checkIdentity(result, await readClusterIdentity(source, signal))
    const places = [api.cluster, api.namespaced]
    const writer = createReportWriter({
      request: source.request,
      apiVersion: api.apiVersion,
      places,
      label: managedBy,
      signal,
    })
    const kept = new Map(places.map(({ kind }) => [kind as string, new Set<string>()]))
    const failures: string[] = []
    let written = 0
    for (const object of reportObjects(result, api)) {
      stopIfAsked(signal, `${countNoun(written, 'report is', 'reports are')} written.`)
      kept.get(object.kind)?.add(objectKey(object.metadata))
      const problem = await writer.apply(object)
      if (problem === undefined) written += 1
      else failures.push(problem.unavailable.detail)
      // One that needs no namespace tells whether the API is served and may be written at all.
      if (problem !== undefined && written === 0 && object.metadata.namespace === undefined)
        throw refusal(api.apiVersion, problem.unavailable)
    }
    let removed = 0
    for (const place of places) {
      const count = await writer.removeOthers(place, kept.get(place.kind) ?? new Set())
      if (typeof count === 'number') removed += count
      else failures.push(count.unavailable.detail)
    }
    const old = removed === 0 ? '' : `, removed ${countNoun(removed, 'old one', 'old ones')}`
    terminal.progress.done(`Wrote ${countNoun(written, 'report', 'reports')} to the cluster${old}`)
    const [first] = failures
    if (first !== undefined) {
      throw new ExitError(
        exitCodes.internal,
        `${countNoun(failures.length, 'report was', 'reports were')} not written or removed: ${first}`,
      )
    }
  } finally {
    terminal.progress.stop()
    await source.close()
  }
}

function checkIdentity({ cluster }: Result, { uid }: Awaited<ReturnType<typeof readClusterIdentity>>): void {
  if (cluster.uid === undefined) {
    throw new InputError(
      'This result does not say which cluster it is of (the namespace kube-system could not be read, or files were audited); --apply writes nothing.',
    )
  }
  if (isUnavailable(uid)) {
    throw new ExitError(
      exitCodes.incomplete,
      `cannot tell whether this is the cluster of the result; nothing was written: ${uid.unavailable.detail}`,
    )
  }
  if (uid !== cluster.uid) {
    throw new InputError(
      `The result is of the cluster ${cluster.name} (${cluster.uid}), and the context reaches another (${uid}). Choose with --kubeconfig and --context; nothing was written.`,
    )
  }
}

function refusal(
  apiVersion: string,
  { reason, detail }: { readonly reason: string; readonly detail: string },
): ExitError {
  const hint =
    reason === 'not-found'
      ? ` Is ${apiVersion} installed there?`
      : reason === 'forbidden'
        ? ' docs/formats.md shows the role that it needs.'
        : ''
  return new ExitError(exitCodes.internal, `no report was written: ${detail}${hint}`)
}
