// What other services ask of the catalog: names and prices, many at once.

import { jsonOf } from '../kit/bodies.js';
import { accept, HEADER } from '../kit/deadlines.js';
import { answer } from '../kit/json.js';
import { batchIds, productSummary } from './schemas.js';
import { productSummaries } from './selectors.js';

const CALLERS = ['cart', 'orders'];

export function internalRoutes(app, { sql, serviceTokens }) {
  const admit = (request) => {
    serviceTokens.admit(request.headers.authorization, CALLERS);
    accept(request.headers[HEADER]);
  };

  app.post('/internal/products/batch', { config: { admit } }, async (request, reply) => {
    admit(request);
    const rows = await productSummaries(sql, batchIds(jsonOf(request)));
    return answer(reply, { items: rows.map(productSummary) });
  });
}
