// The kubeconfigs fact, row I3: whether each kubeconfig on a node has its client verify the API server's certificate.
// May not: take a file that the probe did not look into for one that verifies.
import { type Fact, isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { CertificateEvidence, HostEvidence } from '../../model/node-evidence.ts'
import { compareText } from '../family-gap.ts'

type Kubeconfigs = FactValue<'kubeconfigs'>
type Lists = {
  readonly nodeFiles: Fact<FactValue<'nodeFiles'>>
  readonly controlPlaneFiles: Fact<FactValue<'controlPlaneFiles'>>
}

/** The files that the settings of components name, and every other that the probe found to be a kubeconfig. */
export function deriveKubeconfigs(host: HostEvidence, lists: Lists): Kubeconfigs | Unavailable {
  const { certificates } = host
  if (certificates === undefined) {
    return unavailable('not-collected', 'The probe that read this node did not ask for kubeconfigs.')
  }
  const { nodeFiles, controlPlaneFiles } = lists
  if (isUnavailable(nodeFiles)) return nodeFiles
  if (isUnavailable(controlPlaneFiles)) return controlPlaneFiles
  const known = {
    kubelet: nodeFiles.kubeletKubeconfigs,
    'kube-proxy': nodeFiles.proxyKubeconfigs,
    administrators: controlPlaneFiles.adminKubeconfigs,
    'kube-scheduler': controlPlaneFiles.schedulerKubeconfigs,
    'kube-controller-manager': controlPlaneFiles.controllerManagerKubeconfigs,
  }
  const found = Object.entries(certificates).flatMap(([path, evidence]): [string, string][] =>
    'tlsVerification' in evidence && evidence.tlsVerification !== undefined ? [[path, 'found on the node']] : [],
  )
  const named = Object.values(known).flatMap((list) =>
    isUnavailable(list) ? [] : list.value.map(({ path, source }): [string, string] => [path, source]),
  )
  const files = [...new Map([...found, ...named])].flatMap(([path, source]) => {
    const evidence = Object.hasOwn(certificates, path) ? certificates[path] : undefined
    if (evidence !== undefined && 'absent' in evidence) return []
    return [{ path, source, verifiesServer: verification(evidence, path, source) }]
  })
  // One whose place could not be learned leaves the node open.
  const unnamed = Object.entries(known).flatMap(([owner, list]) =>
    isUnavailable(list) ? [{ path: `(of ${owner})`, source: owner, verifiesServer: list }] : [],
  )
  return { files: [...files, ...unnamed].sort((a, b) => compareText(a.path, b.path)) }
}

function verification(evidence: CertificateEvidence | undefined, path: string, source: string): Observed<boolean> {
  if (evidence === undefined) return unavailable('not-collected', `${path} (${source}) was not looked into.`)
  if (isUnavailable(evidence)) return evidence
  const verifies = 'tlsVerification' in evidence ? evidence.tlsVerification : undefined
  switch (verifies) {
    case undefined:
      return unavailable('not-collected', `The probe that read ${path} did not ask whether it verifies the server.`)
    case 'unclear':
      return unavailable('malformed', `insecure-skip-tls-verify in ${path} stands in a way that is not read here.`)
    case 'on':
      return { value: true, source: path }
    case 'off':
      return { value: false, source: path }
  }
}
