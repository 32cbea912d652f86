'use strict'
// Light, dark, or as the system has it: the reader's choice, kept in this browser. It stands in the head, so that a page never shows
// the other one first. Without it the page follows the system.
;(() => {
  const key = 'kube-assay-theme'
  const root = document.documentElement
  const show = (theme) => { if (theme === 'light' || theme === 'dark') root.dataset.theme = theme; else delete root.dataset.theme }
  // A browser may keep nothing for a file; the choice then holds for as long as the page is open.
  try { show(localStorage.getItem(key)) } catch { show('') }
  document.addEventListener('DOMContentLoaded', () => {
    const choice = document.getElementById('theme')
    choice.value = root.dataset.theme ?? ''
    choice.addEventListener('change', () => {
      show(choice.value)
      try { localStorage.setItem(key, choice.value) } catch { /* As above. */ }
    })
  })
})()
