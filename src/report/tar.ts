// Regular files of a small tar archive in memory.
// May not: follow links or give a name that leaves the folder it is unpacked to.
export interface TarFile {
  readonly name: string
  readonly content: Uint8Array
}

const block = 512

/** Files with plain relative names; folders, links and anything else are passed over. */
export function readTar(archive: Uint8Array): TarFile[] {
  const files: TarFile[] = []
  for (let at = 0; at + block <= archive.length; ) {
    const name = field(archive, at, 100)
    if (name === '') break
    const size = Number.parseInt(field(archive, at + 124, 12).trim(), 8)
    if (!Number.isSafeInteger(size) || size < 0 || at + block + size > archive.length)
      throw new Error('The tar archive is damaged.')
    const kind = field(archive, at + 156, 1)
    const isPlain = /^[\w.+-]+(\/[\w.+-]+)*$/.test(name) && !name.split('/').includes('..')
    if ((kind === '0' || kind === '') && isPlain) {
      files.push({ name, content: archive.subarray(at + block, at + block + size) })
    }
    at += block + Math.ceil(size / block) * block
  }
  return files
}

function field(archive: Uint8Array, start: number, length: number): string {
  const bytes = archive.subarray(start, start + length)
  const end = bytes.indexOf(0)
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1')
}
