// Text for a terminal of limited width.

/** Breaks paragraphs at spaces so that no line, indent included, is wider than `columns` where a word allows it. */
export function wrap(text: string, columns: number, indent = ''): string {
  return text
    .split('\n')
    .map((paragraph) => wrapParagraph(paragraph, columns, indent))
    .join('\n')
}

function wrapParagraph(paragraph: string, columns: number, indent: string): string {
  const lines: string[] = []
  let line = indent
  for (const word of paragraph.split(' ').filter((part) => part !== '')) {
    const isEmpty = line === indent
    if (!isEmpty && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = indent + word
    } else line += isEmpty ? word : ` ${word}`
  }
  return [...lines, line].join('\n').trimEnd()
}
