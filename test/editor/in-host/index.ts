/** What VS Code's extension host calls (`extensionTestsPath`): mocha, inside the host, beside the extension. */
import { writeFileSync } from 'node:fs';
import { format } from 'node:util';
import Mocha from 'mocha';
import { MOCHA_MARK, type TestResults } from '../results';

/** A test that takes longer hangs. */
const TEST_LIMIT_MS = 120_000;

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: TEST_LIMIT_MS, reporter: 'spec', color: false });
  // Everything that the workbench logs reaches the runner; the mark tells which lines are mocha's.
  Mocha.reporters.Base.consoleLog = (...line: unknown[]) => console.log(MOCHA_MARK + format(...line));
  mocha.suite.emit('pre-require', globalThis as unknown as Mocha.MochaGlobals, '', mocha);
  // Bundled with this file, so that they are registered by being loaded.
  await import('./suites');
  const results: TestResults = { passes: [], failures: [], pending: [] };
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on('pass', (test) => results.passes.push({ fullTitle: test.fullTitle() }));
    runner.on('pending', (test) => results.pending.push({ fullTitle: test.fullTitle() }));
    runner.on('fail', (test, error: Error) => results.failures.push({ fullTitle: test.fullTitle(), err: { message: error.message, stack: error.stack } }));
  });
  // The host's own exit code is 0 even when it crashes, so the runner believes this file alone.
  writeFileSync(process.env.ROUNDTRIP_IN_HOST_RESULTS!, JSON.stringify(results));
}
