import { parse as parseToml } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { redactArguments, redactEnvironmentFile, redactUnitFile } from '../../../src/collect/redact.ts'
import { redactConfiguration } from '../../../src/collect/redact-configuration.ts'
import { redactText } from '../../../src/collect/redact-names.ts'

const r = '<redacted>'
const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06bm9kZSJ9.c2lnbmF0dXJl'
const pem = '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEow+/=\n-----END RSA PRIVATE KEY-----'
const pemBase64 = Buffer.from(pem).toString('base64')
const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'
const certificateBase64 = Buffer.from(certificate.repeat(2)).toString('base64')

describe('scripts', () => {
  test.each<[given: string, wanted: string]>([
    ['TOKEN=abc; sysctl -w vm.x=1', `TOKEN=${r}; sysctl -w vm.x=1`],
    ['TOKEN=abc sysctl -w vm.x=1', `TOKEN=${r} sysctl -w vm.x=1`],
    ["DB_PASSWORD='a b' run\nsysctl -w vm.x=1", `DB_PASSWORD='${r}' run\nsysctl -w vm.x=1`],
    ['psql --password abc&&sysctl -w vm.x=1', `psql --password ${r}&&sysctl -w vm.x=1`],
    ['x --token="abc" | y', `x --token="${r}" | y`],
    ["curl -H 'Authorization: Bearer abc' x; y", `curl -H 'Authorization:${r}' x; y`],
    ['wget --header="X-Key: abc" x\ny', `wget --header="X-Key:${r}" x\ny`],
    ['mysql -uroot -pabc -h db; sshpass -p abc ssh x', `mysql -uroot -p${r} -h db; sshpass -p ${r} ssh x`],
    ['bash -c "x --token abc; sysctl -w vm.x=1"', `bash -c "x --token ${r}; sysctl -w vm.x=1"`],
    ['cat <<EOF > /x\npassword: abc\nEOF\nsysctl -w vm.x=1', `cat <<EOF > /x\npassword: ${r}\nEOF\nsysctl -w vm.x=1`],
    [`echo "it's $(cat /x)"; x --token "a b"`, `echo "it's $(cat /x)"; x --token "${r}"`],
    ['set -e\nfor i in 1 2; do echo 1 > /proc/sys/a; done', 'set -e\nfor i in 1 2; do echo 1 > /proc/sys/a; done'],
  ])('%j', (given, wanted) => {
    expect(redactArguments(['sh', '-c', given])).toEqual(['sh', '-c', wanted])
    expect(redactArguments([given], ['/bin/bash', '-ec'])).toEqual([wanted])
  })
})

describe('arguments', () => {
  test.each<[name: string, given: string[], wanted: string[]]>([
    ['a token', ['k3s', '--token=abc'], ['k3s', `--token=${r}`]],
    ['a token in the next argument', ['--token', 'abc', 'x'], ['--token', r, 'x']],
    ['a value that starts with a dash', ['--password', '-+!x', '--v=2'], ['--password', r, '--v=2']],
    ['a switch before another flag', ['--token', '--v=2'], ['--token', '--v=2']],
    ['one dash', ['-password=x'], [`-password=${r}`]],
    ['underscores', ['--client_secret=x'], [`--client_secret=${r}`]],
    ['a password that looks like a path', ['--password=/s3cret/x'], [`--password=${r}`]],
    [
      'cloud keys',
      ['--etcd-s3-access-key=AK', '--etcd-s3-secret-key=/a/b'],
      [`--etcd-s3-access-key=${r}`, `--etcd-s3-secret-key=${r}`],
    ],
    ['a literal key', ['--kubelet-client-key=c2VjcmV0'], [`--kubelet-client-key=${r}`]],
    ['a literal key under quotes', ['--signing-key="c2Vj"'], [`--signing-key=${r}`]],
    ['a joined list', ['--vpn-auth=name=tailscale,joinKey=abc,x=y'], [`--vpn-auth=name=tailscale,joinKey=${r},x=y`]],
    ['a value with a comma', ['--opt=user=c,password=a,b'], [`--opt=user=c,password=${r}`]],
    [
      'headers',
      ['--manifest-url-header=A:b,C:d e', '--manifest-url-header', 'X: y'],
      [`--manifest-url-header=A:${r},C:${r}`, '--manifest-url-header', `X:${r}`],
    ],
    [
      'a user and password in a URL',
      ['--datastore-endpoint=mysql://u:p@ss@tcp(h)/x'],
      [`--datastore-endpoint=mysql://${r}`],
    ],
    ['a token in a URL', ['--manifest-url=https://ghp@h/x'], [`--manifest-url=https://${r}@h/x`]],
    ['an assignment', ['env', 'REGISTRY_PASSWORD=a b', 'kubelet'], ['env', `REGISTRY_PASSWORD=${r}`, 'kubelet']],
    ['a JSON Web Token anywhere', ['-x', `a:${jwt}`], ['-x', `a:${r}`]],
    ['an Authorization value', ['--x=Authorization: Bearer abcdefgh1'], [`--x=Authorization: Bearer ${r}`]],
    ['a key in PEM', ['--x', pem], ['--x', r]],
    ['a bootstrap token', ['--x=abcdef.0123456789abcdef'], [`--x=${r}`]],
    ['a header', ['curl', '-H', 'X-Api-Key: abc'], ['curl', '-H', `X-Api-Key:${r}`]],
    ['a password behind its letter', ['mysql', '-u', 'root', '-ps3cret'], ['mysql', '-u', 'root', `-p${r}`]],
    ['a password after its letter', ['/usr/bin/redis-cli', '-a', 's3cret'], ['/usr/bin/redis-cli', '-a', r]],
    ['a user with password', ['curl', '-u', 'admin:s3cret', 'x'], ['curl', '-u', `admin:${r}`, 'x']],
    ['a data source name', ['--dsn', 'app:s3cret@tcp(db:3306)/x'], ['--dsn', `app:${r}@tcp(db:3306)/x`]],
    ['JSON', ['--config={"token":"s3cret","a":1}'], [`--config={"token":"${r}","a":1}`]],
    ['a labelled value', ['password: s3cret'], [`password: ${r}`]],
  ])('%s', (_name, given, wanted) => expect(redactArguments(given)).toEqual(wanted))

  test.each<[string[]]>([
    [['--tls-private-key-file=/x/y.key', '--tls-private-key-file', '/x/y.key']],
    [
      [
        '--token-auth-file=/path',
        '--authentication-token-webhook=true',
        '--authentication-token-webhook-cache-ttl=10s',
      ],
    ],
    [['--protect-kernel-defaults', '--protect-kernel-defaults=true']],
    [['--kubelet-client-key=/etc/kubernetes/pki/apiserver-kubelet-client.key', '--kubelet-client-key', '/a/b.key']],
    [['--etcd-keyfile=/a.key', '--client-key=client.pem', '--key-file=/x', '--service-account-key-file=/sa.pub']],
    [['--enable-bootstrap-token-auth=true', '--auth-token=simple', '--auth-token=jwt,pub-key=a.pub,priv-key=/a/b']],
    [['--service-account-max-token-expiration=24h', '--concurrent-serviceaccount-token-syncs=5']],
    [['--requestheader-username-headers=X-Remote-User', '--secrets-encryption=true', '--v=2', '']],
    [
      [
        '--node-labels=a=b,c=d',
        '--feature-gates=RotateKubeletServerCertificate=true',
        '--config=/var/lib/kubelet/config.yaml',
      ],
    ],
    [
      [
        '--image-service-endpoint=unix:///run/containerd/containerd.sock',
        '--hostname-override=docker.kubernetesconfig',
      ],
    ],
    [['dockerd', '-H', 'fd://', '-H', 'unix:///run/docker.sock', '--containerd=/run/containerd/containerd.sock']],
    [['--image=registry.example.com/app:1.0@sha256:0123', 'app:1.0@sha256:0123', '-u', '1000:1000', '-p', '80:80']],
    [['mkdir', '-p', '/data/x']],
    [['mysql', '-p', 'shop']],
    [['--resources=secrets:get', '--kinds', 'secret: x', '--', 'sh', '-c', 'sysctl -w vm.x=1; echo "a b"']],
    [['--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf', '--docker-opt=file', 'TOKEN_FILE=/x']],
  ])('kept: %j', (given) => expect(redactArguments(given)).toEqual(given))
})

describe('environment files', () => {
  test.each<[name: string, given: string, wanted: string]>([
    ['a secret', 'K3S_TOKEN=abc\nA=b\n', `K3S_TOKEN=${r}\nA=b\n`],
    ['a secret in quotes', 'export API_PASSWORD="a b" \n', `export API_PASSWORD="${r}" \n`],
    ['a secret over lines', 'DB_PASSWORD="a\nb"\nA=b', `DB_PASSWORD="${r}"\nA=b`],
    ['a secret in a comment', '# TOKEN=abc\n', `# TOKEN=${r}\n`],
    [
      'flags of the kubelet',
      'KUBELET_EXTRA_ARGS="--node-ip=10.0.0.1 --token abc  --tls-private-key-file=/x.key"\n',
      `KUBELET_EXTRA_ARGS="--node-ip=10.0.0.1 --token ${r}  --tls-private-key-file=/x.key"\n`,
    ],
    ['continued lines', 'OPTS=--a=b \\\n  --password=x \\\n  --c\n', `OPTS=--a=b \\\n  --password=${r} \\\n  --c\n`],
    ['a proxy', 'HTTPS_PROXY=http://u:p@proxy:3128\n', `HTTPS_PROXY=http://u:${r}@proxy:3128\n`],
    ['an open quote', "TOKEN='abc\n", `TOKEN=${r}\n`],
    [
      'AWS',
      'AWS_SECRET_ACCESS_KEY=/a/b\nAWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n',
      `AWS_SECRET_ACCESS_KEY=${r}\nAWS_ACCESS_KEY_ID=${r}\n`,
    ],
  ])('%s', (_name, given, wanted) => expect(redactEnvironmentFile(given)).toBe(wanted))

  test.each([
    [
      'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/containerd/containerd.sock --pod-infra-container-image=registry.k8s.io/pause:3.9"\n',
    ],
    ["KUBELET_ARGS='--protect-kernel-defaults=true'\r\nEMPTY=\n\n; x\n"],
    ['TOKEN_FILE=/run/token\nPASSWORD=\nPATH=/usr/bin:$PATH\nTOKEN=$OTHER\n'],
    ['not a file of assignments \\ at all'],
  ])('kept: %j', (given) => expect(redactEnvironmentFile(given)).toBe(given))
})

describe('unit files', () => {
  test('command lines, variables and credentials go, the rest stays', () => {
    const given = [
      '[Service]',
      'Environment="TOKEN=a b" KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml',
      '# ExecStart=/usr/bin/kubelet --token=old',
      'ExecStart=/usr/bin/kubelet $KUBELET_CONFIG_ARGS \\',
      '  --token \\',
      '  abc --register-node',
      'SetCredential=pw:hunter2',
      'EnvironmentFile=-/etc/default/kubelet',
      '',
    ]
    const wanted = [...given]
    wanted[1] = `Environment="TOKEN=${r}" KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml`
    wanted[2] = `# ExecStart=/usr/bin/kubelet --token=${r}`
    wanted[5] = `  ${r} --register-node`
    wanted[6] = `SetCredential=pw:${r}`
    expect(redactUnitFile(given.join('\n'))).toBe(wanted.join('\n'))
  })
})

describe('configurations', () => {
  const containerd = `version = 2
root = "/var/lib/containerd" # where
[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "/etc/containerd/certs.d"
  [plugins."io.containerd.grpc.v1.cri".registry.configs."r.example:5000".auth]
    username = "bob"
    password = 'hunter2'
    auth = "Ym9iOmh1bnRlcjI="
    identitytoken = """abc
def"""
  [plugins."io.containerd.grpc.v1.cri".registry.configs."r.example:5000".tls]
    key_file = "/etc/x.key"
    insecure_skip_verify = true
  [plugins."io.containerd.grpc.v1.cri".registry.headers]
    X-Meta = ["a", "b"]
    Other = "c"
[host."https://h".header]
  authorization = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
[last]
  registry.configs."x".auth.password = "p#1"
  token = 12345
  private_key = "/etc/k.key"
  signing_key = "c2Vj"
`
  test('containerd: TOML parses, and only secrets changed', () => {
    const text = redactConfiguration('/etc/containerd/config.toml', containerd)
    expect(parseToml(text)).toEqual({
      version: 2,
      root: '/var/lib/containerd',
      plugins: {
        'io.containerd.grpc.v1.cri': {
          registry: {
            config_path: '/etc/containerd/certs.d',
            configs: {
              'r.example:5000': {
                auth: { username: r, password: r, auth: r, identitytoken: r },
                tls: { key_file: '/etc/x.key', insecure_skip_verify: true },
              },
            },
            headers: { 'X-Meta': [r, r], Other: r },
          },
        },
      },
      host: { 'https://h': { header: { authorization: r } } },
      last: {
        registry: { configs: { x: { auth: { password: r } } } },
        token: r,
        private_key: '/etc/k.key',
        signing_key: r,
      },
    })
    expect(text).toContain('# where')
  })

  test('docker: JSON parses', () => {
    const daemon = {
      'data-root': '/var/lib/docker',
      'log-opts': { 'max-size': '10m', 'splunk-token': 'abc', tag: 'x' },
      'exec-opts': ['native.cgroupdriver=systemd'],
      auths: { 'https://r/v1/': { auth: 'Ym9iOng=', identitytoken: 'x' } },
      HttpHeaders: { 'X-Meta': ['a', 'b'], Y: 'z' },
      proxies: { 'http-proxy': 'http://u:p@proxy:3128' },
      tlskey: '/x/y.key',
      debug: true,
    }
    for (const text of [JSON.stringify(daemon), JSON.stringify(daemon, null, 2)]) {
      expect(JSON.parse(redactConfiguration('/etc/docker/daemon.json', text))).toEqual({
        ...daemon,
        'log-opts': { 'max-size': '10m', 'splunk-token': r, tag: 'x' },
        auths: { 'https://r/v1/': { auth: r, identitytoken: r } },
        HttpHeaders: { 'X-Meta': [r, r], Y: r },
        proxies: { 'http-proxy': `http://u:${r}@proxy:3128` },
      })
    }
  })

  const kubelet = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: {enabled: false}
  webhook: {cacheTTL: 2m0s, enabled: true}
  x509:
    clientCAFile: /etc/kubernetes/pki/ca.crt
protectKernelDefaults: true
serverTLSBootstrap: true
tlsPrivateKeyFile: /x/y.key
registerWithTaints:
- key: node-role.kubernetes.io/control-plane
  effect: NoSchedule
staticPodURLHeader:
  Authorization:
  - Bearer abc
  X-Other: [a, b]
staticPodURL: https://u:p@host/pods
failSwapOn: false
`
  test('kubelet: only header values and the URL’s password go', () => {
    expect(parseYaml(redactConfiguration('/var/lib/kubelet/config.yaml', kubelet))).toEqual({
      ...parseYaml(kubelet),
      staticPodURLHeader: { Authorization: [r], 'X-Other': r },
      staticPodURL: `https://u:${r}@host/pods`,
    })
  })

  test.each<[name: string, given: string, wanted: unknown]>([
    ['block scalar', 'a: 1\npassword: |\n  x: y\n  z\nb: 2\n', { a: 1, password: `${r}\n${r}\n`, b: 2 }],
    ['folded over lines', 'password:\n  abc\n  def\nb: 2\n', { password: `${r} ${r}`, b: 2 }],
    ['list of tokens', 'tokens:\n- a\n- b\nb: 2\n', { tokens: [r, r], b: 2 }],
    ['plain with punctuation', 'x:\n  - password: a,b}c # d\n    k: v\n', { x: [{ password: r, k: 'v' }] }],
    ['flow', '{user: a, password: b, n: [c]}', { user: 'a', password: r, n: ['c'] }],
    ['quoted with quotes', "secret: \"a\\\"b\"\nt: 'it''s'\n", { secret: r, t: "it's" }],
    [
      'key material',
      `client-key-data: ${pemBase64}\nca: ${certificateBase64}\n`,
      { 'client-key-data': r, ca: certificateBase64 },
    ],
    ['nothing', 'auth:\n  realm: x\npassword: ""\ntoken: null\n', { auth: { realm: 'x' }, password: '', token: null }],
  ])('YAML, %s', (_name, given, wanted) => {
    expect(parseYaml(redactConfiguration('/x.yaml', given).replaceAll(`"${r}"`, r))).toEqual(wanted)
  })

  test.each<[name: string, given: string, wanted: string]>([
    ['an open string', 'password = "abc\nb = 1\n', `password = "${r}"\nb = 1\n`],
    ['an open multi-line string', 'token = """abc', `token = "${r}"`],
    ['an open list', 'tokens = ["a", "b"', `tokens = ["${r}", "${r}"`],
    ['a comment', '# password = "x"\n', `# password = "${r}"\n`],
    ['a secret within a string', `run = "cmd --a password=b"`, `run = "cmd --a password="${r}""`],
  ])('does not parse: %s', (_name, given, wanted) => expect(redactConfiguration('/x.conf', given)).toBe(wanted))

  test('mount options', () => {
    const given = '//s/x /mnt cifs user=a,password=b,credentials=/root/c 0 0\nUUID=1 none swap sw,pri=1 0 0\n'
    const wanted = `//s/x /mnt cifs user=a,password=${r},credentials=/root/c 0 0\nUUID=1 none swap sw,pri=1 0 0\n`
    expect(redactConfiguration('/etc/fstab', given)).toBe(wanted)
  })
})

describe('any text', () => {
  test.each<[name: string, given: string, wanted: string]>([
    ['PEM', `a\n${pem}\nb`, `a\n${r}\nb`],
    ['PEM in JSON', JSON.stringify({ k: pem }), `{"k":"${r}"}`],
    ['PEM that breaks off', 'a -----BEGIN PRIVATE KEY-----\nMIIE\nabc', `a ${r}`],
    ['certificate', certificate, certificate],
    [
      'prose',
      'Basic authentication, bearer tokens, ssh://git@host/x, a@b.c',
      'Basic authentication, bearer tokens, ssh://git@host/x, a@b.c',
    ],
  ])('%s', (_name, given, wanted) => expect(redactText(given)).toBe(wanted))

  test('hostile text costs linear time', () => {
    const size = 256 * 1024
    const hostile = [
      'a',
      'eyJ-',
      '"',
      'a://',
      '-----BEGIN PRIVATE KEY-----',
      'password=',
      ':',
      'a=,',
      '[',
      '\\',
      "='",
      'Bearer ',
      '{header=',
      '\n[a.headers]\n',
      '"\\',
      'a:',
      'a="',
      "a:'",
      '; ',
    ]
    for (const part of hostile) {
      const text = part.repeat(Math.ceil(size / part.length))
      const start = performance.now()
      redactConfiguration('/x', text)
      redactEnvironmentFile(text)
      redactUnitFile(text)
      redactArguments([text, `--x=${text}`, `--x-header=${text}`, '-c', `${text} ;`])
      expect(performance.now() - start, part).toBeLessThan(4000)
    }
  }, 60_000)
})
