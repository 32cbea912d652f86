// What a snapshot holds of every family, under its name: the one place that lists them all by hand, because no loop gives each
// family its own type. May not: know what an object means.
import type { Family, FamilyObjects } from '../model/objects.ts'
import type { FamilyStatus } from '../model/snapshot.ts'

interface FamilyContent<F extends Family> {
  objects: FamilyObjects[F][]
  /** Absent: the family was not asked for. */
  status?: FamilyStatus
}

export type Families = { [F in Family]: FamilyContent<F> }

/** The content that `make` gives for each family. */
export function forEachFamily(make: <F extends Family>(family: F) => FamilyContent<F>): Families {
  return {
    namespaces: make('namespaces'),
    nodes: make('nodes'),
    pods: make('pods'),
    deployments: make('deployments'),
    replicasets: make('replicasets'),
    statefulsets: make('statefulsets'),
    daemonsets: make('daemonsets'),
    jobs: make('jobs'),
    cronjobs: make('cronjobs'),
    replicationcontrollers: make('replicationcontrollers'),
    serviceaccounts: make('serviceaccounts'),
    clusterroles: make('clusterroles'),
    roles: make('roles'),
    clusterrolebindings: make('clusterrolebindings'),
    rolebindings: make('rolebindings'),
    limitranges: make('limitranges'),
    resourcequotas: make('resourcequotas'),
    services: make('services'),
    networkpolicies: make('networkpolicies'),
    secrets: make('secrets'),
    bootstraptokens: make('bootstraptokens'),
    validatingwebhookconfigurations: make('validatingwebhookconfigurations'),
    mutatingwebhookconfigurations: make('mutatingwebhookconfigurations'),
    validatingadmissionpolicies: make('validatingadmissionpolicies'),
    validatingadmissionpolicybindings: make('validatingadmissionpolicybindings'),
    podsecuritypolicies: make('podsecuritypolicies'),
    persistentvolumes: make('persistentvolumes'),
    persistentvolumeclaims: make('persistentvolumeclaims'),
    customresourcedefinitions: make('customresourcedefinitions'),
    horizontalpodautoscalers: make('horizontalpodautoscalers'),
    poddisruptionbudgets: make('poddisruptionbudgets'),
    ingresses: make('ingresses'),
    ingressclasses: make('ingressclasses'),
    servicecidrs: make('servicecidrs'),
    flowschemas: make('flowschemas'),
    prioritylevelconfigurations: make('prioritylevelconfigurations'),
    priorityclasses: make('priorityclasses'),
    runtimeclasses: make('runtimeclasses'),
    storageclasses: make('storageclasses'),
    csidrivers: make('csidrivers'),
    volumeattributesclasses: make('volumeattributesclasses'),
    deviceclasses: make('deviceclasses'),
    resourceclaimtemplates: make('resourceclaimtemplates'),
    mutatingadmissionpolicies: make('mutatingadmissionpolicies'),
    mutatingadmissionpolicybindings: make('mutatingadmissionpolicybindings'),
  }
}
