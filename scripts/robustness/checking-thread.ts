import { parentPort } from 'node:worker_threads';
import { complete, detect, extractFacts, initSql, positionAt, Program } from '../../src/analysis';
import { decodeFacts, encodeFacts } from '../../src/workspace/facts-encoding';
import type { Answer } from './patient-worker';

const port = parentPort!;

function check(file: string, text: string): Answer {
  try {
    // As threads hand them over, and the cache gives them back.
    const facts = decodeFacts(encodeFacts(extractFacts(file, text)));
    const program = new Program({ resolve: (_from, specifier) => (specifier.startsWith('.') ? file : undefined) }, () => ({ reactCompiler: 'off' }));
    program.update(facts);
    const { detections, failures } = detect(program, file);
    const completion = complete(facts, text, detections);
    const findings = completion.findings.map(({ rule, start, message }) => `${file}:${positionAt(facts, start).line}: ${rule}: ${message}`);
    return { findings, failures: [...failures, ...completion.failures].map(({ rule, message }) => `${rule}: ${message}`) };
  } catch (error) {
    return { crashed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

void initSql().then(() => {
  // What is loaded at the first parse is no file's fault.
  check('first.ts', 'export {};');
  port.on('message', ({ file, text }: { file: string; text: string }) => port.postMessage(check(file, text)));
  port.postMessage('ready');
});
