// CIS 3.1.1: by what the API servers know people. May not: speak for an API server that nobody saw.
import { isUnavailable, type Observed, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { ApiServers } from '../admission/api-servers.ts'

type Users = FactValue<'userAuthentication'>

export function deriveUserAuthentication(servers: ApiServers): Users {
  const found: string[] = []
  let missing = servers.gap
  let isByCertificate = false
  for (const { server } of servers.known) {
    const { userAuthenticators: ways, clientCAFile: authority } = server
    if (isUnavailable(ways)) missing ??= ways
    else found.push(...ways.value)
    if (isUnavailable(authority)) missing ??= authority
    else if (authority.value !== '') isByCertificate = true
  }
  const authenticators = [...new Set(found)].sort()
  return {
    authenticators: missing ?? { value: authenticators, source: 'arguments of the API servers' },
    onlyByCertificate: onlyByCertificate(authenticators, isByCertificate, missing),
  }
}

function onlyByCertificate(
  authenticators: readonly string[],
  isByCertificate: boolean,
  missing: ApiServers['gap'],
): Observed<boolean> {
  if (missing !== undefined) return missing
  const source = 'arguments of the API servers'
  if (!isByCertificate) return { value: false, source: `no --client-ca-file in the ${source}` }
  if (authenticators.length === 0) return { value: true, source: `--client-ca-file alone in the ${source}` }
  return unavailable(
    'unsupported',
    `Besides client certificates there is ${authenticators.join(', ')}; by which of them a user comes only the audit log tells.`,
  )
}
