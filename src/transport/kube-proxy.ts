// Which proxy leads to an API server: the kubeconfig's proxy-url, else the environment, as Go's net/http (and so kubectl) decides.
// May not: open a connection.
import { BlockList, isIP } from 'node:net'

export type Environment = Readonly<Record<string, string | undefined>>

/** URL of the proxy for `server`, or undefined for a direct connection. */
export function resolveProxy(server: URL, proxyUrl: string | undefined, env: Environment): string | undefined {
  if (proxyUrl !== undefined && proxyUrl !== '') return proxyUrl
  const variable = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const proxy = env[variable] || env[variable.toLowerCase()]
  if (proxy === undefined || proxy === '') return undefined
  if (isLoopback(server.hostname) || isExcluded(server, env['NO_PROXY'] || env['no_proxy'] || '')) return undefined
  return proxy.includes('://') ? proxy : `http://${proxy}`
}

/** localhost, 127.0.0.0/8 and ::1. */
export function isLoopback(hostname: string): boolean {
  const host = bare(hostname)
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '::1' ||
    (isIP(host) === 4 && host.startsWith('127.'))
  )
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase()
}

function isExcluded(server: URL, noProxy: string): boolean {
  const host = bare(server.hostname)
  const port = server.port || (server.protocol === 'https:' ? '443' : '80')
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && matches(entry, host, port))
}

/** One NO_PROXY entry: `*`, an address, a CIDR block, a domain (with subdomains), each with an optional port. */
function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return isInBlock(entry, host)
  const [, name = entry, wantedPort] = /^(.*?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? []
  if (wantedPort !== undefined && wantedPort !== port) return false
  const wanted = bare(name)
  if (isIP(wanted) !== 0) return wanted === host
  if (wanted.startsWith('*.')) return host.endsWith(wanted.slice(1))
  if (wanted.startsWith('.')) return host.endsWith(wanted)
  return host === wanted || host.endsWith(`.${wanted}`)
}

function isInBlock(block: string, host: string): boolean {
  const [network = '', prefix = ''] = block.split('/')
  const family = isIP(network)
  if (family === 0 || isIP(host) !== family || !/^\d{1,3}$/.test(prefix)) return false
  if (Number(prefix) > (family === 4 ? 32 : 128)) return false
  const list = new BlockList()
  const type = family === 4 ? 'ipv4' : 'ipv6'
  list.addSubnet(network, Number(prefix), type)
  return list.check(host, type)
}
