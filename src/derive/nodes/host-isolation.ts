// The hostIsolation fact, row F2: SELinux, AppArmor and seccomp as the kernel runs them.
// May not: judge whether a distribution should have the one or the other.
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { readFile } from './host.ts'
import { short } from './kubelet-document.ts'
import { readKernel } from './operating-system.ts'

export function deriveHostIsolation(host: HostEvidence): FactValue<'hostIsolation'> {
  return {
    selinux: readSelinux(host),
    selinuxConfigured: readSelinuxConfigured(host),
    appArmor: readAppArmor(host),
    seccomp: readSeccomp(host),
  }
}

/** The kernel mounts selinuxfs only when SELinux is on. */
function readSelinux(host: HostEvidence): Observed<string> {
  const path = '/sys/fs/selinux/enforce'
  const file = readFile(host, path)
  if (isUnavailable(file)) return file
  if (file === undefined) return { value: 'disabled', source: `${path} (does not exist)` }
  const text = file.content.trim()
  if (text === '1') return { value: 'enforcing', source: path }
  if (text === '0') return { value: 'permissive', source: path }
  return unavailable('malformed', `${path} holds "${short(text)}".`)
}

function readSelinuxConfigured(host: HostEvidence): { value?: string; source: string } | Unavailable {
  const path = '/etc/selinux/config'
  const file = readFile(host, path)
  if (isUnavailable(file)) return file
  if (file === undefined) return { source: `${path} (does not exist)` }
  const lines = file.content.split('\n')
  const index = lines.findLastIndex((line) => /^\s*SELINUX\s*=/.test(line))
  if (index < 0) return { source: `${path} (has no SELINUX=)` }
  const value = (lines[index] ?? '')
    .replace(/^[^=]*=/, '')
    .trim()
    .toLowerCase()
  return { value, source: `${path}:${index + 1}` }
}

function readAppArmor(host: HostEvidence): Observed<boolean> {
  const path = '/sys/module/apparmor/parameters/enabled'
  const file = readFile(host, path)
  if (isUnavailable(file)) return file
  if (file === undefined) return { value: false, source: `${path} (does not exist)` }
  return { value: file.content.trim() === 'Y', source: path }
}

/** The list of actions came with Linux 4.14: before, its absence tells nothing. */
function readSeccomp(host: HostEvidence): Observed<boolean> {
  const path = '/proc/sys/kernel/seccomp/actions_avail'
  const file = readFile(host, path)
  if (isUnavailable(file)) return file
  if (file !== undefined) return { value: true, source: path }
  const { major, minor } = readKernel(host)
  if (isUnavailable(major) || isUnavailable(minor)) {
    return unavailable('unsupported', `${path} does not exist, and the kernel's version is not known.`)
  }
  const isTelling = major.value > 4 || (major.value === 4 && minor.value >= 14)
  if (!isTelling)
    return unavailable('unsupported', `Linux ${major.value}.${minor.value} does not tell whether it has seccomp.`)
  return { value: false, source: `${path} (does not exist)` }
}
