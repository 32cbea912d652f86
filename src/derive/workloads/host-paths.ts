// What a path of the node is worth to somebody who can mount it. A table of paths, not of volume or workload names.
import { posix } from 'node:path'

/** critical: gives the node (or the cluster) away when writable; sensitive: shows its secrets; other. */
export type PathSensitivity = 'critical' | 'sensitive' | 'other'

/** With everything below them, unless a longer entry says otherwise. */
const trees: ReadonlyMap<string, PathSensitivity> = new Map<string, PathSensitivity>([
  // The node's programs and configuration: what root runs next.
  ['/bin', 'critical'],
  ['/sbin', 'critical'],
  ['/lib', 'critical'],
  ['/lib64', 'critical'],
  ['/usr', 'critical'],
  ['/usr/share', 'other'],
  ['/usr/local/share', 'other'],
  ['/boot', 'critical'],
  ['/opt/bin', 'critical'],
  ['/opt/cni', 'critical'],
  ['/root', 'critical'],
  ['/home', 'critical'],
  ['/etc/cni', 'critical'],
  ['/etc/containerd', 'critical'],
  ['/etc/containers', 'critical'],
  ['/etc/crio', 'critical'],
  ['/etc/docker', 'critical'],
  ['/etc/rancher', 'critical'],
  ['/etc/kubernetes', 'critical'],
  ['/etc/kubernetes/node-feature-discovery', 'other'],
  ['/etc/cron.d', 'critical'],
  ['/etc/cron.hourly', 'critical'],
  ['/etc/cron.daily', 'critical'],
  ['/etc/cron.weekly', 'critical'],
  ['/etc/cron.monthly', 'critical'],
  ['/etc/crontab', 'critical'],
  ['/etc/init.d', 'critical'],
  ['/etc/ld.so.conf.d', 'critical'],
  ['/etc/ld.so.preload', 'critical'],
  ['/etc/modprobe.d', 'critical'],
  ['/etc/pam.d', 'critical'],
  ['/etc/passwd', 'critical'],
  ['/etc/shadow', 'critical'],
  ['/etc/group', 'critical'],
  ['/etc/profile', 'critical'],
  ['/etc/profile.d', 'critical'],
  ['/etc/security', 'critical'],
  ['/etc/ssh', 'critical'],
  ['/etc/sudoers', 'critical'],
  ['/etc/sudoers.d', 'critical'],
  ['/etc/sysctl.d', 'critical'],
  ['/etc/systemd', 'critical'],
  ['/etc/udev', 'critical'],
  ['/etc/NetworkManager', 'critical'],
  ['/etc/anacrontab', 'critical'],
  ['/etc/apt', 'critical'],
  ['/etc/bash.bashrc', 'critical'],
  ['/etc/bashrc', 'critical'],
  ['/etc/crictl.yaml', 'critical'],
  ['/etc/default', 'critical'],
  ['/etc/environment', 'critical'],
  ['/etc/kubelet', 'critical'],
  ['/etc/logrotate.d', 'critical'],
  ['/etc/network', 'critical'],
  ['/etc/nsswitch.conf', 'critical'],
  ['/etc/polkit-1', 'critical'],
  ['/etc/rc.d', 'critical'],
  ['/etc/rc.local', 'critical'],
  ['/etc/sysconfig', 'critical'],
  ['/etc/sysctl.conf', 'critical'],
  ['/var/spool/cron', 'critical'],
  // The kernel's own interfaces.
  ['/proc', 'critical'],
  ['/sys', 'critical'],
  ['/dev/mem', 'critical'],
  ['/dev/kmem', 'critical'],
  ['/dev/port', 'critical'],
  ['/dev/mapper', 'critical'],
  ['/dev/disk', 'critical'],
  // Kubelet, etcd and container runtimes.
  ['/var/lib/etcd', 'critical'],
  ['/var/lib/kubelet', 'critical'],
  ['/var/lib/kubelet/plugins', 'sensitive'],
  ['/var/lib/kubelet/plugins_registry', 'sensitive'],
  ['/var/lib/kubelet/device-plugins', 'other'],
  ['/var/lib/kubelet/pod-resources', 'other'],
  ['/var/lib/containerd', 'critical'],
  ['/var/lib/containers', 'critical'],
  ['/var/lib/crio', 'critical'],
  ['/var/lib/docker', 'critical'],
  ['/var/lib/rancher', 'critical'],
  ['/var/lib/k0s', 'critical'],
  ['/snap', 'critical'],
  ['/var/lib/snapd', 'critical'],
  ['/var/snap', 'critical'],
  ['/var/snap/microk8s/common/default-storage', 'other'],
  ['/run/buildkit', 'critical'],
  ['/run/containerd', 'critical'],
  ['/run/cri-dockerd.sock', 'critical'],
  ['/run/crio', 'critical'],
  ['/run/dbus', 'critical'],
  ['/run/docker', 'critical'],
  ['/run/docker.sock', 'critical'],
  ['/run/dockershim.sock', 'critical'],
  ['/run/k3s', 'critical'],
  ['/run/podman', 'critical'],
  ['/run/systemd', 'critical'],
  ['/run/secrets', 'sensitive'],
  // Where other things of the node leave secrets.
  ['/etc/pki/tls/private', 'sensitive'],
  ['/etc/ssl/private', 'sensitive'],
  ['/var/lib/cloud', 'sensitive'],
  // Writable, these also let the kubelet's log endpoint read any file of the node.
  ['/var/log/audit', 'sensitive'],
  ['/var/log/containers', 'sensitive'],
  ['/var/log/journal', 'sensitive'],
  ['/var/log/kubernetes', 'sensitive'],
  ['/var/log/pods', 'sensitive'],
])

/** Block devices: the node's file systems without their permissions. */
const blockDevice = /^\/dev\/(sd|vd|xvd|hd|nvme\d|dm-|md\d|loop\d)/

const windowsPath = /^([A-Za-z]:|\\\\|\/\/\.\/)/
const criticalOnWindows =
  /^(\\\\\.\\pipe\\(docker_engine|containerd-containerd|crio-crio)|[a-z]:\\?|[a-z]:\\(windows|k|etc|etc\\kubernetes|var|var\\lib|var\\lib\\kubelet|programdata)(\\.*)?)$/

/** The path as the node resolves it: `..`, doubled and trailing slashes removed. Windows paths are left as they are. */
export function normalizeHostPath(path: string): string {
  if (windowsPath.test(path)) return path
  const normal = posix.normalize(`/${path}`)
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
}

/** What the (normalized) path is worth: its own, or that of the worst thing below it. */
export function hostPathSensitivity(path: string): PathSensitivity {
  if (windowsPath.test(path)) {
    return criticalOnWindows.test(path.toLowerCase().replaceAll('/', '\\')) ? 'critical' : 'other'
  }
  // Since systemd, these two are links on every supported distribution.
  const real = path.replace(/^\/var\/(run|lock)(?=\/|$)/, (_, name) => (name === 'run' ? '/run' : '/run/lock'))
  if (blockDevice.test(real)) return 'critical'
  return worst(ownSensitivity(real), containedSensitivity(real))
}

/** A read-only mount does not keep anybody from talking to a socket, so these count as writable. */
export function isControlSocket(path: string): boolean {
  return /(\.sock|_socket)$/.test(path) && hostPathSensitivity(path) === 'critical'
}

/** The longest entry at or above the path. */
function ownSensitivity(path: string): PathSensitivity {
  for (let prefix = path; prefix !== '/' && prefix !== '.'; prefix = posix.dirname(prefix)) {
    const found = trees.get(prefix)
    if (found !== undefined) return found
  }
  return 'other'
}

function containedSensitivity(path: string): PathSensitivity {
  const below = path === '/' ? '/' : `${path}/`
  let found: PathSensitivity = path === '/dev' ? 'critical' : 'other'
  for (const [tree, sensitivity] of trees) if (tree.startsWith(below)) found = worst(found, sensitivity)
  return found
}

function worst(a: PathSensitivity, b: PathSensitivity): PathSensitivity {
  if (a === 'critical' || b === 'critical') return 'critical'
  return a === 'sensitive' || b === 'sensitive' ? 'sensitive' : 'other'
}
