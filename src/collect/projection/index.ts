// Raw API object in, evidence records out: an allow-list copy per family.
// May not: keep an object with a field of the wrong type. What such a field would have said is unknown, and an object
// without it could pass for a harmless one; the caller counts and names it instead.
import { type Family, families } from '../../model/objects.ts'
import type { EvidenceRecord } from '../../model/snapshot.ts'
import {
  projectAdmissionPolicy,
  projectAdmissionPolicyBinding,
  projectPodSecurityPolicy,
  projectWebhookConfiguration,
} from './admission.ts'
import {
  projectLimitRange,
  projectMetadataOnly,
  projectNamespace,
  projectNode,
  projectResourceQuota,
  projectServiceAccount,
} from './cluster.ts'
import { projectNetworkPolicy, projectService } from './network.ts'
import { type ControllerFamily, projectController, projectPod, type WithTemplate } from './pods.ts'
import { projectBinding, projectRole } from './rbac.ts'
import { isRaw, Problems, type Raw } from './read.ts'
import { projectPersistentVolume, projectPersistentVolumeClaim } from './storage.ts'
import { readWrittenAs } from './written-as.ts'

/** Templates already written in this snapshot, by id. */
export type KnownTemplates = Set<string>

/**
 * Emits the records of one object: its template first where nobody named it before. Returns what is wrong with the object
 * when it cannot be kept, as "shop/cart: spec.hostNetwork".
 */
export function projectObject(
  family: Family,
  raw: unknown,
  known: KnownTemplates,
  emit: (record: EvidenceRecord) => void,
): string | undefined {
  if (!isRaw(raw)) return 'an item that is no object'
  const problems = new Problems()
  const records = recordsOf(family, raw, problems, known)
  if (problems.first !== undefined) return `${nameOf(raw)}: ${problems.first}`
  const writtenAs = readWrittenAs(families[family], raw)
  for (const record of records) {
    if (writtenAs !== undefined && record.record === 'object') record.object.writtenAs = writtenAs
    emit(record)
  }
  return undefined
}

function recordsOf(family: Family, raw: Raw, problems: Problems, known: KnownTemplates): EvidenceRecord[] {
  const record = 'object'
  switch (family) {
    case 'pods': {
      const pod = projectPod(raw, problems)
      return [...templateRecords(pod, problems, known), { record, family, object: pod.object }]
    }
    case 'deployments':
    case 'replicasets':
    case 'statefulsets':
    case 'daemonsets':
    case 'jobs':
    case 'cronjobs':
    case 'replicationcontrollers':
      return controllerRecords(family, raw, problems, known)
    case 'namespaces':
      return [{ record, family, object: projectNamespace(raw, problems) }]
    case 'secrets':
    case 'bootstraptokens':
    case 'customresourcedefinitions':
    case 'horizontalpodautoscalers':
    case 'poddisruptionbudgets':
    case 'ingresses':
    case 'ingressclasses':
    case 'servicecidrs':
    case 'flowschemas':
    case 'prioritylevelconfigurations':
    case 'priorityclasses':
    case 'runtimeclasses':
    case 'storageclasses':
    case 'csidrivers':
    case 'volumeattributesclasses':
    case 'deviceclasses':
    case 'resourceclaimtemplates':
    case 'mutatingadmissionpolicies':
    case 'mutatingadmissionpolicybindings':
      return [{ record, family, object: projectMetadataOnly(raw, problems) }]
    case 'nodes':
      return [{ record, family, object: projectNode(raw, problems) }]
    case 'serviceaccounts':
      return [{ record, family, object: projectServiceAccount(raw, problems) }]
    case 'clusterroles':
    case 'roles':
      return [{ record, family, object: projectRole(raw, problems) }]
    case 'clusterrolebindings':
    case 'rolebindings':
      return [{ record, family, object: projectBinding(raw, problems) }]
    case 'limitranges':
      return [{ record, family, object: projectLimitRange(raw, problems) }]
    case 'resourcequotas':
      return [{ record, family, object: projectResourceQuota(raw, problems) }]
    case 'services':
      return [{ record, family, object: projectService(raw, problems) }]
    case 'networkpolicies':
      return [{ record, family, object: projectNetworkPolicy(raw, problems) }]
    case 'validatingwebhookconfigurations':
    case 'mutatingwebhookconfigurations':
      return [{ record, family, object: projectWebhookConfiguration(raw, problems) }]
    case 'validatingadmissionpolicies':
      return [{ record, family, object: projectAdmissionPolicy(raw, problems) }]
    case 'validatingadmissionpolicybindings':
      return [{ record, family, object: projectAdmissionPolicyBinding(raw, problems) }]
    case 'podsecuritypolicies':
      return [{ record, family, object: projectPodSecurityPolicy(raw, problems) }]
    case 'persistentvolumes':
      return [{ record, family, object: projectPersistentVolume(raw, problems) }]
    case 'persistentvolumeclaims':
      return [{ record, family, object: projectPersistentVolumeClaim(raw, problems) }]
  }
}

function controllerRecords(
  family: ControllerFamily,
  raw: Raw,
  problems: Problems,
  known: KnownTemplates,
): EvidenceRecord[] {
  const controller = projectController(family, raw, problems)
  return [...templateRecords(controller, problems, known), { record: 'object', family, object: controller.object }]
}

function templateRecords(
  { template }: WithTemplate<unknown>,
  problems: Problems,
  known: KnownTemplates,
): EvidenceRecord[] {
  // A template of an object that is not kept must stay unknown, or the next object would name a record nobody wrote.
  if (problems.first !== undefined || known.has(template.id)) return []
  known.add(template.id)
  return [{ record: 'template', template: template.read() }]
}

function nameOf(raw: Raw): string {
  const metadata = isRaw(raw['metadata']) ? raw['metadata'] : {}
  const name = metadata['name'] ?? metadata['generateName']
  const parts = [metadata['namespace'], name].filter((part): part is string => typeof part === 'string' && part !== '')
  return parts.length === 0 ? 'an object without a name' : parts.join('/')
}
