// Admission: what decides which objects are let in.
export { findApiServers } from './api-servers.ts'
export { deriveExemptions } from './exemptions.ts'
export { podAdmission } from './pod-admission.ts'
export { deriveAdmissionWebhooks } from './webhooks.ts'
