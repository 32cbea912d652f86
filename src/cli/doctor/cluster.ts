// The way to the API server: credentials, its clock, the rights of the generated role.
// May not: read an object, or change anything.
import pLimit from 'p-limit'
import type { Config } from '../../model/config.ts'
import { isUnavailable } from '../../model/fact.ts'
import { mayI, type Right } from '../../transport/access-review.ts'
import type { KubeSource } from '../../transport/kube.ts'
import { chosenFamilies } from '../commands/rbac.ts'
import { neededRights } from '../rights.ts'
import { type Check, failed, ok, someOf, warned } from './check.ts'

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

/** One access review for each right; those that are the reader's choice are told apart. */
export async function checkRights(source: KubeSource, settings: Config, signal: AbortSignal): Promise<Check[]> {
  const { needed } = await chosenFamilies(settings)
  const rights = neededRights(needed, settings)
  const limit = pLimit(8)
  const answers = await Promise.all(
    rights.map((right) => limit(async () => ({ right, answer: await mayI(source.request, askable(right), signal) }))),
  )
  const unclear = answers.find(({ answer }) => typeof answer !== 'boolean')
  if (unclear !== undefined && isUnavailable(unclear.answer)) {
    const { detail } = unclear.answer.unavailable
    return [
      failed(
        'rights',
        'Rights',
        `They could not be asked for: ${detail}`,
        'Every authenticated user may by default (ClusterRole system:basic-user); log in again, or ask who took that away.',
      ),
    ]
  }
  const missing = answers.filter(({ answer }) => answer === false).map(({ right }) => right)
  const must = missing.filter(({ optional }) => optional !== true)
  const may = missing.filter(({ optional }) => optional === true)
  return [
    must.length === 0
      ? ok(
          'rights',
          'Rights',
          `${rights.length - may.length} of ${rights.length} rights that the rules need are there.`,
        )
      : failed(
          'rights',
          'Rights',
          `${must.length} of ${rights.length} are missing: ${someOf(must.map(inWords), 8)}. What depends on them would be unknown.`,
          'kube-assay rbac --subject User:<name> | kubectl apply -f - as an administrator; with the same --include, --node-access … as the audit.',
        ),
    ...may.map((right) =>
      warned(
        'optional-rights',
        'Optional right',
        `${inWords(right)} is missing; the rules about it answer unknown.`,
        'kube-assay rbac says what it gives; --no-bootstrap-tokens leaves the list out.',
      ),
    ),
  ]
}

function askable({ optional: _, ...right }: Right & { optional?: true }): Right {
  return right
}

function inWords(right: Right): string {
  if ('path' in right) return `${right.verb} ${right.path}`
  const sub = right.subresource === undefined ? '' : `/${right.subresource}`
  const group = right.group === '' ? '' : `.${right.group}`
  return `${right.verb} ${right.resource}${sub}${group}${right.namespace === undefined ? '' : ` in ${right.namespace}`}`
}
