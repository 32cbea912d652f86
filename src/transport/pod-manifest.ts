// What the way `pod` makes in a cluster, as objects: a namespace, a ConfigMap with the probe, one pod per node. Pure.
// May not: ask for a right that docs/node-access.md does not give the reason of.

/** Marks everything that is made here, of whichever run. */
export const managedBy = { 'app.kubernetes.io/managed-by': 'kube-assay' } as const
export const runLabel = 'kube-assay.io/run'
/** ISO 8601: no run that is alive needs the object any longer than this. */
export const expiresAnnotation = 'kube-assay.io/expires'

export const defaultPodImage = 'docker.io/library/busybox:1.37'
const hostMount = '/host'
const scriptMount = '/probe'
export const containerName = 'probe'

export interface PodRun {
  /** Eight hexadecimal digits. */
  readonly id: string
  readonly namespace: string
  readonly image: string
  readonly pullSecret?: string | undefined
  /** Seconds after which the kubelet ends the pod. */
  readonly deadlineSeconds: number
  readonly expires: string
}

/** A namespace of its own needs the level that lets a pod see the host; nothing else is to run there. */
export function namespaceManifest({ id, namespace, expires }: PodRun): object {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      labels: {
        ...managedBy,
        [runLabel]: id,
        'pod-security.kubernetes.io/enforce': 'privileged',
        'pod-security.kubernetes.io/audit': 'privileged',
        'pod-security.kubernetes.io/warn': 'privileged',
      },
      annotations: { [expiresAnnotation]: expires },
    },
  }
}

/** The script, once per run instead of once per pod: etcd would hold it for every change of every pod. */
export function configMapManifest({ id, namespace, expires }: PodRun, probe: string): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: configMapName(id),
      namespace,
      labels: { ...managedBy, [runLabel]: id },
      annotations: { [expiresAnnotation]: expires },
    },
    immutable: true,
    data: { 'run.sh': runScript, 'probe.sh': probe },
  }
}

export function configMapName(id: string): string {
  return `kube-assay-${id}`
}

/**
 * Checks that the image has what the probe needs and that a host is mounted, then numbers the probe's lines, so that a log
 * with a part missing (rotated away) is told from a whole one. Lines of one body are joined: the log stores a time with each.
 */
const runScript = `exec 2>/dev/null
for tool in awk head readlink sed sort stat tr; do
  command -v $tool >/dev/null || { printf 'kube-assay: no %s\\n' $tool; exit 3; }
done
[ -e "$KUBE_ASSAY_ROOT/proc/1/comm" ] && [ -n "$(ls "$KUBE_ASSAY_ROOT/sys")" ] || { printf 'kube-assay: no host\\n'; exit 4; }
/bin/sh "\${0%/*}/probe.sh" | awk '
  function put(text) { print (n++) " " text }
  /^#/ { if (held != "") put(held); held = ""; put($0); next }
  { held = held $0; if (length(held) > 8000) { put(held); held = "" } }
  END { if (held != "") put(held); put("end") }'
`

export interface PodPlace {
  readonly node: string
  readonly name: string
  readonly nonce: string
  /** Of the ConfigMap: when it goes, the cluster removes the pods too, whatever became of this process. */
  readonly ownerUid: string
}

/** Reads its node's files and processes; see docs/node-access.md for the reason of each line. */
export function podManifest(run: PodRun, { node, name, nonce, ownerUid }: PodPlace): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: run.namespace,
      labels: { ...managedBy, [runLabel]: run.id },
      annotations: {
        [expiresAnnotation]: run.expires,
        // Before Kubernetes 1.30, which has a field for it.
        [`container.apparmor.security.beta.kubernetes.io/${containerName}`]: 'unconfined',
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: configMapName(run.id), uid: ownerUid }],
    },
    spec: {
      nodeName: node,
      restartPolicy: 'Never',
      activeDeadlineSeconds: run.deadlineSeconds,
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      hostNetwork: true,
      dnsPolicy: 'Default',
      tolerations: [{ operator: 'Exists' }],
      ...(run.pullSecret === undefined ? {} : { imagePullSecrets: [{ name: run.pullSecret }] }),
      securityContext: {
        runAsUser: 0,
        runAsGroup: 0,
        seccompProfile: { type: 'RuntimeDefault' },
        seLinuxOptions: { type: 'spc_t' },
      },
      containers: [
        {
          name: containerName,
          image: run.image,
          imagePullPolicy: 'IfNotPresent',
          command: ['/bin/sh', `${scriptMount}/run.sh`],
          env: [
            { name: 'KUBE_ASSAY_ROOT', value: hostMount },
            { name: 'KUBE_ASSAY_COMMANDS', value: 'chroot' },
            { name: 'nonce', value: nonce },
          ],
          resources: {
            requests: { cpu: '10m', memory: '32Mi' },
            limits: { cpu: '1', memory: '128Mi' },
          },
          securityContext: {
            privileged: false,
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'], add: ['DAC_READ_SEARCH', 'SYS_CHROOT', 'SYS_PTRACE'] },
            appArmorProfile: { type: 'Unconfined' },
          },
          volumeMounts: [
            { name: 'host', mountPath: hostMount, readOnly: true, recursiveReadOnly: 'IfPossible' },
            { name: 'script', mountPath: scriptMount, readOnly: true },
          ],
        },
      ],
      volumes: [
        { name: 'host', hostPath: { path: '/', type: 'Directory' } },
        { name: 'script', configMap: { name: configMapName(run.id) } },
      ],
    },
  }
}
