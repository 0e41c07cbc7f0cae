CREATE TABLE customers (
  id serial PRIMARY KEY,
  email text NOT NULL UNIQUE,
  name text NOT NULL
);
CREATE TABLE orders (
  id serial PRIMARY KEY,
  customer_id integer REFERENCES customers (id),
  status text NOT NULL DEFAULT 'open'
);
CREATE TABLE order_items (
  id serial PRIMARY KEY,
  order_id integer NOT NULL REFERENCES orders (id),
  sku text NOT NULL,
  quantity integer NOT NULL DEFAULT 1,
  tags text[] NOT NULL DEFAULT '{}'
);
CREATE TABLE products (
  id bigserial PRIMARY KEY,
  sku text NOT NULL UNIQUE,
  note text
);
CREATE TABLE articles (
  id serial PRIMARY KEY,
  "group" integer NOT NULL,
  title text NOT NULL,
  body text NOT NULL,
  cover bytea
);

INSERT INTO customers (email, name) SELECT 'c' || n || '@example.org', 'Customer ' || n FROM generate_series(1, 12) n;
INSERT INTO orders (customer_id, status)
  SELECT CASE WHEN n % 7 = 0 THEN NULL ELSE n % 12 + 1 END, CASE WHEN n % 3 = 0 THEN 'closed' ELSE 'open' END FROM generate_series(1, 30) n;
INSERT INTO order_items (order_id, sku, quantity) SELECT n % 20 + 1, 'sku-' || n % 9, n % 4 + 1 FROM generate_series(1, 70) n;
INSERT INTO products (sku, note) SELECT 'sku-' || n, CASE WHEN n % 2 = 0 THEN 'note ' || n END FROM generate_series(0, 7) n;
INSERT INTO articles ("group", title, body, cover) SELECT n % 4, 'title ' || n % 5, repeat('body ' || n, 100), CASE WHEN n % 2 = 0 THEN 'cover'::bytea END FROM generate_series(1, 20) n;
