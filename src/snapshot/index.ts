export { loadSnapshot } from './load.ts'
export { SnapshotError } from './read.ts'
export { createSnapshotWriter, type SnapshotWriter, type Through } from './write.ts'
