-- Sales by category and month, with the names of those who bought: the monolith's way, in one query.
SELECT p.category_id, to_char(o.created_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, a.name,
       sum(l.quantity)::bigint AS units, sum(l.quantity * l.unit_price_amount)::bigint AS amount
FROM orders_order o
JOIN orders_orderline l ON l.order_id = o.id
JOIN catalog_product p ON p.id = l.product_id
JOIN accounts_account a ON a.id = o.account_id
WHERE o.status IN ('confirmed', 'shipped')
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
