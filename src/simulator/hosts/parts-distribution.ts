// Distributions as the audit sees them: os-release, accounts and the sysctl.d files their packages ship.
import type { TreePart } from './tree.ts'

interface Release {
  readonly id: string
  readonly like: string
  readonly name: string
  readonly version: string
  readonly versionId: string
  readonly pretty: string
  readonly codename?: string
}

export function ubuntu(versionId: '22.04' | '24.04', point: number): TreePart {
  const codename = versionId === '24.04' ? 'Noble Numbat' : 'Jammy Jellyfish'
  const release = osRelease({
    id: 'ubuntu',
    like: 'debian',
    name: 'Ubuntu',
    version: `${versionId}.${point} LTS (${codename})`,
    versionId,
    pretty: `Ubuntu ${versionId}.${point} LTS`,
    codename: codename.split(' ')[0]?.toLowerCase() ?? '',
  })
  return {
    files: {
      '/etc/os-release': { link: '../usr/lib/os-release' },
      '/usr/lib/os-release': release,
      '/lib': { link: 'usr/lib' },
      '/etc/sysctl.conf':
        '# /etc/sysctl.conf - Configuration file for setting system variables\n#kernel.domainname = example.com\n',
      '/etc/sysctl.d/99-sysctl.conf': { link: '../sysctl.conf' },
      '/etc/sysctl.d/10-kernel-hardening.conf': 'kernel.kptr_restrict = 1\n',
      '/usr/lib/sysctl.d/50-pid-max.conf': 'kernel.pid_max = 4194304\n',
      ...accounts,
      ...kubernetesSysctls,
    },
  }
}

export function debian12(): TreePart {
  const release = osRelease({
    id: 'debian',
    like: '',
    name: 'Debian GNU/Linux',
    version: '12 (bookworm)',
    versionId: '12',
    pretty: 'Debian GNU/Linux 12 (bookworm)',
    codename: 'bookworm',
  })
  return {
    files: {
      '/etc/os-release': { link: '../usr/lib/os-release' },
      '/usr/lib/os-release': release,
      '/lib': { link: 'usr/lib' },
      '/etc/sysctl.conf': '#net.ipv4.ip_forward=1\n',
      '/etc/sysctl.d/99-sysctl.conf': { link: '../sysctl.conf' },
      '/usr/lib/sysctl.d/50-pid-max.conf': 'kernel.pid_max = 4194304\n',
      ...accounts,
      ...kubernetesSysctls,
    },
  }
}

export function redHat9(minor: number): TreePart {
  const release = osRelease({
    id: 'rhel',
    like: 'fedora',
    name: 'Red Hat Enterprise Linux',
    version: `9.${minor} (Plow)`,
    versionId: `9.${minor}`,
    pretty: `Red Hat Enterprise Linux 9.${minor} (Plow)`,
  })
  return {
    files: {
      '/etc/os-release': { link: '../usr/lib/os-release' },
      '/usr/lib/os-release': release,
      '/lib': { link: 'usr/lib' },
      '/etc/sysctl.conf':
        '# sysctl settings are defined through files in\n# /usr/lib/sysctl.d/, /run/sysctl.d/, and /etc/sysctl.d/.\n',
      '/etc/sysctl.d/99-sysctl.conf': { link: '../sysctl.conf' },
      '/usr/lib/sysctl.d/50-default.conf': 'kernel.sysrq = 16\n-net.ipv4.conf.all.rp_filter = 2\n',
      '/usr/lib/sysctl.d/50-redhat.conf': '# Red Hat defaults\nkernel.kptr_restrict = 1\n',
      ...accounts,
      ...kubernetesSysctls,
    },
  }
}

/** Owners are named as the host names them. */
const accounts = {
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n',
  '/etc/group': 'root:x:0:\ndaemon:x:1:\n',
}

/** One more user, with a group of the same name and number. */
export function withAccount(name: string, id: number): TreePart {
  return {
    files: {
      '/etc/passwd': `${accounts['/etc/passwd']}${name}:x:${id}:${id}::/:/usr/sbin/nologin\n`,
      '/etc/group': `${accounts['/etc/group']}${name}:x:${id}:\n`,
    },
  }
}

const kubernetesSysctls = { '/etc/sysctl.d/k8s.conf': 'net.ipv4.ip_forward = 1\n' }

function osRelease(release: Release): string {
  const lines = [
    `PRETTY_NAME="${release.pretty}"`,
    `NAME="${release.name}"`,
    `VERSION_ID="${release.versionId}"`,
    `VERSION="${release.version}"`,
    ...(release.codename === undefined ? [] : [`VERSION_CODENAME=${release.codename}`]),
    `ID=${release.id}`,
    ...(release.like === '' ? [] : [`ID_LIKE="${release.like}"`]),
    '',
  ]
  return lines.join('\n')
}
