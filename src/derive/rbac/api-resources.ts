// The resources of Kubernetes' own API groups with their subresources ("deployments/scale/status"), and the custom resources of a
// cluster: what a wildcard in a role stands for.
// Data: api/discovery of Kubernetes 1.36.2, https://github.com/kubernetes/kubernetes/tree/v1.36.2/api/discovery
// May not: name what aggregated API servers have; only these know.
import type { Evidence } from '../../model/evidence.ts'
import { familyGap } from '../family-gap.ts'

const data = `
cluster admissionregistration.k8s.io mutatingadmissionpolicies mutatingadmissionpolicybindings mutatingwebhookconfigurations validatingadmissionpolicies/status validatingadmissionpolicybindings validatingwebhookconfigurations
cluster apiextensions.k8s.io customresourcedefinitions/status
cluster apiregistration.k8s.io apiservices/status
namespaced apps controllerrevisions daemonsets/status deployments/scale/status replicasets/scale/status statefulsets/scale/status
cluster authentication.k8s.io selfsubjectreviews tokenreviews
namespaced authorization.k8s.io localsubjectaccessreviews
cluster authorization.k8s.io selfsubjectaccessreviews selfsubjectrulesreviews subjectaccessreviews
namespaced autoscaling horizontalpodautoscalers/status
namespaced batch cronjobs/status jobs/status
namespaced certificates.k8s.io podcertificaterequests/status
cluster certificates.k8s.io certificatesigningrequests/approval/status clustertrustbundles
namespaced coordination.k8s.io leasecandidates leases
namespaced core bindings configmaps endpoints events limitranges persistentvolumeclaims/status pods/attach/binding/ephemeralcontainers/eviction/exec/log/portforward/proxy/resize/status podtemplates replicationcontrollers/scale/status resourcequotas/status secrets serviceaccounts/token services/proxy/status
cluster core componentstatuses namespaces/finalize/status nodes/proxy/status persistentvolumes/status
namespaced discovery.k8s.io endpointslices
namespaced events.k8s.io events
cluster flowcontrol.apiserver.k8s.io flowschemas/status prioritylevelconfigurations/status
cluster internal.apiserver.k8s.io storageversions/status
namespaced networking.k8s.io ingresses/status networkpolicies
cluster networking.k8s.io ingressclasses ipaddresses servicecidrs/status
cluster node.k8s.io runtimeclasses
namespaced policy poddisruptionbudgets/status
namespaced rbac.authorization.k8s.io rolebindings roles
cluster rbac.authorization.k8s.io clusterrolebindings clusterroles
namespaced resource.k8s.io resourceclaims/status resourceclaimtemplates
cluster resource.k8s.io deviceclasses devicetaintrules/status resourcepoolstatusrequests/status resourceslices
namespaced scheduling.k8s.io podgroups/status workloads
cluster scheduling.k8s.io priorityclasses
namespaced storage.k8s.io csistoragecapacities
cluster storage.k8s.io csidrivers csinodes storageclasses volumeattachments/status volumeattributesclasses
cluster storagemigration.k8s.io storageversionmigrations/status
`

export interface ApiResource {
  /** "" for the core group. */
  readonly group: string
  readonly name: string
  readonly subresources: readonly string[]
  /** Undefined for a custom resource, of which only the name is kept. */
  readonly isNamespaced?: boolean
}

const builtIn = parse(data)

export class ApiResources {
  /** False: there may be custom resources that nobody saw. */
  readonly isComplete: boolean
  readonly all: readonly ApiResource[]

  constructor(evidence: Evidence) {
    this.isComplete =
      evidence.header.source.kind !== 'manifests' && familyGap(evidence, 'customresourcedefinitions') === undefined
    this.all = [...builtIn, ...evidence.families.customresourcedefinitions.objects.map(({ name }) => toCustom(name))]
  }
}

function parse(lines: string): readonly ApiResource[] {
  return lines
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [scope, group = '', ...resources] = line.split(' ')
      return resources.map((resource) => {
        const [name = '', ...subresources] = resource.split('/')
        return { group: group === 'core' ? '' : group, name, subresources, isNamespaced: scope === 'namespaced' }
      })
    })
}

/** A CustomResourceDefinition is named <resource>.<group>. */
function toCustom(definition: string): ApiResource {
  const [name = '', ...group] = definition.split('.')
  return { group: group.join('.'), name, subresources: ['status', 'scale'] }
}
