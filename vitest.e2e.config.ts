import { defineConfig } from 'vitest/config'

// Needs KUBEBUILDER_ASSETS: a folder with kube-apiserver and etcd (the envtest convention).
export default defineConfig({
  test: { include: ['test/e2e/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 180_000, fileParallelism: false },
})
