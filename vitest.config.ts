import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores is what CI has; more workers only thrash while Chromium and sshd run beside them.
    maxWorkers: 2,
  },
})
