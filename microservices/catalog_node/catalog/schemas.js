// What goes in and what comes out.

import {
  Findings,
  INTEGER_ID_MAX,
  integer,
  list,
  object,
  oneOf,
  queryInteger,
  string,
} from '../kit/checks.js';
import { isInteger, isMoment, isString, parseCursor } from '../kit/paging.js';
import { MAX_PRICE, MAX_TAGS, SORTS } from './domain.js';

const name = string({ min: 1, max: 200 });
const description = string({ max: 2000 });
const slug = string({ min: 1, max: 50 });
const tags = list(string({ min: 1, max: 30 }), { max: MAX_TAGS });
const price = object({
  amount: { check: integer({ min: 0, max: MAX_PRICE }), required: true },
  currency: { check: oneOf(['EUR']), required: true },
});
const priceBound = queryInteger({ min: 0, max: MAX_PRICE });

const WRITE = object({
  name: { check: name, required: true },
  description: { check: description, default: '' },
  category: { check: slug, required: true },
  price: { check: price, required: true },
  tags: { check: tags, default: [] },
});
const PATCH = object({
  name: { check: name },
  description: { check: description },
  category: { check: slug },
  price: { check: price },
  tags: { check: tags },
});
const QUERY = {
  search: string({ min: 1, max: 100 }),
  category: slug,
  min_price: priceBound,
  max_price: priceBound,
  sort: oneOf(SORTS),
  limit: queryInteger({ min: 1, max: 100 }),
};
const BATCH_IDS = list(integer({ min: 1, max: INTEGER_ID_MAX }), { max: 1000 });
const CURSOR_VALUES = { name: isString, newest: isMoment };
const PATH_INTEGER = /^[0-9]{1,18}$/;

function settled(check, body) {
  const findings = new Findings();
  const found = check(body, '', findings);
  findings.settle();
  return found;
}

/** What staff sent, with the price as the column that keeps it. */
function columns({ price: sent, ...values }) {
  return sent === undefined ? values : { ...values, price_amount: sent.amount };
}

export const productWrite = (body) => columns(settled(WRITE, body));
export const productPatch = (body) => columns(settled(PATCH, body));

export function batchIds(body) {
  const findings = new Findings();
  const ids = BATCH_IDS(body?.product_ids, 'product_ids', findings);
  findings.settle();
  return ids;
}

/** An id in a path; undefined for what cannot name a product. */
export function pathId(text) {
  return PATH_INTEGER.test(text) && Number(text) >= 1 ? text : undefined;
}

/** The query of the product list; of a repeated parameter the last wins. */
export function productQuery(text) {
  const given = new Map(new URLSearchParams(text));
  const findings = new Findings();
  const query = { sort: 'name', limit: 20 };
  for (const [field, check] of Object.entries(QUERY)) {
    if (given.has(field)) query[field] = check(given.get(field), field, findings);
  }
  if (given.has('cursor')) {
    // Of a sort that is unknown there is no cursor.
    const isValue = CURSOR_VALUES[query.sort] ?? isInteger;
    query.after = parseCursor(given.get('cursor'), query.sort, isValue, isInteger);
    if (query.after === undefined) findings.refuse('cursor', 'is not valid');
  }
  findings.settle();
  return query;
}

const money = (amount) => ({ amount, currency: 'EUR' });

export const productItem = (row) => ({
  id: row.id,
  name: row.name,
  category: row.category,
  price: money(row.price_amount),
  sold: row.sold,
  created_at: row.created_at,
});

export const product = (row, available) => ({
  id: row.id,
  name: row.name,
  description: row.description,
  category: row.category,
  price: money(row.price_amount),
  tags: row.tags,
  sold: row.sold,
  available,
  created_at: row.created_at,
  updated_at: row.updated_at,
});

export const productSummary = ({ id, name: called, price_amount: amount }) => ({
  id,
  name: called,
  price: money(amount),
});
