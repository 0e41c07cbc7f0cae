import { DataTypes, Sequelize } from 'sequelize';

async function main() {
  const sequelize = new Sequelize(process.env.DATABASE_URL, { logging: false, pool: { max: 2 } });
  const Guest = sequelize.define('guest', { name: DataTypes.TEXT }, { timestamps: false, tableName: 'guests' });
  await sequelize.query('CREATE TABLE IF NOT EXISTS guests (id serial PRIMARY KEY, name text)'); //: 3
  await Guest.create({ name: 'Ada' }); //: 1
  await Guest.findAll({ limit: 2 }); //: 1
  await Guest.findByPk(1); //: 1
  await Promise.all([1, 2].map((id) => Guest.findOne({ where: { id } }))); //: 2
  await sequelize.transaction(async (transaction) => { //: 2
    await Guest.count({ transaction }); //: 1
  });
  await sequelize.close();
}

main();
