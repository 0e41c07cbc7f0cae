/** Comments and blanks in front of a statement. */
const LEADING = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)*/;
const BEGINS = /^(?:begin|start\s+transaction)\b/i;
/** `ROLLBACK TO` and `RELEASE` end a savepoint alone; `AND CHAIN` begins the next transaction. */
const ENDS = /^(?:(?:commit|end|rollback|abort)(?!\s+(?:work\s+|transaction\s+)?to\b)|prepare\s+transaction)\b/i;
const CHAINS = /\band\s+chain\b/i;
/** Longer statements control no transaction, and are not looked at. */
const LONGEST_CONTROL = 200;

/** What a statement does to the transaction of its connection. `whole`: it is one from BEGIN to COMMIT. */
export type Control = 'none' | 'begin' | 'whole' | 'end' | 'chain';

export function controlOf(statement: string): Control {
  if (statement.length > LONGEST_CONTROL) return 'none';
  const text = statement.replace(LEADING, '');
  if (BEGINS.test(text)) return endsItself(text) ? 'whole' : 'begin';
  if (!ENDS.test(text)) return 'none';
  return CHAINS.test(text) ? 'chain' : 'end';
}

function endsItself(text: string): boolean {
  const last = text.split(';').map((part) => part.trim()).filter((part) => part !== '').pop();
  return last !== undefined && ENDS.test(last);
}

/** Numbers the transactions of this process: the state of each connection, as its statements tell in the order in which they end. */
export class TransactionTracker {
  private readonly open = new WeakMap<object, number>();
  private someOpen = 0;
  private last = 0;

  /** Transaction that this statement belongs to, BEGIN and COMMIT included; 0 outside of one. */
  of(connection: object, control: Control, failed: boolean): number {
    if (control === 'none' && this.someOpen === 0) return 0;
    const current = this.open.get(connection) ?? 0;
    if (control === 'none' || (failed && control !== 'end')) return current;
    if (control === 'begin' || control === 'whole') {
      if (current !== 0) return current;
      this.last += 1;
      if (control === 'begin') this.start(connection, this.last);
      return this.last;
    }
    if (current === 0) return 0;
    this.open.delete(connection);
    this.someOpen -= 1;
    if (control === 'chain') this.start(connection, (this.last += 1));
    return current;
  }

  /** A connection that is lost within a transaction stays counted, which costs a look at each query and nothing else. */
  private start(connection: object, transaction: number): void {
    this.open.set(connection, transaction);
    this.someOpen += 1;
  }
}
