// Checks of the profiles that confine a container: seccomp and AppArmor, in their fields and in the annotations before them.
// Source: k8s.io/pod-security-admission, policy/check_{seccompProfile_baseline,seccompProfile_restricted,appArmorProfile}.go.
import type { PodTemplate } from '../../model/pod.ts'
import { annotationBreach, type Breach, containerBreach, type FindBreaches, naming, podBreach } from './check.ts'

const confined: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost'])
const eitherProfile = 'RuntimeDefault or Localhost'
const unlessSet = `not set, ${eitherProfile}`

type ProfileField = 'seccompProfile' | 'appArmorProfile'
const names = { seccompProfile: 'seccomp', appArmorProfile: 'AppArmor' } as const

/** Profiles that are set to something else than a profile, on the pod and on containers. */
function badTypes({ spec }: PodTemplate, field: ProfileField): Breach[] {
  const path = `securityContext.${field}.type`
  const words = (who: string, value: string) => ({
    value,
    wanted: unlessSet,
    message: `${who} asks for the ${names[field]} profile ${value}`,
  })
  const ofPod = badType(spec.securityContext?.[field])
  const ofContainers = spec.containers.flatMap((container) => {
    const value = badType(container.securityContext?.[field])
    return value === undefined ? [] : [containerBreach(container, path, words(naming(container), value))]
  })
  return ofPod === undefined ? ofContainers : [podBreach(path, words('The pod', ofPod)), ...ofContainers]
}

function badType(profile: { readonly type?: string | undefined } | undefined): string | undefined {
  if (profile === undefined || confined.has(profile.type ?? '')) return undefined
  return profile.type ?? 'without a type'
}

export const findSeccompProfiles: FindBreaches = (template) => badTypes(template, 'seccompProfile')

/** Also containers for which neither they nor the pod name one. */
export const findMissingSeccompProfiles: FindBreaches = (template) => {
  const { spec } = template
  if (spec.securityContext?.seccompProfile !== undefined) return badTypes(template, 'seccompProfile')
  const missing = spec.containers
    .filter((container) => container.securityContext?.seccompProfile === undefined)
    .map((container) =>
      containerBreach(container, 'securityContext.seccompProfile.type', {
        value: 'not set',
        wanted: eitherProfile,
        message: `${naming(container)} names no seccomp profile, nor does its pod`,
      }),
    )
  return [...badTypes(template, 'seccompProfile'), ...missing]
}

const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod'
const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/'
const appArmorOfContainer = 'container.apparmor.security.beta.kubernetes.io/'

/** Before 1.19 there were annotations only. One that names no container of the pod means nothing. */
export const findSeccompAnnotations: FindBreaches = ({ annotations = {}, spec }) => {
  const keys = [seccompOfPod, ...spec.containers.map(({ name }) => `${seccompOfContainer}${name}`)]
  return keys.flatMap((key) => {
    if (!Object.hasOwn(annotations, key)) return []
    const value = annotations[key] ?? ''
    if (value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/')) return []
    return [profileAnnotation(key, value, 'seccomp')]
  })
}

export const findAppArmorProfiles: FindBreaches = (template) => {
  const ofAnnotations = Object.entries(template.annotations ?? {})
    .filter(([key]) => key.startsWith(appArmorOfContainer))
    .filter(([, value]) => value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/'))
    .map(([key, value]) => profileAnnotation(key, value, 'AppArmor'))
  return [...badTypes(template, 'appArmorProfile'), ...ofAnnotations]
}

function profileAnnotation(key: string, value: string, what: string): Breach {
  const wanted = 'not set, runtime/default or localhost/…'
  return annotationBreach(key, { value, wanted, message: `An annotation asks for the ${what} profile ${value}` })
}
