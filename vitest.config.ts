import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['dist/**', 'node_modules/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 480_000,
    hookTimeout: 480_000,
    reporters: ['default', './test/reporter.ts'],
  },
});
