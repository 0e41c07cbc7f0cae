import { spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createProtocolConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';
import { STATUS, type ServerStatus } from '../../src/server/protocol';
import { memoryOf } from './processes';

/** Resident memory of the language server when it has indexed the folder and let go of its workers, in MB. */
export async function serverMemory(dist: string, folder: string, env: NodeJS.ProcessEnv): Promise<{ indexed: number | undefined; peak: number | undefined }> {
  const child = spawn(process.execPath, [path.join(dist, 'server.js'), '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env, ...env } });
  const connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  try {
    const ready = new Promise<void>((resolve, reject) => {
      child.on('exit', (status) => reject(new Error(`the server exited with ${status}`)));
      connection.onNotification(STATUS, (status: ServerStatus) => {
        if (status.state === 'ready') resolve();
        if (status.state === 'error') reject(new Error(status.message));
      });
    });
    connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) => items.map(() => null));
    connection.onRequest('client/registerCapability', () => null);
    connection.onRequest('window/workDoneProgress/create', () => null);
    connection.listen();
    const workspaceFolders = [{ uri: pathToFileURL(folder).href, name: path.basename(folder) }];
    const capabilities = { workspace: { workspaceFolders: true, configuration: true }, window: { workDoneProgress: true } };
    await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, workspaceFolders, capabilities });
    await connection.sendNotification('initialized', {});
    await ready;
    const indexed = memoryOf(child.pid, 'VmRSS');
    return { indexed, peak: memoryOf(child.pid, 'VmHWM') };
  } finally {
    child.removeAllListeners('exit');
    connection.dispose();
    child.kill();
  }
}
