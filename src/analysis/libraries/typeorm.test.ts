import assert from 'node:assert/strict';
import { factsOfQueries, initSql } from '../../../test/analysis-host';
import type { Query } from './library';

const ENTITIES = `
  import { BaseEntity, Entity, Repository } from 'typeorm';
  @Entity() export class User { id!: number; name!: string; posts!: Promise<Post[]>; tags!: Tag[] }
  @Entity() export class Post extends BaseEntity { id!: number; author!: User }
  @Entity() export class Tag { id!: number }
  export class Users extends Repository<User> { byName(one: string) { return this.findOneBy({ name: one }); } }
`;
const HEAD = `
  import { createConnection, DataSource, getConnection, getCustomRepository, getManager, getRepository, Repository, AbstractRepository, EntityManager, QueryRunner, SelectQueryBuilder, MongoRepository, UpdateEvent, In, Not, Like, ILike, IsNull, MoreThan, Brackets } from 'typeorm';
  import { Post, Tag, User, Users } from './entities';
  declare const source: DataSource; declare const users: Repository<User>; declare const manager: EntityManager; declare const runner: QueryRunner;
  declare const id: number; declare const ids: number[]; declare const name: string; declare const user: User; declare const list: User[]; declare const post: Post; declare const options: object;
`;

/** What each expression runs: one query with at least these facts, or none. */
const EXPRESSIONS: Record<string, Partial<Query> | undefined> = {
  // where handles come from
  'users.find()': { verb: 'read', tables: ['User'], bound: 'all', filtered: false, columns: 'all', handle: 'pool', label: 'find', runs: 'at-once', library: 'typeorm' },
  'new DataSource({}).getRepository(User).find()': { tables: ['User'], bound: 'all' },
  "source.getRepository('user').find()": { tables: ['user'] },
  'source.getTreeRepository(User).findTrees()': { verb: 'read', tables: ['User'], bound: 'all' },
  'getRepository(User).find()': { tables: ['User'] },
  'getManager().find(User)': { tables: ['User'], label: 'manager.find', handle: 'pool' },
  'getConnection().getRepository(User).findOne(id)': { tables: ['User'], bound: 'one', filtered: true },
  'getConnection().manager.count(User)': { tables: ['User'], bound: 'aggregate' },
  '(await createConnection()).getRepository(User).count()': { bound: 'aggregate' },
  'getCustomRepository(Users).findBy({ name })': { tables: ['User'], filterColumns: ['name'] },
  'manager.getCustomRepository(Users).findBy({ name })': { tables: ['User'] },
  'manager.withRepository(users).find()': { tables: ['User'] },
  'manager.getRepository(User).find()': { tables: ['User'], handle: 'unknown' },
  'users.extend({ all() { return []; } }).find()': { tables: ['User'] },
  'users.manager.find(Post)': { tables: ['Post'], handle: 'pool' },
  'new Users(User, manager).find()': { tables: ['User'] },
  'source.createEntityManager().find(User)': { tables: ['User'], handle: 'pool' },
  'runner.manager.save(user)': { verb: 'update', handle: 'transaction', label: 'manager.save', tables: ['User'] },
  'source.createQueryRunner().manager.find(User)': { handle: 'transaction' },
  'Post.find()': { tables: ['Post'], bound: 'all' },
  'Post.getRepository().find()': { tables: ['Post'] },
  'post.save()': { verb: 'update', tables: ['Post'], bound: 'one' },
  'post.remove()': { verb: 'delete', tables: ['Post'] },

  // what is asked
  'users.find({ where: { name } })': { filtered: true, filterColumns: ['name'], exact: true, bound: 'all', manyAtOnce: false },
  'users.find({ name })': { filtered: true, filterColumns: ['name'], exact: true },
  'users.find({ where: { name: Not(name), id } })': { filterColumns: ['id'], exact: false },
  'users.find({ where: { name: IsNull() } })': { filterColumns: ['name'], exact: true },
  'users.find({ where: { group: { id } } })': { filterColumns: ['group'], exact: true },
  'users.find({ where: [{ id }, { name }] })': { filtered: true, filterColumns: [], exact: false, manyAtOnce: false },
  'users.find({ where: { id: In(ids) } })': { filtered: true, manyAtOnce: true, exact: false },
  'users.find({ where: { name: ILike(`%${name}%`) } })': { searches: true },
  "users.find({ where: { name: Like('admin-%') } })": { searches: false },
  'users.find({ where: { name: ILike(`%${name}%`) }, take: 10 })': { searches: true, bound: 'limited' },
  'users.find({ take: 10, skip: id })': { bound: 'limited', offset: true, filtered: false },
  "users.find({ select: ['id'] })": { columns: 'some' },
  'users.find({ select: { id: true }, relations: { posts: true } })': { columns: 'some', bound: 'all' },
  'users.find(options)': { bound: 'unknown', filtered: true },
  'users.find({ ...options, relations: [] })': { bound: 'unknown', filtered: true },
  'users.findBy({ id: In(ids) })': { bound: 'all', manyAtOnce: true },
  'users.findByIds(ids)': { bound: 'limited', manyAtOnce: true, filtered: true },
  'users.findAndCount({ take: 5 })': { bound: 'limited' },
  'users.findOne({ where: { id } })': { bound: 'one', exact: true, filterColumns: ['id'] },
  'users.findOneByOrFail({ id })': { bound: 'one', filterColumns: ['id'] },
  'users.countBy({ name })': { bound: 'aggregate', filterColumns: ['name'] },
  'users.existsBy({ name })': { bound: 'aggregate', filterColumns: ['name'] },
  "users.sum('age', { name })": { bound: 'aggregate', filterColumns: ['name'] },
  'users.preload({ id, name })': { verb: 'read', bound: 'one' },
  "users.query('SELECT count(*) FROM users WHERE id = $1', [id])": { tables: ['users'], bound: 'aggregate', filterColumns: ['id'] },
  "source.query('SELECT * FROM users')": { tables: ['users'], bound: 'all', filtered: false, label: 'dataSource.query' },
  "runner.query('DELETE FROM users')": { verb: 'delete', handle: 'connection' },

  // writes
  'users.save(user)': { verb: 'update', manyAtOnce: false, tables: ['User'] },
  'users.save(list)': { verb: 'update', manyAtOnce: true },
  'users.save(list.map((one) => ({ ...one, name })))': { manyAtOnce: true },
  'users.save([user])': { manyAtOnce: true },
  'users.save({ name })': { verb: 'insert', manyAtOnce: false },
  'users.save({ id, name })': { verb: 'update' },
  'users.save(new User())': { verb: 'insert' },
  'users.save(users.create({ name }))': { verb: 'insert' },
  'manager.save(User, list)': { verb: 'update', manyAtOnce: true, tables: ['User'] },
  'manager.save(user, { reload: false })': { verb: 'update', manyAtOnce: false, tables: ['User'] },
  'users.insert({ name })': { verb: 'insert', manyAtOnce: false },
  'users.insert([{ name }])': { verb: 'insert', manyAtOnce: true },
  "users.upsert(list, ['name'])": { verb: 'insert', manyAtOnce: true },
  'users.update(id, { name })': { verb: 'update', filtered: true },
  'users.update({ name }, { name })': { verb: 'update', filterColumns: ['name'], exact: true },
  'users.update({ id: In(ids) }, { name })': { verb: 'update', manyAtOnce: true },
  'manager.update(User, { name }, { name })': { verb: 'update', tables: ['User'], filterColumns: ['name'] },
  'users.delete(id)': { verb: 'delete', manyAtOnce: false },
  'users.delete(ids)': { verb: 'delete', manyAtOnce: true },
  'users.softDelete({ id })': { verb: 'update', filterColumns: ['id'] },
  'users.remove(list)': { verb: 'delete', manyAtOnce: true },
  "users.increment({ id }, 'logins', 1)": { verb: 'update', filterColumns: ['id'] },
  'users.clear()': { verb: 'delete', filtered: false },

  // query builders
  "users.createQueryBuilder('u').getMany()": { verb: 'read', bound: 'all', filtered: false, tables: ['User'], columns: 'all', label: 'getMany' },
  "users.createQueryBuilder('u').where('u.id = :id AND u.name = :name', { id, name }).getOne()": { bound: 'one', filterColumns: ['id', 'name'], exact: true, filtered: true },
  "users.createQueryBuilder('u').where('u.id IN (:...ids)', { ids }).getMany()": { manyAtOnce: true, filtered: true },
  "users.createQueryBuilder('u').where({ id: In(ids) }).getMany()": { manyAtOnce: true },
  "users.createQueryBuilder('u').where('u.id > :id', { id }).getMany()": { filterColumns: [], exact: false },
  "users.createQueryBuilder('u').where('u.id = :id').orWhere('u.name = :name').getMany()": { filterColumns: [], exact: false },
  "users.createQueryBuilder('u').where('u.name ILIKE :name', { name }).getMany()": { searches: true },
  "users.createQueryBuilder('u').take(10).getMany()": { bound: 'limited' },
  "users.createQueryBuilder('u').skip(20).limit(10).getManyAndCount()": { bound: 'limited', offset: true },
  "users.createQueryBuilder('u').select('COUNT(*)', 'n').getRawOne()": { bound: 'aggregate' },
  "users.createQueryBuilder('u').select('u.name').addSelect('COUNT(*)', 'n').groupBy('u.name').getRawMany()": { bound: 'unknown' },
  "users.createQueryBuilder('u').select(['u.id', 'u.name']).getMany()": { columns: 'some' },
  "users.createQueryBuilder('u').innerJoin('u.posts', 'p').getMany()": { filtered: true },
  "users.createQueryBuilder('u').getCount()": { bound: 'aggregate' },
  "users.createQueryBuilder('u').stream()": { bound: 'unknown' },
  "manager.createQueryBuilder(User, 'u').getMany()": { tables: ['User'], bound: 'all' },
  "source.createQueryBuilder().select('u').from(User, 'u').getMany()": { tables: ['User'] },
  "source.createQueryBuilder().insert().into(User).values([{ name }]).execute()": { verb: 'insert', tables: ['User'], manyAtOnce: true },
  "users.createQueryBuilder().insert().values({ name }).execute()": { verb: 'insert', tables: ['User'], manyAtOnce: false },
  "source.createQueryBuilder().update(User).set({ name }).where('id = :id', { id }).execute()": { verb: 'update', tables: ['User'], filterColumns: ['id'] },
  "source.createQueryBuilder().delete().from(User).where('id IN (:...ids)', { ids }).execute()": { verb: 'delete', tables: ['User'], manyAtOnce: true },
  "source.createQueryBuilder().relation(User, 'tags').of(user).add(id)": { verb: 'insert', tables: ['User'], manyAtOnce: false },
  "source.createQueryBuilder().relation(User, 'tags').of(user).loadMany()": { verb: 'read' },

  // nothing runs
  'users.create({ name })': undefined,
  'users.merge(user, { name })': undefined,
  'users.getId(user)': undefined,
  'users.hasId(user)': undefined,
  'users.metadata.columns.find((column) => column.isPrimary)': undefined,
  'Post.create({ id })': undefined,
  "users.createQueryBuilder('u').where('u.id = :id').getQuery()": undefined,
  "users.createQueryBuilder('u').where('u.id = :id')": undefined,
  'source.destroy()': undefined,
  'list.find((one) => one.id === id)': undefined,
};

/** Statements, and the queries that they run. */
const STATEMENTS: Record<string, Partial<Query>[]> = {
  "const query = users.createQueryBuilder('u'); if (name) query.andWhere('u.name = :name', { name }); query.take(10); return query.getMany();": [{ bound: 'limited', filtered: true }],
  "let query = users.createQueryBuilder('u'); query = query.where('u.id = :id', { id }); return await query.getOne();": [{ bound: 'one', filtered: true }],
  "const query = users.createQueryBuilder('u'); paginate(query); return query.getMany();": [{ bound: 'unknown', filtered: true }],
  "const find = (query: SelectQueryBuilder<User>) => query.getMany();": [{ bound: 'unknown', filtered: true, tables: ['User'] }],
  "return users.createQueryBuilder('u').where((query) => 'u.id IN ' + query.subQuery().select('p.author').from(Post, 'p').getQuery()).getMany();": [{ filtered: true }],
  'await source.transaction(async (tx) => { await tx.getRepository(User).save(user); });': [{ verb: 'transaction' }, { verb: 'update', handle: 'transaction', tables: ['User'] }],
  "await manager.transaction('SERIALIZABLE', async (tx) => { await tx.delete(User, id); });": [{ verb: 'transaction' }, { verb: 'delete', handle: 'transaction' }],
  'const one = source.createQueryRunner(); await one.startTransaction(); await one.manager.insert(User, { name }); await one.commitTransaction();': [{ verb: 'transaction', handle: 'connection' }, { verb: 'insert', handle: 'transaction' }, { verb: 'transaction' }],
  'const after = async (event: UpdateEvent<User>) => { await event.manager.save(user); };': [{ verb: 'update', handle: 'transaction' }],
  'class Service { constructor(@InjectRepository(User) private readonly users: Repository<User>, private readonly own: Users) {} all() { return this.users.find(); } one() { return this.own.byName(name); } }': [{ tables: ['User'], bound: 'all' }],
  'class Old extends AbstractRepository<User> { all() { return this.repository.find(); } one() { return this.createQueryBuilder().getOne(); } two() { return this.manager.find(Post); } }': [{ tables: ['User'] }, { tables: ['User'], bound: 'one' }, { tables: ['Post'] }],
  'for (const one of await Post.find()) await one.remove();': [{ tables: ['Post'], bound: 'all' }, { verb: 'delete', tables: ['Post'] }],
  'const made = Post.create({ id }); await made.save();': [{ verb: 'update', tables: ['Post'] }],
  'const [rows] = await source.getRepository(Post).findAndCount(); await rows[0].save();': [{ bound: 'all' }, { verb: 'update', tables: ['Post'] }],
  'const documents: MongoRepository<User> = source.getMongoRepository(User); await documents.find();': [],
};

describe('TypeORM', () => {
  before(initSql);

  const check = (code: string, expected: Partial<Query>[]): void => {
    assert.deepEqual(factsOfQueries({ 'entities.ts': ENTITIES, 'main.ts': `${HEAD}\nexport async function main() { ${code} }` }, expected), expected);
  };

  for (const [code, facts] of Object.entries(EXPRESSIONS)) it(`reads ${code}`, () => check(`return ${code};`, facts ? [facts] : []));
  for (const [code, facts] of Object.entries(STATEMENTS)) it(`reads ${code}`, () => check(code, facts));
});
