// The configuration file and its published schema. Command-line flags override it key by key.
import { z } from 'zod'
import { localConfigSchema, nodeAccessSchema, podConfigSchema } from './access.ts'
import { languageSchema } from './language.ts'
import { signingConfigSchema } from './manifest.ts'
import { severitySchema } from './outcome.ts'
import { reportFormats } from './report-format.ts'
import { ruleChangeSchema } from './rule.ts'
import { editionSchema, splitSchema } from './split.ts'
import { waiversConfigSchema } from './waiver.ts'

const path = z.string().min(1)
const seconds = z.number().positive()

export const sshGroupSchema = z
  .strictObject({
    nodes: z.array(z.string()).min(1).optional().describe('Names of nodes; * matches any characters.'),
    labels: z
      .record(z.string(), z.string())
      .optional()
      .describe('Labels that the node must all have; "*" is any value.'),
    user: z.string().optional(),
    port: z.number().int().min(1).max(65535).optional(),
    identityFiles: z.array(path).min(1).optional(),
    jump: z.string().optional().describe('As ssh.jump; "none" for no jump host.'),
    sudo: z.enum(['auto', 'never']).optional(),
  })
  .refine((group) => group.nodes !== undefined || group.labels !== undefined, {
    message: 'A group needs nodes or labels.',
  })
export type SshGroup = z.infer<typeof sshGroupSchema>

export const sshConfigSchema = z.strictObject({
  user: z.string().optional().describe('Login name; default: ~/.ssh/config, else the current user.'),
  port: z.number().int().min(1).max(65535).optional(),
  identityFiles: z
    .array(path)
    .optional()
    .describe(
      'Private keys to try, in order. Encrypted keys take their passphrase from the variable named in passphraseEnv.',
    ),
  passphraseEnv: z
    .string()
    .optional()
    .describe('Name of the environment variable that holds the passphrase. Never a passphrase itself.'),
  agent: z.boolean().optional().describe('Use the agent at SSH_AUTH_SOCK; default true.'),
  configFile: path.optional().describe('OpenSSH client configuration; default ~/.ssh/config.'),
  knownHosts: z.array(path).optional().describe('Default ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts.'),
  acceptNew: z
    .boolean()
    .optional()
    .describe(
      'Write keys of hosts never seen before into the first known_hosts file. A changed key is always refused.',
    ),
  sudo: z
    .enum(['auto', 'never'])
    .optional()
    .describe('auto: run the probe through sudo -n where the login is not root.'),
  jump: z.string().optional().describe('Jump host as user@host:port; default: ProxyJump of ~/.ssh/config.'),
  groups: z
    .array(sshGroupSchema)
    .optional()
    .describe(
      'Other logins for some nodes. The first group that matches a node is its; what it does not say is as above.',
    ),
  addresses: z
    .record(z.string(), z.string())
    .optional()
    .describe('Node name → address or address:port, where the API does not tell the right one.'),
  connectTimeoutSeconds: seconds.optional().describe('Default 10.'),
  timeoutSeconds: seconds.optional().describe('Budget of one node, connection included; default 60.'),
})

export const configSchema = z.strictObject({
  cluster: z
    .strictObject({ name: z.string().optional().describe('Name on the report; default: the kubeconfig cluster.') })
    .optional(),
  kubeconfig: path.optional(),
  context: z.string().optional(),
  manifests: z.array(path).optional().describe('Audit files instead of a live cluster.'),
  nodes: z.array(z.string()).optional().describe('Only these nodes (names; * matches any characters).'),
  nodeAccess: nodeAccessSchema.optional(),
  kubeletConfigz: z
    .boolean()
    .optional()
    .describe(
      'Ask each kubelet for its running configuration through the API. Needs get on nodes/proxy, with which one can also run commands in pods; default false.',
    ),
  apiServerFlagz: z
    .boolean()
    .optional()
    .describe('Ask the API server for its flags (GET /flagz, Kubernetes 1.32 and newer); default false.'),
  totalTimeoutSeconds: seconds
    .optional()
    .describe('Budget of all nodes together. Nodes not read by then are unknown: timeout. Default: none.'),
  ssh: sshConfigSchema.optional(),
  pod: podConfigSchema.optional(),
  local: localConfigSchema.optional(),
  bootstrapTokens: z
    .boolean()
    .optional()
    .describe('List names and ages of bootstrap-token Secrets of kube-system, never their contents; default true.'),
  concurrency: z
    .strictObject({
      lists: z.number().int().min(1).max(64).optional(),
      nodes: z.number().int().min(1).max(1000).optional(),
    })
    .optional()
    .describe('Parallel API lists (default 4) and nodes (default 32).'),
  benchmark: z
    .union([z.string(), z.array(z.string()).min(1)])
    .optional()
    .describe(
      'auto (default), <name>@<version>, or a version of the CIS Kubernetes benchmark such as 1.24; a list reports several.',
    ),
  frameworks: z
    .array(z.string())
    .optional()
    .describe(
      'Frameworks whose requirements the report maps to rules, such as nist-800-53; all for every one. Default: none.',
    ),
  level: z
    .union([z.literal(1), z.literal(2)])
    .optional()
    .describe('1 leaves out what the benchmarks ask for at level 2 only; default 2, which is everything.'),
  include: z
    .array(z.string())
    .optional()
    .describe(
      'Only these rules: ids, sections ("rbac/*") or control numbers of the benchmarks; * matches any characters.',
    ),
  exclude: z
    .array(z.string())
    .optional()
    .describe('Leave these rules out; patterns as in include. The result lists them.'),
  tags: z
    .array(z.string())
    .optional()
    .describe('Only rules with one of these tags: section, severity, unit, row, or their own.'),
  rulePacks: z.array(path).optional().describe('Folders with rules of your own, beside the built-in ones.'),
  rules: z
    .record(z.string(), ruleChangeSchema)
    .optional()
    .describe('Rule id → other severity, parameters, or enabled: false with a reason. Shown in the report.'),
  output: path.optional().describe('Folder for reports; default reports/<cluster>/<time>.'),
  formats: z.array(z.enum(reportFormats)).optional(),
  aws: z
    .strictObject({
      account: z
        .string()
        .regex(/^\d{12}$/, 'An AWS account has twelve digits.')
        .optional(),
      region: z
        .string()
        .regex(/^[a-z]{2}(-[a-z]+)+-\d+$/, 'Expected a region such as eu-central-1.')
        .optional(),
    })
    .optional()
    .describe('Where findings of the format asff are imported.'),
  metricsFolder: path
    .optional()
    .describe('Folder of node_exporter’s textfile collector: metrics go there after every run, failed ones included.'),
  editions: z
    .array(editionSchema)
    .min(1)
    .optional()
    .describe('auditor (everything, the default), executive (a few pages), remediation (what fails, by owner).'),
  splitBy: splitSchema
    .optional()
    .describe('Also one small report per owner: namespace, node-pool, control or team-label=<label key>.'),
  encryptTo: z
    .array(z.string().min(1))
    .optional()
    .describe('Encrypt what is written for these age recipients (age1…), or for those in a file. Default: none.'),
  identities: z.array(path).optional().describe('Files with age identities that open encrypted snapshots and runs.'),
  signing: signingConfigSchema.optional().describe('Sign the manifest of the run.'),
  classification: z.string().optional().describe('Line in the page header, such as CONFIDENTIAL.'),
  document: z
    .strictObject({
      preparedBy: z.string().min(1).optional().describe('Who made the audit: a person, a team, a company.'),
      preparedFor: z.string().min(1).optional().describe('Who asked for it.'),
      distribution: z.array(z.string().min(1)).optional().describe('Who gets the report, a name or role each.'),
    })
    .optional()
    .describe('What document control says of people; a line that is not given is left out.'),
  paper: z.enum(['a4', 'letter']).optional(),
  lang: languageSchema
    .optional()
    .describe('Of HTML and PDF; default en. The result and the formats for other tools are always in English.'),
  failOn: severitySchema.optional(),
  failOnNew: severitySchema
    .optional()
    .describe('Exit code 1 for failures of this severity or above that the baseline does not have; all, without one.'),
  failOnUnknown: severitySchema
    .optional()
    .describe('Exit code 3 when a rule of this severity or above is unknown or in error for some unit.'),
  minScore: z
    .number()
    .min(0)
    .max(100)
    .optional()
    .describe('Exit code 1 below this score, with every unknown counted as fail.'),
  minCoverage: z.number().min(0).max(1).optional().describe('Exit code 3 below this share of answered units.'),
  baseline: path
    .optional()
    .describe('An earlier run to compare with: latest, or its folder, run.json or result.json. Default: none.'),
  keep: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Runs to keep under reports/<cluster>/, this one included. Default: all.'),
  keepDays: z
    .number()
    .positive()
    .optional()
    .describe('Older runs under reports/<cluster>/ are removed. Default: none.'),
  waivers: waiversConfigSchema.optional().describe('Accepted risks.'),
  findingsCap: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Findings kept per rule and outcome in result.json; totals are always exact. Default 1000.'),
})
export type Config = z.infer<typeof configSchema>
export type SshConfig = z.infer<typeof sshConfigSchema>
