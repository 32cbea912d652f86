// Whom Pod Security admission leaves out, on any API server of the cluster, and how far that reaches.
// May not: say that nobody is left out while an API server's file is not known.
import { type Fact, isUnavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { ApiServers } from './api-servers.ts'

type Exemptions = FactValue<'podSecurityExemptions'>

/** Controllers make the pods of nearly everybody, so that to leave them out is to leave everybody out. */
const controller = /^system:(serviceaccount:kube-system:.*controller|kube-controller-manager)$/

export function deriveExemptions({ known, gap }: ApiServers): Fact<Exemptions> {
  const found = known.flatMap(({ node, server: { podSecurityExemptions: exemptions } }): Exemptions['exemptions'] => {
    if (isUnavailable(exemptions)) return [exemptions]
    const source = `${exemptions.source} on ${node}`
    const { usernames, namespaces, runtimeClasses } = exemptions.value
    return [
      ...usernames.map((name) => ({ value: { kind: 'user', name, reach: reachOfUser(name) }, source })),
      ...namespaces.map((name) => ({ value: { kind: 'namespace', name, reach: reachOfNamespace(name) }, source })),
      ...runtimeClasses.map((name) => ({
        value: { kind: 'runtimeClass', name, reach: 'every pod that names this RuntimeClass' },
        source,
      })),
    ]
  })
  return { exemptions: gap === undefined ? found : [...found, gap] }
}

function reachOfUser(name: string): string {
  return controller.test(name) ? 'every pod that this controller makes for others' : 'every pod that this user creates'
}

function reachOfNamespace(name: string): string {
  return name === 'kube-system' ? '' : 'every pod of this namespace'
}
