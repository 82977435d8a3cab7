// Reads.

import { ORDERINGS } from './domain.js';

/** One more than `limit`, if there are more. */
export function productList(sql, { sort, limit, after, ...filters }) {
  const { column, descending } = ORDERINGS[sort];
  const key = sql`(${sql(column)}, id)`;
  const direction = descending ? sql`DESC` : sql`ASC`;
  // Ordered by the pair as one value, no index serves: the planner must not walk one until enough
  // words match. Where matches lie together at its end, it would read it all.
  const order =
    filters.search === undefined
      ? sql`${sql(column)} ${direction}, id ${direction}`
      : sql`${key} ${direction}`;
  return sql`
    SELECT id, name, category, price_amount, sold, created_at FROM products
    WHERE ${conditions(sql, filters)} ${after === undefined ? sql`` : beyond(sql, key, sort, after)}
    ORDER BY ${order} LIMIT ${limit + 1}`;
}

function conditions(sql, { search, category, min_price: min, max_price: max }) {
  const asked = [sql`TRUE`];
  if (search !== undefined) {
    asked.push(sql`AND search @@ websearch_to_tsquery('english', ${search}::text)`);
  }
  if (category !== undefined) asked.push(sql`AND category = ${category}`);
  if (min !== undefined) asked.push(sql`AND price_amount >= ${min}`);
  if (max !== undefined) asked.push(sql`AND price_amount <= ${max}`);
  return asked;
}

/** A comparison of rows is what the index on (column, id) answers by itself. */
function beyond(sql, key, sort, { value, id }) {
  const { descending } = ORDERINGS[sort];
  const position = sql`(${value}, ${id})`;
  return descending ? sql`AND ${key} < ${position}` : sql`AND ${key} > ${position}`;
}

export async function productDetail(sql, id) {
  const [found] = await sql`
    SELECT id, name, description, category, price_amount, tags, sold, created_at, updated_at
    FROM products WHERE id = ${id}`;
  return found;
}

/** Of those that exist. */
export function productSummaries(sql, ids) {
  return sql`SELECT id, name, price_amount FROM products WHERE id = ANY(${ids.map(String)})`;
}

/** Counted category by category, off the index, rather than from a join of all products. */
export function categoryList(sql) {
  return sql`
    SELECT slug, name,
      (SELECT count(*) FROM products WHERE category = categories.slug) AS product_count
    FROM categories ORDER BY slug`;
}

export async function categoryExists(sql, slug) {
  const found = await sql`SELECT 1 FROM categories WHERE slug = ${slug}`;
  return found.length > 0;
}
