import assert from 'node:assert/strict';
import { extractFacts, initSql, programOf } from '../../../test/analysis-host';
import { detect } from '..';
import { prismaModels, withRelations } from './prisma-schema';
import { tableChanges } from './sql-tables';
import { weightOf } from './table';

before(initSql);

describe('schemas', () => {
  it('reads models, and tells relations by the models of all files', () => {
    const order = prismaModels(`
      /// An order
      model OrderItem {
        id     Int @id @default(autoincrement()) // the key
        tags   String[]
        kind   Kind @default(NEW)
        raw    Unsupported("tsvector")?
        note   String? @db.Xml
        hidden Int @ignore
        order  Order @relation(fields: [orderId], references: [id])
        orderId Int
        @@index([orderId])
      }
      enum Kind {
        NEW
      }`);
    const [items] = withRelations([...order, ...prismaModels('model Order {\n  id Int @id\n  items OrderItem[]\n}\n')]);
    assert.equal(items!.name, 'orderItem');
    assert.deepEqual(items!.columns.map(({ name, type }) => `${name} ${type}`), ['id integer', 'tags text[]', 'kind Kind', 'note xml', 'orderId integer']);
    assert.deepEqual(items!.relations, ['order']);
  });

  it('reads half a schema without throwing', () => {
    const text = 'model A {\n  id Int @id\n}\nmodel B {\n  id Int @id\n  body Str';
    for (let end = 0; end <= text.length; end++) assert.ok(prismaModels(text.slice(0, end)).length <= 1);
  });

  it('reads what statements make of tables', () => {
    const changes = tableChanges('CREATE TABLE app.mails (id bigint PRIMARY KEY, "to" text[], body text, CHECK (id > 0));\nALTER TABLE mails ADD COLUMN raw bytea, DROP COLUMN body;\nDROP TABLE other;');
    assert.deepEqual(changes, [
      { table: 'mails', creates: true, adds: [{ name: 'id', type: 'int8' }, { name: 'to', type: 'text[]' }, { name: 'body', type: 'text' }], drops: [] },
      { table: 'mails', adds: [{ name: 'raw', type: 'bytea' }], drops: ['body'] },
    ]);
    assert.deepEqual(tableChanges('SELECT 1'), []);
    assert.deepEqual(tableChanges('CREATE TABLE ('), []);
  });

  it('weighs columns by type, and texts by what they are for', () => {
    const weights = [['thumbnail', 'bytea'], ['jwtSecret', 'bytea'], ['tx_hash', 'bytea'], ['payload', 'jsonb'], ['body', 'text'], ['rawBody', 'varchar'], ['name', 'text'], ['body', 'integer'], ['somebody', 'text']].map(([name, type]) => weightOf({ name: name!, type: type! }));
    assert.deepEqual(weights, ['heavy', 'light', 'light', 'document', 'heavy', 'heavy', 'light', 'light', 'light']);
  });

  it('asks every module again when a schema changes', () => {
    const main = "import { PrismaClient } from '@prisma/client';\nconst prisma = new PrismaClient();\nexport const titles = async () => {\n  const rows = await prisma.post.findMany({ where: { live: true } });\n  return rows.map((row) => row.title);\n};\n";
    const schema = (last: string): string => `model Post {\n  title String\n  live Boolean\n  ${last}\n}\n`;
    const program = programOf(new Map([['main.ts', main], ['schema.prisma', schema('slug String')]]));
    const found = (): string[] => detect(program, 'main.ts').detections.map(({ rule }) => rule);
    assert.deepEqual(found(), []);
    assert.deepEqual(program.update(extractFacts('schema.prisma', schema('body String'))), ['schema.prisma', 'main.ts']);
    assert.deepEqual(found(), ['over-fetch']);
    assert.deepEqual(program.update(extractFacts('schema.prisma', `// Posts\n${schema('body String')}`)), ['schema.prisma']);
    assert.deepEqual(program.remove('schema.prisma'), ['main.ts']);
    assert.deepEqual(found(), []);
  });
});
