// What is kept of a container: names, images, redacted command lines, where environment values come from, and security settings.
// May not: keep an environment value (ISTIO_KUBE_APP_PROBERS excepted), or an argument that was not redacted.
import type { z } from 'zod'
import type { Container, containerSecurityContextSchema, podSpecSchema } from '../../model/pod.ts'
import { redactArguments } from '../redact.ts'
import { projectIstioProbers, projectProbe } from './probe.ts'
import {
  bool,
  child,
  compact,
  int,
  isRaw,
  list,
  type Problems,
  quantities,
  type Raw,
  sparse,
  text,
  texts,
} from './read.ts'
import { volumeName } from './volume.ts'

type SecurityContext = z.infer<typeof containerSecurityContextSchema>

const istioProbers = 'ISTIO_KUBE_APP_PROBERS'

export function projectContainer(raw: Raw, kind: Container['kind'], problems: Problems): Container {
  const env = list(raw, 'env', problems)
  const probers = env?.find((variable) => variable['name'] === istioProbers)?.['value']
  const name = text(raw, 'name', problems)
  if (name === undefined) problems.note('containers.name')
  return sparse({
    name: name ?? '',
    kind,
    image: text(raw, 'image', problems),
    command: commandLine(raw, 'command', problems),
    args: commandLine(raw, 'args', problems, texts(raw, 'command', problems)),
    restartPolicy: text(raw, 'restartPolicy', problems),
    ports: projectPorts(raw, problems),
    env: notEmpty(env?.map((variable) => projectVariable(variable, problems))),
    envFrom: notEmpty(list(raw, 'envFrom', problems)?.map((source) => projectEnvFrom(source, problems))),
    istioAppProbers: typeof probers === 'string' ? projectIstioProbers(probers) : undefined,
    resources: projectResources(raw, problems),
    securityContext: projectSecurityContext(raw, problems),
    volumeMounts: projectMounts(raw, problems),
    livenessProbe: projectProbe(raw, 'livenessProbe', problems),
    readinessProbe: projectProbe(raw, 'readinessProbe', problems),
    startupProbe: projectProbe(raw, 'startupProbe', problems),
    lifecycle: projectLifecycle(raw, problems),
  })
}

export function notEmpty<T>(items: T[] | undefined): T[] | undefined {
  return items === undefined || items.length === 0 ? undefined : items
}

/** `preceding`: a container's `command`, which says what its `args` mean. */
function commandLine(raw: Raw, key: string, problems: Problems, preceding: string[] = []): string[] | undefined {
  const argv = notEmpty(texts(raw, key, problems))
  return argv === undefined ? undefined : redactOnce(argv, preceding)
}

/** Pods of one owner have the same command lines, and redaction is the dearest part of reading them. */
const redacted = new Map<string, string[]>()
const redactedLimit = 5_000

function redactOnce(argv: readonly string[], preceding: readonly string[]): string[] {
  const key = JSON.stringify([argv, preceding])
  const known = redacted.get(key)
  if (known !== undefined) return known
  if (redacted.size >= redactedLimit || key.length > 65_536) redacted.clear()
  const result = redactArguments(argv, preceding)
  redacted.set(key, result)
  return result
}

function projectPorts(raw: Raw, problems: Problems): Container['ports'] | undefined {
  return notEmpty(
    list(raw, 'ports', problems)?.map((port) =>
      sparse({
        name: text(port, 'name', problems),
        containerPort: int(port, 'containerPort', problems),
        hostPort: int(port, 'hostPort', problems),
        protocol: text(port, 'protocol', problems),
      }),
    ),
  )
}

/** Name and origin of a variable. The value is not looked at. */
function projectVariable(variable: Raw, problems: Problems): { name: string; from: string } {
  const name = text(variable, 'name', problems)
  if (name === undefined) problems.note('env.name')
  return { name: name ?? '', from: variableOrigin(child(variable, 'valueFrom', problems), problems) }
}

function variableOrigin(source: Raw | undefined, problems: Problems): string {
  if (source === undefined) return 'value'
  if (isRaw(source['secretKeyRef'])) return `secret:${text(source['secretKeyRef'], 'name', problems) ?? ''}`
  if (isRaw(source['configMapKeyRef'])) return `configMap:${text(source['configMapKeyRef'], 'name', problems) ?? ''}`
  if (isRaw(source['resourceFieldRef'])) return 'resource'
  if (isRaw(source['fieldRef'])) return 'field'
  if (isRaw(source['fileKeyRef'])) return 'file'
  return 'unknown'
}

function projectEnvFrom(source: Raw, problems: Problems): string {
  if (isRaw(source['secretRef'])) return `secret:${text(source['secretRef'], 'name', problems) ?? ''}`
  if (isRaw(source['configMapRef'])) return `configMap:${text(source['configMapRef'], 'name', problems) ?? ''}`
  return 'unknown'
}

/** Requests and limits of a container or of a whole pod. */
export function projectResources(raw: Raw, problems: Problems): z.infer<typeof podSpecSchema>['resources'] {
  const resources = child(raw, 'resources', problems)
  if (resources === undefined) return undefined
  return compact({
    requests: quantities(resources, 'requests', problems),
    limits: quantities(resources, 'limits', problems),
  })
}

function projectSecurityContext(raw: Raw, problems: Problems): SecurityContext | undefined {
  const context = child(raw, 'securityContext', problems)
  if (context === undefined) return undefined
  const capabilities = child(context, 'capabilities', problems)
  return compact({
    privileged: bool(context, 'privileged', problems),
    allowPrivilegeEscalation: bool(context, 'allowPrivilegeEscalation', problems),
    readOnlyRootFilesystem: bool(context, 'readOnlyRootFilesystem', problems),
    runAsUser: int(context, 'runAsUser', problems),
    runAsGroup: int(context, 'runAsGroup', problems),
    runAsNonRoot: bool(context, 'runAsNonRoot', problems),
    procMount: text(context, 'procMount', problems),
    capabilities:
      capabilities === undefined
        ? undefined
        : compact({
            add: notEmpty(texts(capabilities, 'add', problems)),
            drop: notEmpty(texts(capabilities, 'drop', problems)),
          }),
    ...projectIsolation(context, problems),
  })
}

/** The parts that pods and containers share. */
export function projectIsolation(context: Raw, problems: Problems) {
  return {
    seLinuxOptions: projectSeLinux(child(context, 'seLinuxOptions', problems), problems),
    seccompProfile: projectProfile(child(context, 'seccompProfile', problems), problems),
    appArmorProfile: projectProfile(child(context, 'appArmorProfile', problems), problems),
    windowsOptions: projectWindows(child(context, 'windowsOptions', problems), problems),
  }
}

function projectSeLinux(raw: Raw | undefined, problems: Problems) {
  if (raw === undefined) return undefined
  return compact({
    user: text(raw, 'user', problems),
    role: text(raw, 'role', problems),
    type: text(raw, 'type', problems),
    level: text(raw, 'level', problems),
  })
}

function projectProfile(raw: Raw | undefined, problems: Problems) {
  if (raw === undefined) return undefined
  return compact({ type: text(raw, 'type', problems), localhostProfile: text(raw, 'localhostProfile', problems) })
}

function projectWindows(raw: Raw | undefined, problems: Problems) {
  if (raw === undefined) return undefined
  return compact({
    hostProcess: bool(raw, 'hostProcess', problems),
    runAsUserName: text(raw, 'runAsUserName', problems),
  })
}

function projectMounts(raw: Raw, problems: Problems): Container['volumeMounts'] | undefined {
  return notEmpty(
    list(raw, 'volumeMounts', problems)?.map((mount) => {
      const name = text(mount, 'name', problems)
      const mountPath = text(mount, 'mountPath', problems)
      if (name === undefined || mountPath === undefined) problems.note('volumeMounts')
      return sparse({
        name: volumeName(name ?? ''),
        mountPath: mountPath ?? '',
        readOnly: bool(mount, 'readOnly', problems),
        mountPropagation: text(mount, 'mountPropagation', problems),
        subPath: text(mount, 'subPath', problems),
      })
    }),
  )
}

function projectLifecycle(raw: Raw, problems: Problems): Container['lifecycle'] | undefined {
  const lifecycle = child(raw, 'lifecycle', problems)
  if (lifecycle === undefined) return undefined
  return compact({
    postStart: projectProbe(lifecycle, 'postStart', problems),
    preStop: projectProbe(lifecycle, 'preStop', problems),
  })
}
