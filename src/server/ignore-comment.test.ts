import assert from 'node:assert/strict';
import { ignoreComment } from './ignore-comment';

/** The text with the comment in it, when the finding starts at `^`. */
function ignored(file: string, marked: string, isSql = false): string | undefined {
  const start = marked.indexOf('^');
  const text = marked.replace('^', '');
  const comment = ignoreComment(file, text, start, 'some-rule', isSql);
  return comment && `${text.slice(0, comment.offset)}${comment.before}why${comment.after}${text.slice(comment.offset)}`;
}

describe('a comment that ignores a finding', () => {
  it('stands above the line, with its indentation and line end', () => {
    assert.equal(ignored('a.ts', 'f(\n\t\t^g());\n'), 'f(\n\t\t// roundtrip-ignore some-rule: why\n\t\tg());\n');
    assert.equal(ignored('a.ts', 'a();\r\n  ^b();\r\n'), 'a();\r\n  // roundtrip-ignore some-rule: why\r\n  b();\r\n');
    assert.equal(ignored('a.ts', '^a();'), '// roundtrip-ignore some-rule: why\na();');
    assert.equal(ignored('a.ts', '\n^a();'), '\n// roundtrip-ignore some-rule: why\na();');
  });

  it('is an expression among the children of an element, and a plain comment everywhere else in JSX', () => {
    assert.equal(ignored('a.tsx', 'const a = (\n  <p>\n    <b x={^y} />\n  </p>\n);'), 'const a = (\n  <p>\n    {/* roundtrip-ignore some-rule: why */}\n    <b x={y} />\n  </p>\n);');
    assert.equal(ignored('a.tsx', 'const a = (\n  <p x={^y}>b</p>\n);'), 'const a = (\n  // roundtrip-ignore some-rule: why\n  <p x={y}>b</p>\n);');
    assert.equal(ignored('a.tsx', 'const a = <p\n  x={^y}\n/>;'), 'const a = <p\n  // roundtrip-ignore some-rule: why\n  x={y}\n/>;');
    assert.equal(ignored('a.tsx', 'const a = <p>{list.map(() =>\n  ^f()\n)}</p>;'), 'const a = <p>{list.map(() =>\n  // roundtrip-ignore some-rule: why\n  f()\n)}</p>;');
  });

  it('is written in SQL where the line is SQL', () => {
    assert.equal(ignored('a.sql', '^SELECT 1;\n', true), '-- roundtrip-ignore some-rule: why\nSELECT 1;\n');
    assert.equal(ignored('a.ts', 'sql`\n  ^SELECT 1\n`;', true), 'sql`\n  -- roundtrip-ignore some-rule: why\n  SELECT 1\n`;');
  });

  it('is not offered inside a string that is no SQL, but in the code of its holes', () => {
    assert.equal(ignored('a.ts', 'const a = `x\n  ${^f()}`;'), undefined);
    assert.equal(ignored('a.ts', 'const a = `${\n  ^f()}`;'), 'const a = `${\n  // roundtrip-ignore some-rule: why\n  f()}`;');
  });
});
