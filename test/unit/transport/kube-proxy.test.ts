import { describe, expect, it } from 'vitest'
import { isLoopback, resolveProxy } from '../../../src/transport/kube-proxy.ts'

const proxy = 'http://proxy:3128'

describe('resolveProxy', () => {
  it.each([
    [
      'proxy-url wins over the environment',
      'https://api:6443',
      'socks5://p:1080',
      { HTTPS_PROXY: proxy },
      'socks5://p:1080',
    ],
    ['proxy-url holds for loopback too', 'https://127.0.0.1:6443', proxy, {}, proxy],
    ['HTTPS_PROXY', 'https://api:6443', undefined, { HTTPS_PROXY: proxy }, proxy],
    ['https_proxy', 'https://api:6443', undefined, { https_proxy: proxy }, proxy],
    ['without a scheme', 'https://api:6443', undefined, { HTTPS_PROXY: 'proxy:3128' }, proxy],
    ['HTTP_PROXY does not count for https', 'https://api:6443', undefined, { HTTP_PROXY: proxy }, undefined],
    ['loopback is direct', 'https://127.0.0.1:6443', undefined, { HTTPS_PROXY: proxy }, undefined],
    ['localhost is direct', 'https://localhost:6443', undefined, { HTTPS_PROXY: proxy }, undefined],
    ['no proxy at all', 'https://api:6443', undefined, {}, undefined],
  ])('%s', (_, server, proxyUrl, env, expected) => {
    expect(resolveProxy(new URL(server), proxyUrl, env)).toBe(expected)
  })

  it.each([
    ['*', 'https://api.example:6443', true],
    ['api.example', 'https://api.example:6443', true],
    ['example', 'https://api.example:6443', true],
    ['.example', 'https://api.example:6443', true],
    ['.api.example', 'https://api.example:6443', false],
    ['*.example', 'https://api.example:6443', true],
    ['ample', 'https://api.example:6443', false],
    ['api.example:6443', 'https://api.example:6443', true],
    ['api.example:443', 'https://api.example:6443', false],
    ['other, api.example', 'https://api.example:6443', true],
    ['10.0.0.1', 'https://10.0.0.1:6443', true],
    ['10.0.0.2', 'https://10.0.0.1:6443', false],
    ['10.0.0.0/8', 'https://10.1.2.3', true],
    ['10.0.0.0/99', 'https://10.1.2.3', false],
    ['fd00::/8', 'https://[fd00::1]:6443', true],
    ['fd00::1', 'https://[fd00::1]:6443', true],
    ['[fd00::1]:6443', 'https://[fd00::1]:6443', true],
    ['', 'https://api.example:6443', false],
  ])('NO_PROXY=%s for %s: direct %s', (noProxy, server, isDirect) => {
    expect(resolveProxy(new URL(server), undefined, { HTTPS_PROXY: proxy, NO_PROXY: noProxy })).toBe(
      isDirect ? undefined : proxy,
    )
  })
})

describe('isLoopback', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['[::1]', true],
    ['localhost', true],
    ['127.0.0.1.example', false],
    ['10.0.0.1', false],
  ])('%s: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected)
  })
})
