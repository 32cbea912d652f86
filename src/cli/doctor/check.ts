// What a check of `doctor` says.

export interface Check {
  /** For programs: "node-version", "rights", "nodes". */
  readonly id: string
  /** For people: "Node.js". */
  readonly title: string
  /** failed: an audit would not work or would miss something. warned: it would work, and somebody should know. skipped: not asked. */
  readonly state: 'ok' | 'warned' | 'failed' | 'skipped'
  readonly detail: string
  /** What to do; present where it failed or warned. */
  readonly fix?: string
}

export function ok(id: string, title: string, detail: string): Check {
  return { id, title, state: 'ok', detail }
}

export function failed(id: string, title: string, detail: string, fix: string): Check {
  return { id, title, state: 'failed', detail, fix }
}

export function warned(id: string, title: string, detail: string, fix: string): Check {
  return { id, title, state: 'warned', detail, fix }
}

export function skipped(id: string, title: string, detail: string): Check {
  return { id, title, state: 'skipped', detail }
}

/** "a, b, c and 4 more". */
export function someOf(names: readonly string[], shown = 5): string {
  const more = names.length - shown
  return more > 0 ? `${names.slice(0, shown).join(', ')} and ${more} more` : names.join(', ')
}
