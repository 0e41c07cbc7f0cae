import assert from 'node:assert/strict';
import { addressUrl, describeAddress, loginFromEnvironment, parseDatabaseUrl, redact, type DatabaseLogin } from '../../src/database/index.js';

function login(url: string): DatabaseLogin {
  const parsed = parseDatabaseUrl(url);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.reason);
  return parsed.login;
}

function reason(url: string): string {
  const parsed = parseDatabaseUrl(url);
  assert.ok(!parsed.ok);
  return parsed.reason;
}

describe('a connection URL', () => {
  it('keeps the password apart from the address', () => {
    const { address, password } = login('postgresql://app:s3cret@db.example.com:6543/shop?sslmode=require');
    assert.deepEqual(address, { host: 'db.example.com', port: 6543, user: 'app', database: 'shop', tls: 'require' });
    assert.equal(password, 's3cret');
    assert.ok(!JSON.stringify(address).includes('s3cret'));
    assert.ok(!addressUrl(address).includes('s3cret'));
  });

  it('reads what Prisma, Supabase, Neon and Docker write', () => {
    assert.deepEqual(login('postgres://u:p@localhost/shop?schema=public&connection_limit=5').address, {
      host: 'localhost', port: 5432, user: 'u', database: 'shop', tls: 'disable',
    });
    assert.equal(login('postgresql://u:p@ep-x.eu.neon.tech/db?sslmode=require&options=endpoint%3Dep-x').address.options, 'endpoint=ep-x');
    assert.equal(login('postgresql://u@/shop?host=/var/run/postgresql').address.host, '/var/run/postgresql');
    assert.equal(login('postgresql://u:p%40ss%2Fword@db:5432/shop').password, 'p@ss/word');
    assert.equal(login('postgresql://u:p@[::1]:5433/shop').address.host, '::1');
  });

  it('uses TLS where a server can, unless told otherwise', () => {
    assert.equal(login('postgresql://u@db.example.com/shop').address.tls, 'prefer');
    assert.equal(login('postgresql://u@127.0.0.1/shop').address.tls, 'disable');
    assert.equal(login('postgresql://u@db.example.com/shop?ssl=true').address.tls, 'verify-full');
    assert.equal(login('postgresql://u@db.example.com/shop?sslmode=no-verify').address.tls, 'require');
  });

  it('survives being stored and read again', () => {
    for (const url of [
      'postgresql://app:x@db.example.com:6543/shop?sslmode=verify-ca&sslrootcert=/tmp/ca%20file.crt',
      'postgresql://we%20ird:x@[::1]:5433/my%20shop',
      'postgresql://u@/shop?host=/var/run/postgresql&port=5433',
      'postgresql://u:p@ep-x.eu.neon.tech/db?sslmode=require&options=endpoint%3Dep-x',
    ]) {
      const { address } = login(url);
      assert.deepEqual(login(addressUrl(address)), { address });
    }
    const odd = login('postgresql://u:p@localhost/odd%3A%2F%3F%23%40%26name').address;
    assert.equal(odd.database, 'odd:/?#@&name');
    assert.deepEqual(login(addressUrl(odd)), { address: odd });
  });

  it('says what is wrong with it, and never repeats it', () => {
    assert.match(reason(''), /empty/);
    assert.match(reason('mysql://root:s3cret@localhost/shop'), /“mysql:”.*postgresql:\/\//s);
    assert.match(reason('localhost:5432/shop'), /postgresql:\/\//);
    assert.match(reason('postgresql://u:s3#cret@localhost/shop'), /%23/);
    assert.match(reason('postgresql://u:s3cret@a:1,b:2/shop'), /./);
    assert.match(reason('postgresql://u:s3cret@localhost/shop?sslmode=maybe'), /sslmode/);
    for (const url of ['mysql://root:s3cret@localhost/shop', 'postgresql://u:s3cret@localhost:99999/x', 'postgresql://u:s3cret@a:1,b:2/shop']) {
      assert.ok(!reason(url).includes('s3cret'));
    }
  });
});

describe('the PG* variables', () => {
  it('describe a login', () => {
    assert.deepEqual(loginFromEnvironment({ PGHOST: 'db', PGPORT: '6000', PGUSER: 'app', PGDATABASE: 'shop', PGPASSWORD: 'x', PGSSLMODE: 'require' }), {
      address: { host: 'db', port: 6000, user: 'app', database: 'shop', tls: 'require' },
      password: 'x',
    });
  });

  it('describe nothing without a host or a database', () => {
    assert.equal(loginFromEnvironment({ PGUSER: 'app', USER: 'me' }), undefined);
  });
});

describe('how an address is called', () => {
  it('names database and server', () => {
    assert.equal(describeAddress(login('postgresql://u:p@localhost/shop').address), 'shop at localhost:5432');
    assert.equal(describeAddress(login('postgresql://u:p@[::1]/shop').address), 'shop at [::1]:5432');
  });
});

describe('redact', () => {
  for (const [name, text] of [
    ['the password itself', 'password authentication failed: s3:cr/et!'],
    ['its spelling in a URL', 'cannot reach postgresql://app:s3%3Acr%2Fet!@db/shop'],
    ['a URL of any scheme', 'tried redis://default:other@cache:6379 and postgresql://app:an@other@db/shop'],
    ['a setting', "host=db password='it''s other' user=app"],
    ['JSON', '{"password": "other"}'],
    ['an environment file', 'PGPASSWORD=other'],
  ] as const) {
    it(`hides ${name}`, () => {
      const hidden = redact(text, ['s3:cr/et!']);
      assert.doesNotMatch(hidden, /other|s3|cr(%2F|\/)et/);
      assert.match(hidden, /•••/);
    });
  }

  it('leaves other text alone', () => {
    const text = 'no database “shop” at localhost:5432 for user app (see https://example.com/docs)';
    assert.equal(redact(text, [undefined, '']), text);
  });
});
