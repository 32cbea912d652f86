// Charts as numbers for plain SVG: arcs, bars and lines. Every chart stands beside the table of its own numbers.
// May not: count; counts come in. Units are per cent of a width, or those of a view box.
import type { Mark } from './words.ts'

/** A figure's part: how a mark of this kind is filled, and how much of it there is. */
export interface Part extends Mark {
  readonly count: number
}

export interface BarPart extends Mark {
  /** Per cent of the bar's width. */
  readonly x: number
  readonly width: number
}

/** A bar from 0 to 100: solid to the lower bound, hatched to the upper. Null where there is no score. */
export interface Gauge {
  readonly solid: number
  readonly hatched: number
}

export interface Arc extends Mark {
  /** Outline in a box of 100 × 100. */
  readonly path: string
}

export function gaugeOf(score: {
  readonly lower?: number | undefined
  readonly upper?: number | undefined
}): Gauge | null {
  if (score.lower === undefined || score.upper === undefined) return null
  return { solid: score.lower, hatched: Math.max(0, score.upper - score.lower) }
}

/** Parts one after the other; `whole` of them fill the bar. */
export function barOf(parts: readonly Part[], whole: number): BarPart[] {
  let x = 0
  return parts
    .filter(({ count }) => count > 0 && whole > 0)
    .map(({ kind, word, count }) => {
      const width = round((count / whole) * 100)
      const part = { kind, word, x: round(x), width }
      x += width
      return part
    })
}

const outer = 48
const inner = 29

/** A ring; one part alone closes it in two halves, because an arc cannot end where it starts. */
export function donutOf(parts: readonly Part[]): Arc[] {
  const whole = parts.reduce((sum, { count }) => sum + count, 0)
  let from = 0
  return parts
    .filter(({ count }) => count > 0)
    .map(({ kind, word, count }) => {
      const to = from + count / whole
      const path = to - from > 0.9999 ? `${ring(0, 0.5)} ${ring(0.5, 1)}` : ring(from, to)
      from = to
      return { kind, word, path }
    })
}

function ring(from: number, to: number): string {
  const large = to - from > 0.5 ? 1 : 0
  const [a, b] = [place(outer, from), place(outer, to)]
  const [c, d] = [place(inner, to), place(inner, from)]
  return `M${a}A${outer} ${outer} 0 ${large} 1 ${b}L${c}A${inner} ${inner} 0 ${large} 0 ${d}Z`
}

/** A point at a share of the turn, clockwise from the top. */
function place(radius: number, turn: number): string {
  const angle = turn * 2 * Math.PI
  return `${round(50 + radius * Math.sin(angle))} ${round(50 - radius * Math.cos(angle))}`
}

/** A point of a line over audits. Per cent of the plot's width and height, from its upper left corner. */
export interface PlotPoint {
  readonly x: number
  readonly y: number
}

export interface Segment {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
}

/** A part of a column; a column for each audit. */
export interface ColumnPart extends Mark {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Where the `index`th of `count` audits stands: at equal distances, whatever time lies between them. */
export function placeAt(index: number, count: number): number {
  return round(((index + 0.5) / count) * 100)
}

/** How far down a value stands on an axis from `floor` below to `ceiling` above. */
export function heightAt(value: number, floor: number, ceiling: number): number {
  return round(100 - ((value - floor) / (ceiling - floor)) * 100)
}

/** Lines from each point to the next. */
export function segmentsOf(points: readonly PlotPoint[]): Segment[] {
  return points.slice(1).map(({ x, y }, index) => {
    const from = points[index] ?? { x, y }
    return { x1: from.x, y1: from.y, x2: x, y2: y }
  })
}

const widestColumn = 5

/** A column for each stack, its first part below. */
export function columnsOf(stacks: readonly (readonly Part[])[], ceiling: number): ColumnPart[] {
  const width = round(Math.min(widestColumn, (100 / Math.max(1, stacks.length)) * 0.62))
  return stacks.flatMap((parts, index) => {
    const x = round(placeAt(index, stacks.length) - width / 2)
    let below = 0
    return parts
      .filter(({ count }) => count > 0)
      .map(({ kind, word, count }) => {
        below += count
        return { kind, word, x, y: heightAt(below, 0, ceiling), width, height: round((count / ceiling) * 100) }
      })
  })
}

/** The next round number at or above a count, for the end of an axis that halves evenly. */
export function roundCeiling(count: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, count)))
  const step = [1, 2, 4, 6, 8, 10].find((one) => one * power >= count) ?? 10
  return Math.max(2, step * power)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
