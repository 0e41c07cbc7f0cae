import assert from 'node:assert/strict';
import { factsOfQueries, initSql } from '../../../test/analysis-host';
import type { Query } from './library';

const ENTITIES = `
  import { BaseEntity, Collection, Entity, EntityRepository, EntitySchema, ManyToOne, OneToMany, Ref, Rel } from '@mikro-orm/core';
  export class Authors extends EntityRepository<Author> {
    byName(name: string) { return this.findOne({ name }); }
    all() { return this.em.find(Author, {}); }
    drop(author: Author) { this.em.remove(author); }
  }
  @Entity({ repository: () => Authors })
  export class Author { id!: number; name!: string; @OneToMany(() => Book, (book) => book.author) books = new Collection<Book>(this); declare tags: Collection<Tag>; }
  @Entity() export class Book { id!: number; title!: string; @ManyToOne(() => Author) author!: Ref<Author>; editor!: Rel<Author>; }
  @Entity() export class Tag extends BaseEntity { id!: number; book!: Ref<Book>; }
  export const Shelf = new EntitySchema<{ id: number }>({ name: 'Shelf' });
`;
const HEAD = `
  import { Collection, EntityManager, EntityRepository, MikroORM, QueryBuilder, RequestContext, Loaded, raw, ref, wrap } from '@mikro-orm/postgresql';
  import { Author, Authors, Book, Shelf, Tag } from './entities';
  declare const em: EntityManager; declare const books: EntityRepository<Book>; declare const authors: Authors; declare const orm: MikroORM;
  declare const author: Author; declare const book: Book; declare const tag: Tag; declare const list: Book[]; declare const full: Loaded<Author, 'books'>;
  declare const id: number; declare const ids: number[]; declare const name: string; declare const where: object; declare const options: object;
`;

/** What each expression runs: one query with at least these facts, or none. */
const EXPRESSIONS: Record<string, Partial<Query> | undefined> = {
  // where handles come from
  'em.find(Book, {})': { library: 'mikro-orm', verb: 'read', tables: ['Book'], bound: 'all', filtered: false, columns: 'all', handle: 'unknown', label: 'em.find', runs: 'at-once' },
  'books.findAll()': { tables: ['Book'], bound: 'all', filtered: false, label: 'findAll' },
  "em.find('Book', {})": { tables: ['Book'] },
  'em.find(Shelf, {})': { tables: ['Shelf'] },
  'orm.em.fork().find(Book, {})': { tables: ['Book'] },
  '(await MikroORM.init({})).em.count(Book)': { tables: ['Book'], bound: 'aggregate' },
  'new MikroORM({}).em.count(Book)': { bound: 'aggregate' },
  'RequestContext.getEntityManager()!.find(Book, {})': { tables: ['Book'] },
  'em.getRepository(Book).find({})': { tables: ['Book'] },
  'em.getRepository(Author).byName(name)': undefined,
  'books.getEntityManager().find(Tag, {})': { tables: ['Tag'] },
  'authors.find({})': { tables: ['Author'], bound: 'all' },
  'em.fork().getRepository(Book).count()': { bound: 'aggregate', tables: ['Book'] },

  // what is asked
  'em.find(Book, { title: name })': { filtered: true, filterColumns: ['title'], exact: true, bound: 'all', manyAtOnce: false },
  'em.find(Book, where)': { filtered: true, exact: false },
  'em.find(Book, ids)': { filtered: true, manyAtOnce: true },
  'em.find(Book, { id: ids })': { filtered: true, manyAtOnce: true, exact: false },
  'em.find(Book, { id: { $in: ids } })': { manyAtOnce: true, exact: false },
  'em.find(Book, { author: { name } })': { filterColumns: ['author'], exact: true },
  'em.find(Book, { title: { $ne: name }, id })': { filterColumns: ['id'], exact: false },
  'em.find(Book, { title: { $ilike: `%${name}%` } })': { searches: true },
  "em.find(Book, { title: { $like: 'draft-%' } })": { searches: false },
  'em.find(Book, { $or: [{ title: { $ilike: name } }, { id }] })': { searches: true, exact: false, filterColumns: [] },
  'em.find(Book, { $and: [{ title: name }, { id }] })': { exact: true, filterColumns: ['title', 'id'] },
  'em.find(Book, {}, { limit: 10, offset: id })': { bound: 'limited', offset: true, filtered: false },
  'em.find(Book, {}, { limit: 1 })': { bound: 'one' },
  "em.find(Book, {}, { fields: ['title'] })": { columns: 'some', bound: 'all' },
  "em.find(Book, {}, { populate: ['author'] })": { columns: 'all', bound: 'all' },
  'em.find(Book, {}, options)': { bound: 'unknown', columns: 'unknown' },
  'em.findAll(Book, { where: { title: name }, limit: 5 })': { bound: 'limited', filterColumns: ['title'] },
  'em.findAll(Book)': { bound: 'all', filtered: false },
  'em.findAndCount(Book, {}, { limit: 5 })': { bound: 'limited' },
  'em.findByCursor(Book, {}, { first: 10 })': { bound: 'limited' },
  'em.findOne(Book, id)': { bound: 'one', filterColumns: ['id'], exact: true, filtered: true },
  'em.findOne(Book, book.id)': { bound: 'one', filterColumns: ['id'], exact: true },
  'em.findOneOrFail(Book, { title: name })': { bound: 'one', filterColumns: ['title'], exact: true },
  'books.findOne({ id })': { bound: 'one', filterColumns: ['id'], tables: ['Book'] },
  'books.count({ author: id })': { bound: 'aggregate', filterColumns: ['author'] },
  "em.populate(list, ['author'])": { verb: 'read', manyAtOnce: true, filtered: true },
  'em.refresh(book)': { verb: 'read', bound: 'one', tables: ['Book'] },
  "em.execute('SELECT * FROM book WHERE id = ?', [id])": { verb: 'read', tables: ['book'], filterColumns: ['id'], label: 'em.execute' },
  "em.getConnection().execute('SELECT count(*) FROM book')": { bound: 'aggregate', tables: ['book'], label: 'execute' },
  "em.getKnex()('book').where({ id })": { library: 'knex', tables: ['book'], filterColumns: ['id'] },
  "em.getKysely().selectFrom('book').selectAll().execute()": { library: 'kysely', tables: ['book'], bound: 'all' },

  // associations
  'author.books.loadItems()': { verb: 'read', tables: ['Book'], bound: 'unknown', filtered: true, label: 'loadItems' },
  'author.books.init()': { tables: ['Book'] },
  'author.tags.loadCount()': { tables: ['Tag'], bound: 'aggregate' },
  'author.books.matching({ limit: 3 })': { tables: ['Book'] },
  'book.author.load()': { tables: ['Author'], bound: 'one', exact: true },
  'book.author.loadOrFail()': { tables: ['Author'], bound: 'one' },
  'tag.book.load()': { tables: ['Book'] },
  'wrap(book.editor).init()': { tables: ['Author'], bound: 'one', label: 'init' },
  'tag.init()': { tables: ['Tag'], bound: 'one' },

  // writes
  'em.flush()': { verb: 'update', label: 'em.flush', tables: [], manyAtOnce: false },
  'em.persist(book).flush()': { verb: 'update', label: 'em.flush' },
  'books.getEntityManager().remove(book).flush()': { verb: 'update' },
  'em.persistAndFlush(book)': { verb: 'update', tables: ['Book'], manyAtOnce: false },
  'em.persistAndFlush([book])': { manyAtOnce: true },
  'books.persistAndFlush(list)': { manyAtOnce: true },
  'em.removeAndFlush(book)': { verb: 'delete', tables: ['Book'], manyAtOnce: false },
  'em.insert(Book, { title: name })': { verb: 'insert', tables: ['Book'], manyAtOnce: false },
  'em.insertMany(Book, [{ title: name }])': { verb: 'insert', manyAtOnce: true },
  'em.upsert(Book, { id })': { verb: 'insert', tables: ['Book'], manyAtOnce: false },
  'em.upsertMany(Book, list)': { verb: 'insert', manyAtOnce: true },
  'em.nativeUpdate(Book, { id }, { title: name })': { verb: 'update', filterColumns: ['id'], exact: true },
  'books.nativeUpdate({ id: { $in: ids } }, { title: name })': { verb: 'update', manyAtOnce: true },
  'em.nativeDelete(Book, { author: id })': { verb: 'delete', filterColumns: ['author'] },
  'orm.schema.updateSchema()': { verb: 'ddl' },
  'orm.getMigrator().up()': { verb: 'ddl' },

  // query builders
  "em.createQueryBuilder(Book, 'b').select('*').where({ id }).getSingleResult()": { bound: 'one', tables: ['Book'], filterColumns: ['id'], columns: 'all', exact: true },
  "books.createQueryBuilder('b').getResult()": { bound: 'all', filtered: false, tables: ['Book'] },
  "books.qb('b').select(['b.id']).where('b.title = ?', [name]).execute()": { filterColumns: ['title'], columns: 'some', exact: true },
  "books.qb().where('lower(title) like ?', [name]).getResultList()": { searches: true, bound: 'all' },
  'books.qb().limit(10, id).getResultAndCount()': { bound: 'limited', offset: true },
  'books.qb().count().where({ author: id }).execute()': { bound: 'aggregate' },
  'books.qb().where({ author: id }).getCount()': { bound: 'aggregate' },
  "books.qb().select(raw('max(position)')).execute('get')": { bound: 'one' },
  "books.qb().select(['author', raw('count(*) as n')]).groupBy('author').execute()": { bound: 'unknown' },
  'await books.qb().select("*").limit(5)': { bound: 'limited', runs: 'when-awaited' },
  'books.qb().insert({ title: name }).execute()': { verb: 'insert', manyAtOnce: false },
  'books.qb().insert(list).execute()': { verb: 'insert', manyAtOnce: true },
  'books.qb().update({ title: name }).where({ id }).execute()': { verb: 'update', filterColumns: ['id'] },
  'books.qb().delete({ id: { $in: ids } }).execute()': { verb: 'delete', manyAtOnce: true },
  "books.qb('b').innerJoin('b.author', 'a').getResult()": { filtered: true },

  // nothing runs
  'em.persist(book)': undefined,
  'em.remove(book)': undefined,
  'em.create(Book, { title: name })': undefined,
  'em.getReference(Book, id)': undefined,
  'em.assign(book, { title: name })': undefined,
  'em.clear()': undefined,
  'em.fork()': undefined,
  'wrap(book).assign({ title: name })': undefined,
  'wrap(book).toObject()': undefined,
  'author.books.getItems()': undefined,
  'author.books.add(book)': undefined,
  'author.books.isInitialized()': undefined,
  'book.author.unwrap().name': undefined,
  'ref(Author, id)': undefined,
  "(await em.populate([author], ['books'])).length": { label: 'em.populate' },
  'full.books.getItems()': undefined,
  "books.createQueryBuilder('b').where({ id }).getQuery()": undefined,
  "books.createQueryBuilder('b').where({ id }).getKnexQuery()": undefined,
  'list.find((one) => one.id === id)': undefined,
};

/** Statements, and the queries that they run. */
const STATEMENTS: Record<string, Partial<Query>[]> = {
  'class Service { constructor(@InjectRepository(Book) private readonly books: EntityRepository<Book>, private readonly authors: Authors, private readonly em: EntityManager) {} all() { return this.books.find({}); } two() { return this.em.find(Tag, {}); } }': [{ tables: ['Book'], bound: 'all', filtered: false }, { tables: ['Tag'] }],
  'await em.transactional(async (tx) => { await tx.insert(Book, { title: name }); });': [{ verb: 'transaction' }, { verb: 'insert', handle: 'transaction' }],
  'const tx = em.fork(); await tx.begin(); try { await tx.flush(); await tx.commit(); } catch { await tx.rollback(); }': [{ verb: 'transaction' }, { verb: 'update' }, { verb: 'transaction' }, { verb: 'transaction' }],
  'for (const one of await em.find(Author, {})) await one.books.loadItems();': [{ tables: ['Author'] }, { tables: ['Book'] }],
  "for (const one of await em.find(Author, {}, { populate: ['books'] })) await one.books.loadItems();": [{ tables: ['Author'] }],
  "for (const one of await em.find(Author, {}, { populate: ['books.author'] })) for (const each of one.books) await each.author.load();": [{ tables: ['Author'] }],
  "for (const one of await em.find(Author, {}, { populate: ['books'] })) for (const each of one.books) await each.author.load();": [{ tables: ['Author'] }, { tables: ['Author'], bound: 'one' }],
  'for (const one of await em.find(Author, {}, options)) await one.books.loadItems();': [{ tables: ['Author'] }],
  'const [rows] = await em.findAndCount(Book, {}); await rows[0].author.load();': [{ bound: 'all' }, { tables: ['Author'] }],
  'for (const each of await author.books.loadItems()) await each.author.load();': [{ tables: ['Book'] }, { tables: ['Author'] }],
  "const query = books.createQueryBuilder('b'); if (name) query.andWhere({ title: name }); query.limit(10); return await query.getResult();": [{ bound: 'limited', filtered: true }],
  "const query = em.createQueryBuilder(Book, 'b').select('*'); paginate(query); return await query;": [{ bound: 'unknown', filtered: true }],
  "const ids = books.qb('b').select('b.id'); return em.find(Author, { books: ids });": [{ tables: ['Author'] }],
  'const one = await em.findOneOrFail(Author, id); await one.books.loadItems();': [{ tables: ['Author'] }, { tables: ['Book'] }],
  "const one = await em.findOneOrFail(Author, id, { populate: ['books'] }); await one.books.loadItems(); await one.tags.loadItems();": [{ tables: ['Author'] }, { tables: ['Tag'] }],
  'const made = em.create(Author, { name }); await made.books.init();': [{ tables: ['Book'] }],
  'const criteria: any = {}; if (name) criteria.title = name; return em.find(Book, criteria);': [{ filtered: true }],
};

describe('MikroORM', () => {
  before(initSql);

  const check = (code: string, expected: Partial<Query>[], packages = '@mikro-orm/postgresql'): void => {
    assert.deepEqual(factsOfQueries({ 'entities.ts': ENTITIES, 'main.ts': `${HEAD.replace('@mikro-orm/postgresql', packages)}\nexport async function main() { ${code} }` }, expected), expected);
  };

  for (const [code, facts] of Object.entries(EXPRESSIONS)) it(`reads ${code}`, () => check(`return ${code};`, facts ? [facts] : []));
  for (const [code, facts] of Object.entries(STATEMENTS)) it(`reads ${code}`, () => check(code, facts));

  it('knows the packages of version 5', () => check('return em.find(Book, {});', [{ bound: 'all' }], '@mikro-orm/knex'));
  it('leaves other databases alone', () => check('return em.find(Book, {});', [], '@mikro-orm/mongodb'));
});
