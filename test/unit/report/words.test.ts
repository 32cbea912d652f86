// Names of facts as a reader of a report sees them.
import { expect, test } from 'vitest'
import { loadRules } from '../../../src/cli/load-rules.ts'
import { facts } from '../../../src/model/facts.ts'
import { languageOf } from '../../../src/report/index.ts'
import { factWords, sectionWords } from '../../../src/report/words.ts'

const english = languageOf('en')

test.each([
  ['kubeletConfiguration', 'Kubelet'],
  ['kubeletConfiguration.authorizationMode', 'Kubelet: authorization mode'],
  ['kubeletConfiguration.clientCAFile', 'Kubelet: client CA file'],
  ['nodeFiles.kubeletClientCAs', 'Node files: kubelet client CAs'],
  ['kubeletConfiguration.failCgroupV1', 'Kubelet: fail cgroup V1'],
  ['kubeletConfiguration.tlsMinVersion', 'Kubelet: TLS min version'],
  ['kubeletConfiguration.eventRecordQPS', 'Kubelet: event record QPS'],
  ['runtimeStorage.dType', 'Storage: d type'],
  ['kernelParameters.required[vm.overcommit_memory].running', 'Kernel: vm.overcommit_memory running'],
  ['kernelParameters.required[0].persisted', 'Kernel: required persisted'],
  ['nodes', 'nodes'],
  ['<script>.x', '<script>.x'],
  ['toString.x', 'toString.x'],
  ['', ''],
])('%s is called %s', (path, words) => expect(factWords(path, english)).toBe(words))

test('no field of a fact keeps a word too long to stand in a narrow column', () => {
  const long = Object.entries(facts).flatMap(([name, { schema }]) =>
    Object.keys(schema.shape)
      .flatMap((field) => factWords(`${name}.${field}`, english).split(' '))
      .filter((word) => word.length > 15),
  )
  expect(long).toEqual([])
})

test('every section of the catalogue has a name for people, in each language', async () => {
  const { rules } = await loadRules()
  const sections = [...new Set(rules.map(({ section }) => section))]
  const ownNames = ['etcd', 'kube-proxy']
  expect(sections.filter((section) => sectionWords(section, english) === section)).toEqual(ownNames)
  for (const code of ['ko', 'ja'] as const) {
    const same = sections.filter(
      (section) => sectionWords(section, languageOf(code)) === sectionWords(section, english),
    )
    expect(same).toEqual(ownNames)
  }
})
