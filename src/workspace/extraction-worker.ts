import { parentPort } from 'node:worker_threads';
import { initSql, loadParser, withSql } from '../analysis';
import { completeFile, extractFile, type Completion } from './extraction';
import type { ExtractedFile, WorkerRequest, WorkerResponse } from './extraction-pool';
import { encodeExtraction } from './facts-encoding';

const port = parentPort!;
void initSql();
loadParser();

port.on('message', (request: WorkerRequest) => void answer(request));

async function answer(request: WorkerRequest): Promise<void> {
  if (request.kind === 'complete') {
    const results: Completion[] = [];
    for (const task of request.tasks) results.push(await withSql(() => completeFile(task)));
    port.postMessage({ id: request.id, kind: 'complete', results } satisfies WorkerResponse);
    return;
  }
  const parts: Uint8Array[] = [];
  const results: ExtractedFile[] = [];
  for (const task of request.tasks) {
    const extraction = encodeExtraction(await withSql(() => extractFile(task)));
    if (!('bytes' in extraction)) {
      results.push(extraction);
      continue;
    }
    const { bytes, ...rest } = extraction;
    parts.push(bytes);
    results.push({ ...rest, length: bytes.byteLength });
  }
  // One buffer for the whole batch, handed over instead of copied.
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  port.postMessage({ id: request.id, kind: 'extract', results, bytes } satisfies WorkerResponse, [bytes.buffer]);
}
