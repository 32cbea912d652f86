// The apiServer fact: CIS 1.2, 3.2 and row I1.
// May not: judge a value.
import { type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import { readAdmissionPlugins, readConfiguredPlugins } from './admission.ts'
import { readAuditLevels } from './audit-policy.ts'
import { readAnonymous, readAuthorizationModes } from './authentication.ts'
import { type Common, commonFields } from './common.ts'
import { authenticationKind, map } from './documents.ts'
import { readEncryption } from './encryption.ts'
import { readImagePolicy, readPodSecurity, readUserAuthenticators } from './pod-security.ts'
import type { Running } from './running.ts'
import { readSettings, type Settings } from './settings.ts'

export function deriveApiServer(running: Running): FactValue<'apiServer'> {
  const settings = readSettings(running)
  const anonymous = readAnonymous(settings)
  const encryption = readEncryption(settings)
  const podSecurity = readPodSecurity(settings)
  return {
    ...commonFields(running),
    anonymousAuthentication: anonymous.enabled,
    anonymousPaths: anonymous.paths,
    tokenAuthFile: settings.text('token-auth-file'),
    authorizationModes: readAuthorizationModes(settings),
    admissionPlugins: readAdmissionPlugins(settings),
    enabledAdmissionPlugins: settings.texts('enable-admission-plugins'),
    disabledAdmissionPlugins: settings.texts('disable-admission-plugins'),
    configuredAdmissionPlugins: readConfiguredPlugins(settings),
    podSecurityDefaults: podSecurity.defaults,
    podSecurityExemptions: podSecurity.exemptions,
    imagePolicyDefaultAllow: readImagePolicy(settings),
    userAuthenticators: readUserAuthenticators(settings, authenticationKind),
    bootstrapTokenAuthentication: settings.bool('enable-bootstrap-token-auth', false),
    profiling: settings.bool('profiling', true),
    auditPolicyFile: settings.text('audit-policy-file'),
    auditLogPath: settings.text('audit-log-path'),
    auditWebhookConfigFile: settings.text('audit-webhook-config-file'),
    auditLogMaxAge: retention(settings, 'audit-log-maxage', 366),
    auditLogMaxBackup: retention(settings, 'audit-log-maxbackup', 100),
    auditLogMaxSize: retention(settings, 'audit-log-maxsize', 100),
    auditLevels: readAuditLevels(settings),
    requestTimeoutSeconds: settings.seconds('request-timeout', 60),
    serviceAccountLookup: settings.bool('service-account-lookup', true),
    serviceAccountKeyFiles: settings.each('service-account-key-file'),
    serviceAccountExtendTokenExpiration: settings.bool('service-account-extend-token-expiration', true),
    kubeletClientCertificate: settings.text('kubelet-client-certificate'),
    kubeletClientKey: settings.text('kubelet-client-key'),
    kubeletCertificateAuthority: settings.text('kubelet-certificate-authority'),
    etcdServers: settings.texts('etcd-servers'),
    etcdIsLocalSocket: map(settings.texts('etcd-servers'), (servers, source) => ({
      value: servers.length > 0 && servers.every((server) => /^unix:\/\//.test(server)),
      source,
    })),
    etcdCertFile: settings.text('etcd-certfile'),
    etcdKeyFile: settings.text('etcd-keyfile'),
    etcdCAFile: settings.text('etcd-cafile'),
    clientCAFile: settings.text('client-ca-file'),
    tlsCertFile: settings.text('tls-cert-file'),
    tlsPrivateKeyFile: settings.text('tls-private-key-file'),
    tlsCipherSuites: settings.texts('tls-cipher-suites'),
    tlsMinVersion: settings.text('tls-min-version'),
    encryptionConfigFile: encryption.file,
    encryptionEntries: encryption.entries,
    secretsProvider: encryption.secretsProvider,
  }
}

/** 0, which is no limit, up to 1.35. */
function retention(settings: Settings, name: string, since136: number): Observed<number> {
  const { minor } = settings.running
  const otherwise: number | Unavailable =
    minor === undefined
      ? unavailable('unsupported', `--${name} is not set, and its default depends on the version, which is not known.`)
      : minor >= 36
        ? since136
        : 0
  return settings.int(name, otherwise)
}

/** Every value of a component that does not run here, or of which nothing is known. */
export function absentApiServer(common: Common, reason: Unavailable): FactValue<'apiServer'> {
  return {
    ...common,
    anonymousAuthentication: reason,
    anonymousPaths: reason,
    tokenAuthFile: reason,
    authorizationModes: reason,
    admissionPlugins: reason,
    enabledAdmissionPlugins: reason,
    disabledAdmissionPlugins: reason,
    configuredAdmissionPlugins: reason,
    podSecurityDefaults: reason,
    podSecurityExemptions: reason,
    imagePolicyDefaultAllow: reason,
    userAuthenticators: reason,
    bootstrapTokenAuthentication: reason,
    profiling: reason,
    auditPolicyFile: reason,
    auditLogPath: reason,
    auditWebhookConfigFile: reason,
    auditLogMaxAge: reason,
    auditLogMaxBackup: reason,
    auditLogMaxSize: reason,
    auditLevels: reason,
    requestTimeoutSeconds: reason,
    serviceAccountLookup: reason,
    serviceAccountKeyFiles: reason,
    serviceAccountExtendTokenExpiration: reason,
    kubeletClientCertificate: reason,
    kubeletClientKey: reason,
    kubeletCertificateAuthority: reason,
    etcdServers: reason,
    etcdIsLocalSocket: reason,
    etcdCertFile: reason,
    etcdKeyFile: reason,
    etcdCAFile: reason,
    clientCAFile: reason,
    tlsCertFile: reason,
    tlsPrivateKeyFile: reason,
    tlsCipherSuites: reason,
    tlsMinVersion: reason,
    encryptionConfigFile: reason,
    encryptionEntries: reason,
    secretsProvider: reason,
  }
}
