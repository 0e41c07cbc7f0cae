import type { Diagnostic, PublishDiagnosticsParams } from 'vscode-languageserver/node';
import { countFindings, diagnosticOf } from './diagnostics';
import type { ShownFinding } from './evidence';
import { fileOf } from './locations';
import type { FindingCounts, InitializationOptions } from './protocol';

interface Shown {
  counts: FindingCounts;
  /** What was sent last; empty findings are not kept. */
  sent: string;
}

/** What the editor shows at the moment. Findings stay until they are replaced, so that nothing flickers. */
export class Publication {
  readonly #shown = new Map<string, Shown>();

  constructor(
    private readonly client: InitializationOptions,
    private readonly send: (params: PublishDiagnosticsParams) => void,
  ) {}

  /** `version` is that of the open document the findings belong to; files that are not open have none, and are sent only when something changed. */
  show(uri: string, version: number | undefined, findings: readonly ShownFinding[]): void {
    const diagnostics: Diagnostic[] = findings.map((finding) => diagnosticOf(finding, this.client));
    const sent = diagnostics.length ? JSON.stringify(diagnostics) : '';
    const before = this.#shown.get(uri)?.sent ?? '';
    if (sent) this.#shown.set(uri, { counts: countFindings(findings), sent });
    else this.#shown.delete(uri);
    if (version !== undefined) this.send({ uri, version, diagnostics });
    else if (sent !== before) this.send({ uri, diagnostics });
  }

  /** Files that show findings. */
  files(): string[] {
    return [...this.#shown.keys()].flatMap((uri) => fileOf(uri) ?? []);
  }

  counts(): FindingCounts {
    const total: FindingCounts = { error: 0, warning: 0, info: 0 };
    for (const { counts } of this.#shown.values()) {
      total.error += counts.error;
      total.warning += counts.warning;
      total.info += counts.info;
    }
    return total;
  }
}
