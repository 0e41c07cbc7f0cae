import { DataSource, EntitySchema } from 'typeorm';

const Member = new EntitySchema({
  name: 'Member',
  tableName: 'members',
  columns: { id: { type: Number, primary: true, generated: true }, name: { type: String } },
});

async function main() {
  const source = new DataSource({ type: 'postgres', url: process.env.DATABASE_URL, entities: [Member], synchronize: false });
  await source.initialize(); //: 2
  await source.query('CREATE TABLE IF NOT EXISTS members (id serial PRIMARY KEY, name text)'); //: 1
  const members = source.getRepository('Member');
  await members.save({ name: 'Ada' }); //: 3
  await members.find({ take: 2 }); //: 1
  await members.findOneBy({ id: 1 }); //: 1
  await members.createQueryBuilder('m').where('m.id = :id', { id: 1 }).getMany(); //: 1
  await Promise.all([1, 2].map((id) => members.findOneBy({ id }))); //: 2
  await source.transaction(async (manager) => { //: 2
    await manager.count('Member'); //: 1
  });
  await source.destroy();
}

main();
