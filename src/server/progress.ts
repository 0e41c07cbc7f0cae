import type { Connection, WorkDoneProgressServerReporter } from 'vscode-languageserver/node';
import type { Progress } from '../workspace';

/** Shows how far the index is, where the editor shows such things. Returns at once: an editor without progress holds up nothing. */
export function indexProgress(connection: Connection, cancel: () => void): { report(progress: Progress): void; end(): void } {
  let shown: WorkDoneProgressServerReporter | undefined;
  let ended = false;
  let percentage = -1;
  void connection.window.createWorkDoneProgress().then(
    (reporter) => {
      if (ended) return;
      shown = reporter;
      reporter.begin('Roundtrip', 0, 'finding files', true);
      reporter.token.onCancellationRequested(cancel);
    },
    () => undefined,
  );
  return {
    report({ done, total }) {
      const now = total ? Math.floor((100 * done) / total) : 0;
      if (!shown || now === percentage) return;
      percentage = now;
      shown.report(now, `${done} of ${total} files`);
    },
    end() {
      ended = true;
      shown?.done();
    },
  };
}
