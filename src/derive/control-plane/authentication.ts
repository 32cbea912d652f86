// Who may ask the API server, and who decides: structured files first, then flags, as the server itself combines them.
// May not: judge a mode.
import { isUnavailable, type Observed, unavailable } from '../../model/fact.ts'
import { own, short } from '../nodes/kubelet-document.ts'
import { authenticationKind, authorizationKind, child, map, objects, readDocument } from './documents.ts'
import type { Settings } from './settings.ts'

/** Modes in the order in which they are asked. The file and the flag exclude each other. */
export function readAuthorizationModes(settings: Settings): Observed<string[]> {
  const file = settings.text('authorization-config')
  return map(file, (path): Observed<string[]> => {
    if (path === '') return settings.texts('authorization-mode', ['AlwaysAllow'])
    const read = readDocument(settings.running, path, authorizationKind)
    if (isUnavailable(read)) return read
    const types = objects(read.document, 'authorizers')?.map((authorizer) => own(authorizer, 'type'))
    const modes = types?.filter((type) => typeof type === 'string')
    if (modes === undefined || modes.length === 0 || modes.length !== types?.length) {
      return unavailable('malformed', `${short(path)} lists no authorizers that the API server would take.`)
    }
    return { value: modes, source: read.source }
  })
}

export interface Anonymous {
  readonly enabled: Observed<boolean>
  readonly paths: Observed<string[]>
}

/**
 * `anonymous` of the authentication file, else --anonymous-auth. AlwaysAllow among the modes of the flag switches the flag's
 * anonymous access off (ApplyAuthorization); AlwaysAllow in the authorization file does not.
 */
export function readAnonymous(settings: Settings): Anonymous {
  const file = settings.text('authentication-config')
  if (isUnavailable(file)) return { enabled: file, paths: file }
  if (file.value === '') return fromFlag(settings)
  const read = readDocument(settings.running, file.value, authenticationKind)
  if (isUnavailable(read)) return { enabled: read, paths: read }
  const anonymous = child(read.document, 'anonymous')
  if (anonymous === undefined) return fromFlag(settings)
  const enabled = own(anonymous, 'enabled') ?? false
  const conditions = objects(anonymous, 'conditions')
  const paths = conditions?.map((condition) => own(condition, 'path')).filter((path) => typeof path === 'string')
  if (typeof enabled !== 'boolean' || paths === undefined || paths.length !== conditions?.length) {
    const broken = unavailable('malformed', `${file.value} has an anonymous section that the API server would refuse.`)
    return { enabled: broken, paths: broken }
  }
  return { enabled: { value: enabled, source: read.source }, paths: { value: paths, source: read.source } }
}

function fromFlag(settings: Settings): Anonymous {
  const flag = settings.bool('anonymous-auth', true)
  const enabled = map(flag, (value, source): Observed<boolean> => {
    if (!value || settings.has('authorization-config')) return { value, source }
    return map(settings.texts('authorization-mode', ['AlwaysAllow']), (modes) =>
      modes.includes('AlwaysAllow')
        ? { value: false, source: `${source} (switched off by the authorization mode AlwaysAllow)` }
        : { value, source },
    )
  })
  return { enabled, paths: map(enabled, (_value, source) => ({ value: [], source })) }
}
