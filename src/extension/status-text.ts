import type { ServerStatus } from '../server/protocol';

/** What the server does, or that it is not there. */
export type ShownStatus = ServerStatus | { state: 'starting' } | { state: 'crashed' };

export interface StatusText {
  text: string;
  detail: string;
  severity: 'information' | 'warning' | 'error';
  busy: boolean;
  /** What the link of the item does. */
  link: 'showLog' | 'restartServer' | 'checkWorkspace';
}

/** The words of the status item. */
export function statusText(status: ShownStatus): StatusText {
  const quiet = { detail: '', severity: 'information', busy: false, link: 'showLog' } as const;
  switch (status.state) {
    case 'starting':
      return { ...quiet, text: 'Roundtrip', detail: 'starting', busy: true };
    case 'indexing':
      return { ...quiet, text: 'Roundtrip', detail: status.total ? `checking ${status.done} of ${status.total} files` : 'finding files', busy: true };
    case 'ready': {
      const { error, warning, info } = status.findings;
      const text = `Roundtrip: ${counted(error + warning + info, 'finding')}`;
      const [configurationError] = status.configurationErrors;
      if (configurationError) return { ...quiet, text, detail: configurationError, severity: 'warning' };
      const checked = `in ${counted(status.files, 'file')}`;
      return { ...quiet, text, detail: status.problems ? `${checked}, ${counted(status.problems, 'file')} not or only partly checked` : checked };
    }
    case 'stopped':
      return { ...quiet, text: 'Roundtrip: only open files are checked', detail: 'the check of the workspace was cancelled', link: 'checkWorkspace' };
    case 'idle':
      return { ...quiet, text: 'Roundtrip', detail: 'open a folder to have it checked' };
    case 'error':
      return { ...quiet, text: 'Roundtrip could not check the workspace', detail: status.message, severity: 'error' };
    case 'crashed':
      return { ...quiet, text: 'Roundtrip stopped', detail: 'the language server crashed several times', severity: 'error', link: 'restartServer' };
  }
}

function counted(count: number, noun: string): string {
  return count === 0 ? `no ${noun}s` : `${count} ${noun}${count === 1 ? '' : 's'}`;
}
