import assert from 'node:assert/strict';
import { addressUrl, DATABASE_FILES, findDatabases, type SearchedFiles } from '../../src/database/index.js';

type Files = Record<string, string>;

/** What is found, as `user:password@host:port/database ← source`. */
function found(files: Files, more: Partial<SearchedFiles> = {}): string[] {
  return findDatabases({ files: Object.entries(files).map(([path, text]) => ({ path, text })), environment: { USER: 'me' }, ...more }).map(
    ({ login: { address, password }, source }) => `${address.user}${password === undefined ? '' : `:${password}`}@${address.host}:${address.port}/${address.database} ← ${source}`,
  );
}

describe('databases that a project names', () => {
  it('are those of variables, and of no other database', () => {
    assert.deepEqual(
      found({
        '.env': `
          OTHER_URL=postgres://other@localhost/other
          DATABASE_URL="postgresql://shop:secret@localhost:5433/shop?schema=public"
          REDIS_URL=redis://localhost
          MYSQL=mysql://root@localhost/shop
          BROKEN=postgresql://a@localhost:99999/a
          NAME=inner
          EXPANDED_URL=postgresql://\${NAME}@localhost/\${NAME}
          CIRCLE=postgresql://\${CIRCLE}@localhost/circle
        `,
        '.env.example': 'DATABASE_URL=postgresql://user:password@localhost/mydb',
      }),
      ['shop:secret@localhost:5433/shop ← DATABASE_URL in .env', 'inner@localhost:5432/inner ← EXPANDED_URL in .env', 'other@localhost:5432/other ← OTHER_URL in .env'],
    );
    assert.deepEqual(found({ '.env': 'PGHOST=db.local\nPGUSER=a\nPGPASSWORD=b\nPGDATABASE=c' }), ['a:b@db.local:5432/c ← PGHOST and PGDATABASE in .env']);
    assert.deepEqual(found({ '.env': 'DB_HOST=localhost\nDB_PORT=5432\nDB_USER=a\nDB_PASSWORD=b\nDB_NAME=c' }), ['a:b@localhost:5432/c ← DB_HOST in .env']);
    assert.deepEqual(found({ '.env': 'DB_CONNECTION=pgsql\nDB_HOST=localhost\nDB_PORT=6000\nDB_USERNAME=a\nDB_DATABASE=c' }), ['a@localhost:6000/c ← DB_HOST in .env']);
    assert.deepEqual(found({ '.env': 'DB_CONNECTION=mysql\nDB_HOST=localhost\nDB_PORT=3306\nDB_USERNAME=a\nDB_DATABASE=c' }), []);
    assert.deepEqual(found({}, { environment: { DATABASE_URL: 'postgres://a@h/d', POSTGRES_HOST: 'h2', POSTGRES_DB: 'd2', POSTGRES_USER: 'u' } }), [
      'a@h:5432/d ← DATABASE_URL in the environment', 'u@h2:5432/d2 ← POSTGRES_HOST in the environment',
    ]);
  });

  it('are listed once, with the password wherever it was', () => {
    assert.deepEqual(
      found(
        {
          'apps/api/.env': 'DATABASE_URL=postgresql://shop:secret@127.0.0.1:5432/shop',
          '.env': 'DATABASE_URL=postgresql://shop@localhost/shop',
          '.env.local': 'POSTGRES_URL=postgresql://local@localhost/local',
        },
        { passwordFile: '*:*:local:local:filed' },
      ),
      ['local:filed@localhost:5432/local ← POSTGRES_URL in .env.local', 'shop:secret@localhost:5432/shop ← DATABASE_URL in .env'],
    );
  });

  it('are those of a password file that name host, database and user', () => {
    const passwordFile = ['# a comment', 'db.local:5433:shop:me:pass', 'other:*:a\\:b:me:p\\:a\\\\s:s', '*:*:*:me:any', 'broken:line', 'h:1:d:u:', '::::', 'db.local:5433:shop:me:second'].join('\r\n');
    assert.deepEqual(found({}, { passwordFile }), ['me:pass@db.local:5433/shop ← the password file', 'me:p:a\\s:s@other:5432/a:b ← the password file']);
    assert.deepEqual(found({ '.env': 'DATABASE_URL=postgresql://me@elsewhere/x\nPG_URL=postgresql://you@elsewhere/x' }, { passwordFile }).slice(0, 2), [
      'me:any@elsewhere:5432/x ← DATABASE_URL in .env', 'you@elsewhere:5432/x ← PG_URL in .env',
    ]);
  });

  it('are the services of Compose files that publish their port', () => {
    const compose = `
      x-base: &base
        image: postgres:16-alpine
        environment: &variables
          POSTGRES_PASSWORD: \${PASSWORD:-from-default}
      services:
        db:
          <<: *base
          ports: ["\${DB_PORT:-5433}:5432"]
          environment:
            <<: *variables
            POSTGRES_USER: shop
            POSTGRES_DB: $NAME
        geo:
          image: docker.io/postgis/postgis:16-3.4@sha256:abc
          ports:
            - target: 5432
              published: "5434"
              host_ip: 127.0.0.1
          environment: [POSTGRES_PASSWORD=a=b$$c, POSTGRES_HOST_AUTH_METHOD]
        vectors: { image: pgvector/pgvector, ports: ["0.0.0.0:5435:5432/tcp"], environment: { POSTGRES_PASSWORD: 7 } }
        time: { image: "timescale/timescaledb-ha:pg16", ports: [5432], environment: { POSTGRES_PASSWORD: x } }
        hidden: { image: postgres, environment: { POSTGRES_PASSWORD: x } }
        old: { image: "bitnami/postgresql:15", ports: ["5436:5432"], environment: { POSTGRESQL_USERNAME: u, POSTGRESQL_PASSWORD: p, POSTGRESQL_DATABASE: d } }
        cache: { image: redis, ports: ["6379:6379"] }
        ui: { image: "dpage/pgadmin4", ports: ["5432:80"] }
        exporter: { image: "prometheuscommunity/postgres-exporter", ports: ["5437:5432"] }
        odd: 7
        none:
    `;
    assert.deepEqual(found({ 'docker-compose.yml': compose, '.env': 'NAME=named\nPASSWORD=' }), [
      'shop:from-default@localhost:5433/named ← service db in docker-compose.yml',
      'postgres:a=b$c@127.0.0.1:5434/postgres ← service geo in docker-compose.yml',
      'postgres:7@localhost:5435/postgres ← service vectors in docker-compose.yml',
      'u:p@localhost:5436/d ← service old in docker-compose.yml',
    ]);
    for (const broken of ['', ':', '- 1', 'services: 7', 'services: [1]', 'services: {db: {image: postgres, ports: 7}}', 'a: &a [*a, *a]', '\0', `a: &a [x]\n${Array.from({ length: 30 }, (_, n) => `b${n}: &b${n} [${n === 0 ? '*a, *a' : `*b${n - 1}, *b${n - 1}`}]`).join('\n')}`]) {
      assert.deepEqual(found({ 'compose.yaml': broken }), [], broken);
    }
  });

  it('are the datasources of Prisma', () => {
    const environment = '.env';
    const schema = (url: string): Files => ({ [environment]: 'URL_A=postgresql://a@localhost/a', 'prisma/schema.prisma': `generator client { provider = "prisma-client" }\n// url = "postgresql://no@localhost/no"\ndatasource db {\n  provider = "postgresql"\n  ${url}\n}\nmodel A { id Int @id }` });
    assert.deepEqual(found(schema('url = "postgresql://lit:p%40ss@localhost/lit"')).slice(1), ['lit:p@ss@localhost:5432/lit ← prisma/schema.prisma']);
    assert.deepEqual(found(schema('url = env("URL_A")')), ['a@localhost:5432/a ← URL_A in .env']);
    assert.deepEqual(found(schema('url = env("MISSING")')).slice(1), []);
    assert.deepEqual(found(schema('url = env("URL_B")'), { environment: { URL_B: 'postgres://b@h/b' } })[0], 'b@h:5432/b ← URL_B in the environment');
    assert.deepEqual(
      found({ 'prisma.config.ts': `import 'dotenv/config';\nimport { defineConfig, env } from 'prisma/config';\nexport default defineConfig({ schema: 'a', datasource: { url: process.env['URL'] ?? 'postgresql://x:y@localhost:6000/z' } });` }),
      ['x:y@localhost:6000/z ← prisma.config.ts'],
    );
    assert.deepEqual(found({ 'prisma.config.ts': 'export default { datasource: { url: env("URL") } }', '.env.local': 'NOT=1' }, { environment: { URL: 'postgres://q@h/q' } }), ['q@h:5432/q ← URL in the environment']);
  });

  it('are the credentials of Drizzle, read and never run', () => {
    const config = (credentials: string, before = ''): Files => ({ 'packages/db/drizzle.config.ts': `${before}\nexport default defineConfig({\n  dialect: 'postgresql', // 'mysql'\n  dbCredentials: ${credentials},\n  schema: './a.ts',\n});` });
    const cases: [string, string, string?][] = [
      [`{ url: 'postgres://a:b@localhost/c' }`, 'a:b@localhost:5432/c'],
      ['{ url: process.env["U"]! }', ''],
      ['{ url: `postgres://${process.env.NAME}:${"p"}@localhost:${Number(process.env.PORT ?? 5440)}/${db}` }', 'n:p@localhost:5440/dd', 'const db = "dd";'],
      ['{ url }', '', 'const url = "postgres://a@localhost/b";'],
      ['{ url: connection }', 'a@localhost:5432/b', 'const connection = process.env.NONE || "postgres://a@localhost/b";'],
      [`{ host: 'localhost', port: 5441, user: 'u', password: 'it\\'s', database: process.env.NAME! }`, 'u:it\'s@localhost:5441/n'],
      ['{ url: readFileSync("x").toString() }', ''],
      ['{ url: self }', '', 'const self = self;'],
      ['{ url: loop }', '', 'const loop = other; const other = loop;'],
      ['{ url: `postgres://${', ''],
      [`{ url: 'postgres://`, ''],
    ];
    for (const [credentials, expected, before] of cases) {
      assert.deepEqual(found(config(credentials, before), { environment: { NAME: 'n', USER: 'me' } }), expected === '' ? [] : [`${expected} ← packages/db/drizzle.config.ts`], credentials);
    }
    for (const credentials of ['{ url: process.env.U! }', '{ url: process.env["U"] as string, ssl: false }', '{ url: `${process.env.U}` }']) {
      assert.deepEqual(found({ ...config(credentials), 'packages/db/.env.local': "U='postgres://env@h/d'" }).length, 1, credentials);
      assert.deepEqual(found(config(credentials), { environment: { U: 'postgres://env@h/d' } }), ['env@h:5432/d ← U in the environment'], credentials);
    }
    assert.deepEqual(found({ 'drizzle.config.ts': `export default { dialect: 'mysql', dbCredentials: { host: 'h', database: 'd' } }` }), []);
  });

  it('are looked for in files with these names', () => {
    for (const path of ['.env', 'a/.env.local', 'docker-compose.yml', 'a/compose.dev.yaml', 'docker-compose.override.yml', 'prisma/schema.prisma', 'a/user.prisma', 'prisma.config.ts', 'drizzle.config.mjs', 'drizzle-test.config.ts']) assert.match(path, DATABASE_FILES);
    for (const path of ['env', 'a.env', 'compose.txt', 'drizzle.ts', 'config.ts', 'my-compose.yml.bak', 'prisma.ts']) assert.doesNotMatch(path, DATABASE_FILES);
  });

  it('are told without a password', () => {
    const [database] = findDatabases({ files: [{ path: '.env', text: 'DATABASE_URL=postgresql://a:s3cret@localhost/b' }], environment: {} });
    assert.doesNotMatch(JSON.stringify([database?.name, database?.source, addressUrl(database!.login.address)]), /s3cret/);
  });
});
