// How a list of products can be ordered, and what an order adds to what was sold.

export const MAX_PRICE = 1_000_000_000;
export const MAX_TAGS = 10;

/** By a column and then by id, both in one direction, so that every product has its place. */
export const ORDERINGS = {
  name: { column: 'name', descending: false },
  price: { column: 'price_amount', descending: false },
  '-price': { column: 'price_amount', descending: true },
  newest: { column: 'created_at', descending: true },
  bestselling: { column: 'sold', descending: true },
};

export const SORTS = Object.keys(ORDERINGS);

/** Units per product of one confirmed order's lines, as a Map. */
export function unitsSold(lines) {
  const units = new Map();
  for (const { product_id: id, quantity } of lines) units.set(id, (units.get(id) ?? 0) + quantity);
  return units;
}
