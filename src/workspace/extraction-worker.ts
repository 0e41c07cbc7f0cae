import { parentPort } from 'node:worker_threads';
import { initSql } from '../analysis';
import { completeFile, extractFile } from './extraction';
import type { ExtractedFile, WorkerRequest, WorkerResponse } from './extraction-pool';
import { encodeFacts } from './facts-encoding';

const port = parentPort!;
const ready = initSql();

port.on('message', (request: WorkerRequest) => {
  void ready.then(() => {
    if (request.kind === 'complete') {
      port.postMessage({ id: request.id, kind: 'complete', results: request.tasks.map(completeFile) } satisfies WorkerResponse);
      return;
    }
    const parts: Uint8Array[] = [];
    const results = request.tasks.map((task): ExtractedFile => {
      const extraction = extractFile(task);
      if (!('facts' in extraction)) return extraction;
      const bytes = encodeFacts(extraction.facts);
      parts.push(bytes);
      return { hash: extraction.hash, byteOrderMark: extraction.byteOrderMark, length: bytes.byteLength };
    });
    // One buffer for the whole batch, handed over instead of copied.
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.byteLength;
    }
    port.postMessage({ id: request.id, kind: 'extract', results, bytes } satisfies WorkerResponse, [bytes.buffer]);
  });
});
