// All API objects of the demo cluster.
import { addAdmission } from './admission.ts'
import { addClasses } from './classes.ts'
import { addHostileObjects } from './hostile.ts'
import { addFirstNamespaces, addNamespaces } from './namespaces.ts'
import { addNetwork } from './network.ts'
import { demoNodes, type NodeDescription, nodeObject } from './nodes.ts'
import { addBootstrapPolicy, addSitePolicy } from './rbac.ts'
import { secretObjects } from './secrets.ts'
import { siteWorkloads } from './site-workloads.ts'
import { type ClusterObjects, createObjectStore } from './store.ts'
import { systemWorkloads } from './system-workloads.ts'
import { troubledWorkloads } from './troubled-workloads.ts'

export { secretMarker } from '../hosts/secret-marker.ts'
export { collectionsOf, listPath } from './collections.ts'
export { hostileTexts } from './hostile.ts'
export { demoNodes } from './nodes.ts'
export type { ClusterObjects, Resource } from './store.ts'

/** Body of /version. */
export const demoVersion = {
  major: '1',
  minor: '34',
  emulationMajor: '1',
  emulationMinor: '34',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '33',
  gitVersion: 'v1.34.2',
  gitCommit: '8cc511e399b929453cd98ae65b419c3cc227ec79',
  gitTreeState: 'clean',
  buildDate: '2025-11-11T19:43:19Z',
  goVersion: 'go1.24.9',
  compiler: 'gc',
  platform: 'linux/amd64',
}

export interface DemoOptions {
  /** Adds a namespace whose objects carry texts that attack renderers. */
  readonly hostile?: boolean
}

/** What every new cluster holds before anybody uses it: namespaces and Kubernetes' own roles, with these nodes and no pods. */
export function emptyCluster(nodes: readonly NodeDescription[]): ClusterObjects {
  const store = createObjectStore()
  addFirstNamespaces(store)
  store.add('nodes', ...nodes.map(nodeObject))
  addBootstrapPolicy(store)
  return store.objects
}

export function demoObjects(options: DemoOptions = {}): ClusterObjects {
  const store = createObjectStore()
  addNamespaces(store)
  store.add('nodes', ...demoNodes.map(nodeObject))
  store.add('secrets', ...secretObjects())
  addNetwork(store)
  addAdmission(store)
  addClasses(store)
  addBootstrapPolicy(store)
  addSitePolicy(store)
  const controlPlane = demoNodes.filter((node) => node.isControlPlane)
  const workloads = systemWorkloads({ controlPlane, nodes: demoNodes.map(({ name }) => name) })
  for (const workload of [...workloads, ...siteWorkloads, ...troubledWorkloads]) store.addWorkload(workload)
  if (options.hostile === true) addHostileObjects(store)
  return store.objects
}
