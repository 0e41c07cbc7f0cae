-- 5,000 customers, 1,000 products, 60,000 orders, about 210,000 order items. Hashes instead of random():
-- every run gives the same rows.

CREATE FUNCTION pg_temp.pick(number bigint, salt bigint, choices integer) RETURNS integer
  LANGUAGE sql IMMUTABLE AS $$ SELECT ((hashint8extended(number, salt) & 2147483647) % choices)::integer $$;

INSERT INTO customers (id, email, name, country, tier, newsletter, birthday, created_at)
SELECT n,
       lower(first || '.' || replace(last, ' ', '') || n || '@' || (ARRAY['example.com', 'example.org', 'example.net'])[1 + pg_temp.pick(n, 3, 3)]),
       first || ' ' || last,
       (ARRAY['DE', 'FR', 'NL', 'ES', 'IT', 'PL', 'SE', 'AT', 'IE', 'PT'])[1 + pg_temp.pick(n, 4, 10)],
       (CASE WHEN pg_temp.pick(n, 5, 100) < 5 THEN 'gold' WHEN pg_temp.pick(n, 5, 100) < 20 THEN 'silver' ELSE 'standard' END)::customer_tier,
       pg_temp.pick(n, 6, 10) < 4,
       CASE WHEN pg_temp.pick(n, 7, 10) < 8 THEN date '1950-01-01' + pg_temp.pick(n, 8, 20000) END,
       timestamptz '2023-01-01 08:00+00' + pg_temp.pick(n, 9, 31536000) * interval '2 seconds'
FROM generate_series(1, 5000) AS n,
     LATERAL (SELECT (ARRAY['Anna', 'Ben', 'Carla', 'David', 'Elena', 'Felix', 'Greta', 'Hugo', 'Ines', 'Jonas', 'Katja', 'Lars', 'Marta', 'Nils', 'Olga', 'Pablo', 'Rosa', 'Sven', 'Tilda', 'Viktor'])[1 + pg_temp.pick(n, 1, 20)]) AS f (first),
     LATERAL (SELECT (ARRAY['Andersson', 'Bauer', 'Costa', 'de Vries', 'Dubois', 'Fischer', 'Garcia', 'Horvat', 'Jansen', 'Kowalski', 'Lefevre', 'Moretti', 'Murphy', 'Novak', 'Oliveira', 'Petrov', 'Rossi', 'Schmidt', 'Virtanen', 'Weber'])[1 + pg_temp.pick(n, 2, 20)]) AS l (last);

INSERT INTO addresses (customer_id, street, city, postcode, country, is_default)
SELECT c.id,
       (ARRAY['Station Road', 'Mill Lane', 'Church Street', 'Market Square', 'Harbour View', 'Park Avenue', 'School Lane', 'Garden Row'])[1 + pg_temp.pick(c.id, 10 + a, 8)] || ' ' || 1 + pg_temp.pick(c.id, 20 + a, 180),
       (ARRAY['Berlin', 'Lyon', 'Utrecht', 'Sevilla', 'Torino', 'Gdansk', 'Uppsala', 'Graz', 'Cork', 'Porto'])[1 + pg_temp.pick(c.id, 4, 10)],
       lpad((10000 + pg_temp.pick(c.id, 30 + a, 89999))::text, 5, '0'),
       c.country,
       a = 1
FROM customers AS c, generate_series(1, 2) AS a
WHERE a = 1 OR pg_temp.pick(c.id, 40, 3) = 0;

INSERT INTO products (id, sku, name, category, price_cents, active)
SELECT n,
       upper(left(category, 3)) || '-' || lpad(n::text, 5, '0'),
       (ARRAY['Oak', 'Linen', 'Steel', 'Copper', 'Wool', 'Glass', 'Bamboo', 'Slate', 'Cotton', 'Walnut'])[1 + pg_temp.pick(n, 51, 10)] || ' ' || kind,
       category,
       490 + pg_temp.pick(n, 53, 300) * 50,
       pg_temp.pick(n, 54, 100) >= 3
FROM generate_series(1, 1000) AS n,
     LATERAL (SELECT (ARRAY['Kitchen', 'Living', 'Bedroom', 'Garden', 'Office'])[1 + pg_temp.pick(n, 50, 5)]) AS c (category),
     LATERAL (SELECT (ARRAY['Lamp', 'Bowl', 'Chair', 'Blanket', 'Shelf', 'Planter', 'Tray', 'Clock', 'Basket', 'Mug', 'Board', 'Cushion'])[1 + pg_temp.pick(n, 52, 12)]) AS k (kind);

INSERT INTO stock (product_id, warehouse, quantity)
SELECT p.id, warehouse, pg_temp.pick(p.id, 60 + length(warehouse), 120)
FROM products AS p, unnest(ARRAY['Leipzig', 'Lille', 'Eindhoven']) AS warehouse;

INSERT INTO orders (id, customer_id, status, placed_at)
SELECT n,
       1 + pg_temp.pick(n, 70, 5000),
       CASE WHEN n > 59400 THEN (ARRAY['pending', 'paid'])[1 + pg_temp.pick(n, 71, 2)]
            WHEN n > 58000 THEN 'shipped'
            WHEN pg_temp.pick(n, 71, 100) < 4 THEN 'cancelled'
            ELSE 'delivered' END,
       timestamptz '2024-07-01 00:00+00' + n * interval '17 minutes' + pg_temp.pick(n, 72, 900) * interval '1 second'
FROM generate_series(1, 60000) AS n;

INSERT INTO order_items (order_id, product_id, quantity, unit_price_cents)
SELECT o.id, p.id, 1 + pg_temp.pick(o.id, 90 + line, 3), p.price_cents
FROM orders AS o
     CROSS JOIN LATERAL generate_series(1, 1 + pg_temp.pick(o.id, 80, 6)) AS line
     JOIN products AS p ON p.id = 1 + pg_temp.pick(o.id, 100 + line, 1000);

UPDATE orders SET total_cents = i.total
FROM (SELECT order_id, sum(quantity * unit_price_cents) AS total FROM order_items GROUP BY order_id) AS i
WHERE i.order_id = orders.id;

CREATE INDEX addresses_customer_id_index ON addresses (customer_id);
CREATE INDEX orders_customer_id_index ON orders (customer_id);
CREATE INDEX orders_placed_at_index ON orders (placed_at);
CREATE INDEX order_items_order_id_index ON order_items (order_id);

SELECT setval(pg_get_serial_sequence('customers', 'id'), max(id)) FROM customers;
SELECT setval(pg_get_serial_sequence('products', 'id'), max(id)) FROM products;
SELECT setval(pg_get_serial_sequence('orders', 'id'), max(id)) FROM orders;

ANALYZE;
