// Admission: what decides which objects are let in.
export { findApiServers } from './api-servers.ts'
export { deriveExemptions } from './exemptions.ts'
export { deriveImageProvenance } from './image-provenance.ts'
export { podAdmission } from './pod-admission.ts'
export { deriveSecretStores } from './secret-stores.ts'
export { deriveAdmissionWebhooks } from './webhooks.ts'
