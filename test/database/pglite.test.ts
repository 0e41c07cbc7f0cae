import assert from 'node:assert/strict';
import { PGlite } from '@electric-sql/pglite';
import { pg_stat_statements } from '@electric-sql/pglite/contrib/pg_stat_statements';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { ServerLink, type LinkState } from '../../src/database/index.js';
import { loginTo, Told, value } from './server.js';

type Connected = Extract<LinkState, { kind: 'connected' }>;

describe('PGlite over its socket', () => {
  let lite: PGlite;
  let server: PGLiteSocketServer;
  const link = new ServerLink({ onChange: () => undefined });

  before(async function () {
    // It makes its database anew in WebAssembly, on one core.
    this.timeout(60_000);
    lite = await PGlite.create({ extensions: { pg_stat_statements } });
    await lite.exec('CREATE TABLE product (id int PRIMARY KEY); INSERT INTO product SELECT generate_series(1, 100); ANALYZE product');
    server = new PGLiteSocketServer({ db: lite, port: 0, host: '127.0.0.1' });
    await server.start();
  });

  after(async () => {
    await link.disconnect();
    await server.stop();
    await lite.close();
  });

  it('connects, says what is missing and what is special, and counts when it is there', async () => {
    const url = `postgresql://postgres:postgres@${server.getServerConn()}/postgres`;
    const state = (await link.connect(loginTo(url))) as Connected;
    assert.match(state.server, /^PostgreSQL \d+/);
    assert.match(state.withoutStatements?.title ?? '', /not set up in this database/);
    assert.deepEqual(state.withoutStatements?.steps.map(({ code }) => code), ['CREATE EXTENSION IF NOT EXISTS pg_stat_statements;']);
    assert.match(value((await link.ask((source) => source.read()))!).notices[0]?.text ?? '', /one client connect at a time/);
    assert.deepEqual(value((await link.ask((source) => source.activity()))!).sessions, []);
    assert.deepEqual(value((await link.ask((source) => source.tableSizes()))!).map(({ name, rows }) => [name, rows]), [['public.product', 100]]);
    assert.equal(value((await link.explain({ text: 'SELECT * FROM product WHERE id = $1', analyze: false }))!).kind, 'generic');
    assert.equal(value((await link.explain({ text: 'DELETE FROM product', analyze: true }))!).kind, 'analyze');
    assert.deepEqual((await lite.query('SELECT count(*)::int AS rows FROM product')).rows, [{ rows: 100 }]);

    await lite.exec('CREATE EXTENSION pg_stat_statements');
    const again = (await link.connect(loginTo(url))) as Connected;
    assert.equal(again.withoutStatements, undefined);
    await lite.query('SELECT id FROM product WHERE id = $1', [7]);
    const told = new Told().add(value((await link.ask((source) => source.read()))!));
    assert.equal(told.of('SELECT id FROM product WHERE id = $1')?.calls, 1);
  });
});
