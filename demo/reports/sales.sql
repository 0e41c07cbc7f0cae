-- Turnover by country and month.
SELECT c.country, date_trunc('month', o.placed_at) AS month, sum(o.total_cents) AS cents
FROM orders AS o
JOIN customers AS c ON c.id = o.customer_id
GROUP BY c.country, month
ORDER BY month, c.country;

-- Everything ever sold, for the spreadsheet of the accountants.
SELECT o.id, o.placed_at, c.name, p.sku, i.quantity, i.unit_price_cents
FROM order_items AS i
JOIN orders AS o ON o.id = i.order_id
JOIN products AS p ON p.id = i.product_id
JOIN customers AS c ON c.id = o.customer_id
ORDER BY o.placed_at;

-- The ten largest orders.
SELECT id, customer_id, total_cents FROM orders ORDER BY total_cents DESC LIMIT 10;
