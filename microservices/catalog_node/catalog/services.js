// Changes of products. The use case owns the transaction and the event that tells of it.

import { notFound } from '../kit/errors.js';
import { publish } from '../kit/outbox.js';
import { categoryUnknown } from './errors.js';
import { categoryExists } from './selectors.js';

const told = (sql) => sql`id AS product_id, name, category, price_amount, tags`;

/** `values` are the columns that staff can write. */
export function productCreate(sql, values) {
  return sql.begin(async (transaction) => {
    await checkCategory(transaction, values);
    const [product] = await transaction`
      INSERT INTO products ${transaction(values)} RETURNING ${told(transaction)}`;
    await publish(transaction, 'product.created', product);
    return product.product_id;
  });
}

/** `changes` are columns with their new values, any subset of those that staff can write. */
export function productUpdate(sql, id, changes) {
  return sql.begin(async (transaction) => {
    await checkCategory(transaction, changes);
    const columns = { ...changes, updated_at: sql`clock_timestamp()` };
    const [product] = await transaction`
      UPDATE products SET ${transaction(columns)} WHERE id = ${id} RETURNING ${told(transaction)}`;
    if (product === undefined) throw notFound();
    // Published while the row is locked: events of one product are told in order.
    await publish(transaction, 'product.updated', product);
  });
}

/** Rows are locked in the order of ids, so that two events never wait for each other in a circle. */
export async function soldAdd(sql, units) {
  await sql`
    WITH line AS (
      SELECT products.id, line.quantity
      FROM products
      JOIN unnest(${[...units.keys()]}::bigint[], ${[...units.values()]}::bigint[])
        AS line (id, quantity) USING (id)
      ORDER BY products.id
      FOR NO KEY UPDATE OF products
    )
    UPDATE products SET sold = products.sold + line.quantity
    FROM line WHERE products.id = line.id`;
}

async function checkCategory(sql, { category }) {
  if (category !== undefined && !(await categoryExists(sql, category))) throw categoryUnknown();
}
