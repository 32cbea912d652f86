// CIS 5.4.2: signs of a store for secrets outside the cluster: definitions of such products, and the provider that encrypts in etcd.
// May not: say that a store is used because it is installed.
import type { Evidence } from '../../model/evidence.ts'
import { type Fact, isUnavailable, type Observed, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import { compareText, familyGap } from '../family-gap.ts'
import { groupByOwner } from '../workloads/owners.ts'
import { variantsOf } from '../workloads/variants.ts'
import type { ApiServers } from './api-servers.ts'

type Stores = FactValue<'secretStores'>

/** Definitions by which products let secrets come from outside. Sealed Secrets keeps them inside, so it is not among them. */
const products: ReadonlyMap<string, string> = new Map([
  ['secretproviderclasses.secrets-store.csi.x-k8s.io', 'Secrets Store CSI driver'],
  ['externalsecrets.external-secrets.io', 'External Secrets Operator'],
  ['clustersecretstores.external-secrets.io', 'External Secrets Operator'],
  ['vaultstaticsecrets.secrets.hashicorp.com', 'Vault Secrets Operator'],
  ['azurekeyvaultsecrets.spv.no', 'Azure Key Vault to Kubernetes'],
  ['onepassworditems.onepassword.com', '1Password Operator'],
  ['infisicalsecrets.secrets.infisical.com', 'Infisical Operator'],
])

const driver = 'secrets-store.csi.k8s.io'

export function deriveSecretStores(evidence: Evidence, { known, gap }: ApiServers): Fact<Stores> {
  const definitionGap = familyGap(evidence, 'customresourcedefinitions')
  if (definitionGap !== undefined) return definitionGap
  const installed = evidence.families.customresourcedefinitions.objects.flatMap(({ name }) => products.get(name) ?? [])
  return {
    products: [...new Set(installed)].sort(compareText),
    mounts: mountsOf(evidence),
    provider: providerOf(known, gap),
  }
}

/** Workloads whose pods mount secrets straight from the store. */
function mountsOf(evidence: Evidence): string[] {
  const found: string[] = []
  for (const group of groupByOwner(evidence).values()) {
    for (const { label, templateId } of variantsOf(group, evidence.templates)) {
      const volumes = evidence.templates.get(templateId)?.spec.volumes ?? []
      if (volumes.some(({ csiDriver }) => csiDriver === driver)) {
        found.push(`${group.kind} ${group.namespace}/${group.name}${label}`)
      }
    }
  }
  return found.sort(compareText)
}

function providerOf(known: ApiServers['known'], gap: ApiServers['gap']): Observed<string> {
  for (const { server } of known) if (!isUnavailable(server.secretsProvider)) return server.secretsProvider
  return known[0]?.server.secretsProvider ?? gap ?? unavailable('not-collected', 'No API server was seen.')
}
