// The supportStatus fact: whether distribution, kernel, kubelet and container runtime of a node still got security fixes when the
// snapshot was taken. May not: judge a kernel that a distribution builds by kernel.org, or a vendor's Kubernetes by the project's.
import { type Fact, isUnavailable, type Observed, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { SupportStatus } from './support-status.ts'
import { supportStatus } from './support-status.ts'
import {
  distributions,
  kernelLines,
  rollingDistributions,
  type SupportedProduct,
  software,
  tableDate,
  ubuntuKernels,
} from './table.ts'

type Status = FactValue<'supportStatus'>
type Support = Status['distribution']

export interface SupportInput {
  /** ISO 8601, from the snapshot. */
  readonly date: string
  /** Of os-release; `openShiftVersion` is there on RHCOS. */
  readonly id: Observed<string>
  readonly versionId: Observed<string>
  readonly name: Observed<string>
  readonly openShiftVersion?: string
  readonly kernelRelease: Observed<string>
  readonly kubeletVersion: Observed<string>
  /** As the node's status names it: "containerd://2.1.4". */
  readonly runtimeVersion: Observed<string>
}

export function deriveSupportStatus(input: SupportInput): Fact<Status> {
  const distribution = distributionSupport(input)
  return {
    tableDate,
    distribution,
    kernel: kernelSupport(input, distribution),
    kubelet: kubeletSupport(input),
    runtime: runtimeSupport(input, distribution),
  }
}

/** The system as the node's status names it (PRETTY_NAME of its os-release), for nodes whose host was not read. */
export function identifyImage(image: Observed<string>): Pick<SupportInput, 'id' | 'versionId' | 'name'> {
  if (isUnavailable(image)) return { id: image, versionId: image, name: image }
  const { value, source } = image
  for (const [id, pattern] of imageNames) {
    const match = pattern.exec(value)
    if (match === null) continue
    const version = (match[1] ?? '').replace(' SP', '.')
    const versionId =
      version === '' ? unavailable('unsupported', `${source} names no version.`) : { value: version, source }
    return { id: { value: id, source }, versionId, name: image }
  }
  const why = unavailable(
    'unsupported',
    `${source} is "${value.slice(0, 80)}", which names no distribution of the table.`,
  )
  return { id: why, versionId: why, name: image }
}

const imageNames: readonly (readonly [id: string, pattern: RegExp])[] = [
  ['ubuntu', /^Ubuntu (\d{2}\.\d{2})/],
  ['debian', /^Debian GNU\/Linux (\d{1,3})\b/],
  ['rhcos', /^Red Hat Enterprise Linux CoreOS (4\.\d{1,3}|)/],
  ['rhel', /^Red Hat Enterprise Linux (\d{1,3}\.\d{1,3})/],
  ['rocky', /^Rocky Linux (\d{1,3}\.\d{1,3})/],
  ['almalinux', /^AlmaLinux (\d{1,3}\.\d{1,3})/],
  ['ol', /^Oracle Linux Server (\d{1,3}\.\d{1,3})/],
  ['centos', /^CentOS (?:Linux|Stream) (\d{1,3})\b/],
  ['amzn', /^Amazon Linux (\d{1,4})\b/],
  ['sles', /^SUSE Linux Enterprise Server (\d{1,3}(?: SP\d|\.\d))/],
  ['sle-micro', /^SUSE Linux (?:Enterprise )?Micro (\d\.\d)/],
  ['opensuse-leap', /^openSUSE Leap (\d{1,3}\.\d)/],
  ['fedora', /^Fedora (?:Linux|CoreOS) (\d{1,3})/],
  ['flatcar', /^Flatcar Container Linux/],
  ['bottlerocket', /^Bottlerocket/],
  ['talos', /^Talos/],
  ['photon', /^VMware Photon OS\/Linux|^VMware Photon/],
  ['cos', /^Container-Optimized OS/],
]

function distributionSupport(input: SupportInput): Support {
  const { id, versionId, date } = input
  if (isUnavailable(id)) return missing(id)
  const name = isUnavailable(input.name) ? id : input.name
  const key = distributionKey(id.value, name.value)
  const rolling = own(rollingDistributions, key)
  if (rolling !== undefined) {
    return unanswered(name, `${rolling} maintains only its newest image, so that no date tells about this one.`)
  }
  const product = own(distributions, key)
  if (product === undefined) {
    return unanswered(name, `The table of support dates has no distribution "${id.value.slice(0, 40)}".`)
  }
  if (key === 'rhcos' && input.openShiftVersion !== undefined) {
    return answer(name, supportStatus(product, input.openShiftVersion, date))
  }
  if (isUnavailable(versionId)) return { name, isSupported: versionId, until: versionId }
  return answer(name, supportStatus(product, versionId.value, date))
}

function distributionKey(id: string, name: string): string {
  if (id === 'centos' && /stream/i.test(name)) return 'centos-stream'
  if (id === 'sl-micro') return 'sle-micro'
  return id
}

/** What distributions call the kernels they build. One of another maker, such as ELRepo, has that maker's name. */
const distributionKernels: Readonly<Record<string, RegExp>> = {
  debian: /^\d+\.\d+\.\d+(?:\+deb\d+)?(?:-\d+|\+deb\d+)[a-z0-9.+-]*-(?:amd64|arm64|cloud|rt|686|s390x|ppc64el)/,
  ubuntu: /^\d+\.\d+\.\d+-\d{1,4}(?:-[a-z0-9]+)+$/,
  rhel: /\.el\d+(?:_\d+)?(?:\.[a-z0-9_+]+)?$/,
  rhcos: /\.el\d+(?:_\d+)?(?:\.[a-z0-9_+]+)?$/,
  rocky: /\.el\d+(?:_\d+)?(?:\.[a-z0-9_+]+)?$/,
  almalinux: /\.el\d+(?:_\d+)?(?:\.[a-z0-9_+]+)?$/,
  'centos-stream': /\.el\d+(?:_\d+)?(?:\.[a-z0-9_+]+)?$/,
  centos: /\.el\d+(?:_\d+)?(?:\.[a-z0-9_+]+)?$/,
  ol: /(?:\.el\d+(?:_\d+)?|\.el\d+uek)(?:\.[a-z0-9_+]+)?$/,
  amzn: /\.amzn\d+(?:\.[a-z0-9_]+)?$/,
  sles: /-(?:default|azure|rt|coco_debug)$/,
  'sle-micro': /-(?:default|azure|rt)$/,
  'opensuse-leap': /-(?:default|azure|rt)$/,
  fedora: /\.fc\d+(?:\.[a-z0-9_]+)?$/,
  photon: /\.ph\d+(?:-[a-z]+)?$/,
  cos: /^\d+\.\d+\.\d+\+$/,
}

function kernelSupport(input: SupportInput, distribution: Support): Support {
  const { kernelRelease: release, id } = input
  if (isUnavailable(release)) return missing(release)
  const name = { value: `Linux ${release.value}`, source: release.source }
  if (isUnavailable(id)) return { name, isSupported: id, until: id }
  const shown = isUnavailable(input.name) ? '' : input.name.value
  const key = distributionKey(id.value, shown)
  if (Object.hasOwn(rollingDistributions, key)) return { ...distribution, name }
  const pattern = own(distributionKernels, key)
  if (pattern?.test(release.value) && !/elrepo/i.test(release.value)) {
    return ubuntuGap(input, key, name) ?? { ...distribution, name }
  }
  const version = /^\d+\.\d+/.exec(release.value)?.[0] ?? ''
  return answer(name, supportStatus(kernelLines, version, input.date))
}

/** Ubuntu drops most of its hardware enablement kernels long before the release they are for. */
function ubuntuGap(
  { versionId, kernelRelease }: SupportInput,
  key: string,
  name: { value: string; source: string },
): Support | undefined {
  if (key !== 'ubuntu' || isUnavailable(versionId) || isUnavailable(kernelRelease)) return undefined
  const lasting = own(ubuntuKernels, versionId.value)
  const line = /^\d+\.\d+/.exec(kernelRelease.value)?.[0] ?? ''
  if (lasting === undefined || lasting.includes(line)) return undefined
  return unanswered(
    name,
    `Ubuntu ${versionId.value} maintains the kernels ${lasting.join(' and ')} to its end. Whether its ${line} still gets fixes is not in the table.`,
  )
}

/** Builds that follow the project's own dates. Other suffixes are a vendor's, who may support a version for longer. */
const plainBuild = /^v?\d+\.\d+\.\d+(?:\+(?:k3s|rke2r?)\d+)?$/

function kubeletSupport({ kubeletVersion, date }: SupportInput): Support {
  if (isUnavailable(kubeletVersion)) return missing(kubeletVersion)
  const version = kubeletVersion.value
  const name = { value: `Kubernetes ${version.replace(/^v/, '')}`, source: kubeletVersion.source }
  const status = supportStatus(software.kubernetes, version.replace(/^v/, ''), date)
  if (status.status === 'ended' && !plainBuild.test(version)) {
    return unanswered(
      name,
      `The project ended ${status.line} on ${status.ends ?? 'an unknown day'}. This is a vendor's build, and how long the vendor supports it is not in the table.`,
    )
  }
  return answer(name, status)
}

function runtimeSupport({ runtimeVersion, date }: SupportInput, distribution: Support): Support {
  if (isUnavailable(runtimeVersion)) return missing(runtimeVersion)
  const { source } = runtimeVersion
  const [, runtime = '', version = ''] = /^([a-z-]+):\/\/v?(.+)$/.exec(runtimeVersion.value) ?? []
  const product = own<SupportedProduct>(software, runtime)
  if (product === undefined) {
    const name = { value: runtimeVersion.value.slice(0, 80), source }
    return unanswered(
      name,
      `The table of support dates has no container runtime "${runtimeVersion.value.slice(0, 40)}".`,
    )
  }
  const name = { value: `${product.name} ${version}`, source }
  // Packages of Debian and Ubuntu get their fixes from the distribution, for as long as that lives.
  if (/(?:~ds|\+dfsg|ubuntu)/.test(version)) return { ...distribution, name }
  return answer(name, supportStatus(product, version, date))
}

function answer(name: Support['name'], status: SupportStatus): Support {
  if (status.status === 'unknown') return unanswered(name, status.reason)
  const { line, ends, source } = status
  return {
    name,
    isSupported: { value: status.status === 'supported', source: `${line}: ${source}` },
    until: ends === undefined ? { source } : { value: ends, source },
  }
}

function unanswered(name: Support['name'], reason: string): Support {
  const why = unavailable('unsupported', reason)
  return { name, isSupported: why, until: why }
}

function missing(why: Extract<Support['name'], { unavailable: unknown }>): Support {
  return { name: why, isSupported: why, until: why }
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
