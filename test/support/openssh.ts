// A real OpenSSH sshd on loopback, with keys and files in a private folder. Tests that need it skip loudly without it, and
// fail when KUBE_ASSAY_REQUIRE_INTEGRATION=1.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { freePort } from './free-port.ts'

const sshd = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find((path) => existsSync(path))

export const hasOpenSsh = sshd !== undefined && spawnSync('ssh-keygen', ['-?']).error === undefined
if (!hasOpenSsh) {
  const message = 'sshd and ssh-keygen are not installed (Debian: apt-get install openssh-server openssh-client)'
  if (process.env['KUBE_ASSAY_REQUIRE_INTEGRATION'] === '1') throw new Error(message)
  console.warn(`SKIPPED: ${message}. Node access was NOT tried against OpenSSH.`)
}

export interface Sshd {
  readonly port: number
  readonly log: () => string
}

/** A folder for keys and servers, and what runs from it; `close` ends and removes all. */
export class OpenSsh {
  readonly folder = mkdtempSync(join(tmpdir(), 'sshd-'))
  readonly children: ChildProcess[] = []

  constructor() {
    chmodSync(this.folder, 0o755)
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  keygen(name: string, type: string, passphrase = '', ...rest: string[]): string {
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', '', '-f', this.path(name), ...rest])
    return this.path(name)
  }

  publicKey(name: string): string {
    return readFileSync(this.path(`${name}.pub`), 'utf8').trim()
  }

  /** Starts a server that lets in whoever `authorized_keys` in the folder names. */
  async start(hostKeys: readonly string[], extra: readonly string[] = []): Promise<Sshd> {
    const port = await freePort()
    const config = this.path(`sshd_config.${port}`)
    const lines = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      ...hostKeys.map((key) => `HostKey ${key}`),
      `PidFile ${this.path(`pid.${port}`)}`,
      `AuthorizedKeysFile ${this.path('authorized_keys')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      ...extra,
      '',
    ]
    writeFileSync(config, lines.join('\n'))
    let log = ''
    const child = spawn(sshd ?? '', ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] })
    this.children.push(child)
    child.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString()
    })
    await vi.waitFor(() => expect(log).toContain('Server listening'), { timeout: 10_000 })
    return { port, log: () => log }
  }

  /** Starts a server for the user of this process; resolves to the `ssh` part of a configuration that reaches `node` there. */
  async serveAs(node: string) {
    this.keygen('client', 'ed25519')
    writeFileSync(this.path('authorized_keys'), `${this.publicKey('client')}\n`)
    const { port } = await this.start([this.keygen('host', 'ed25519')])
    writeFileSync(this.path('known_hosts'), `[127.0.0.1]:${port} ${this.publicKey('host')}\n`)
    writeFileSync(this.path('ssh_config'), '')
    return {
      user: userInfo().username,
      configFile: this.path('ssh_config'),
      identityFiles: [this.path('client')],
      knownHosts: [this.path('known_hosts')],
      addresses: { [node]: `127.0.0.1:${port}` },
    }
  }

  close(): void {
    for (const child of this.children) child.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
