// The way to the API server: credentials, TLS, its clock.
// May not: read an object, or change anything.
import type { KubeSource } from '../../transport/kube.ts'
import { type Check, failed, ok, warned } from './check.ts'

/** Certificates and tokens are refused by then, and times of reports mislead. */
const skewLimit = 60_000

/** Whether anybody answers, whom TLS vouches for, and what time it is there. */
export async function checkServer(source: KubeSource, signal: AbortSignal): Promise<Check[]> {
  const { server, context, user } = source.source
  const sentAt = Date.now()
  const answer = await source.request('/version', signal)
  const receivedAt = Date.now()
  const who = `${user ?? 'the ServiceAccount'} of context ${context}`
  if ('failure' in answer) {
    const isRefused = answer.failure.reason === 'unauthorized'
    const fix = isRefused
      ? 'Log in again, or choose another context with --context: kubectl auth whoami tells whether the server knows you.'
      : 'Check the server’s address in the kubeconfig, the network, a proxy (HTTPS_PROXY) and the certificate authority.'
    return [failed('server', 'API server', `${server}: ${answer.failure.detail}`, fix)]
  }
  return [
    ok('server', 'API server', `${server} answers as ${who}.`),
    checkTls(source),
    ...source.warnings.map((warning) =>
      warned('credentials', 'Credentials', warning, 'Renew them before the next run.'),
    ),
    checkClock(answer.date, sentAt, receivedAt),
  ]
}

function checkTls({ tlsVerified }: KubeSource): Check {
  if (tlsVerified) return ok('tls', 'Certificate', 'The server’s certificate is verified.')
  return warned(
    'tls',
    'Certificate',
    'The kubeconfig turns verification off; whoever answers is taken for the API server.',
    'Put the certificate authority into the kubeconfig (certificate-authority-data) and remove insecure-skip-tls-verify.',
  )
}

/** The header has whole seconds, and the answer took some time: both are given to the clock before it is called wrong. */
export function checkClock(date: string | undefined, sentAt: number, receivedAt: number): Check {
  const there = date === undefined ? Number.NaN : Date.parse(date)
  if (Number.isNaN(there))
    return warned('clock', 'Clock', 'The API server tells no time.', 'Compare the clocks by hand: date -u on both.')
  const behind = Math.max(0, there - receivedAt)
  const ahead = Math.max(0, sentAt - (there + 1000))
  const skew = Math.max(behind, ahead)
  if (skew <= skewLimit) return ok('clock', 'Clock', 'This machine and the API server agree to within a minute.')
  const seconds = Math.round(skew / 1000)
  return failed(
    'clock',
    'Clock',
    `This machine is ${seconds} s ${behind > ahead ? 'behind' : 'ahead of'} the API server.`,
    'Synchronise both by NTP (timedatectl status): ages and expiry in the report are told by this machine’s clock.',
  )
}
