export {
  type Bytes,
  createOpener,
  createSealer,
  isSealed,
  linesOf,
  type Opener,
  OthersError,
  type Sealer,
  sealedSuffix,
} from './age.ts'
export { digestOf } from './folder-files.ts'
export { readPublicKey, readSigningKey, type SigningKey } from './keys.ts'
export { manifestName, manifestText, signatureName, signManifest } from './statement.ts'
export { tarEnd, tarEntry } from './tar.ts'
export { type Problem, readManifest, type Verification, type VerifyOptions, verifyFolder } from './verify.ts'
