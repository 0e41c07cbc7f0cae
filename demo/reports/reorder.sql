-- What purchasing has to order this week: products that sell faster than the warehouses are full.
SELECT p.sku, p.name, sum(s.quantity) AS in_stock, sold.pieces
FROM products AS p
JOIN stock AS s ON s.product_id = p.id
JOIN (
  SELECT i.product_id, sum(i.quantity) AS pieces
  FROM order_items AS i
  JOIN orders AS o ON o.id = i.order_id
  WHERE o.placed_at > now() - interval '30 days'
  GROUP BY i.product_id
) AS sold ON sold.product_id = p.id
GROUP BY p.id, sold.pieces
HAVING sum(s.quantity) < sold.pieces
ORDER BY sold.pieces DESC
LIMIT 100;
