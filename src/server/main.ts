import { createConnection } from 'vscode-languageserver/node';
import { openWorkspace, optimizeLater } from '../workspace';
import { serve } from './server';

optimizeLater();

/** `dist/server.js --node-ipc | --stdio | --socket=PORT`: the editor chooses how to speak to it. */
const connection = createConnection();

process.on('unhandledRejection', (reason) => {
  connection.console.error(`Unexpected: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`);
});

serve(connection, openWorkspace);
