import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['dist/**', 'node_modules/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 480_000,
    hookTimeout: 480_000,
    // A machine that is busy draws and writes late; what never comes fails all the same.
    expect: { poll: { timeout: 60_000, interval: 50 } },
    reporters: ['default', './test/reporter.ts'],
  },
});
