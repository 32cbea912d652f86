// When the makers of distributions, kernels, Kubernetes and runtimes stop giving security fixes. Dates are the makers' own, as
// public on `tableDate`; read against the maker's page when it is moved on. May not: hold a date that nobody announced.

/** The day on which every date below was last held against its source. */
export const tableDate = '2026-08-22'

/** Nothing is called supported after this day: what is announced changes, and a table a year old does not know. */
export const tableHorizon = '2027-08-22'

export interface SupportLine {
  /** "12", "24.04", "1.34": stands for itself and for everything that begins with it and a dot. */
  readonly version: string
  /** Last day with security fixes for everybody, ISO 8601. Absent: nothing is announced, the line was in support on `tableDate`. */
  readonly ends?: string
  /** Fixes after that day. `open`: for everybody, from the usual package sources. `subscription`: for those who pay or enroll. */
  readonly extended?: { readonly name: string; readonly ends: string; readonly to: 'open' | 'subscription' }
}

export interface SupportedProduct {
  /** For people: "Debian", "Kubernetes". */
  readonly name: string
  /** The maker's page that the dates are from. */
  readonly source: string
  readonly lines: readonly SupportLine[]
}

type Line = readonly [version: string, ends?: string, extended?: string]

function product(
  name: string,
  source: string,
  lines: readonly Line[],
  extension?: { readonly name: string; readonly to: 'open' | 'subscription' },
): SupportedProduct {
  return {
    name,
    source,
    lines: lines.map(([version, ends, extended]) => ({
      version,
      ...(ends === undefined ? {} : { ends }),
      ...(extended === undefined || extension === undefined ? {} : { extended: { ...extension, ends: extended } }),
    })),
  }
}

const enterpriseLinux: readonly Line[] = [
  ['10', '2035-05-31'],
  ['9', '2032-05-31'],
  ['8', '2029-05-31'],
]

/** By ID of os-release, except for `rhcos`, whose lines are OpenShift's. */
export const distributions: Readonly<Record<string, SupportedProduct>> = {
  debian: product(
    'Debian',
    'https://www.debian.org/releases/',
    [
      ['13', '2028-08-09', '2030-06-30'],
      ['12', '2026-07-11', '2028-06-30'],
      ['11', '2024-08-14', '2026-08-31'],
      ['10', '2022-09-10', '2024-06-30'],
      ['9', '2020-07-18', '2022-07-01'],
      ['8', '2018-06-17', '2020-06-30'],
    ],
    { name: 'Debian LTS', to: 'open' },
  ),
  ubuntu: product(
    'Ubuntu',
    'https://ubuntu.com/about/release-cycle',
    [
      ['26.04', '2031-04-30', '2036-04-30'],
      ['25.10', '2026-07-01'],
      ['25.04', '2026-01-17'],
      ['24.10', '2025-07-10'],
      ['24.04', '2029-05-31', '2036-05-31'],
      ['23.10', '2024-07-12'],
      ['23.04', '2024-01-20'],
      ['22.10', '2023-07-20'],
      ['22.04', '2027-04-01', '2032-04-09'],
      ['21.10', '2022-07-14'],
      ['21.04', '2022-01-20'],
      ['20.10', '2021-07-22'],
      ['20.04', '2025-05-31', '2030-04-02'],
      ['18.04', '2023-05-31', '2028-04-01'],
      ['16.04', '2021-04-02', '2026-04-02'],
    ],
    { name: 'Ubuntu Pro', to: 'subscription' },
  ),
  rhel: product(
    'Red Hat Enterprise Linux',
    'https://access.redhat.com/support/policy/updates/errata',
    [
      ['10', '2035-05-31', '2039-05-31'],
      ['9', '2032-05-31', '2036-05-31'],
      ['8', '2029-05-31', '2033-05-31'],
      ['7', '2024-06-30', '2029-05-31'],
      ['6', '2020-11-30', '2024-06-30'],
    ],
    { name: 'Extended Life Cycle Support', to: 'subscription' },
  ),
  rocky: product('Rocky Linux', 'https://wiki.rockylinux.org/rocky/version/', enterpriseLinux),
  almalinux: product('AlmaLinux', 'https://wiki.almalinux.org/release-notes/', enterpriseLinux),
  ol: product(
    'Oracle Linux',
    'https://www.oracle.com/a/ocom/docs/elsp-lifetime-069338.pdf',
    [['10'], ['9', '2032-06-30', '2035-06-30'], ['8', '2029-07-31', '2032-07-31'], ['7', '2024-12-31', '2028-06-30']],
    { name: 'Oracle Linux Extended Support', to: 'subscription' },
  ),
  'centos-stream': product('CentOS Stream', 'https://www.centos.org/cl-vs-cs/', [
    ['10', '2030-05-31'],
    ['9', '2027-05-31'],
    ['8', '2024-05-31'],
  ]),
  centos: product('CentOS Linux', 'https://www.centos.org/centos-linux-eol/', [
    ['8', '2021-12-31'],
    ['7', '2024-06-30'],
    ['6', '2020-11-30'],
  ]),
  amzn: product('Amazon Linux', 'https://aws.amazon.com/amazon-linux-2/faqs/', [
    ['2023', '2029-06-30'],
    ['2018', '2023-12-31'],
    ['2', '2026-06-30'],
  ]),
  sles: product(
    'SUSE Linux Enterprise Server',
    'https://www.suse.com/lifecycle/',
    [
      ['16.0', '2027-11-30', '2030-11-30'],
      ['15.7', '2031-07-31', '2034-07-31'],
      ['15.6', '2025-12-31', '2028-12-31'],
      ['15.5', '2024-12-31', '2027-12-31'],
      ['15.4', '2023-12-31', '2026-12-31'],
      ['15.3', '2022-12-31', '2025-12-31'],
      ['15.2', '2021-12-31', '2024-12-31'],
      ['12.5', '2024-10-31', '2027-10-31'],
    ],
    { name: 'LTSS', to: 'subscription' },
  ),
  'sle-micro': product('SUSE Linux Micro', 'https://www.suse.com/lifecycle/', [
    ['6.2', '2029-11-30'],
    ['6.1', '2028-11-30'],
    ['6.0', '2028-06-30'],
    ['5.5', '2027-10-31'],
    ['5.4', '2027-04-30'],
    ['5.3', '2026-10-30'],
    ['5.2', '2026-04-30'],
    ['5.1', '2025-10-31'],
  ]),
  'opensuse-leap': product('openSUSE Leap', 'https://en.opensuse.org/Lifetime', [
    ['16.0', '2027-10-31'],
    ['15.6', '2026-04-30'],
    ['15.5', '2024-12-31'],
    ['15.4', '2023-12-07'],
  ]),
  fedora: product('Fedora', 'https://docs.fedoraproject.org/en-US/releases/eol/', [
    ['44', '2027-06-02'],
    ['43', '2026-12-09'],
    ['42', '2026-05-27'],
    ['41', '2025-12-15'],
    ['40', '2025-05-13'],
    ['39', '2024-11-26'],
  ]),
  rhcos: product(
    'OpenShift',
    'https://access.redhat.com/support/policy/updates/openshift',
    [
      ['4.22', '2027-12-31'],
      ['4.21', '2027-08-03'],
      ['4.20', '2027-04-21'],
      ['4.19', '2026-12-17'],
      ['4.18', '2026-08-25', '2027-02-25'],
      ['4.17', '2026-04-01'],
      ['4.16', '2025-12-27', '2026-06-27'],
      ['4.15', '2025-08-27'],
      ['4.14', '2025-05-01', '2025-10-31'],
      ['4.13', '2024-11-17'],
      ['4.12', '2024-07-17', '2025-01-17'],
    ],
    { name: 'Extended Update Support', to: 'subscription' },
  ),
  cos: product('Container-Optimized OS', 'https://cloud.google.com/container-optimized-os/docs/release-notes', [
    ['129', '2028-03-01'],
    ['125', '2027-09-01'],
    ['121', '2027-03-01'],
    ['117', '2026-09-01'],
    ['113', '2026-05-12'],
    ['109', '2025-09-24'],
    ['105', '2025-04-01'],
  ]),
  photon: product('Photon OS', 'https://github.com/vmware/photon/wiki', [
    ['5.0'],
    ['4.0', '2027-10-11'],
    ['3.0', '2025-10-02'],
  ]),
}

/** Distributions without lines that end: only the newest image is maintained. */
export const rollingDistributions: Readonly<Record<string, string>> = {
  flatcar: 'Flatcar Container Linux',
  bottlerocket: 'Bottlerocket',
  talos: 'Talos Linux',
  'opensuse-tumbleweed': 'openSUSE Tumbleweed',
  'opensuse-microos': 'openSUSE MicroOS',
  arch: 'Arch Linux',
}

const kubernetesLines: readonly Line[] = [
  ['1.36', '2027-06-28'],
  ['1.35', '2027-02-28'],
  ['1.34', '2026-10-27'],
  ['1.33', '2026-06-28'],
  ['1.32', '2026-02-28'],
  ['1.31', '2025-11-11'],
  ['1.30', '2025-07-15'],
  ['1.29', '2025-02-28'],
  ['1.28', '2024-10-28'],
  ['1.27', '2024-06-28'],
  ['1.26', '2024-02-28'],
  ['1.25', '2023-10-27'],
  ['1.24', '2023-07-28'],
]

/** Kubernetes, the runtimes and etcd. CRI-O says of itself that its lines end with those of Kubernetes. */
export const software = {
  kubernetes: product('Kubernetes', 'https://kubernetes.io/releases/', kubernetesLines),
  'cri-o': product('CRI-O', 'https://github.com/cri-o/cri-o#readme', kubernetesLines),
  containerd: product('containerd', 'https://containerd.io/releases/', [
    ['2.3', '2028-04-30'],
    ['2.2', '2026-11-06'],
    ['2.1', '2026-07-03'],
    ['2.0', '2027-03-01'],
    ['1.7', '2026-09-01'],
    ['1.6', '2025-08-23'],
    ['1.5', '2023-02-28'],
    ['1.4', '2022-03-03'],
    ['1.3', '2021-03-04'],
  ]),
  docker: product('Docker Engine', 'https://github.com/moby/moby/blob/master/project/BRANCHES-AND-TAGS.md', [
    ['29'],
    ['28', '2026-05-13'],
    ['27', '2025-05-03'],
    ['26', '2025-02-17'],
    ['25', '2026-12-04'],
    ['24', '2024-06-08'],
    ['23', '2025-05-19'],
    ['20.10', '2023-12-10'],
    ['19.03', '2021-01-08'],
  ]),
  etcd: product('etcd', 'https://etcd.io/docs/latest/op-guide/versioning/', [
    ['3.7'],
    ['3.6'],
    ['3.5', '2027-07-08'],
    ['3.4', '2026-06-01'],
    ['3.3', '2021-10-15'],
  ]),
} as const satisfies Readonly<Record<string, SupportedProduct>>

/** Lines of kernel.org. Kernels that a distribution builds end with the distribution instead. */
export const kernelLines: SupportedProduct = product('Linux', 'https://www.kernel.org/category/releases.html', [
  ['7.2'],
  ['7.1'],
  ['7.0', '2026-06-27'],
  ['6.19', '2026-04-22'],
  ['6.18', '2028-12-31'],
  ['6.17', '2025-12-18'],
  ['6.16', '2025-10-12'],
  ['6.15', '2025-08-20'],
  ['6.14', '2025-06-10'],
  ['6.13', '2025-04-20'],
  ['6.12', '2028-12-31'],
  ['6.11', '2024-12-05'],
  ['6.10', '2024-10-10'],
  ['6.9', '2024-07-27'],
  ['6.8', '2024-05-30'],
  ['6.7', '2024-04-03'],
  ['6.6', '2027-12-31'],
  ['6.5', '2023-11-28'],
  ['6.4', '2023-09-13'],
  ['6.3', '2023-07-11'],
  ['6.2', '2023-05-17'],
  ['6.1', '2027-12-31'],
  ['6.0', '2023-01-12'],
  ['5.19', '2022-10-24'],
  ['5.18', '2022-08-21'],
  ['5.17', '2022-06-14'],
  ['5.16', '2022-04-13'],
  ['5.15', '2026-12-31'],
  ['5.14', '2021-11-21'],
  ['5.13', '2021-09-18'],
  ['5.12', '2021-07-20'],
  ['5.11', '2021-05-19'],
  ['5.10', '2026-12-31'],
  ['5.4', '2025-12-03'],
  ['4.19', '2024-12-05'],
  ['4.14', '2024-01-10'],
  ['4.9', '2023-01-07'],
])

/** Kernel lines that an Ubuntu release maintains to its end: its own, and the last of its hardware enablement kernels. */
export const ubuntuKernels: Readonly<Record<string, readonly string[]>> = {
  '26.04': ['7.0'],
  '24.04': ['6.8', '7.0'],
  '22.04': ['5.15', '6.8'],
  '20.04': ['5.4', '5.15'],
  '18.04': ['4.15', '5.4'],
  '16.04': ['4.4', '4.15'],
}
