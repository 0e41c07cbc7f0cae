import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { parseDatabaseUrl, type DatabaseLogin } from '../../src/database/address';
import { MOST_REMEMBERED, RememberedDatabases } from '../../src/extension/connections/remembered-databases';

const SECRET = 'tr0ub4dor&3';

function login(url: string): DatabaseLogin {
  const parsed = parseDatabaseUrl(url);
  assert.ok(parsed.ok);
  return parsed.login;
}

describe('the databases typed before', () => {
  /** A stand-in for the editor's storage, which unit tests do not have: two maps, as it documents itself. */
  const storage = () => {
    const state = new Map<string, unknown>();
    const secrets = new Map<string, string>();
    const context = {
      workspaceState: { get: (key: string) => state.get(key), update: async (key: string, value: unknown) => void state.set(key, value) },
      secrets: {
        get: async (key: string) => secrets.get(key),
        store: async (key: string, value: string) => void secrets.set(key, value),
        delete: async (key: string) => void secrets.delete(key),
      },
    } as unknown as Pick<vscode.ExtensionContext, 'workspaceState' | 'secrets'>;
    return { state, secrets, context };
  };

  it('are remembered with their passwords in the secret storage alone', async () => {
    const { state, secrets, context } = storage();
    const typed = login(`postgresql://app:${encodeURIComponent(SECRET)}@db:6000/shop?sslmode=require`);
    await new RememberedDatabases(context).remember(typed);
    assert.deepEqual(await new RememberedDatabases(context).all(), [typed]);
    assert.ok(!JSON.stringify([...state, ...secrets.keys()]).includes('tr0ub4dor'));
    assert.deepEqual([...secrets.values()], [SECRET]);
  });

  it('forget a password that is no longer needed', async () => {
    const { secrets, context } = storage();
    const remembered = new RememberedDatabases(context);
    await remembered.remember(login('postgresql://app:old@db/shop'));
    await remembered.remember(login('postgresql://app@db/shop'));
    assert.equal(secrets.size, 0);
    assert.equal((await remembered.all())[0]?.password, undefined);
  });

  it('are listed with the one used last in front', async () => {
    const { context } = storage();
    const remembered = new RememberedDatabases(context);
    for (const name of ['one', 'two', 'one']) await remembered.remember(login(`postgresql://app:${name}@db/${name}`));
    assert.deepEqual((await remembered.all()).map(({ address, password }) => [address.database, password]), [['one', 'one'], ['two', 'two']]);
  });

  it('are forgotten when somebody wants that, and when there are too many', async () => {
    const { secrets, context } = storage();
    const remembered = new RememberedDatabases(context);
    for (let count = 0; count <= MOST_REMEMBERED; count += 1) await remembered.remember(login(`postgresql://app:secret${count}@db/shop${count}`));
    assert.equal((await remembered.all()).length, MOST_REMEMBERED);
    assert.ok(![...secrets.values()].includes('secret0'));
    await remembered.forget(login('postgresql://app@db/shop5'));
    assert.ok(!(await remembered.all()).some(({ address }) => address.database === 'shop5'));
    assert.ok(![...secrets.values()].includes('secret5'));
  });

  it('survive a state that somebody else wrote', async () => {
    const { state, context } = storage();
    state.set('database.addresses', [1, 'mysql://x', 'postgresql://app@db/shop', null]);
    assert.deepEqual((await new RememberedDatabases(context).all()).map(({ address }) => address.database), ['shop']);
    state.set('database.addresses', 'nonsense');
    assert.deepEqual(await new RememberedDatabases(context).all(), []);
  });
});
