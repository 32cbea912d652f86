// The components of a control plane: how their processes are called and which of their flags take no separate value.
// May not: read anything, or hold a default.
import type { FlagSyntax } from '../nodes/flags.ts'

export const componentNames = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd'] as const
export type ComponentName = (typeof componentNames)[number]

/** Booleans in use. A flag that is not named here is guessed: none of these programs takes a word that belongs to no flag. */
const booleans: ReadonlySet<string> = new Set(
  `
  allocate-node-cidrs allow-privileged anonymous-auth authentication-skip-lookup authentication-tolerate-lookup-failure
  auto-tls client-cert-auth contention-profiling enable-aggregator-routing enable-bootstrap-token-auth
  enable-garbage-collector enable-priority-and-fairness encryption-provider-config-automatic-reload
  experimental-initial-corrupt-check leader-elect peer-auto-tls
  peer-client-cert-auth profiling service-account-extend-token-expiration service-account-lookup
  use-service-account-credentials watch-cache help
  `
    .trim()
    .split(/\s+/),
)

export const componentSyntax: FlagSyntax = {
  arity: (name) => (name === 'version' ? 'optional' : booleans.has(name) ? 'bool' : undefined),
  shorthands: { v: 'v', h: 'help' },
}

/** The component that a command line starts; `undefined` for anything else, such as Calico's kube-controllers or `etcd gateway`. */
export function componentOf(argv: readonly string[], executable?: string): ComponentName | undefined {
  const [program = '', first = ''] = argv
  const name = baseName(program)
  if (name === 'hyperkube') return knownName(first)
  const known = knownName(name) ?? (executable === undefined ? undefined : knownName(baseName(executable)))
  const isOtherMode = known === 'etcd' && ['gateway', 'grpc-proxy'].includes(first)
  return isOtherMode ? undefined : known
}

/** Arguments without the program's name, dashes as pflag wants them: Go's own flag package, which etcd uses, takes one dash too. */
export function flagArguments(component: ComponentName, argv: readonly string[]): readonly string[] {
  const arguments_ = argv.slice(baseName(argv[0] ?? '') === 'hyperkube' ? 2 : 1)
  return component === 'etcd' ? arguments_.map((text) => text.replace(/^-(?=[a-z][\w-]+)/, '--')) : arguments_
}

function knownName(name: string): ComponentName | undefined {
  return componentNames.find((component) => component === name)
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
