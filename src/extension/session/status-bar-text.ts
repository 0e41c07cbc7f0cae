import type { ConnectionState, SessionHead } from '../../profiler/protocol';

/** What the item in the status bar says. Nothing while there is neither a connection nor a session. */
export interface StatusBarText {
  text: string;
  tooltip: string;
  /** Something is wrong, and a press shows what. */
  warns: boolean;
}

export function statusBarText(head: Pick<SessionHead, 'state' | 'name' | 'target'>, connection: ConnectionState): StatusBarText | undefined {
  const database = databaseText(connection);
  if (head.state === 'recording' || head.state === 'paused') {
    const [icon, word] = head.state === 'recording' ? ['$(record)', 'Recording'] : ['$(debug-pause)', 'Paused'];
    return { text: `${icon} ${word}`, tooltip: [`Roundtrip: ${word.toLowerCase()} “${head.name}”`, database?.tooltip ?? 'Not connected to a database: only programs are watched'].join('\n'), warns: database?.warns ?? false };
  }
  return database;
}

function databaseText(connection: ConnectionState): StatusBarText | undefined {
  switch (connection.kind) {
    case 'none':
      return undefined;
    case 'connecting':
      return { text: '$(loading~spin) Database', tooltip: `Roundtrip: connecting to ${connection.target}`, warns: false };
    case 'failed':
      return { text: '$(debug-disconnect) Database', tooltip: `Roundtrip: no connection to ${connection.target}. ${connection.title}`, warns: true };
    case 'connected':
      return connection.lost === undefined
        ? { text: '$(database) Database', tooltip: `Roundtrip: connected to ${connection.target}, ${connection.server}`, warns: false }
        : { text: '$(debug-disconnect) Database', tooltip: `Roundtrip: ${connection.lost} Trying again.`, warns: true };
  }
}
