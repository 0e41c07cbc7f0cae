/** Comments and blanks in front of a statement. */
const LEADING = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)*/;
const BEGINS = /^(?:begin|start\s+transaction)\b/i;
/** `ROLLBACK TO` and `RELEASE` end a savepoint alone; `AND CHAIN` begins the next transaction. */
const ENDS = /^(?:(?:commit|end|rollback|abort)(?!\s+(?:work\s+|transaction\s+)?to\b)|prepare\s+transaction)\b/i;
const CHAINS = /\band\s+chain\b/i;
/** Statements of this length control no transaction, and are not looked at. */
const LONGEST_CONTROL = 200;

/** Numbers the transactions of this process: the state of each connection, as its statements tell in the order in which they end. */
export class TransactionTracker {
  private readonly open = new WeakMap<object, number>();
  private last = 0;

  /** Transaction that this statement belongs to, BEGIN and COMMIT included; 0 outside of one. */
  of(connection: object, statement: string, failed: boolean): number {
    const current = this.open.get(connection) ?? 0;
    if (statement.length > LONGEST_CONTROL) return current;
    const code = statement.charCodeAt(0) | 0x20;
    // b, c, e, r, a, s, p, or something in front: all others control nothing.
    if (code > 0x60 && !CONTROL_INITIALS.has(code)) return current;
    const control = statement.replace(LEADING, '');
    if (BEGINS.test(control) && !failed && current === 0) {
      this.last += 1;
      if (!endsItself(control)) this.open.set(connection, this.last);
      return this.last;
    }
    if (ENDS.test(control)) {
      if (!CHAINS.test(control)) this.open.delete(connection);
      else if (current !== 0) this.open.set(connection, (this.last += 1));
    }
    return current;
  }
}

const CONTROL_INITIALS = new Set([...'bcerasp'].map((letter) => letter.charCodeAt(0)));

/** A whole transaction in one text. */
function endsItself(text: string): boolean {
  const last = text.split(';').map((part) => part.trim()).filter((part) => part !== '').pop();
  return last !== undefined && ENDS.test(last);
}
