// Checks of the user that a container's process runs as.
// Source: k8s.io/pod-security-admission, policy/check_{runAsNonRoot,runAsUser}.go.
import { type Breach, containerBreach, type FindBreaches, naming, podBreach } from './check.ts'

const nonRoot = 'securityContext.runAsNonRoot'

/** What the pod sets holds for the containers that set nothing, and is then one breach, not one for each of them. */
export const findRunAsNonRoot: FindBreaches = ({ spec }) => {
  const ofPod = spec.securityContext?.runAsNonRoot
  const found: Breach[] = []
  if (ofPod === false) {
    const message = 'The pod allows its containers to run as root'
    found.push(podBreach(nonRoot, { value: 'false', wanted: 'true', message }))
  }
  for (const container of spec.containers) {
    const own = container.securityContext?.runAsNonRoot
    if (own === true || (own === undefined && ofPod !== undefined)) continue
    const value = own === undefined ? 'not set' : 'false'
    const message = `${naming(container)} may run as root`
    found.push(containerBreach(container, nonRoot, { value, wanted: 'true', message }))
  }
  return found
}

const user = 'securityContext.runAsUser'

export const findRunAsUser: FindBreaches = ({ spec }) => {
  const words = { value: '0', wanted: 'not set, or a user other than 0' }
  const ofContainers = spec.containers
    .filter((container) => container.securityContext?.runAsUser === 0)
    .map((container) => containerBreach(container, user, { ...words, message: `${naming(container)} runs as root` }))
  if (spec.securityContext?.runAsUser !== 0) return ofContainers
  return [podBreach(user, { ...words, message: 'The pod runs its containers as root' }), ...ofContainers]
}
