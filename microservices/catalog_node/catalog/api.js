// Public operations: parse, call, answer.

import { admitStaff } from '../kit/auth.js';
import { jsonOf } from '../kit/bodies.js';
import { notFound } from '../kit/errors.js';
import { answer } from '../kit/json.js';
import { encodeCursor } from '../kit/paging.js';
import { ORDERINGS } from './domain.js';
import * as schemas from './schemas.js';
import { categoryList, productDetail, productList } from './selectors.js';
import { productCreate, productUpdate } from './services.js';

export function publicRoutes(app, { sql, stock, keys, published }) {
  const admit = (request) => admitStaff(keys, request.headers.authorization);
  const forStaff = { config: { admit } };

  /** The page, composed of the catalog's part and inventory's. */
  async function page(id) {
    const detail = id === undefined ? undefined : await productDetail(sql, id);
    if (detail === undefined) throw notFound();
    return schemas.product(detail, await stock.available(detail.id));
  }

  app.get('/api/v1/products', async (request, reply) => {
    const query = schemas.productQuery(request.query);
    const rows = await productList(sql, query);
    const items = rows.slice(0, query.limit);
    const last = rows.length > query.limit ? items.at(-1) : undefined;
    const { column } = ORDERINGS[query.sort];
    return answer(reply, {
      items: items.map(schemas.productItem),
      next_cursor: last ? encodeCursor(query.sort, last[column], last.id) : null,
    });
  });

  app.post('/api/v1/products', forStaff, async (request, reply) => {
    await admit(request);
    const id = await productCreate(sql, schemas.productWrite(jsonOf(request)));
    published();
    return answer(reply, await page(id), 201, { location: `/api/v1/products/${id}` });
  });

  app.get('/api/v1/products/:product_id', async (request, reply) =>
    answer(reply, await page(schemas.pathId(request.params.product_id))),
  );

  app.patch('/api/v1/products/:product_id', forStaff, async (request, reply) => {
    // An empty name is no product's place, whoever asks.
    if (request.params.product_id === '') throw notFound();
    await admit(request);
    const changes = schemas.productPatch(jsonOf(request));
    const id = schemas.pathId(request.params.product_id);
    if (id === undefined) throw notFound();
    await productUpdate(sql, id, changes);
    published();
    return answer(reply, await page(id));
  });

  app.get('/api/v1/categories', async (_request, reply) =>
    answer(reply, { items: await categoryList(sql), next_cursor: null }),
  );
}
