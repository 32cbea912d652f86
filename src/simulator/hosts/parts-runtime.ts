// Container runtimes as installed by their packages: configuration, unit, process, version command and storage root.
import type { TreeEntry, TreeFile, TreePart } from './tree.ts'

export interface RuntimeProcess {
  readonly pid: number
  readonly startedAfterBoot: number
}

export interface ContainerdOptions extends RuntimeProcess {
  readonly version: string
  readonly revision: string
  /** Layout of config.toml: 2 for containerd 1.x, 3 from 2.0 on. */
  readonly configVersion: 2 | 3
  readonly systemdCgroup: boolean
  readonly configurationMode?: number
}

export function containerd(options: ContainerdOptions): TreePart {
  return {
    files: {
      '/etc/containerd/config.toml': {
        content: options.configVersion === 3 ? containerdV3(options) : containerdV2(options),
        mode: options.configurationMode ?? 0o644,
      },
      '/usr/lib/systemd/system/containerd.service': unit('containerd container runtime', '/usr/bin/containerd'),
      '/run/containerd/containerd.sock': socket,
    },
    directories: ['/var/lib/containerd'],
    processes: [daemon(options, 'containerd', '/usr/bin/containerd', [])],
    commands: {
      containerd: versionScript(
        `containerd github.com/containerd/containerd${options.configVersion === 3 ? '/v2' : ''} ${options.version} ${options.revision}`,
      ),
    },
  }
}

function containerdV3(options: ContainerdOptions): string {
  return `version = 3
root = '/var/lib/containerd'
state = '/run/containerd'

[grpc]
  address = '/run/containerd/containerd.sock'

[plugins]
  [plugins.'io.containerd.cri.v1.images']
    snapshotter = 'overlayfs'

    [plugins.'io.containerd.cri.v1.images'.registry]
      config_path = '/etc/containerd/certs.d'

  [plugins.'io.containerd.cri.v1.runtime']
    enable_selinux = false

    [plugins.'io.containerd.cri.v1.runtime'.containerd]
      default_runtime_name = 'runc'

      [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
        runtime_type = 'io.containerd.runc.v2'

        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
          SystemdCgroup = ${options.systemdCgroup}
`
}

function containerdV2(options: ContainerdOptions): string {
  return `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"

[grpc]
  address = "/run/containerd/containerd.sock"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.k8s.io/pause:3.10.1"

  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "runc"
    snapshotter = "overlayfs"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = ${options.systemdCgroup}
`
}

export interface CrioOptions extends RuntimeProcess {
  readonly version: string
  /** Drop-ins of /etc/crio/crio.conf.d by file name. */
  readonly dropIns: Readonly<Record<string, string>>
}

export function crio(options: CrioOptions): TreePart {
  const files: Record<string, TreeEntry> = {
    '/usr/lib/systemd/system/crio.service': unit('Container Runtime Interface for OCI (CRI-O)', '/usr/bin/crio'),
    '/etc/crio/crio.conf':
      '# The defaults are in crio(8); this site keeps its settings in crio.conf.d.\n[crio]\n# root = "/var/lib/containers/storage"\n',
    '/run/crio/crio.sock': socket,
  }
  for (const [name, content] of Object.entries(options.dropIns)) files[`/etc/crio/crio.conf.d/${name}`] = content
  return {
    files,
    directories: ['/var/lib/containers/storage'],
    processes: [daemon(options, 'crio', '/usr/bin/crio', [])],
    commands: {
      crio: versionScript(
        `crio version ${options.version}\n   GitCommit:      4ef7d3f9a5b7c1d1c3a2\n   GitTreeState:   clean\n   GoVersion:      go1.24.6\n   Compiler:       gc\n   Platform:       linux/amd64\n   Linkmode:       static`,
      ),
    },
  }
}

export interface DockerOptions extends RuntimeProcess {
  readonly version: string
  readonly build: string
  readonly daemonJson: string
  /** Seconds since the epoch; default: when the host was installed. */
  readonly daemonJsonModifiedAt?: number
}

/** Of Debian's docker.io on these hosts. */
export const dockerGroup = 998
/** A file in the place of a socket: what the audit looks at is its mode and its owner. */
const socket: TreeFile = { content: '', mode: 0o660 }

function socketUnit(description: string, path: string): string {
  return `[Unit]
Description=${description}

[Socket]
ListenStream=${path}
SocketMode=0660
SocketUser=root
SocketGroup=docker

[Install]
WantedBy=sockets.target
`
}

/** dockerd as packaged by Debian, the containerd below it, and cri-dockerd in front of it. */
export function docker(options: DockerOptions): TreePart {
  const { pid, startedAfterBoot } = options
  return {
    files: {
      '/etc/docker/daemon.json': options.daemonJson,
      // Somebody wanted to build images without sudo.
      '/etc/group': `root:x:0:\ndaemon:x:1:\ndocker:x:${dockerGroup}:deploy\n`,
      '/usr/lib/systemd/system/docker.service': unit(
        'Docker Application Container Engine',
        '/usr/sbin/dockerd -H fd:// $DOCKER_OPTS',
      ),
      '/usr/lib/systemd/system/containerd.service': unit('containerd container runtime', '/usr/bin/containerd'),
      '/usr/lib/systemd/system/cri-docker.service': unit(
        'CRI Interface for Docker Application Container Engine',
        '/usr/bin/cri-dockerd --container-runtime-endpoint fd://',
      ),
      '/usr/lib/systemd/system/docker.socket': socketUnit('Docker Socket for the API', '/run/docker.sock'),
      '/usr/lib/systemd/system/cri-docker.socket': socketUnit('CRI Docker Socket for the API', '/run/cri-dockerd.sock'),
      '/run/containerd/containerd.sock': socket,
      '/run/docker.sock': { ...socket, owner: { uid: 0, gid: dockerGroup } },
      '/run/cri-dockerd.sock': { ...socket, owner: { uid: 0, gid: dockerGroup } },
      ...(options.daemonJsonModifiedAt === undefined
        ? {}
        : { '/etc/docker/daemon.json': { content: options.daemonJson, modifiedAt: options.daemonJsonModifiedAt } }),
    },
    directories: ['/var/lib/docker', '/var/lib/containerd'],
    processes: [
      daemon({ pid: pid - 20, startedAfterBoot: startedAfterBoot - 2 }, 'containerd', '/usr/bin/containerd', []),
      daemon(options, 'dockerd', '/usr/sbin/dockerd', ['-H', 'fd://']),
      daemon({ pid: pid + 40, startedAfterBoot: startedAfterBoot + 3 }, 'cri-dockerd', '/usr/bin/cri-dockerd', [
        '--container-runtime-endpoint',
        'fd://',
      ]),
    ],
    commands: {
      dockerd: versionScript(`Docker version ${options.version}, build ${options.build}`),
      containerd: versionScript('containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u1'),
    },
  }
}

function daemon(at: RuntimeProcess, name: string, executable: string, more: readonly string[]) {
  const { pid, startedAfterBoot } = at
  return { pid, name, executable, arguments: [executable, ...more], startedAfterBoot }
}

function unit(description: string, command: string): string {
  return `[Unit]
Description=${description}
After=network.target

[Service]
Type=notify
ExecStart=${command}
Restart=always
RestartSec=5
Delegate=yes
KillMode=process
OOMScoreAdjust=-999

[Install]
WantedBy=multi-user.target
`
}

function versionScript(text: string): string {
  return `cat <<'VERSION'\n${text}\nVERSION\n`
}
