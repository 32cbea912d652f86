// Rows G1, G2: probes with defaults, what Services miss, and what Istio does to them.
import { describe, expect, it } from 'vitest'
import { deriveWorkloadUnits } from '../../../../src/derive/workloads/index.ts'
import { deriveTemplateProbes } from '../../../../src/derive/workloads/probes.ts'
import type { ServiceObject } from '../../../../src/model/objects.ts'
import type { Container, PodTemplate } from '../../../../src/model/pod.ts'
import { buildEvidence, container, forbidden, pod, spec, version } from './evidence-builder.ts'

const sidecar = (istioAppProbers?: string): Container =>
  container({ name: 'istio-proxy', ...(istioAppProbers === undefined ? {} : { istioAppProbers }) })
const tcp = { handler: 'tcpSocket', port: '80' }
const rewritten = { handler: 'httpGet', path: '/app-health/app/livez', port: '15020' }

function derive(containers: readonly Container[], parts: Partial<PodTemplate> = {}) {
  return deriveTemplateProbes({ id: 't', spec: spec({ containers: [...containers] }), ...parts })
}

describe('blind probes', () => {
  const app = container({ livenessProbe: tcp, ports: [{ name: 'web', containerPort: 80 }] })
  const annotated = (name: string, value: string) => ({ annotations: { [`traffic.sidecar.istio.io/${name}`]: value } })
  const native: Container = { ...sidecar(), kind: 'init', restartPolicy: 'Always' }
  const cases: readonly [string, readonly Container[], Partial<PodTemplate>, boolean | 'unknown'][] = [
    ['beside a sidecar', [app, sidecar()], {}, true],
    ['beside a native sidecar', [native, app], {}, true],
    ['by port name', [{ ...app, livenessProbe: { ...tcp, port: 'web' } }, sidecar()], {}, true],
    ['an init container that ends is no sidecar', [{ ...native, restartPolicy: 'OnFailure' }, app], {}, false],
    ['no sidecar', [app], {}, false],
    ['httpGet', [{ ...app, livenessProbe: { handler: 'httpGet', port: '80' } }, sidecar()], {}, false],
    ['exec', [{ ...app, livenessProbe: { handler: 'exec' } }, sidecar()], {}, false],
    ['another host', [{ ...app, livenessProbe: { ...tcp, host: '10.0.0.9' } }, sidecar()], {}, false],
    ["the sidecar's own", [app, { ...sidecar(), livenessProbe: tcp }].slice(1), {}, false],
    ['port left out', [app, sidecar()], annotated('excludeInboundPorts', '22, 80'), false],
    ['port not among those taken', [app, sidecar()], annotated('includeInboundPorts', '8080'), false],
    ['port among those taken', [app, sidecar()], annotated('includeInboundPorts', '8080,80'), true],
    ['nothing taken', [app, sidecar()], annotated('includeInboundPorts', ''), false],
    ['an annotation nobody can read', [app, sidecar()], annotated('excludeInboundPorts', '80-90'), 'unknown'],
    ['a port name nobody declares', [{ ...app, livenessProbe: { ...tcp, port: 'x' } }, sidecar()], {}, 'unknown'],
    [
      'the network of the node',
      [app, sidecar()],
      { spec: spec({ hostNetwork: true, containers: [app, sidecar()] }) },
      false,
    ],
  ]
  it.each(cases)('%s', (_, containers, parts, expected) => {
    const [probe] = derive(containers, parts).probes
    const blind = probe?.isBlind
    expect(blind !== undefined && 'value' in blind ? blind.value : 'unknown').toBe(expected)
  })
})

describe('the original of a rewritten probe', () => {
  const record = (probe: unknown) => JSON.stringify({ '/app-health/app/livez': probe })
  const unread = {
    unavailable: {
      reason: 'malformed',
      detail: 'ISTIO_KUBE_APP_PROBERS of istio-proxy does not hold the original of this probe.',
    },
  }
  const read = (value: string) => ({
    value,
    source: 'ISTIO_KUBE_APP_PROBERS of istio-proxy, /app-health/app/livez',
  })
  it.each([
    ['tcpSocket', record({ tcpSocket: { port: 3306 } }), read('tcpSocket port 3306')],
    ['httpGet', record({ httpGet: { path: '/live', port: 'web' } }), read('httpGet /live port web')],
    ['grpc', record({ grpc: { port: 9000 } }), read('grpc port 9000')],
    ['not JSON', '{', unread],
    ['empty record', '', unread],
    ['no record', undefined, unread],
    ['another path', JSON.stringify({ '/app-health/app/readyz': { tcpSocket: { port: 1 } } }), unread],
    ['null', 'null', unread],
    ['an array', '[]', unread],
    ['a text in the place of a probe', record('tcpSocket'), unread],
    ['prototype tricks', '{"__proto__":{"/app-health/app/livez":{"tcpSocket":{"port":1}}}}', unread],
  ])('%s', (_, text, target) => {
    const app = container({ livenessProbe: rewritten, ports: [{ name: 'web', containerPort: 80 }] })
    const [probe] = derive([app, sidecar(text)]).probes
    expect([probe?.target, probe?.isRewritten, probe?.isBlind, probe?.problems]).toEqual([
      target,
      true,
      { value: false, source: 'spec.containers[app].livenessProbe' },
      [],
    ])
  })
  it('is only looked for where there is a sidecar', () => {
    expect(derive([container({ livenessProbe: rewritten })]).probes[0]?.target).toEqual({
      value: 'httpGet /app-health/app/livez port 15020',
      source: 'spec.containers[app].livenessProbe',
    })
  })
})

describe('values', () => {
  it.each([
    ['defaults', {}, [0, 10, 1, 1, 3], []],
    [
      'zero is the default',
      { periodSeconds: 0, timeoutSeconds: 0, successThreshold: 0, failureThreshold: 0 },
      [0, 10, 1, 1, 3],
      [],
    ],
    ['timeout as long as the period', { timeoutSeconds: 10 }, [0, 10, 10, 1, 3], []],
    [
      'timeout longer than the default period',
      { timeoutSeconds: 11 },
      [0, 10, 11, 1, 3],
      ['timeoutSeconds: 11 exceeds periodSeconds: 10 (the default)'],
    ],
    [
      'timeout longer than the period',
      { timeoutSeconds: 6, periodSeconds: 5 },
      [0, 5, 6, 1, 3],
      ['timeoutSeconds: 6 exceeds periodSeconds: 5'],
    ],
    [
      'success threshold',
      { successThreshold: 2 },
      [0, 10, 1, 2, 3],
      ['successThreshold: 2 must be 1 for a liveness probe'],
    ],
    ['negative', { initialDelaySeconds: -1 }, [-1, 10, 1, 1, 3], ['initialDelaySeconds: -1 is negative']],
    ['port out of range', { port: '70000' }, [0, 10, 1, 1, 3], ['port: 70000 is out of range']],
    ['unknown port name', { port: 'web' }, [0, 10, 1, 1, 3], ['port: web is no port of the container']],
  ])('%s', (_, parts, timing, problems) => {
    const [probe] = derive([container({ livenessProbe: { ...tcp, ...parts } })]).probes
    expect([
      [
        probe?.initialDelaySeconds,
        probe?.periodSeconds,
        probe?.timeoutSeconds,
        probe?.successThreshold,
        probe?.failureThreshold,
      ],
      probe?.problems,
    ]).toEqual([timing, problems])
  })
  it('lets readiness want more than one success', () => {
    expect(derive([container({ readinessProbe: { ...tcp, successThreshold: 2 } })]).probes[0]?.problems).toEqual([])
  })
})

describe('liveness and readiness that ask the same', () => {
  it.each([
    ['the same', tcp, tcp, true],
    ['liveness more patient', { ...tcp, failureThreshold: 9 }, tcp, false],
    ['liveness less patient', { ...tcp, periodSeconds: 5 }, tcp, true],
    ['other port', tcp, { ...tcp, port: '81' }, false],
    ['other handler', tcp, { handler: 'exec' }, false],
    ['exec twice', { handler: 'exec' }, { handler: 'exec' }, 'unknown'],
  ])('%s', (_, livenessProbe, readinessProbe, expected) => {
    const [found] = derive([container({ livenessProbe, readinessProbe })]).shared
    const answer = found?.isIdentical
    expect(answer !== undefined && 'value' in answer ? answer.value : 'unknown').toBe(expected)
  })
})

describe('probes that Services miss', () => {
  const app = container({ ports: [{ name: 'web', containerPort: 8080 }] })
  const service = {
    name: 'cart',
    namespace: 'shop',
    selector: { app: 'cart' },
    ports: [{ port: 80, targetPort: 'web' }],
  }
  function unit(
    containers: readonly Container[],
    services: readonly (typeof service & { type?: string })[],
    podParts = {},
  ) {
    const evidence = buildEvidence({
      objects: { pods: [pod('cart-1', 't', podParts)], services },
      templates: [{ id: 't', labels: { app: 'cart' }, spec: spec({ containers: [...containers] }) }],
    })
    const facts = deriveWorkloadUnits(evidence, version)[0]?.facts.probes
    return facts !== undefined && 'missing' in facts ? [facts.services, facts.missing] : facts
  }
  const names = (value: string[]) => ({ value, source: 'services' })
  const missing = (...value: object[]) => ({ value, source: 'services' })
  const lack = (kind: string, name = 'app', port = 8080) => ({
    container: name,
    kind,
    services: ['cart'],
    port,
    isAssumed: false,
  })

  it.each([
    ['neither', [app], [service], [names(['cart']), missing(lack('liveness'), lack('readiness'))]],
    ['readiness', [{ ...app, livenessProbe: tcp }], [service], [names(['cart']), missing(lack('readiness'))]],
    [
      'only the container with the port',
      [{ ...app, livenessProbe: tcp, readinessProbe: tcp }, container({ name: 'log' })],
      [service],
      [names(['cart']), missing()],
    ],
    [
      'one of those that may serve',
      [container({ name: 'a', livenessProbe: tcp, readinessProbe: tcp }), container({ name: 'b' })],
      [service],
      [names(['cart']), missing()],
    ],
    [
      'not of the sidecar',
      [{ ...app, livenessProbe: tcp, readinessProbe: tcp }, sidecar()],
      [service],
      [names(['cart']), missing()],
    ],
    ['no Service', [app], [], [names([]), missing()]],
    ['a Service of another namespace', [app], [{ ...service, namespace: 'x' }], [names([]), missing()]],
    ['a Service of other pods', [app], [{ ...service, selector: { app: 'other' } }], [names([]), missing()]],
    ['an ExternalName', [app], [{ ...service, type: 'ExternalName' }], [names([]), missing()]],
  ])('%s', (_, containers, services, expected) => {
    expect(unit(containers, services)).toEqual(expected)
  })
  it('sees labels that only single pods carry', () => {
    const one = { ...service, selector: { app: 'cart', 'apps.kubernetes.io/pod-index': '0' } }
    expect(unit([app], [one], { labels: { 'apps.kubernetes.io/pod-index': '0' } })).toEqual([
      names(['cart']),
      missing(lack('liveness'), lack('readiness')),
    ])
  })
  it('does not know without the list of Services', () => {
    const evidence = buildEvidence({
      objects: { pods: [pod('cart-1', 't')] },
      gaps: { services: forbidden },
      templates: [{ id: 't', spec: spec() }],
    })
    const facts = deriveWorkloadUnits(evidence, version)[0]?.facts.probes
    expect(facts).toMatchObject({ services: forbidden, missing: forbidden })
  })
})

describe('the port that a missing probe would ask', () => {
  const service = {
    name: 'cart',
    namespace: 'shop',
    selector: { app: 'cart' },
    ports: [{ port: 80, targetPort: 'web' }],
  }
  function unit(
    app: Partial<Container>,
    services: readonly (Omit<typeof service, 'ports'> & Pick<ServiceObject, 'ports'>)[],
  ) {
    const evidence = buildEvidence({
      objects: { pods: [pod('cart-1', 't')], services },
      templates: [{ id: 't', labels: { app: 'cart' }, spec: spec({ containers: [container(app)] }) }],
    })
    const facts = deriveWorkloadUnits(evidence, version)[0]?.facts.probes
    if (facts === undefined || !('missing' in facts)) throw new Error('There are no facts of probes.')
    const [missing, undeclared] = [facts.missing, facts.undeclaredPorts]
    if (!('value' in missing && 'value' in undeclared)) throw new Error('They were not read.')
    const { port = 0, isAssumed = false } = missing.value.find(({ kind }) => kind === 'readiness') ?? {}
    return [port, isAssumed, undeclared.value.map(({ name, declaredAs, change }) => [name, declaredAs, change])]
  }
  const sending = (...ports: ServiceObject['ports']) => [{ ...service, ports }]
  const declares = (containerPort: number, name = 'web') =>
    JSON.stringify({ containers: [{ name: 'app', ports: [{ containerPort, name, protocol: 'TCP' }] }] })
  const other = { handler: 'httpGet', port: '9000' }
  const cases: readonly [string, Partial<Container>, readonly Parameters<typeof unit>[1][number][], unknown[]][] = [
    ['the declared name', { ports: [{ name: 'web', containerPort: 8080 }] }, [service], [8080, false, []]],
    ['a number that nobody declares', {}, sending({ port: 80, targetPort: '8081' }), [8081, false, []]],
    ['no target: the same number', {}, sending({ port: 80 }), [80, false, []]],
    [
      'a second Service knows',
      {},
      [service, { ...service, name: 'cart-2', ports: [{ port: 80, targetPort: '8081' }] }],
      [8081, false, [['web', '', declares(8081)]]],
    ],
    [
      'the only declared port',
      { ports: [{ containerPort: 8080 }] },
      [service],
      [8080, false, [['web', '', declares(8080)]]],
    ],
    [
      'the only declared port, of another name',
      { ports: [{ name: 'http', containerPort: 8080 }] },
      [service],
      [8080, false, [['web', 'http', declares(8080)]]],
    ],
    ['what the other probe asks', { livenessProbe: other }, [service], [9000, false, [['web', '', declares(9000)]]]],
    [
      'a probe of another host tells nothing',
      { livenessProbe: { ...other, host: '10.0.0.9' } },
      [service],
      [80, true, [['web', '', declares(80)]]],
    ],
    [
      "the Service's own port is one of several that are declared",
      { ports: [{ containerPort: 9090 }, { containerPort: 80 }] },
      [service],
      [80, false, [['web', '', declares(80)]]],
    ],
    [
      'the first of several declared ones',
      {
        ports: [
          { name: 'a', containerPort: 9090 },
          { name: 'b', containerPort: 9091 },
        ],
      },
      [service],
      [9090, true, [['web', 'a', declares(9090)]]],
    ],
    ["the Service's own", {}, [service], [80, true, [['web', '', declares(80)]]]],
    [
      'UDP only',
      { ports: [{ containerPort: 53, protocol: 'UDP' }] },
      sending({ port: 53, protocol: 'UDP' }),
      [0, false, []],
    ],
    ['no port at all', {}, sending(), [0, false, []]],
  ]
  it.each(cases)('%s', (_, app, services, expected) => {
    expect(unit(app, services)).toEqual(expected)
  })
})

describe('repairs of probes', () => {
  const unknown = { handler: 'httpGet', path: '/live', port: 'http' }
  const change = (probe: unknown, list = 'containers', field = 'livenessProbe') =>
    JSON.stringify({ [list]: [{ name: 'app', [field]: probe }] })
  it.each([
    ['nothing wrong', { livenessProbe: tcp }, []],
    ['no port is known', { livenessProbe: unknown }, [['port', 0, [], change(null)]]],
    [
      'the only declared port',
      { livenessProbe: unknown, ports: [{ name: 'web', containerPort: 8080 }] },
      [['port', 8080, ['8080 (web)'], change({ httpGet: { port: 8080 } })]],
    ],
    [
      'one of several declared ports',
      { livenessProbe: unknown, ports: [{ name: 'web', containerPort: 8080 }, { containerPort: 9090 }] },
      [['port', 0, ['8080 (web)', '9090'], change(null)]],
    ],
    [
      'what the other probe asks',
      { livenessProbe: unknown, readinessProbe: tcp, ports: [{ containerPort: 80 }, { containerPort: 90 }] },
      [['port', 80, ['80', '90'], change({ httpGet: { port: 80 } })]],
    ],
    [
      'UDP is no port to ask',
      { livenessProbe: unknown, ports: [{ containerPort: 53, protocol: 'UDP' }] },
      [['port', 0, [], change(null)]],
    ],
    ['out of range', { livenessProbe: { ...tcp, port: '0' } }, [['port', 0, [], change(null)]]],
    [
      'a native sidecar',
      { kind: 'init' as const, readinessProbe: unknown, ports: [{ containerPort: 8080 }] },
      [['port', 8080, ['8080'], change({ httpGet: { port: 8080 } }, 'initContainers', 'readinessProbe')]],
    ],
    [
      'timing of a native sidecar',
      { kind: 'init' as const, startupProbe: { ...tcp, timeoutSeconds: 30, successThreshold: 2 } },
      [['timing', 0, [], change({ timeoutSeconds: 10, successThreshold: 1 }, 'initContainers', 'startupProbe')]],
    ],
    ['timing of a container stands in the probe itself', { livenessProbe: { ...tcp, timeoutSeconds: 30 } }, []],
    [
      'a probe that goes has no other repair',
      { livenessProbe: { ...unknown, initialDelaySeconds: -1 } },
      [['port', 0, [], change(null)]],
    ],
    [
      'negative values',
      { livenessProbe: { ...tcp, initialDelaySeconds: -1, failureThreshold: -2 } },
      [['negative', 0, [], change({ initialDelaySeconds: null, failureThreshold: null })]],
    ],
  ])('%s', (_, parts: Partial<Container>, expected) => {
    const { repairs } = derive([container(parts)])
    expect(repairs.map((one) => [one.problem, one.port, one.declared, one.change])).toEqual(expected)
  })
})
