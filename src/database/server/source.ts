import type { DatabaseConnection, Result } from '../connection.js';
import type { ExplainedProblem } from '../problem.js';
import { cancelStatement, sampleActivity, type Activity } from './activity.js';
import { StatementCounting, type StatementReading } from './statements.js';
import { readTableSizes, type TableSize } from './table-sizes.js';

/** What a server says of one database while a session is watched. Nothing is asked but what is called for, and nothing is kept but sums. */
export class ServerSource {
  #connection: DatabaseConnection;
  readonly #statements: StatementCounting;

  private constructor(connection: DatabaseConnection, statements: StatementCounting) {
    this.#connection = connection;
    this.#statements = statements;
  }

  /** Counting begins here. Needs `loadSqlParser`. Fails only with the connection itself. */
  static async open(connection: DatabaseConnection): Promise<Result<ServerSource>> {
    const statements = await StatementCounting.start(connection);
    return statements.ok ? { ok: true, value: new ServerSource(connection, statements.value) } : statements;
  }

  /** Goes on over another connection to the same database; what was counted stays. */
  async continueOn(connection: DatabaseConnection): Promise<Result<void>> {
    this.#connection = connection;
    return this.#statements.continueOn(connection);
  }

  /** Why the server counts no statements, and what to do. Readings look again by themselves. */
  get withoutStatements(): ExplainedProblem | undefined {
    return this.#statements.missing;
  }

  /** Counts from now. */
  restart(): Promise<Result<void>> {
    return this.#statements.restart();
  }

  /** What was counted since the reading before. */
  read(): Promise<Result<StatementReading>> {
    return this.#statements.read();
  }

  activity(): Promise<Result<Activity>> {
    return sampleActivity(this.#connection, (queryId) => this.#statements.statementOf(queryId));
  }

  tableSizes(): Promise<Result<TableSize[]>> {
    return readTableSizes(this.#connection);
  }

  /** Asks the server to cancel what a session runs. False when it runs nothing any more. */
  cancel(pid: number): Promise<Result<boolean>> {
    return cancelStatement(this.#connection, pid);
  }
}
