import { expect, it } from 'vitest'
import type { ApiServer, ApiServers } from '../../../../src/derive/admission/api-servers.ts'
import { deriveUserAuthentication } from '../../../../src/derive/authentication/users.ts'
import { absentApiServer } from '../../../../src/derive/control-plane/api-server.ts'
import { absence } from '../../../../src/derive/control-plane/common.ts'
import { isUnavailable, unavailable } from '../../../../src/model/fact.ts'

const { common, reason } = absence('kube-apiserver')
function server(ways: string[], authority: string): { node: string; server: ApiServer } {
  const seen = {
    userAuthenticators: { value: ways, source: 'pid 1' },
    clientCAFile: { value: authority, source: 'pid 1' },
  }
  return { node: 'cp', server: { ...absentApiServer(common, reason), ...seen } }
}
const gap = unavailable('unsupported', 'no API server was seen')

it.each<[string, ApiServers, boolean | string]>([
  ['certificates alone', { known: [server([], '/ca.crt')], gap: undefined }, true],
  ['no certificates', { known: [server([], '')], gap: undefined }, false],
  ['certificates on one of two', { known: [server([], ''), server([], '/ca.crt')], gap: undefined }, true],
  ['an identity provider besides', { known: [server(['OpenID Connect'], '/ca.crt')], gap: undefined }, 'unsupported'],
  ['another API server that was not seen', { known: [server([], '/ca.crt')], gap }, 'unsupported'],
  ['none that was seen', { known: [], gap }, 'unsupported'],
])('%s', (_, servers, expected) => {
  const { onlyByCertificate } = deriveUserAuthentication(servers)
  expect(isUnavailable(onlyByCertificate) ? onlyByCertificate.unavailable.reason : onlyByCertificate.value).toBe(
    expected,
  )
})
