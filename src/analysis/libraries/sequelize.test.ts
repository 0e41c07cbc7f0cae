import assert from 'node:assert/strict';
import { factsOfQueries, initSql } from '../../../test/analysis-host';
import type { Query } from './library';

/** Models as sequelize-typescript writes them, with a base class of the program in between. */
const MODELS = `
import { AfterDestroy, AllowNull, BeforeSave, BelongsTo, Column, HasMany, Model as SequelizeModel, Table } from 'sequelize-typescript';
import type { FindOptions, HasManyGetAssociationsMixin, HasManyAddAssociationMixin, BelongsToGetAssociationMixin, ModelStatic, NonAttribute } from 'sequelize';

export class Model<A extends object = any> extends SequelizeModel<A> {
  saveWithContext(ctx: object) { return this.save({ ...ctx }); }
  static createWithContext<M extends Model>(this: ModelStatic<M>, ctx: object, values: object) { return this.create(values, { ...ctx }); }
  static async findOrMake<M extends Model>(this: ModelStatic<M>, where: object): Promise<[M, boolean]> { const found = await this.findOne({ where }); return [found as M, false]; }
  static async inBatches<T extends Model>(options: FindOptions<T>, callback: (rows: Array<T>, options: FindOptions<T>) => Promise<void>) { await callback(await this.findAll<T>(options), options); }
}
export class ParanoidModel<A extends object = any> extends Model<A> { @Column deletedAt: Date | null; }
@Table({ tableName: 'teams' })
export class Team extends ParanoidModel { @Column name: string; @HasMany(() => User) users: User[]; static biggest() { return this.findOne({ order: [['size', 'DESC']] }); } }
@Table
export class User extends ParanoidModel {
  @Column email: string;
  @BelongsTo(() => Team) team: NonAttribute<Team>;
  declare getPosts: HasManyGetAssociationsMixin<Post>;
  declare addPost: HasManyAddAssociationMixin<Post, number>;
  declare getTeam: BelongsToGetAssociationMixin<Team>;
  collectionIds() { return Post.findAll({ where: { userId: this.id }, attributes: ['collectionId'] }); }
  getToken() { return this.email; }
  changeset() { return { email: this.email }; }
}
export class Post extends Model { @BeforeSave static clean(post: Post) { post.changed(); } @AfterDestroy static async deleteFile(post: Post) { await fetch('/files'); } }
`;
const IMPORT = `import { Model, Post, Team, User } from './models'; import { Op } from 'sequelize';`;
const f = (body: string): string => `${IMPORT} export async function f(id: string, ids: string[], given: object, q: string, t: object, users: User[], user: User) { ${body} }`;
const SAVE: Partial<Query> = { label: 'save', verb: 'update', tables: ['User'], exact: true, handle: 'pool' };

const CASES: [name: string, code: string, queries: Partial<Query>[]][] = [
  // Classes that are tables
  ['a row by its key', f('await User.findByPk(id);'), [{ library: 'sequelize', label: 'User.findByPk', verb: 'read', tables: ['User'], filterColumns: ['id'], filtered: true, exact: true, bound: 'one', handle: 'pool', columns: 'all' }]],
  ['the class of a row', f('await (user.constructor as typeof User).findByPk(id); const model = user.constructor; await model.findOne({ where: { email: q } });'), [{ tables: ['User'], bound: 'one', filterColumns: ['id'] }, { tables: ['User'], filterColumns: ['email'] }]],
  ['a whole table', f('await User.findAll();'), [{ verb: 'read', tables: ['User'], filtered: false, bound: 'all', columns: 'all', manyAtOnce: false }]],
  ['an exact filter and some columns', f("await User.findAll({ where: { teamId: id, role: 'admin' }, attributes: ['id'] });"), [{ filterColumns: ['teamId', 'role'], filtered: true, exact: true, bound: 'all', columns: 'some' }]],
  ['a range', f('await User.findAll({ where: { teamId: id, seenAt: { [Op.lt]: new Date() } } });'), [{ filterColumns: ['teamId'], filtered: true, exact: false }]],
  ['a list of keys', f('await User.findAll({ where: { id: ids } }); await User.findAll({ where: { id: { [Op.in]: ids } } }); await User.findAll({ where: { teamId: users.map((one) => one.teamId) } });'), [{ manyAtOnce: true, bound: 'limited' }, { manyAtOnce: true, bound: 'limited' }, { manyAtOnce: true, bound: 'all' }]],
  ['conditions side by side', f('await User.findAll({ where: { [Op.and]: [{ teamId: id }, { email: q }] } }); await User.findAll({ where: { [Op.or]: [{ teamId: id }, { email: q }] } });'), [{ filterColumns: ['teamId', 'email'], exact: true }, { filterColumns: [], filtered: true, exact: false }]],
  ['a search', f('await User.findAll({ where: { name: { [Op.iLike]: `%${q}%` } } });'), [{ searches: true, exact: false }]],
  ['a constant pattern', f("await User.findAll({ where: { name: { [Op.like]: 'bot-%' } } });"), [{ searches: false, filtered: true }]],
  ['limits and offsets', f('const limit = 20; await User.findAll({ limit, offset: 40 }); await User.findAll({ where: given, limit: 1 });'), [{ bound: 'limited', offset: true }, { bound: 'one', filtered: true, exact: false }]],
  ['options that are not known', f('await User.findAll({ ...given }); await User.findAll(given);'), [{ bound: 'unknown', filtered: true, columns: 'unknown', handle: 'unknown' }, { bound: 'unknown', filtered: true }]],
  ['groups and aggregates', f("await User.count({ where: { teamId: id } }); await User.max('age'); await User.findAll({ group: ['teamId'] });"), [{ label: 'User.count', bound: 'aggregate', filterColumns: ['teamId'] }, { bound: 'aggregate' }, { bound: 'unknown' }]],
  ['a transaction in the options', f('await User.findOne({ where: { id }, transaction: t }); await User.create({ id }, { transaction: t });'), [{ handle: 'transaction', bound: 'one' }, { handle: 'transaction', verb: 'insert' }]],
  ['writes', f('await User.create({ id }); await User.bulkCreate([{ id }]); await User.update({ seen: true }, { where: { id } }); await User.destroy({ where: { id: ids } }); await User.upsert({ id }); await User.increment("age", { where: { id } });'),
    [{ verb: 'insert', manyAtOnce: false, runsHooks: false }, { verb: 'insert', manyAtOnce: true }, { verb: 'update', filterColumns: ['id'], bound: 'none' }, { verb: 'delete', manyAtOnce: true }, { verb: 'insert' }, { verb: 'update' }]],
  ['scopes', f("await User.scope('active').findAll(); await User.unscoped().findByPk(id); await User.schema('x').findAll();"), [{ tables: ['User'], filtered: true, exact: false }, { tables: ['User'], bound: 'one' }, { tables: ['User'], filtered: false }]],
  ['statics that ask `this`', f('await Team.biggest();').replace('Team.biggest', 'biggest').replace('export async', 'class Local extends Team { static all() { return this.findAll({ where: { teamId: 1 } }); } } const biggest = () => Team.findOne(); export async'), [{ label: 'Local.findAll', tables: ['Local'] }, { label: 'Team.findOne' }]],
  ['a mixin', `import { Model } from 'sequelize'; const Timed = (Base: any) => class extends Base { touch() {} }; class Tag extends Timed(Model) {} export const f = (id: string) => Tag.findByPk(id);`, [{ label: 'Tag.findByPk', tables: ['Tag'] }]],
  ['a model’s type', `import type { ModelStatic, Model } from 'sequelize'; import { User } from './models'; export const f = (model: ModelStatic<User>, one: typeof User, any: ModelStatic<Model>) => [model.findAll(), one.findAll(), any.findAll()];`, [{ tables: ['User'] }, { tables: ['User'] }, { tables: [] }]],
  ['injected models', `import { InjectModel } from '@nestjs/sequelize'; import { User } from './models'; export class Users { constructor(@InjectModel(User) private readonly users: typeof User) {} find(id: string) { return this.users.findOne({ where: { id } }); } }`, [{ tables: ['User'], bound: 'one' }]],
  ['a circle of bases', `class A extends B {} class B extends A {} export const f = () => A.findAll();`, []],

  // Rows that are instances
  ['a row', f("const one = await User.findByPk(id); await one!.save(); await one?.update({ email: q }); await one?.destroy({ transaction: t }); await one!.reload(); await one!.increment('age');"),
    [{}, SAVE, { label: 'update', verb: 'update' }, { verb: 'delete', handle: 'transaction' }, { verb: 'read', bound: 'one' }, { verb: 'update' }]],
  ['rows of a list', f('const all = await User.findAll(); for (const one of all) await one.save();'), [{}, SAVE]],
  ['rows of a callback', f('const all = await User.findAll(); await Promise.all(all.filter((one) => one.email).map(async (one) => one.save()));'), [{}, SAVE]],
  ['rows of a page', f('const { rows, count } = await User.findAndCountAll({ limit: count }); await rows[0].save();'), [{ bound: 'limited' }, SAVE]],
  ['a row and a flag', f('const [one, created] = await User.findOrCreate({ where: { id } }); await one.save();'), [{ verb: 'insert', label: 'User.findOrCreate' }, SAVE]],
  ['rows side by side', f('const [one, all] = await Promise.all([User.findByPk(id), User.findAll()]); await one!.save(); await all[0]!.save();'), [{}, {}, SAVE, SAVE]],
  ['rows of a list of queries', f('const all = await Promise.all(ids.map((one) => User.findByPk(one))); for (const one of all) await one!.save();'), [{}, SAVE]],
  ['a promise’s row', f('await User.findByPk(id).then((one) => one!.save());'), [{}, SAVE]],
  ['a row that may be missing', f('const one = id ? await User.findByPk(id) : null; if (one) await one.save();'), [{}, SAVE]],
  ['rows that are made', f('const one = User.build({ id }); await one.save(); const other = new User({ id }); await other.save(); const made = await User.create({ id }); await made.save();'), [SAVE, SAVE, { verb: 'insert' }, SAVE]],
  ['typed rows', f('await user.save(); for (const one of users) await one.save();'), [SAVE, SAVE]],
  ['rows of rows', f("const team = await user.$get('team'); await team!.save(); await user.team.save(); const all = await user.team.$get('users'); await all![0]!.save();"),
    [{ label: '$get', verb: 'read' }, { label: 'save', tables: ['Team'] }, { label: 'save', tables: ['Team'] }, { label: '$get' }, SAVE]],
  ['association methods of sequelize-typescript', f("await user.$count('posts'); await user.$add('post', id); await user.$remove('post', id);"), [{ verb: 'read', bound: 'aggregate' }, { verb: 'insert' }, { verb: 'delete' }]],
  ['association methods that are declared', f('const posts = await user.getPosts(); await user.addPost(1, { transaction: t }); const team = await user.getTeam(); await posts[0]!.destroy(); await team.save();'),
    [{ label: 'getPost', verb: 'read', tables: ['Post'], bound: 'unknown' }, { verb: 'insert', tables: ['Post'], handle: 'transaction' }, { verb: 'read', tables: ['Team'], bound: 'one' }, { verb: 'delete', tables: ['Post'] }, { tables: ['Team'] }]],
  ['rows of inherited statics', f('const [one] = await User.findOrMake({ id }); await one.save(); const made = await User.createWithContext({}, {}); await made.save(); await User.inBatches({}, async (batch) => { for (const of of batch) await of.save(); });'), [SAVE, SAVE, SAVE]],
  ['hooks of a row’s class', f('const post = await Post.findByPk(id); await post!.save(); await post!.destroy(); await post!.save({ hooks: false }); await Post.create({}); await user.save();'),
    [{}, { runsHooks: true }, { runsHooks: true }, { runsHooks: false }, { runsHooks: true }, { runsHooks: false }]],

  // Connections
  ['SQL', `import { Sequelize, QueryTypes } from 'sequelize'; const sequelize = new Sequelize('x'); export const f = (id: string) => sequelize.query('SELECT name FROM users WHERE id = :id', { type: QueryTypes.SELECT, replacements: { id } });`, [{ label: 'sequelize.query', verb: 'read', tables: ['users'], filterColumns: ['id'], handle: 'pool' }]],
  ['a transaction', `${IMPORT} import { Sequelize } from 'sequelize-typescript'; const sequelize = new Sequelize({}); export const f = () => sequelize.transaction(async (transaction) => { await User.create({}, { transaction }); });`, [{ verb: 'transaction', label: 'sequelize.transaction' }, { verb: 'insert', handle: 'transaction' }]],
  ['models by their name', `import { Sequelize, DataTypes } from 'sequelize'; const sequelize = new Sequelize('x'); const Tag = sequelize.define('tag', { name: DataTypes.STRING }); export async function f(id: string) { const tag = await Tag.findByPk(id); await tag!.save(); await tag!.getPosts(); await sequelize.models.post.findAll(); await sequelize.model('post').count(); }`,
    [{ label: 'tag.findByPk', tables: ['tag'] }, { label: 'save', tables: ['tag'] }, { label: 'getPosts', verb: 'read' }, { tables: ['post'], bound: 'all' }, { tables: ['post'], bound: 'aggregate' }]],
  ['the connection of a model', f("await User.sequelize!.query('DELETE FROM users WHERE id = :id');"), [{ verb: 'delete', tables: ['users'] }]],
  ['migrations', `import type { QueryInterface } from 'sequelize'; export async function up(queryInterface: QueryInterface) { await queryInterface.bulkInsert('users', []); await queryInterface.addColumn('users', 'x', {}); }`, [{ verb: 'insert', manyAtOnce: true, tables: ['users'] }, { verb: 'ddl' }]],
  ['a namespace import', `import * as Sequelize from 'sequelize'; class Tag extends Sequelize.Model {} export const f = () => Tag.findAll();`, [{ tables: ['Tag'] }]],

  // No queries
  ['what runs nothing', f("User.build({}); user.set({}); user.get('email'); user.getDataValue('email'); user.getToken(); user.changeset(); user.toJSON(); user.changed('email'); User.hasMany(Post); User.init({}, {}); await User.findByPk;"), []],
  ['rows that are raw', f('const all = await User.findAll({ raw: true }); for (const one of all) await one.save();'), [{ label: 'User.findAll' }]],
  ['classes of the program with the same methods', `class Model { static async findAll() { return [new this()]; } async save() {} async destroy() {} } class Store extends Model {} export async function f() { const all = await Store.findAll(); for (const one of all) { await one.save(); await one.destroy(); } }`, []],
  ['a store of a front end', `import { observable } from 'mobx'; class Documents { data = observable.map<string, Doc>(); find(id: string) { return this.data.get(id); } async create() { return new Doc(); } } class Doc { async save() { await fetch('/x'); } async $get() {} } const documents = new Documents(); export async function f() { const one = documents.find('x'); await one?.save(); const made = await documents.create(); await made.$get(); }`, []],
  ['another package', `import { Model } from 'objection'; class User extends Model {} export const f = () => User.findAll();`, []],
];

describe('Sequelize', () => {
  before(initSql);

  for (const [name, code, expected] of CASES) {
    it(`understands ${name}`, () => assert.deepEqual(factsOfQueries({ 'models.ts': MODELS, 'main.ts': code }, expected), expected));
  }
});
