import { relations } from 'drizzle-orm';
import { bigserial, integer, pgTable, serial, text } from 'drizzle-orm/pg-core';

export const customers = pgTable('customers', {
  id: serial('id').primaryKey(),
  email: text('email').notNull().unique(),
  name: text('name').notNull(),
});

export const orders = pgTable('orders', {
  id: serial('id').primaryKey(),
  customerId: integer('customer_id'),
  status: text('status').notNull().default('open'),
});

export const orderItems = pgTable('order_items', {
  id: serial('id').primaryKey(),
  orderId: integer('order_id').notNull(),
  sku: text('sku').notNull(),
  quantity: integer('quantity').notNull().default(1),
  tags: text('tags').array().notNull().default([]),
});

export const products = pgTable('products', {
  id: bigserial('id', { mode: 'bigint' }).primaryKey(),
  sku: text('sku').notNull().unique(),
  note: text('note'),
});

export const articles = pgTable('articles', {
  id: serial('id').primaryKey(),
  group: integer('group').notNull(),
  title: text('title').notNull(),
  body: text('body').notNull(),
});

export const orderRelations = relations(orders, ({ many }) => ({ items: many(orderItems) }));
export const orderItemRelations = relations(orderItems, ({ one }) => ({ order: one(orders, { fields: [orderItems.orderId], references: [orders.id] }) }));
