'use strict'
// Filters and deep links. The document is complete without it; nothing here adds content, asks for anything or keeps anything.
;(() => {
  const form = document.getElementById('filters')
  const entries = [...document.querySelectorAll('.filtered .entry')]
  const pointers = [...document.querySelectorAll('.filtered .pointer')]
  const names = ['severity', 'outcome', 'node', 'namespace', 'text']
  const list = (text) => { try { return JSON.parse(text || '[]') } catch { return [] } }
  const facts = entries.map((element) => ({
    element,
    severity: element.dataset.severity,
    outcome: element.dataset.outcome,
    nodes: new Set(list(element.dataset.nodes)),
    namespaces: new Set(list(element.dataset.namespaces)),
    // Where not every unit is listed, the entry may concern any of them: never hide it for that.
    isOpenEnded: element.dataset.complete === 'false',
    text: undefined,
  }))

  function read() {
    const data = new FormData(form)
    return {
      severity: data.getAll('severity'), outcome: data.getAll('outcome'),
      node: data.get('node') || '', namespace: data.get('namespace') || '', text: (data.get('text') || '').trim(),
    }
  }
  function matches(entry, state, words) {
    if (state.severity.length > 0 && !state.severity.includes(entry.severity)) return false
    if (state.outcome.length > 0 && !state.outcome.includes(entry.outcome)) return false
    if (state.node && !entry.isOpenEnded && !entry.nodes.has(state.node)) return false
    if (state.namespace && !entry.isOpenEnded && !entry.namespaces.has(state.namespace)) return false
    if (words.length === 0) return true
    entry.text ??= `${entry.element.textContent} ${[...entry.nodes].join(' ')} ${[...entry.namespaces].join(' ')}`.toLowerCase()
    return words.every((word) => entry.text.includes(word))
  }
  function apply() {
    const state = read()
    const words = state.text.toLowerCase().split(/\s+/).filter((word) => word !== '')
    let shown = 0
    for (const entry of facts) {
      const isShown = matches(entry, state, words)
      entry.element.hidden = !isShown
      if (isShown) shown += 1
      for (const group of entry.element.querySelectorAll('.evidence tbody')) {
        group.hidden = Boolean(state.node && !entry.isOpenEnded && !list(group.dataset.nodes).includes(state.node))
          || Boolean(state.namespace && !entry.isOpenEnded && !list(group.dataset.namespaces).includes(state.namespace))
      }
    }
    for (const pointer of pointers) pointer.hidden = Boolean(document.getElementById(pointer.dataset.for)?.hidden)
    for (const group of document.querySelectorAll('.severity-group')) group.hidden = !group.querySelector('.entry:not([hidden])')
    form.elements.namedItem('shown').value = `${shown} of ${facts.length} rules shown`
    return state
  }

  function write(state) {
    const params = new URLSearchParams()
    for (const name of names) {
      const value = Array.isArray(state[name]) ? state[name].join(',') : state[name]
      if (value) params.set(name, value)
    }
    const fragment = params.toString()
    history.replaceState(null, '', fragment ? `#${fragment}` : location.pathname + location.search)
  }
  function restore(fragment) {
    const params = new URLSearchParams(fragment)
    for (const name of ['severity', 'outcome']) {
      const wanted = (params.get(name) || '').split(',')
      for (const box of form.querySelectorAll(`input[name="${name}"]`)) box.checked = wanted.includes(box.value)
    }
    for (const name of ['node', 'namespace', 'text']) form.elements.namedItem(name).value = params.get(name) || ''
  }
  function openTarget(id) {
    const target = document.getElementById(id)
    if (!target) return
    if (target.hidden) { form.reset(); apply() }
    if (target instanceof HTMLDetailsElement) target.open = true
    target.scrollIntoView()
    target.querySelector('summary')?.focus({ preventScroll: true })
  }
  function follow() {
    const fragment = location.hash.slice(1)
    if (fragment.includes('=')) { restore(fragment); apply(); form.scrollIntoView() }
    else { apply(); if (fragment) openTarget(fragment) }
  }

  form.addEventListener('input', () => write(apply()))
  form.addEventListener('submit', (event) => event.preventDefault())
  form.addEventListener('reset', () => setTimeout(() => write(apply())))
  form.elements.namedItem('toggle').addEventListener('click', ({ currentTarget }) => {
    const all = [...document.querySelectorAll('.filtered details.entry:not([hidden])')]
    const open = all.some((item) => !item.open)
    for (const item of all) item.open = open
    currentTarget.textContent = open ? 'Close all' : 'Open all'
  })
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return
    event.preventDefault()
    form.elements.namedItem('text').focus()
  })
  addEventListener('hashchange', follow)
  follow()
})()
