import { describe, expect, it } from 'vitest'
import { deriveSupportStatus, identifyImage, type SupportInput } from '../../../../src/derive/support/node-support.ts'
import { supportStatus } from '../../../../src/derive/support/support-status.ts'
import { distributions, kernelLines, software, tableDate, tableHorizon } from '../../../../src/derive/support/table.ts'
import { isUnavailable, type Observed, unavailable } from '../../../../src/model/fact.ts'
import { supportStatusSchema } from '../../../../src/model/facts-node.ts'

describe('the table', () => {
  const products = [...Object.values(distributions), ...Object.values(software), kernelLines]
  it('holds real days, newest line first, and extensions after the end', () => {
    const isDay = (text: string) => new Date(`${text}T00:00:00Z`).toISOString().startsWith(text)
    for (const { lines } of products) {
      for (const { ends, extended } of lines) {
        if (ends !== undefined) expect(isDay(ends)).toBe(true)
        if (extended !== undefined) expect(isDay(extended.ends) && extended.ends > (ends ?? '')).toBe(true)
      }
      expect(new Set(lines.map(({ version }) => version)).size).toBe(lines.length)
    }
    expect(isDay(tableDate) && tableHorizon > tableDate).toBe(true)
  })
  it('has a source for every product', () => {
    for (const { source } of products) expect(source).toMatch(/^https:\/\//)
  })
})

describe('supportStatus', () => {
  const { debian, ubuntu, sles, rhcos } = distributions
  if (!debian || !ubuntu || !sles || !rhcos) throw new Error('a product is missing')
  const at = (date: string) => `as of ${tableDate}${date}`
  it.each([
    ['on the last day', software.kubernetes, '1.34.2', '2026-10-27T23:59:00Z', 'supported', '2026-10-27'],
    ['the day after', software.kubernetes, '1.34.2', '2026-10-28T00:00:00Z', 'ended', '2026-10-27'],
    ['1.3 is not 1.34', software.kubernetes, '1.3.2', '2026-10-28', 'ended', '2023-07-28'],
    ['newer than the table', software.kubernetes, '1.37.0', '2026-10-28', 'unknown', undefined],
    ['older than the table', software.kubernetes, '1.19.16', '2026-10-28', 'ended', '2023-07-28'],
    ['free extension', debian, '12', '2026-11-20', 'supported', '2028-06-30'],
    ['after the free extension', debian, '11', '2026-11-20', 'ended', '2026-08-31'],
    ['subscription only', ubuntu, '20.04', '2026-11-20', 'unknown', undefined],
    ['after the subscription', ubuntu, '16.04', '2026-11-20', 'ended', '2026-04-02'],
    ['service pack', sles, '15.7', '2026-11-20', 'supported', '2031-07-31'],
    ['major alone names no line', sles, '15', '2026-11-20', 'unknown', undefined],
    ['beyond the horizon', sles, '15.7', '2028-01-01', 'unknown', undefined],
    ['ended long before the horizon', debian, '10', '2030-01-01', 'ended', '2024-06-30'],
    ['no end announced, on the table’s day', software.docker, '29.1.0', tableDate, 'supported', undefined],
    ['no end announced, later', software.docker, '29.1.0', '2026-11-20', 'unknown', undefined],
    ['no version at all', software.containerd, 'v', '2026-11-20', 'unknown', undefined],
    ['a patch of 2.1 is not 2.10', software.containerd, '2.10.0', '2026-07-01', 'unknown', undefined],
    ['no date', software.containerd, '2.0.1', 'soon', 'unknown', undefined],
    ['OpenShift', rhcos, '4.19', '2026-12-18', 'ended', '2026-12-17'],
  ] as const)('%s', (_name, product, version, date, status, ends) => {
    const found = supportStatus(product, version, date)
    expect([found.status, found.status === 'unknown' ? undefined : found.ends]).toEqual([status, ends])
    if (found.status === 'unknown') expect(found.reason).toMatch(/\.$/)
    else expect(found.source).toContain(at(''))
  })
})

describe('a node', () => {
  const seen = (value: string): Observed<string> => ({ value, source: 'test' })
  const node: SupportInput = {
    date: '2026-11-20T10:00:00Z',
    id: seen('debian'),
    versionId: seen('12'),
    name: seen('Debian GNU/Linux 12 (bookworm)'),
    kernelRelease: seen('6.1.0-37-amd64'),
    kubeletVersion: seen('v1.36.2'),
    runtimeVersion: seen('containerd://2.0.4'),
  }
  const rows = (input: Partial<SupportInput>) => {
    const fact = deriveSupportStatus({ ...node, ...input })
    if (isUnavailable(fact)) throw new Error('no fact')
    supportStatusSchema.parse(fact)
    const show = ({ isSupported, until }: (typeof fact)['kernel']) =>
      isUnavailable(isSupported)
        ? 'unknown'
        : `${isSupported.value} ${isUnavailable(until) ? '?' : (until.value ?? 'no end announced')}`
    return [show(fact.distribution), show(fact.kernel), show(fact.kubelet), show(fact.runtime)]
  }
  const os = (id: string, versionId: string, name = id) => ({
    id: seen(id),
    versionId: seen(versionId),
    name: seen(name),
  })
  const [debian12, k136, containerd20] = ['true 2028-06-30', 'true 2027-06-28', 'true 2027-03-01']
  it.each<[string, Partial<SupportInput>, readonly string[]]>([
    ['Debian with its own kernel', {}, [debian12, debian12, k136, containerd20]],
    [
      'RHEL 8: an old number, maintained',
      { ...os('rhel', '8.10'), kernelRelease: seen('4.18.0-553.22.1.el8_10.x86_64') },
      ['true 2029-05-31', 'true 2029-05-31', k136, containerd20],
    ],
    [
      'RHEL 9 with a kernel of ELRepo',
      { ...os('rhel', '9.4'), kernelRelease: seen('6.10.3-1.el9.elrepo.x86_64') },
      ['true 2032-05-31', 'false 2024-10-10', k136, containerd20],
    ],
    [
      'CentOS Stream 8 and CentOS 8 share an ID',
      { ...os('centos', '8', 'CentOS Stream 8'), kernelRelease: seen('4.18.0-552.el8.x86_64') },
      ['false 2024-05-31', 'false 2024-05-31', k136, containerd20],
    ],
    [
      'Ubuntu with its first kernel',
      { ...os('ubuntu', '22.04'), kernelRelease: seen('5.15.0-160-generic') },
      ['true 2027-04-01', 'true 2027-04-01', k136, containerd20],
    ],
    [
      'Ubuntu with an enablement kernel that was dropped',
      { ...os('ubuntu', '22.04'), kernelRelease: seen('6.5.0-45-generic') },
      ['true 2027-04-01', 'unknown', k136, containerd20],
    ],
    [
      'a kernel of one’s own',
      { kernelRelease: seen('6.9.12-custom') },
      [debian12, 'false 2024-07-27', k136, containerd20],
    ],
    [
      'rolling',
      { ...os('flatcar', '4230.2.3'), kernelRelease: seen('6.6.100-flatcar') },
      ['unknown', 'unknown', k136, containerd20],
    ],
    ['not in the table', os('gentoo', '2.17'), ['unknown', 'true 2027-12-31', k136, containerd20]],
    ['prototype key', os('constructor', '1'), ['unknown', 'true 2027-12-31', k136, containerd20]],
    [
      'RHCOS by OpenShift',
      { ...os('rhcos', '9.6.20260101-0'), openShiftVersion: '4.20', kernelRelease: seen('5.14.0-570.el9_6.x86_64') },
      ['true 2027-04-21', 'true 2027-04-21', k136, containerd20],
    ],
    [
      'k3s follows the project',
      { kubeletVersion: seen('v1.30.1+k3s1') },
      [debian12, debian12, 'false 2025-07-15', containerd20],
    ],
    [
      'a vendor may not',
      { kubeletVersion: seen('v1.30.1-eks-49c6de4') },
      [debian12, debian12, 'unknown', containerd20],
    ],
    [
      'Debian’s docker ends with Debian',
      { runtimeVersion: seen('docker://20.10.24+dfsg1') },
      [debian12, debian12, k136, debian12],
    ],
    [
      'docker of its maker',
      { runtimeVersion: seen('docker://20.10.24') },
      [debian12, debian12, k136, 'false 2023-12-10'],
    ],
    [
      'CRI-O ends with Kubernetes',
      { runtimeVersion: seen('cri-o://1.33.1') },
      [debian12, debian12, k136, 'false 2026-06-28'],
    ],
    ['unheard of', { runtimeVersion: seen('__proto__://1.0') }, [debian12, debian12, k136, 'unknown']],
    ['nothing reported', { runtimeVersion: unavailable('not-found', 'x') }, [debian12, debian12, k136, 'unknown']],
  ])('%s', (_name, input, expected) => {
    expect(rows(input)).toEqual(expected)
  })

  it.each([
    ['Ubuntu 22.04.5 LTS', 'ubuntu', '22.04'],
    ['Red Hat Enterprise Linux 9.6 (Plow)', 'rhel', '9.6'],
    ['SUSE Linux Enterprise Server 15 SP5', 'sles', '15.5'],
    ['Amazon Linux 2023.6.20250107', 'amzn', '2023'],
    ['Talos (v1.9.1)', 'talos', undefined],
    ['Container-Optimized OS from Google', 'cos', undefined],
    ['Homemade 1.0', undefined, undefined],
  ])('by the status of its node: %s', (image, id, version) => {
    const found = identifyImage(seen(image))
    const value = (observed: Observed<string>) => (isUnavailable(observed) ? undefined : observed.value)
    expect([value(found.id), value(found.versionId)]).toEqual([id, version])
  })
})
