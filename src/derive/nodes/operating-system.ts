// The operatingSystem fact: distribution, kernel and init, and whether the node's kubelet is validated on that kernel.
// May not: know which distributions are still maintained.
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { type PresentFile, readFile, resolveDirectory } from './host.ts'
import { short } from './kubelet-document.ts'
import { readEnvironmentFile } from './systemd-words.ts'

export interface KernelVersion {
  readonly release: Observed<string>
  readonly major: Observed<number>
  readonly minor: Observed<number>
}

export function deriveOperatingSystem(
  host: HostEvidence,
  kubeletMinor: Observed<number>,
): FactValue<'operatingSystem'> {
  const release = readRelease(host)
  const kernel = readKernel(host)
  const wanted = wantedKernel(kubeletMinor)
  return {
    id: releaseField(release, 'ID'),
    versionId: releaseField(release, 'VERSION_ID'),
    name: releaseField(release, 'PRETTY_NAME', 'NAME'),
    kernelRelease: kernel.release,
    kernelMajor: kernel.major,
    kernelMinor: kernel.minor,
    kernelSupported: isSupported(kernel, wanted),
    kernelWanted: isUnavailable(wanted) ? wanted : { value: wanted.value.text, source: wanted.source },
    init: readInit(host),
  }
}

function readRelease(host: HostEvidence): PresentFile | Unavailable {
  for (const path of ['/etc/os-release', '/usr/lib/os-release']) {
    const file = readFile(host, path)
    if (file !== undefined) return file
  }
  return unavailable('unsupported', 'The host has no os-release file.')
}

function releaseField(release: PresentFile | Unavailable, ...names: readonly string[]): Observed<string> {
  if (isUnavailable(release)) return release
  const fields = new Map(readEnvironmentFile(release.content))
  for (const name of names) {
    const value = fields.get(name)
    if (value) return { value, source: release.path }
  }
  return unavailable('unsupported', `${release.path} has no ${names.join(' and no ')}.`)
}

/** RHCOS is a part of OpenShift and named by its version. */
export function readOpenShiftVersion(host: HostEvidence): { readonly openShiftVersion?: string } {
  const field = releaseField(readRelease(host), 'OPENSHIFT_VERSION')
  return isUnavailable(field) ? {} : { openShiftVersion: field.value }
}

export function readKernel(host: HostEvidence): KernelVersion {
  const path = '/proc/sys/kernel/osrelease'
  const file = readFile(host, path)
  if (isUnavailable(file)) return { release: file, major: file, minor: file }
  const text = file?.content.trim() ?? ''
  const match = /^(\d{1,4})\.(\d{1,4})/.exec(text)
  if (!match) {
    const reason = unavailable('malformed', `${path} holds "${short(text)}", which is no kernel version.`)
    return { release: reason, major: reason, minor: reason }
  }
  return {
    release: { value: text, source: path },
    major: { value: Number(match[1]), source: path },
    minor: { value: Number(match[2]), source: path },
  }
}

/** systemd, where its run-time folder is there (sd_booted), else the name of process 1. */
export function readInit(host: HostEvidence): Observed<string> {
  const folder = resolveDirectory(host, '/run/systemd/system')
  if (folder !== undefined && !isUnavailable(folder)) return { value: 'systemd', source: '/run/systemd/system' }
  const file = readFile(host, '/proc/1/comm')
  if (isUnavailable(file)) return isUnavailable(folder) ? folder : file
  const name = file?.content.trim() ?? ''
  if (name === '') return unavailable('malformed', '/proc/1/comm is empty.')
  return { value: Object.hasOwn(initNames, name) ? (initNames[name] ?? name) : name, source: '/proc/1/comm' }
}

/** Plain "init" stays: several init systems call themselves so. */
const initNames: Readonly<Record<string, string>> = { 'openrc-init': 'openrc', 's6-svscan': 's6' }

interface Wanted {
  readonly text: string
  readonly accepts: (major: number, minor: number) => boolean
}

const atLeast = (major: number, minor: number): Wanted => ({
  text: `${major}.${minor} or newer`,
  accepts: (actual, actualMinor) => actual > major || (actual === major && actualMinor >= minor),
})

/** Long-term kernels 5.4, 5.10 and 5.15, and everything from 6.0: others get a warning of kubeadm. */
const longTerm: Wanted = {
  text: '5.4, 5.10, 5.15, or 6.0 or newer',
  accepts: (major, minor) => major >= 6 || (major === 5 && [4, 10, 15].includes(minor)),
}

/** What kubeadm's system validators of that release ask for. */
function wantedKernel(kubeletMinor: Observed<number>): Observed<Wanted> {
  if (isUnavailable(kubeletMinor)) return kubeletMinor
  const minor = kubeletMinor.value
  const source = `kubeadm's system validators of 1.${minor}`
  if (minor >= 34) return { value: longTerm, source }
  return { value: minor >= 32 ? atLeast(4, 19) : atLeast(3, 10), source }
}

function isSupported({ release, major, minor }: KernelVersion, wanted: Observed<Wanted>): Observed<boolean> {
  if (isUnavailable(major)) return major
  if (isUnavailable(minor)) return minor
  if (isUnavailable(wanted)) return wanted
  const shown = isUnavailable(release) ? '' : release.value
  return {
    value: wanted.value.accepts(major.value, minor.value),
    source: `${major.source} (${shown}), ${wanted.source}`,
  }
}
