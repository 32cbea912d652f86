// The demo's workers, each with the troubles of its kind: RHEL with CRI-O, Debian with docker, Ubuntu that nobody may look into.

import { debian12, redHat9, ubuntu, withAccount } from './parts-distribution.ts'
import { hostSecurity } from './parts-host-security.ts'
import { cgroupV2, kernel, kubeletParameters, mounts, swap, systemdInit, xfsInfo } from './parts-kernel.ts'
import { kubelet } from './parts-kubelet.ts'
import { kubernetesNode } from './parts-kubernetes.ts'
import { containerd, crio, docker } from './parts-runtime.ts'
import { secretMarker } from './secret-marker.ts'
import { composeHost, epoch, type HostTree } from './tree.ts'

const pause = '--pod-infra-container-image=registry.k8s.io/pause:3.10.1'

/**
 * RHEL 9, CRI-O, XFS that keeps entry types, SELinux permissive. A deployment user owns the kubelet's kubeconfig. The kubelet has overridden vm.overcommit_memory, which a file of
 * the database team sets back at the next boot.
 */
export const worker1: HostTree = composeHost(
  { hostname: 'worker-1', bootTime: epoch('2026-10-31T04:00:00Z'), installedAt: epoch('2026-09-16T08:00:00Z') },
  redHat9(6),
  systemdInit(),
  kernel({
    release: '5.14.0-570.12.1.el9_6.x86_64',
    parameters: kubeletParameters,
    isolation: { selinux: 'permissive', configured: 'permissive' },
  }),
  mounts({
    mounts: [
      {
        point: '/',
        device: '/dev/mapper/rhel-root',
        fileSystem: 'xfs',
        options: 'rw,relatime',
        superOptions: 'rw,seclabel,attr2,inode64,logbufs=8,logbsize=32k,noquota',
      },
      {
        point: '/var/lib/containers',
        device: '/dev/mapper/rhel-containers',
        fileSystem: 'xfs',
        options: 'rw,relatime',
        superOptions: 'rw,seclabel,attr2,inode64,noquota',
      },
    ],
    xfs: { '/': xfsInfo('/dev/mapper/rhel-root', 1), '/var/lib/containers': xfsInfo('/dev/mapper/rhel-containers', 1) },
  }),
  cgroupV2(),
  swap({
    fstab: [
      '/dev/mapper/rhel-root / xfs defaults 0 0',
      '/dev/mapper/rhel-containers /var/lib/containers xfs defaults 0 0',
      `//files.shop.example/backup /mnt/backup cifs username=backup,password=${secretMarker} 0 0`,
      '',
    ].join('\n'),
  }),
  crio({
    version: '1.34.1',
    dropIns: {
      '10-crio.conf':
        '[crio.image]\nsignature_policy = "/etc/crio/policy.json"\n\n[crio.runtime]\ndefault_runtime = "crun"\n\n[crio.runtime.runtimes.crun]\nruntime_path = "/usr/libexec/crio/crun"\n',
      '20-site.conf':
        '[crio]\nroot = "/var/lib/containers/storage"\n\n[crio.runtime]\ncgroup_manager = "systemd"\nconmon_cgroup = "pod"\npids_limit = 4096\n',
    },
    pid: 1043,
    startedAfterBoot: 14,
  }),
  kubelet({
    packaging: 'rpm',
    criSocket: 'unix:///var/run/crio/crio.sock',
    kubeadmFlags: [pause],
    pid: 1102,
    startedAfterBoot: 17,
  }),
  hostSecurity({
    timeDaemon: 'chronyd',
    lockdown: 'none',
    parameters: {
      'kernel/perf_event_paranoid': '2',
      'kernel/core_pattern': 'core',
    },
    listeners: [
      { port: 22 },
      { port: 10250, pid: 1102 },
      { port: 10248, address: '127.0.0.1', pid: 1102 },
      { port: 10249 },
    ],
    kills: 1,
    log: [
      '[1203311.114713] Memory cgroup out of memory: Killed process 48113 (java) total-vm:5412008kB, anon-rss:4190212kB',
    ],
  }),
  withAccount('deploy', 1001),
  kubernetesNode({
    hostname: 'worker-1',
    kubeletKubeconfigOwner: { uid: 1001, gid: 1001 },
    proxyMetricsAddress: '0.0.0.0:10249',
  }),
  {
    files: {
      '/etc/sysctl.d/98-database.conf': '# PostgreSQL\nvm.overcommit_memory = 2\nvm.overcommit_ratio = 90\n',
      '/etc/containers/registries.conf':
        'unqualified-search-registries = ["registry.access.redhat.com", "registry.redhat.io", "docker.io"]\nshort-name-mode = "enforcing"\n',
      '/etc/containers/registries.conf.d/50-shop.conf':
        '# The certificate is on its way.\n[[registry]]\nlocation = "registry.shop.example"\ninsecure = true\n',
    },
  },
)

/**
 * Debian 12, docker with cgroupfs on XFS without entry types, swap that returns at boot, all net.* sysctls allowed. The kubelet was
 * started with --protect-kernel-defaults=true; values were changed under it since, so that it will not start again. Its client
 * certificate was not renewed.
 */
export const worker2: HostTree = composeHost(
  { hostname: 'worker-2', bootTime: epoch('2026-08-03T22:10:00Z'), installedAt: epoch('2026-03-02T08:00:00Z') },
  debian12(),
  systemdInit(),
  kernel({
    release: '6.1.0-37-amd64',
    parameters: { ...kubeletParameters, 'vm.overcommit_memory': 2, 'kernel.panic': 0, 'kernel.keys.root_maxkeys': 200 },
    isolation: 'apparmor',
  }),
  mounts({
    mounts: [
      {
        point: '/',
        device: '/dev/sda1',
        fileSystem: 'ext4',
        options: 'rw,relatime',
        superOptions: 'rw,errors=remount-ro',
      },
      {
        point: '/var/lib/docker',
        device: '/dev/sdb1',
        fileSystem: 'xfs',
        options: 'rw,relatime',
        superOptions: 'rw,attr2,inode64,noquota',
      },
    ],
    xfs: { '/var/lib/docker': xfsInfo('/dev/sdb1', 0) },
  }),
  cgroupV2(),
  swap({
    fstab: [
      'UUID=6a1b1c1e-0d3a-4a53-9c0d-0f6f0b0c2a11 / ext4 errors=remount-ro 0 1',
      '/dev/sdb1 /var/lib/docker xfs defaults 0 0',
      '/swapfile none swap sw 0 0',
      '',
    ].join('\n'),
    active: [{ device: '/swapfile', kind: 'file', sizeKiB: 2_097_148 }],
  }),
  docker({
    version: '20.10.24+dfsg1',
    build: '297e128',
    daemonJson: `${JSON.stringify(
      {
        'exec-opts': ['native.cgroupdriver=cgroupfs'],
        'insecure-registries': ['registry.shop.example', '10.20.0.0/16'],
        'log-driver': 'json-file',
        proxies: { 'http-proxy': `http://docker:${secretMarker}@proxy.shop.example:3128` },
        'storage-driver': 'overlay2',
        'storage-opts': ['overlay2.override_kernel_check=true'],
      },
      null,
      2,
    )}\n`,
    daemonJsonModifiedAt: epoch('2026-09-22T09:20:00Z'),
    pid: 780,
    startedAfterBoot: 11,
  }),
  kubelet({
    packaging: 'deb',
    criSocket: 'unix:///run/cri-dockerd.sock',
    configuration: ['allowedUnsafeSysctls:', '- net.*', '- kernel.msg*'],
    kubeadmFlags: ['--container-runtime-endpoint=unix:///run/cri-dockerd.sock', pause],
    extraFlags: ['--fail-swap-on=false', '--protect-kernel-defaults=true'],
    pid: 903,
    startedAfterBoot: 19,
  }),
  hostSecurity({
    lockdown: 'none',
    boot: ['mitigations=off'],
    vulnerabilities: {
      mds: 'Vulnerable; SMT vulnerable',
      spectre_v2: 'Vulnerable; IBPB: disabled; STIBP: disabled; PBRSB-eIBRS: Not affected; BHI: Vulnerable',
      retbleed: 'Vulnerable',
    },
    modules: ['dccp'],
    parameters: {
      'kernel/dmesg_restrict': '0',
      'kernel/kptr_restrict': '0',
      'kernel/unprivileged_bpf_disabled': '0',
      'kernel/unprivileged_userns_clone': '1',
      'net/ipv4/conf/all/accept_redirects': '1',
    },
    listeners: [
      { port: 22 },
      { port: 10250, pid: 903 },
      // The kubelet's file says 0 for a while now.
      { port: 10255, pid: 903 },
      { port: 10248, address: '127.0.0.1', pid: 903 },
      { port: 2375, address: '0.0.0.0', pid: 780 },
      { port: 10249, address: '127.0.0.1' },
    ],
    kills: 3,
    log: [
      '[8012077.551204] Out of memory: Killed process 20114 (java) total-vm:9812344kB, anon-rss:8120332kB, file-rss:0kB',
      '[8012078.021991] Out of memory: Killed process 20388 (node-exporter) total-vm:733440kB, anon-rss:20332kB, file-rss:0kB',
      '[8612012.440012] Memory cgroup out of memory: Killed process 31007 (java) total-vm:5412008kB, anon-rss:4190212kB',
    ],
  }),
  kubernetesNode({ hostname: 'worker-2', certificateDaysLeft: 12 }),
  {
    files: {
      '/etc/systemd/system/docker.service.d/http-proxy.conf': `[Service]\nEnvironment="HTTPS_PROXY=http://docker:${secretMarker}@proxy.shop.example:3128"\n`,
      '/etc/sysctl.d/60-tuning.conf': {
        content:
          'vm.overcommit_memory = 2\nkernel.panic = 0\nkernel.keys.root_maxkeys = 200\nnet.core.somaxconn = 65535\n',
        modifiedAt: epoch('2026-10-02T16:40:00Z'),
      },
    },
  },
)

/** Ubuntu 22.04, containerd 1.7. The login has no sudo, and this site keeps configuration readable for root only. */
export const worker3: HostTree = composeHost(
  {
    hostname: 'worker-3',
    bootTime: epoch('2026-11-01T03:25:00Z'),
    installedAt: epoch('2026-09-16T08:00:00Z'),
    sudo: false,
  },
  ubuntu('22.04', 5),
  systemdInit(),
  kernel({ release: '5.15.0-160-generic', parameters: kubeletParameters, isolation: 'apparmor' }),
  mounts({ mounts: [{ point: '/', device: '/dev/vda1', fileSystem: 'ext4' }] }),
  cgroupV2(),
  swap({ fstab: '/dev/vda1 / ext4 defaults 0 1\n' }),
  containerd({
    version: 'v1.7.28',
    revision: 'b98a3aace656320842a23f4a392a33f46af97866',
    configVersion: 2,
    systemdCgroup: true,
    configurationMode: 0o600,
    pid: 802,
    startedAfterBoot: 8,
  }),
  kubelet({
    packaging: 'deb',
    criSocket: 'unix:///run/containerd/containerd.sock',
    configurationMode: 0o600,
    kubeadmFlags: [pause],
    pid: 866,
    startedAfterBoot: 10,
  }),
  hostSecurity({
    sudo: false,
    timeDaemon: 'systemd-timesyn',
    listeners: [{ port: 22 }, { port: 10250, pid: 866 }, { port: 10248, address: '127.0.0.1', pid: 866 }],
  }),
  kubernetesNode({ hostname: 'worker-3' }),
)
