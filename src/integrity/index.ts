export { readPublicKey, readSigningKey, type SigningKey } from './keys.ts'
export { manifestName, manifestText, signatureName, signManifest } from './statement.ts'
export { type Problem, type Verification, verifyFolder } from './verify.ts'
