/** The last line of a test run: `N passed, N failed, N skipped`, and why anything was skipped is in its name. */
import type { Reporter, TestModule } from 'vitest/node';

export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const testModule of modules) {
      let inModule = 0;
      for (const test of testModule.children.allTests()) {
        inModule += 1;
        const { state } = test.result();
        if (state === 'passed') count.passed += 1;
        else if (state === 'failed') count.failed += 1;
        else count.skipped += 1;
      }
      if (inModule === 0 && testModule.errors().length > 0) count.failed += 1;
    }
    count.failed += unhandled.length;
    setImmediate(() => {
      process.stdout.write(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
    });
  }
}
