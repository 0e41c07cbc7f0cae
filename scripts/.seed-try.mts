import { startPostgres } from '/work/main/test/postgres.ts';
import pg from 'pg';
import fs from 'node:fs';
const s = await startPostgres({statStatements:true});
const c = new pg.Client(s.url); await c.connect();
console.time('schema'); await c.query(fs.readFileSync('/work/main/demo/database/schema.sql','utf8')); console.timeEnd('schema');
console.time('seed'); await c.query(fs.readFileSync('/work/main/demo/database/seed.sql','utf8')); console.timeEnd('seed');
for (const t of ['customers','addresses','products','stock','orders','order_items']) console.log(t, (await c.query(`select count(*)::int n from ${t}`)).rows[0].n);
for (const t of ['customers','addresses','products','stock','orders','order_items']) console.table((await c.query(`select * from ${t} limit 4`)).rows);
console.table((await c.query('select status,count(*)::int from orders group by 1')).rows);
console.table((await c.query('select max(placed_at), max(total_cents), min(total_cents) from orders')).rows);
await c.end();
console.log(s.url);
if (process.argv[2]) { const {spawn}=await import('node:child_process'); const p=spawn('npx',['tsx','src/load.ts'],{cwd:'/work/main/demo',env:{...process.env,DATABASE_URL:s.url},stdio:['ignore','inherit','inherit','ipc']}); await new Promise(r=>p.on('message',m=>{console.log(m);r(0)})); await new Promise(r=>setTimeout(r,9000)); p.disconnect(); await new Promise(r=>p.on('exit',(c)=>{console.log('exit',c);r(0)}));
 const d=new pg.Client(s.url); await d.connect(); console.table((await d.query("select left(query,70) q, calls, round(total_exec_time) tot, round(mean_exec_time::numeric,2) mean, rows from pg_stat_statements order by total_exec_time desc limit 20")).rows); await d.end(); }
await s.stop();
