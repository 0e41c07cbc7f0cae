import { visit } from '../../syntax/sql-tree';
import { methodOf, type Code, type Node } from '../code';
import { camel } from '../naming';
import { refuse } from '../refusal';
import { castAfter, parameterOf, sqlTextOf, valuesOf, type SqlText } from '../sql-text';
import { chunked, rowsPerStatement, type SingleInsert } from './single-insert';

/** Takes `pool.query('INSERT INTO t (…) VALUES ($1, …)', […])` apart. */
export function pgInsert(code: Code, query: Node): SingleInsert {
  if (query.type !== 'CallExpression' || query.callee.type !== 'MemberExpression' || methodOf(query) !== 'query') return refuse('the insert is not spelled as one call of `query`.');
  const sql = sqlTextOf(code, query.arguments[0]);
  const { node } = sql.statement;
  if (!('InsertStmt' in node)) return refuse('the SQL is not a plain INSERT.');
  const insert = node.InsertStmt;
  if (insert.returningClause) refuse('the insert returns its row, and the order in which one statement returns its rows is not promised.');
  if (insert.withClause) refuse('the insert has a WITH clause.');
  if (insert.onConflictClause?.action === 'ONCONFLICT_UPDATE') refuse('two elements with the same key would meet in one statement, which PostgreSQL refuses (SQLSTATE 21000).');
  const lists = insert.selectStmt && 'SelectStmt' in insert.selectStmt ? insert.selectStmt.SelectStmt.valuesLists : undefined;
  if (!lists || lists.length !== 1 || !('List' in lists[0]!)) return refuse('the insert does not take its row from one list of VALUES.');
  const items = lists[0].List.items ?? [];
  const tuple = tupleOf(sql);
  const list = query.arguments[1] ?? refuse('the row is the same for every element.');
  const values = valuesOf(list);
  let outside = false;
  visit(node, (kind, one) => {
    const at = (one as { location?: number }).location ?? 0;
    if (kind === 'ParamRef' && (at < tuple.start || at >= tuple.end)) outside = true;
    return true;
  });
  if (outside) refuse('the SQL uses a parameter outside of its VALUES.');

  const target = code.textOf(query.callee);
  const head = sql.text.slice(0, tuple.start);
  const tail = sql.text.slice(tuple.end);
  const size = rowsPerStatement(values.length);
  const shared = { row: list, noun: camel(sql.statement.tables[0]?.split('.').at(-1) ?? 'rows') };

  const casts = items.map((item, i) => {
    const parameter = parameterOf(item);
    return parameter?.number === i + 1 && parameter.cast ? castAfter(sql.text, parameter.location)?.name : undefined;
  });
  if (casts.length === values.length && casts.every((cast) => cast !== undefined)) {
    const before = head.replace(/\bvalues\s*$/i, '');
    const text = `${before}SELECT * FROM unnest(${casts.map((cast, i) => `$${i + 1}::${cast!}[]`).join(', ')})${tail}`;
    return {
      ...shared,
      insertAll: () => [],
      byColumn: (listOf, style) => {
        const lists = values.map(listOf);
        const quoted = code.text[sql.node.range[0]]! + text + code.text[sql.node.range[0]]!;
        return [`await ${target}(${quoted}, [`, ...lists.map((one) => `${style.indent}${one.split('\n').join(`\n${style.indent}`)},`), ']);'];
      },
    };
  }

  if (/`|\$\{/.test(sql.text)) refuse('the SQL holds a back quote.');
  return {
    ...shared,
    rowsPerStatement: size,
    insertAll: (rows, style, fresh) => {
      const [index, chunk, tuples, row] = [fresh('i', 'start'), fresh('chunk'), fresh('tuples'), fresh('row', 'n')];
      const width = values.length;
      const placeholders = sql.text.slice(tuple.start, tuple.end).replace(/\$(\d+)/g, (_, n: string) => `$\${${width === 1 ? row : `${row} * ${width}`} + ${n}}`);
      return chunked(
        rows,
        size,
        (slice) => [
          `const ${chunk} = ${slice}${style.semicolon}`,
          `const ${tuples} = ${chunk}.map((_, ${row}) => \`${placeholders}\`).join(${style.quote}, ${style.quote})${style.semicolon}`,
          `await ${target}(\`${head}\${${tuples}}${tail}\`, ${chunk}.flat())${style.semicolon}`,
        ],
        style,
        index,
      );
    },
  };
}

/** Where the parenthesised list after VALUES stands in the SQL. */
function tupleOf(sql: SqlText): { start: number; end: number } {
  const keyword = /\bvalues\s*(?=\()/i.exec(sql.text) ?? refuse('the list of VALUES could not be found.');
  const start = keyword.index + keyword[0].length;
  let depth = 0;
  let quote = '';
  for (let i = start; i < sql.text.length; i++) {
    const character = sql.text[i]!;
    if (quote) {
      if (character === quote) quote = '';
    } else if (character === "'" || character === '"') quote = character;
    else if (character === '(') depth += 1;
    else if (character === ')' && --depth === 0) return { start, end: i + 1 };
  }
  return refuse('the list of VALUES could not be found.');
}
