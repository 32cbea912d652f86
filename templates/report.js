'use strict'
// Filters, deep links, keys, copy buttons. The document is complete without it; nothing here adds content, asks for anything
// or keeps anything.
;(() => {
  const form = document.getElementById('filters')
  const words = JSON.parse(form.dataset.words)
  const field = (name) => form.elements.namedItem(name)
  const list = (text) => { try { return JSON.parse(text || '[]') } catch { return [] } }
  /** Choices of one value each, by the name of their field: what an entry and its groups of units list under that name. */
  const choices = ['benchmark', 'node', 'namespace', 'team'].filter((name) => field(name))
  const plural = (name) => `${name}s`
  const sets = (element) => Object.fromEntries(choices.map((name) => [name, new Set(list(element.dataset[plural(name)]))]))
  const entries = [...document.querySelectorAll('.filtered .entry')].map((element) => ({
    element,
    severity: element.dataset.severity,
    outcome: element.dataset.outcome,
    // Where not every unit is listed, the entry may concern any of them: never hide it for that.
    isOpenEnded: element.dataset.complete === 'false',
    isShown: true,
    sets: undefined,
    groups: undefined,
    text: undefined,
  }))
  const pointers = [...document.querySelectorAll('.filtered .pointer')]
  const severityGroups = [...document.querySelectorAll('.severity-group')]

  function read() {
    const data = new FormData(form)
    const state = { severity: data.getAll('severity'), outcome: data.getAll('outcome'), text: (data.get('text') || '').trim() }
    for (const name of choices) state[name] = data.get(name) || ''
    return state
  }
  function matches(entry, state, words, wanted) {
    if (state.severity.length > 0 && !state.severity.includes(entry.severity)) return false
    if (state.outcome.length > 0 && !state.outcome.includes(entry.outcome)) return false
    if (wanted.length > 0 || words.length > 0) entry.sets ??= sets(entry.element)
    for (const name of wanted) {
      const isOpenEnded = entry.isOpenEnded && name !== 'benchmark'
      if (!isOpenEnded && !entry.sets[name].has(state[name])) return false
    }
    if (words.length === 0) return true
    entry.text ??= [entry.element.textContent, ...choices.flatMap((name) => [...entry.sets[name]])].join(' ').toLowerCase()
    return words.every((word) => entry.text.includes(word))
  }
  /** The groups of units of an entry: only those of the chosen node and namespace stay. */
  function narrow(entry, state, wanted) {
    const byUnit = wanted.filter((name) => name !== 'benchmark')
    if (byUnit.length === 0 && entry.groups === undefined) return
    entry.groups ??= [...entry.element.querySelectorAll('.evidence tbody')].map((element) => ({ element, sets: sets(element) }))
    for (const group of entry.groups) {
      const isOther = byUnit.some((name) => group.element.dataset[plural(name)] !== undefined && !group.sets[name].has(state[name]))
      group.element.hidden = isOther && !entry.isOpenEnded
    }
  }
  function apply() {
    const state = read()
    const parts = state.text.toLowerCase().split(/\s+/).filter((word) => word !== '')
    const wanted = choices.filter((name) => state[name])
    let shown = 0
    for (const entry of entries) {
      const isShown = matches(entry, state, parts, wanted)
      if (isShown !== entry.isShown) entry.element.hidden = !isShown
      entry.isShown = isShown
      if (isShown) { shown += 1; narrow(entry, state, wanted) }
    }
    for (const pointer of pointers) pointer.hidden = Boolean(document.getElementById(pointer.dataset.for)?.hidden)
    for (const group of severityGroups) group.hidden = !group.querySelector('.entry:not([hidden])')
    field('shown').value = words.shown.replace('{shown}', shown).replace('{all}', entries.length)
    return state
  }

  function write(state) {
    const params = new URLSearchParams()
    for (const name of ['severity', 'outcome', ...choices, 'text']) {
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
    for (const name of [...choices, 'text']) field(name).value = params.get(name) || ''
  }
  /** A finding, or a unit inside one: whatever hides it is opened, and filters that exclude it are dropped. */
  function openTarget(id) {
    const target = document.getElementById(id)
    if (!target) return
    const entry = target.closest('.entry')
    if (target.closest('[hidden]')) { form.reset(); apply() }
    if (entry instanceof HTMLDetailsElement) entry.open = true
    target.scrollIntoView()
    entry?.querySelector('summary')?.focus({ preventScroll: true })
  }
  function follow() {
    const fragment = location.hash.slice(1)
    if (fragment.includes('=')) { restore(fragment); apply(); form.scrollIntoView() }
    else { apply(); if (fragment) openTarget(fragment) }
  }

  /** What is typed is applied once per frame, however fast it comes. */
  let isPlanned = false
  function plan() {
    if (isPlanned) return
    isPlanned = true
    requestAnimationFrame(() => { isPlanned = false; write(apply()) })
  }
  form.addEventListener('input', (event) => { if (event.target.name !== 'keys') plan() })
  form.addEventListener('submit', (event) => event.preventDefault())
  form.addEventListener('reset', () => setTimeout(() => write(apply())))
  const toggle = field('toggle')
  toggle.addEventListener('click', () => {
    const all = [...document.querySelectorAll('.filtered details.entry:not([hidden])')]
    const open = all.some((item) => !item.open)
    for (const item of all) item.open = open
    toggle.textContent = open ? words.close : words.open
  })

  /** The text of a block as it is to be typed: one line per line, without what wrapping added. */
  function codeOf(block) {
    const lines = [...block.querySelectorAll('.line')].map((line) => line.textContent)
    return `${(lines.length > 0 ? lines : [block.textContent]).join('\n')}\n`
  }
  async function copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text)
    const area = document.createElement('textarea')
    area.value = text
    document.body.append(area)
    area.select()
    const isDone = document.execCommand('copy')
    area.remove()
    if (!isDone) throw new Error('not copied')
  }
  function addCopyButtons(entry) {
    for (const block of entry.querySelectorAll('.fix pre:not(.has-copy)')) {
      block.classList.add('has-copy')
      const text = codeOf(block)
      // A text that was cut, or in which a character was replaced by its name, is not what is to be run.
      if (words.cut.some((mark) => text.includes(mark)) || /\[U\+[0-9A-F]{4,6}\]|\[\+\d+ marks\]/.test(text)) continue
      const button = document.createElement('button')
      button.type = 'button'
      button.className = 'copy'
      button.textContent = words.copy
      button.addEventListener('click', async () => {
        button.textContent = await copy(text).then(() => words.copied, () => words.copyByHand)
        setTimeout(() => { button.textContent = words.copy }, 2000)
      })
      block.before(button)
    }
  }
  // Bubbling does not reach here for toggle events, capturing does; blocks that are never opened cost nothing.
  document.addEventListener('toggle', ({ target }) => { if (target.open && target.matches('.entry')) addCopyButtons(target) }, true)

  const isTyping = (element) => /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName)
  function step(by) {
    const open = [...document.querySelectorAll('.filtered details.entry > summary')].filter((item) => item.checkVisibility())
    const here = document.activeElement?.closest('.entry')?.querySelector('summary')
    const at = open.indexOf(here)
    const next = open[at < 0 ? (by > 0 ? 0 : open.length - 1) : at + by]
    next?.focus()
    next?.scrollIntoView({ block: 'nearest' })
  }
  const keys = { '/': () => field('text').focus(), j: () => step(1), k: () => step(-1), x: () => toggle.click() }
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && event.target === field('text')) { field('text').value = ''; plan(); return }
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined
    if (!act || !field('keys').checked || event.ctrlKey || event.metaKey || event.altKey) return
    if (isTyping(event.target) && event.target.type !== 'checkbox') return
    event.preventDefault()
    act()
  })
  addEventListener('hashchange', follow)
  follow()
})()
