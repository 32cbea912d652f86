export { loadSnapshot } from './load.ts'
export { readSnapshot, SnapshotError } from './read.ts'
export { createSnapshotWriter, type SnapshotWriter } from './write.ts'
