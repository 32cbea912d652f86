// Who may import whom. Each rule says why; ARCHITECTURE.md shows the same as a table.
const only = (folder, allowed, comment) => ({
  name: `${folder}-imports`,
  severity: 'error',
  comment,
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: [folder, ...allowed].map((name) => `^src/${name}/`) },
})
const sole = (library, owner, comment) => ({
  name: `sole-importer-of-${library.replaceAll(/\W+/g, '-')}`,
  severity: 'error',
  comment,
  from: { path: '^src/', pathNot: owner },
  to: { path: `node_modules/${library}/` },
})
const io = '^(fs|fs/promises|net|tls|http|https|child_process|worker_threads|dns|dgram|os|process)$'

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'A cycle hides which of two parts depends on the other.',
      from: {},
      to: { circular: true },
    },
    only('model', [], 'The model is what all parts agree on; it knows none of them.'),
    only('util', [], 'A helper with domain words belongs to the domain folder that owns the words.'),
    only('transport', ['model', 'util'], 'Transports move bytes. What they mean is decided in collect and derive.'),
    only(
      'collect',
      ['model', 'util', 'transport'],
      'Collectors must not know rules: evidence may not be bent to a verdict.',
    ),
    only('integrity', ['model', 'util'], 'Whoever checks a run needs nothing that made it.'),
    only('snapshot', ['model', 'util'], 'The evidence file must be readable without any way to reach a cluster.'),
    only(
      'derive',
      ['model', 'util'],
      'Facts are pure functions of evidence, so that an old snapshot gives the same facts.',
    ),
    only('catalog', ['model', 'util'], 'Rules are data; loading them must not reach for clusters or reports.'),
    only('evaluate', ['model', 'util', 'catalog'], 'Verdicts are pure functions of facts and catalogue.'),
    only('report', ['model', 'util'], 'A report shows a result. It may not compute one.'),
    only(
      'simulator',
      ['model', 'util'],
      'The simulator stands in for a cluster; it may not share code with what it tests.',
    ),
    {
      name: 'nobody-imports-cli',
      severity: 'error',
      comment: 'The command line composes the stages; a stage that needs it would not run alone.',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'pure-stages-do-no-io',
      severity: 'error',
      comment:
        'derive and evaluate are deterministic: same snapshot, same result. Clock, host and files are given to them.',
      from: { path: '^src/(model|derive|evaluate)/' },
      to: { dependencyTypes: ['core'], path: io },
    },
    sole(
      '@kubernetes/client-node',
      '^src/transport/kube',
      'Its errors carry response bodies and headers; one file keeps them in.',
    ),
    sole(
      'ssh2',
      '^src/(transport/ssh|simulator/ssh)',
      'One file owns host-key checks and time-outs; the simulator is the other end.',
    ),
    sole('age-encryption', '^src/integrity/age', 'One file knows what is encrypted how, and bounds what it reads.'),
    sole('puppeteer-core', '^src/report/(pdf|browser)', 'Only the PDF needs a browser; nothing else may start one.'),
    sole(
      '@marcbachmann/cel-js',
      '^src/catalog/expression',
      'One file closes the engine’s holes (matches, size, deadline).',
    ),
    sole(
      'handlebars',
      '^src/report/',
      'Templates render reports only; rules are interpolated by the expression engine.',
    ),
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      comment: 'An import that does not resolve fails at run time.',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
